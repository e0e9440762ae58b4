"""The main job: from a plan to a signed release on disk.

Every artifact is rendered, read back, audited and compared with the plan before it is signed; the
folder changes places with the release before it only when everything is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from profilegen.audit.document import read_document
from profilegen.errors import InputError, UsageError
from profilegen.plan.model import TargetPlan
from profilegen.plan.notes import used_certificates
from profilegen.policy.fields import FieldPlace, field_places
from profilegen.policy.model import FieldKind, Policy, UserField
from profilegen.release.cleanness import refuse_findings
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    UNSIGNED,
    UNSIGNED_FOLDER,
    Contents,
    ReleasedFile,
    Source,
    sha256,
)
from profilegen.release.proof import refuse_differences
from profilegen.release.sealing import Signer, seal
from profilegen.release.staging import refuse_foreign_folder, staged, write_file
from profilegen.release.users import BadRow
from profilegen.release.verify import added_files, is_release
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.environment import TemplateSet
from profilegen.render.material import CertificateMaterial
from profilegen.render.render import render_target
from profilegen.render.user import User
from profilegen.signing.cms import sign_detached, sign_embedded


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
    """What to build: the plans of the chosen targets, with what, at what time (UTC)."""

    source: Source
    plans: tuple[TargetPlan, ...]
    templates: TemplateSet
    material: Mapping[str, CertificateMaterial]
    at: datetime

    @property
    def policy(self) -> Policy:
        """The policy that the plans belong to."""
        return self.source.policy


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: the number of files by kind, users served, and rows left out."""

    files: Mapping[str, int]
    users: int
    bad_rows: tuple[BadRow, ...]


def build_release(
    job: Job,
    folder: Path,
    *,
    signer: Signer | None,
    users: Iterable[User | BadRow] | None,
    progress: Callable[[int], None] = lambda _: None,
) -> Built:
    """Build the release of `job` into `folder`, in the place of an earlier one.

    `signer` is None for an unsigned release; `users` is None when there is no list of users.
    `progress` is told the number of users done after each.
    Raises what `refuse_impossible` does, NoUsersError when the list holds nobody, and ProofError
    when the files would not keep the plan; `folder` stays as it was then.
    """
    refuse_impossible(job, folder, has_users=users is not None)
    personal = tuple(plan for plan in job.plans if _places(job.policy, plan))
    with staged(folder) as stage:
        writer = _Writer(stage, signer, job.at)
        for plan in job.plans:
            if plan not in personal:
                writer.write(_proven(job, plan, None))
        served, bad_rows = _write_users(job, personal, writer, users or (), progress)
        writer.finish(job)
    return Built(Counter(item.kind for item in writer.files), served, bad_rows)


def refuse_impossible(job: Job, folder: Path, *, has_users: bool) -> None:
    """Raise what can be said of a build before any key is touched.

    MissingFieldsError when a target needs user fields and there are no users; UsageError when
    `folder` holds something that may not be replaced.
    """
    places = [place for plan in job.plans for place in _places(job.policy, plan)]
    if places and not has_users:
        raise MissingFieldsError(places)
    refuse_foreign_folder(folder)
    added = added_files(folder) if is_release(folder) else ()
    if added:
        message = f"{folder}: holds {added[0]}, which is no file of the release there"
        raise UsageError(message, hint="Move it away: the whole folder will be replaced.")


def _write_users(
    job: Job,
    personal: tuple[TargetPlan, ...],
    writer: _Writer,
    users: Iterable[User | BadRow],
    progress: Callable[[int], None],
) -> tuple[int, tuple[BadRow, ...]]:
    """Write every user's artifacts; return how many users there are, and the rows left out."""
    served, bad_rows = 0, []
    for row in users:
        if isinstance(row, BadRow):
            bad_rows.append(row)
            continue
        for plan in personal:
            writer.write(_proven(job, plan, row))
        served += 1
        progress(served)
    if personal and not served:
        raise NoUsersError(tuple(bad_rows))
    return served, tuple(bad_rows)


def user_fields(policy: Policy, plans: Iterable[TargetPlan]) -> tuple[UserField, ...]:
    """Return the fields that a list of users must hold: the declared ones and those in use.

    Where the policy declares none, a field is text that must be there.
    """
    fields = {field.name: field for field in policy.users}
    for plan in plans:
        for place in _places(policy, plan):
            default = UserField(place.field, FieldKind.TEXT, required=True, pattern="")
            fields.setdefault(place.field, default)
    return tuple(fields.values())


class _Writer:
    """Signs artifacts and writes them into the folder of a release that is being built."""

    def __init__(self, stage: Path, signer: Signer | None, at: datetime) -> None:
        self._stage = stage
        self._signer = signer
        self._at = at
        self.files: list[ReleasedFile] = []

    def write(self, artifacts: Iterable[Artifact]) -> None:
        """Write every file of `artifacts`, signed where the release is."""
        for artifact in artifacts:
            for item, content in self._signed(artifact):
                write_file(self._stage / item.path, content)
                self.files.append(item)

    def finish(self, job: Job) -> None:
        """Write the manifest and what vouches for it."""
        contents = Contents(job.source, job.plans, tuple(self.files), job.at)
        for name, content in seal(contents, self._signer):
            write_file(self._stage / name, content)

    def _signed(self, artifact: Artifact) -> Iterator[tuple[ReleasedFile, bytes]]:
        """Yield the files of one artifact, each with its content."""
        signer, path, content = self._signer, artifact.path, artifact.content
        kind = str(artifact.kind)
        if signer is None:
            yield _released(artifact, path, kind, UNSIGNED, content)
        elif artifact.kind is ArtifactKind.PROFILE:
            signed = sign_embedded(content, signer.identity, signed_at=self._at)
            yield _released(artifact, path, kind, EMBEDDED, signed)
            # Some services take the unsigned file only, and reviews need it: CMS does not diff.
            twin = path.parent / UNSIGNED_FOLDER / path.name
            yield _released(artifact, twin, f"unsigned-{kind}", UNSIGNED, content)
        else:
            yield _released(artifact, path, kind, DETACHED, content)
            beside = path.with_name(f"{path.name}.p7s")
            signature = self._detached(content, signer)
            yield _released(artifact, beside, "signature", UNSIGNED, signature)

    def _detached(self, content: bytes, signer: Signer) -> bytes:
        return sign_detached(content, signer.identity, signed_at=self._at)


def _places(policy: Policy, plan: TargetPlan) -> tuple[FieldPlace, ...]:
    """Return the places of user fields that the files of one target need."""
    accounts = plan.target.accounts
    certificates = used_certificates(policy.accounts_of(plan.target))
    return tuple(
        place
        for place in field_places(policy)
        if (place.account in accounts if place.account else place.certificate in certificates)
    )


def _proven(job: Job, plan: TargetPlan, user: User | None) -> tuple[Artifact, ...]:
    """Return the artifacts of one target, once their bytes are shown to do what was planned."""
    artifacts = render_target(
        plan, job.policy, user=user, templates=job.templates, certificates=job.material
    )
    documents = [read_document(item.path.name, item.content) for item in artifacts]
    own_templates = bool(job.templates.folder)
    refuse_differences(plan, documents, own_templates=own_templates)
    refuse_findings(plan, documents, own_templates=own_templates)
    return artifacts


def _released(
    artifact: Artifact, path: PurePosixPath, kind: str, signature: str, content: bytes
) -> tuple[ReleasedFile, bytes]:
    size, digest = len(content), sha256(content)
    item = ReleasedFile(str(path), kind, artifact.target, artifact.user, signature, size, digest)
    return item, content
