"""From a policy as a table to its plan, its files and what the files do, as a build goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from profilegen.audit.document import Document, read_document
from profilegen.plan.conflicts import ConflictError
from profilegen.plan.decide import make_plan
from profilegen.plan.model import Plan, TargetPlan
from profilegen.policy.construct import policy_from
from profilegen.policy.load import load_policy
from profilegen.policy.model import Policy
from profilegen.release.proof import Difference, differences
from profilegen.render.artifact import Artifact
from profilegen.render.environment import TemplateSet, open_templates
from profilegen.render.render import render_target
from tests.strategies import as_file

Table = dict[str, Any]
TODAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Built:
    """One target with the files that were rendered for it."""

    plan: TargetPlan
    artifacts: tuple[Artifact, ...]

    def documents(self) -> tuple[Document, ...]:
        """Return the files as audit reads them."""
        return documents_of(self.artifacts)

    def differences(self) -> tuple[Difference, ...]:
        """Return the decisions that the files do not bear out."""
        return differences(self.plan, self.documents())


def loaded(table: Table) -> Policy:
    """Return the policy that `table` holds, read as a policy file is."""
    return load_policy("policy.yaml", as_file(table))


def planned(table: Table) -> Plan | None:
    """Return the plan of the policy in `table`, None when its accounts conflict.

    The policy is made from the values, which takes half the time of reading it as a file.
    """
    try:
        return make_plan(policy_from(table), today=TODAY)
    except ConflictError:
        return None


def built(plan: Plan) -> Iterator[Built]:
    """Yield every target of `plan` with its files."""
    for target in plan.targets:
        artifacts = render_target(
            target, plan.policy, user=None, templates=_templates(), certificates={}
        )
        yield Built(target, artifacts)


def documents_of(artifacts: Iterable[Artifact]) -> tuple[Document, ...]:
    """Return what audit reads from the bytes of `artifacts`."""
    return tuple(read_document(item.path.name, item.content) for item in artifacts)


@cache
def _templates() -> TemplateSet:
    return open_templates()
