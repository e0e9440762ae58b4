"""Jobs with personal targets, and their users served by splicing and by full rendering."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from profilegen.errors import ProfilegenError
from profilegen.plan.decide import make_plan
from profilegen.plan.model import TargetPlan
from profilegen.policy.load import load_policy
from profilegen.policy.model import Policy
from profilegen.release.job import Job
from profilegen.release.manifest import Source
from profilegen.release.personal import user_fields, user_places
from profilegen.release.proven import proven
from profilegen.release.splicing.filling import RenderedFile
from profilegen.release.splicing.learning import Learner, as_files
from profilegen.release.splicing.shapes import shapes_of
from profilegen.release.splicing.splice import Spliced, splice_target
from profilegen.render.environment import open_templates
from profilegen.render.material import CertificateMaterial
from profilegen.render.user import User
from profilegen.secrets import Secret

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BUILTIN = open_templates()
FIELDS = """\
policy: 1
organization: {name: Example & Co, identifier: com.example.mail, contact: help@example.com}
users: {id: {}, email: {kind: email}, name: {}, note: {required: false}}
accounts:
  - id: staff
    name: "Mail of {{ user.name }}"
    service: exchange
    address: "{{ user.email }}"
    server: {host: mail.example.com}
    sharing: contained
    client: {ios: mail, android: outlook}
targets:
  - {id: phone, platform: ios, enrollment: device, minimum_os: "17", accounts: [staff]}
  - {id: work, platform: android, mode: work-profile, minimum_os: "13", accounts: [staff]}
"""
"""Fields that every user has and one that may be missing, in a profile and an Android policy."""
PROFILE = "ios/profile.mobileconfig.j2"
ANDROID = "android/policy.json.j2"


@dataclass(frozen=True, slots=True)
class Fleet:
    """One personal target served by splicing; `warnings` are what was said meanwhile."""

    job: Job
    plan: TargetPlan
    spliced: Spliced
    learner: Learner
    warnings: list[str] = field(default_factory=list)

    def in_full(self, user: User) -> tuple[RenderedFile, ...]:
        """Return the files that full rendering gives."""
        return as_files(proven(self.job, self.plan, user).artifacts)

    def learned(self) -> bool:
        """Whether some shape of users is served from cut files."""
        return any(self.spliced._learned.values())  # noqa: SLF001  (what no file shows)


def fleets(
    text: str,
    *,
    templates: Path | None = None,
    after: int = 0,
    clear: bool = True,
    every: int = 10**6,
) -> Iterator[Fleet]:
    """Yield the personal targets of a policy; secrets in the clear are allowed unless not `clear`.

    Users are spliced after `after` others, and compared once in `every`.
    """
    policy = load_policy("policy.yaml", text.encode())
    plans = make_plan(policy, today=AT.date()).targets
    job = Job(
        source=Source(policy, "policy.yaml", text.encode(), (), ()),
        plans=plans,
        templates=BUILTIN if templates is None else open_templates(templates),
        material={
            item.id: CertificateMaterial(b"0\x00", Secret("swordfish"))
            for item in policy.certificates
        },
        at=AT,
        allow_clear_secrets=clear,
    )
    for plan in plans:
        if user_places(policy, plan):
            warnings: list[str] = []
            spliced = splice_target(job, plan, warn=warnings.append, after=after, every=every)
            yield Fleet(job, plan, spliced, learner_of(policy, job, plan), warnings)


def fleet(text: str, target: str, **options: object) -> Fleet:
    """Return the fleet of one target; see `fleets`."""
    found = fleets(text, **options)  # type: ignore[arg-type]
    return next(item for item in found if item.plan.target.id == target)


def learner_of(policy: Policy, job: Job, plan: TargetPlan) -> Learner:
    """Return what `splice_target` makes for itself."""
    fields = user_fields(policy, job.plans)
    names = [item.name for item in fields]
    return Learner(job, plan, fields, shapes_of(policy.accounts_of(plan.target), names))


def outcome_of(
    serve: Callable[[User], Iterable[RenderedFile]], user: User
) -> tuple[RenderedFile, ...] | str:
    """Return the files that `serve` gives for `user`, or what it refuses them with."""
    try:
        return tuple(serve(user))
    except ProfilegenError as error:
        return f"{type(error).__name__}: {error.message}"


def person(user_id: str = "anna", **values: str) -> User:
    """Return a user of FIELDS."""
    usual = {"id": user_id, "email": "anna@example.com", "name": "Anna Karenina", "note": ""}
    return User(user_id, usual | values)
