"""What a channel comes to on a target, before it is told account by account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from profilegen.catalogue.terms import Basis, State
from profilegen.plan.model import Reason, Setting, Verdict
from profilegen.policy.accounts import Intent

_ORDER = {reason: position for position, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a channel, what it rests on, and the settings written for it."""

    state: State
    basis: Basis
    reason: Reason = Reason.NONE
    detail: str = ""
    settings: tuple[Setting, ...] = ()


def first_reason(reasons: Iterable[Reason]) -> Reason:
    """Return the reason that stands first in the table of the design, NONE for no reason."""
    found = [reason for reason in reasons if reason is not Reason.NONE]
    return min(found, key=_ORDER.__getitem__, default=Reason.NONE)


def verdict_of(intent: Intent, state: State) -> Verdict:
    """Return what became of `intent` now that `state` holds."""
    if intent is Intent.LEAVE:
        return Verdict.LEFT
    if state is State.ABSENT:
        return Verdict.NOT_APPLICABLE
    if intent is Intent.ALLOW:
        return Verdict.ALLOWED if state is State.OPEN else Verdict.OVERBLOCKED
    match state:
        case State.CLOSED:
            return Verdict.ENFORCED
        case State.NARROWED:
            return Verdict.PARTIAL
        case _:
            return Verdict.UNENFORCEABLE
