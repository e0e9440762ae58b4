"""The main job: from a plan to a signed release on disk.

Every artifact is rendered, read back, audited and compared with the plan before it is signed; the
folder changes places with the release before it only when everything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from profilegen.audit.document import read_document
from profilegen.errors import InputError, UsageError
from profilegen.plan.model import TargetPlan
from profilegen.policy.fields import FieldPlace
from profilegen.policy.model import Policy
from profilegen.release.cleanness import SecretRule, refuse_findings, refuse_planned_secrets
from profilegen.release.encryption import Encryption, encrypted_profile, fingerprints
from profilegen.release.manifest import Contents, InputFile, Source
from profilegen.release.personal import user_places
from profilegen.release.proof import refuse_differences
from profilegen.release.sealing import Signer
from profilegen.release.signed_files import Finished
from profilegen.release.sources.model import BadRow
from profilegen.release.staging import refuse_foreign_folder, staged
from profilegen.release.variables import filled_in_by, refuse_encrypted_variables
from profilegen.release.verify import added_files, is_release
from profilegen.release.writing import Writer
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.environment import TemplateSet
from profilegen.render.material import CertificateMaterial
from profilegen.render.render import render_target
from profilegen.render.user import User


class MissingFieldsError(InputError):
    """The policy needs user fields and nothing supplies them."""

    slug = "user-fields"

    def __init__(self, places: Sequence[FieldPlace]) -> None:
        """Name every place that needs a field; there is at least one."""
        names = ", ".join(dict.fromkeys(place.field for place in places))
        where = "; ".join(dict.fromkeys(map(str, places)))
        super().__init__(
            f"nothing supplies the user fields that the policy needs: {names} ({where})",
            hint="Name a list of users: --users FILE.csv with a column for each field.",
        )
        self.places = tuple(places)


class NoUsersError(InputError):
    """The list of users holds nobody to build for: a release of nothing replaces no other."""

    slug = "no-users"

    def __init__(self, bad_rows: tuple[BadRow, ...]) -> None:
        """Keep the rows that are wrong; there may be none at all."""
        what = "no row is right" if bad_rows else "it has no rows"
        super().__init__(
            f"nobody to build for in the list of users: {what}; the release stays as it was",
            hint="Correct the list of users and build again.",
        )
        self.bad_rows = bad_rows

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each row and one that says what to do."""
        lines = ((f"row {row.row}: {row.message}", "") for row in self.bad_rows)
        return (*lines, (self.message, self.hint))


@dataclass(frozen=True, slots=True)
class Job:
    """What to build: the plans of the chosen targets, with what, at what time (UTC).

    Profiles are encrypted where `encryption` is given. Secrets that anybody could read are refused
    unless `allow_clear_secrets`.
    """

    source: Source
    plans: tuple[TargetPlan, ...]
    templates: TemplateSet
    material: Mapping[str, CertificateMaterial]
    at: datetime
    encryption: Encryption | None = None
    allow_clear_secrets: bool = False

    @property
    def secret_rule(self) -> SecretRule:
        """What becomes of secrets in the files."""
        return SecretRule(encrypted=self.encryption is not None, allowed=self.allow_clear_secrets)

    @property
    def policy(self) -> Policy:
        """The policy that the plans belong to."""
        return self.source.policy


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: the number of files by kind, users served, and rows left out.

    `encrypted` is the number of profiles that are; `readable` has a sentence for each secret, of
    the first user that has it, that was allowed to be in a file in the clear.
    """

    files: Mapping[str, int]
    users: int
    bad_rows: tuple[BadRow, ...]
    encrypted: int = 0
    readable: tuple[str, ...] = ()
    filled_in: tuple[tuple[str, str], ...] = ()


def build_release(  # noqa: PLR0913 (what to build, for whom, where to, and who is told)
    job: Job,
    folder: Path,
    *,
    signer: Signer | None,
    users: Iterable[User | BadRow] | None,
    users_input: Callable[[], InputFile] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Built:
    """Build the release of `job` into `folder`, in the place of an earlier one.

    `signer` is None for an unsigned release; `users` is None when there is no list of users;
    `users_input` tells what list it was, once all of it is read.
    `progress` is told the number of users done after each.
    Raises what `refuse_impossible` does, NoUsersError when the list holds nobody, and ProofError
    when the files would not keep the plan; `folder` stays as it was then.
    """
    refuse_impossible(job, folder, has_users=users is not None)
    personal = tuple(plan for plan in job.plans if user_places(job.policy, plan))
    readable: dict[str, tuple[str, ...]] = {}
    with staged(folder) as stage:
        writer = Writer(stage, signer, job.at)

        def write(plan: TargetPlan, user: User | None) -> None:
            files, found = _finished(job, plan, user)
            writer.write(files)
            if found:
                readable.setdefault(plan.target.id, found)

        for plan in job.plans:
            if plan not in personal:
                write(plan, None)
        served, bad_rows = _write_users(personal, users or (), write, progress)
        writer.end_users()
        source = job.source
        if users_input is not None:
            source = replace(source, inputs=(*source.inputs, users_input()))
        writer.finish(Contents(source, job.plans, tuple(writer.files), job.at))
    return Built(
        files=writer.kinds,
        users=served,
        bad_rows=bad_rows,
        encrypted=writer.encrypted,
        readable=tuple(sentence for found in readable.values() for sentence in found),
        filled_in=tuple(
            dict.fromkeys(
                (item.target, item.variables)
                for item in writer.files
                if item.variables and item.kind == ArtifactKind.PROFILE
            )
        ),
    )


def refuse_impossible(job: Job, folder: Path, *, has_users: bool) -> None:
    """Raise what can be said of a build before any key is touched.

    MissingFieldsError when a target needs user fields and there are no users; ClearSecretsError
    when the policy has secrets that anybody could read; UsageError when there is no profile to
    encrypt or a service has to fill it in, and when `folder` holds something that may not be
    replaced.
    """
    places = [place for plan in job.plans for place in user_places(job.policy, plan)]
    if places and not has_users:
        raise MissingFieldsError(places)
    if job.encryption is not None:
        refuse_encrypted_variables(job.policy, job.plans)
    refuse_planned_secrets(job.policy, job.plans, job.secret_rule)
    refuse_foreign_folder(folder)
    added = added_files(folder) if is_release(folder) else ()
    if added:
        message = f"{folder}: holds {added[0]}, which is no file of the release there"
        raise UsageError(message, hint="Move it away: the whole folder will be replaced.")


def _write_users(
    personal: tuple[TargetPlan, ...],
    users: Iterable[User | BadRow],
    write: Callable[[TargetPlan, User], None],
    progress: Callable[[int], None],
) -> tuple[int, tuple[BadRow, ...]]:
    """Write every user's artifacts; return how many users there are, and the rows left out."""
    served, bad_rows = 0, []
    for row in users:
        if isinstance(row, BadRow):
            bad_rows.append(row)
            continue
        for plan in personal:
            write(plan, row)
        served += 1
        progress(served)
    if personal and not served:
        raise NoUsersError(tuple(bad_rows))
    return served, tuple(bad_rows)


def _finished(
    job: Job, plan: TargetPlan, user: User | None
) -> tuple[tuple[Finished, ...], tuple[str, ...]]:
    """Return the files of one target as devices get them, and the secrets readable in them.

    What is in them is shown to do what was planned before it is encrypted.
    """
    artifacts = render_target(
        plan, job.policy, user=user, templates=job.templates, certificates=job.material
    )
    documents = [read_document(item.path.name, item.content) for item in artifacts]
    own_templates = bool(job.templates.folder)
    refuse_differences(plan, documents, own_templates=own_templates)
    readable = refuse_findings(
        plan, documents, own_templates=own_templates, secrets=job.secret_rule
    )
    finished = (_encrypted(job, plan, artifact) for artifact in artifacts)
    return tuple(
        replace(item, variables=filled_in_by(item.artifact, plan.target)) for item in finished
    ), readable


def _encrypted(job: Job, plan: TargetPlan, artifact: Artifact) -> Finished:
    """Return an artifact, encrypted where it is a profile and profiles are."""
    if job.encryption is None or artifact.kind is not ArtifactKind.PROFILE:
        return Finished(artifact)
    recipients = job.encryption.recipients_of(artifact.user)
    content = encrypted_profile(artifact.content, recipients, cipher=job.encryption.cipher)
    # What is left to judge of it: the payloads were judged before.
    document = read_document(artifact.path.name, content)
    refuse_findings(
        plan, [document], own_templates=bool(job.templates.folder), secrets=job.secret_rule
    )
    return Finished(replace(artifact, content=content), fingerprints(recipients))
