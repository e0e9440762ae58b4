"""The files of one target, shown to do what was planned before anything else is done with them."""

from __future__ import annotations

from dataclasses import dataclass

from profilegen.audit.document import read_document
from profilegen.plan.model import TargetPlan
from profilegen.release.cleanness import refuse_findings
from profilegen.release.job import Job
from profilegen.release.proof import refuse_differences
from profilegen.render.artifact import Artifact
from profilegen.render.names import Names
from profilegen.render.render import render_target
from profilegen.render.user import User


@dataclass(frozen=True, slots=True)
class Proven:
    """Artifacts that keep the plan; `readable` are sentences on secrets in them, which are allowed.

    None of them is signed or encrypted.
    """

    artifacts: tuple[Artifact, ...]
    readable: tuple[str, ...]


def rendered(
    job: Job, plan: TargetPlan, user: User | None, *, names: Names | None = None
) -> tuple[Artifact, ...]:
    """Return the artifacts of a target of `job`; raises what `render_target` does."""
    return render_target(
        plan,
        job.policy,
        user=user,
        templates=job.templates,
        certificates=job.material,
        names=names,
    )


def proven(job: Job, plan: TargetPlan, user: User | None, *, names: Names | None = None) -> Proven:
    """Return the artifacts of a target of `job`, read back, audited and compared with the plan.

    Raises what `render_target` does, ProofError for files that do not keep the plan, UncleanError
    and ClearSecretsError for what devices would refuse and for secrets that anybody could read.
    """
    artifacts = rendered(job, plan, user, names=names)
    documents = [read_document(item.path.name, item.content) for item in artifacts]
    own_templates = bool(job.templates.folder)
    refuse_differences(plan, documents, own_templates=own_templates)
    readable = refuse_findings(
        plan, documents, own_templates=own_templates, secrets=job.secret_rule
    )
    return Proven(artifacts, readable)
