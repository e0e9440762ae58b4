"""Where a plan falls short of its policy, and which of it was accepted on purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from profilegen.plan.model import AppDecision, Decision, TargetPlan, Verdict
from profilegen.policy.model import Accept, Policy

_SHORT = (Verdict.UNENFORCEABLE, Verdict.PARTIAL, Verdict.OVERBLOCKED)


@dataclass(frozen=True, slots=True)
class Gap:
    """A decision that falls short; `accepted` is why that is fine, "" when nobody said so."""

    target: str
    decision: Decision | AppDecision
    accepted: str


def gaps_of(policy: Policy, targets: Iterable[TargetPlan]) -> tuple[Gap, ...]:
    """Return every gap of `targets`, the accepted ones included."""
    return tuple(
        Gap(plan.target.id, decision, _because(policy.accepted, plan.target.id, decision))
        for plan in targets
        for decision in _short(plan)
    )


def unused_accepts(policy: Policy, targets: Iterable[TargetPlan]) -> tuple[str, ...]:
    """Return a warning for each entry of `accept` that names no gap."""
    short = [(plan.target.id, decision) for plan in targets for decision in _short(plan)]
    return tuple(
        _warning(position, accept)
        for position, accept in enumerate(policy.accepted)
        if not any(_names(accept, target, decision) for target, decision in short)
    )


def _short(plan: TargetPlan) -> Iterator[Decision | AppDecision]:
    yield from (item for item in plan.decisions if item.verdict in _SHORT)
    yield from (item for item in plan.apps if item.verdict in _SHORT)


def _because(accepted: Iterable[Accept], target: str, decision: Decision | AppDecision) -> str:
    found = (accept.because for accept in accepted if _names(accept, target, decision))
    return next(found, "")


def _names(accept: Accept, target: str, decision: Decision | AppDecision) -> bool:
    if accept.target != target:
        return False
    if isinstance(decision, AppDecision):
        return accept.app == decision.app
    if accept.account not in {"", decision.account}:
        return False
    return accept.channel == decision.channel


def _warning(position: int, accept: Accept) -> str:
    what = f"channel {accept.channel}" if accept.channel else f"app {accept.app}"
    return f"accept[{position}] accepts nothing: {what} on target {accept.target} has no gap"
