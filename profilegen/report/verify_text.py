"""Verifications as text: the verdict, who signed, and what came of every step."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.report.verification import Verification
from profilegen.signing.certificates import full_name, moment
from profilegen.signing.verification.reports import SignerReport
from profilegen.signing.verification.steps import State, Step, StepName, Verdict

_MARKS = {
    State.PASSED: "passed",
    State.FAILED: "FAILED",
    State.NOT_CHECKED: "not checked",
    State.ABSENT: "-",
}

# They rest on the signer, and are printed below.
_OF_RELEASES = frozenset({StepName.FILES, StepName.STATEMENT})


def verification_lines(result: Verification) -> Iterator[str]:
    """Yield the lines of one result."""
    yield f"{result.path}: {_verdict(result)}"
    whole = [_line(step) for step in result.steps if step.name not in _OF_RELEASES]
    if len(result.signers) == 1:
        yield from _signer_lines(result.signers[0])
        yield from whole
        yield from map(_line, result.signers[0].steps)
    else:
        yield from whole
        for signer in result.signers:
            yield from _signer_lines(signer)
            yield from map(_line, signer.steps)
    yield from (_line(step) for step in result.steps if step.name in _OF_RELEASES)


def _verdict(result: Verification) -> str:
    match result.verdict:
        case Verdict.VALID:
            return "valid"
        case Verdict.INVALID:
            return "NOT VALID"
        case Verdict.INCOMPLETE:
            steps = dict.fromkeys(f"{step.name} ({step.detail})" for step in result.unchecked)
            return f"verified, but not checked: {', '.join(steps)}"


def _signer_lines(signer: SignerReport) -> Iterator[str]:
    subject = signer.certificate
    name = "(not known)" if subject is None else full_name(subject.subject)
    yield f"  signed by    {name}"
    if subject is not None:
        yield f"  fingerprint  {signer.fingerprint}"
    if signer.signed_at is not None:
        yield f"  signed at    {moment(signer.signed_at)} (as the signer says)"
    if subject is not None and all(step.state is not State.FAILED for step in signer.steps):
        yield f"  trusted by   {signer.trusted_by}"


def _line(step: Step) -> str:
    return f"  {step.name:<13}{_MARKS[step.state]:<13}{step.detail}"
