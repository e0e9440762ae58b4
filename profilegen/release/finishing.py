"""From artifacts that keep the plan to files as devices get them, but for their signatures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from profilegen.audit.document import read_document
from profilegen.plan.model import TargetPlan
from profilegen.release.cleanness import refuse_findings
from profilegen.release.encryption import encrypted_profile, fingerprints
from profilegen.release.job import Job
from profilegen.release.signed_files import Finished
from profilegen.release.variables import filled_in_by
from profilegen.render.artifact import Artifact, ArtifactKind


def finished(job: Job, plan: TargetPlan, artifacts: Iterable[Artifact]) -> Iterator[Finished]:
    """Yield `artifacts` of one target, profiles encrypted where the job says so.

    What is in them was shown to do what was planned before. Raises what encrypting does.
    """
    for artifact in artifacts:
        item = _encrypted(job, plan, artifact)
        yield replace(item, variables=filled_in_by(item.artifact, plan.target))


def _encrypted(job: Job, plan: TargetPlan, artifact: Artifact) -> Finished:
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
