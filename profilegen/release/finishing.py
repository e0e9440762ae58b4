"""From files that keep the plan to files as devices get them, but for their signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from profilegen.audit.document import read_document
from profilegen.plan.model import TargetPlan
from profilegen.plan.variables import service_of
from profilegen.release.cleanness import refuse_findings
from profilegen.release.encryption import Encryption, encrypted_profile, fingerprints
from profilegen.release.job import Job
from profilegen.release.signed_files import Finished
from profilegen.release.splicing.filling import RenderedFile
from profilegen.release.variables import filled_in_by
from profilegen.render.artifact import ArtifactKind

_NOBODY: tuple[str, ...] = ()


def finisher(job: Job, plan: TargetPlan) -> Callable[[str, Iterable[RenderedFile]], list[Finished]]:
    """Return the function that makes files of a user and one target what devices get.

    It takes the id, "" for all users, and encrypts profiles where the job says so. What is in them
    was shown to do what was planned before. It raises what encrypting does.
    """
    target, encryption = plan.target, job.encryption
    if encryption is None and service_of(target) is None:
        return lambda user, files: [
            Finished(kind, target.id, user, path, content) for kind, path, content in files
        ]

    def finished(user: str, files: Iterable[RenderedFile]) -> list[Finished]:
        made = []
        for file in files:
            content, readers = file.content, _NOBODY
            if encryption is not None and file.kind is ArtifactKind.PROFILE:
                content, readers = _encrypted(job, plan, encryption, user, file)
            variables = filled_in_by(content, target)
            made.append(
                Finished(file.kind, target.id, user, file.path, content, readers, variables)
            )
        return made

    return finished


def _encrypted(
    job: Job, plan: TargetPlan, encryption: Encryption, user: str, file: RenderedFile
) -> tuple[bytes, tuple[str, ...]]:
    """Return a profile encrypted, and the fingerprints of the certificates that can read it."""
    recipients = encryption.recipients_of(user)
    content = encrypted_profile(file.content, recipients, cipher=encryption.cipher)
    # What is left to judge of it: the payloads were judged before.
    document = read_document(PurePosixPath(file.path).name, content)
    refuse_findings(
        plan, [document], own_templates=bool(job.templates.folder), secrets=job.secret_rule
    )
    return content, fingerprints(recipients)
