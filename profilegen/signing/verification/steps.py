"""The steps of a verification, and the verdict that follows from them, never the other way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from profilegen.errors import VerificationError


class StepName(StrEnum):
    """What is checked; the names are part of the JSON output and stay."""

    FORM = "form"
    SIGNERS = "signers"
    ALGORITHMS = "algorithms"
    CONTENT = "content"
    SIGNATURE = "signature"
    TIME_STAMP = "time-stamp"
    CHAIN = "chain"
    PURPOSE = "purpose"
    DATES = "dates"
    REVOCATION = "revocation"
    FILES = "files"
    STATEMENT = "statement"


_NOT_NEEDED = frozenset(
    {StepName.TIME_STAMP, StepName.REVOCATION, StepName.FILES, StepName.STATEMENT}
)
"""Steps without which there is still a signature of somebody trusted; `files` and `statement` are
not checked only where that is told of a file or of the manifest."""


class State(StrEnum):
    """What came of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    ABSENT = "absent"
    """There is nothing to check, and nothing rests on it: no time stamp, no statement."""


class Verdict(StrEnum):
    """What came of all steps: `valid` only if every one of them was checked and passed.

    `incomplete` only if what was not checked is not what a signature is: signed content, the
    signature over it, and a chain to somebody trusted.
    """

    VALID = "valid"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `detail` says in one line what was seen, or why nothing was.

    `faults` are what is wrong, at least one for a failed step and none for any other.
    """

    name: StepName
    state: State
    detail: str
    faults: tuple[VerificationError, ...] = ()


class NotCheckedError(Exception):
    """A step cannot be taken; the message says why."""


def passed(name: StepName, detail: str) -> Step:
    """Return a step that holds."""
    return Step(name, State.PASSED, detail)


def not_checked(name: StepName, reason: str) -> Step:
    """Return a step that was not taken."""
    return Step(name, State.NOT_CHECKED, reason)


def absent(name: StepName) -> Step:
    """Return a step for which the file has nothing."""
    return Step(name, State.ABSENT, "there is none")


def failed(name: StepName, *faults: VerificationError) -> Step:
    """Return a step that found the `faults`, at least one."""
    more = f"; and {len(faults) - 1} more" if len(faults) > 1 else ""
    return Step(name, State.FAILED, f"{faults[0].message}{more}", faults)


def taken(name: StepName, check: Callable[[], str]) -> Step:
    """Take a step: `check` returns its detail, raises VerificationError or NotCheckedError."""
    try:
        return passed(name, check())
    except NotCheckedError as reason:
        return not_checked(name, str(reason))
    except VerificationError as fault:
        return failed(name, fault)


def verdict_of(steps: Iterable[Step]) -> Verdict:
    """Return the verdict; no steps at all prove nothing."""
    found = tuple(steps)
    states = {step.state for step in found}
    unchecked = {step.name for step in found if step.state is State.NOT_CHECKED}
    if State.FAILED in states or not states or unchecked - _NOT_NEEDED:
        return Verdict.INVALID
    return Verdict.INCOMPLETE if unchecked else Verdict.VALID


def faults_of(steps: Iterable[Step]) -> tuple[VerificationError, ...]:
    """Return the faults of all steps, in their order."""
    return tuple(fault for step in steps for fault in step.faults)
