"""The verdict follows from the steps."""

from __future__ import annotations

from itertools import product

import pytest

from profilegen.errors import VerificationError
from profilegen.signing.verification.steps import (
    NotCheckedError,
    State,
    Step,
    StepName,
    Verdict,
    failed,
    faults_of,
    not_checked,
    passed,
    taken,
    verdict_of,
)

FAULT = VerificationError("wrong", hint="mend it")
PASSED = passed(StepName.FORM, "good")
FAILED = failed(StepName.CHAIN, FAULT)
UNCHECKED = not_checked(StepName.REVOCATION, "no CRL was given")


@pytest.mark.parametrize("steps", list(product((PASSED, FAILED, UNCHECKED), repeat=3)))
def test_a_file_is_valid_when_everything_was_checked_and_passed(steps: tuple[Step, ...]) -> None:
    verdict = verdict_of(steps)
    assert (verdict is Verdict.INVALID) == (FAILED in steps)
    assert (verdict is Verdict.VALID) == (set(steps) == {PASSED})


def test_nothing_checked_is_nothing_proved() -> None:
    assert verdict_of(()) is Verdict.INVALID


def test_a_step_is_what_its_check_did() -> None:
    def refuse() -> str:
        raise FAULT

    def pass_by() -> str:
        message = "no CRL was given"
        raise NotCheckedError(message)

    assert taken(StepName.FORM, lambda: "good") == PASSED
    assert taken(StepName.CHAIN, refuse) == FAILED
    assert taken(StepName.REVOCATION, pass_by) == UNCHECKED


def test_many_faults_are_counted_and_kept() -> None:
    step = failed(StepName.FILES, *[FAULT] * 5)
    assert (step.state, step.detail) == (State.FAILED, "wrong; and 4 more")
    assert faults_of([PASSED, step, FAILED]) == (FAULT,) * 6
