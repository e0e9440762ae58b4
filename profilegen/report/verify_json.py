"""Verifications as JSON, schema profilegen.verify/1."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from profilegen.report.verification import Verification
from profilegen.signing.certificates import full_name
from profilegen.signing.verification.reports import SignerReport
from profilegen.signing.verification.steps import Step, Verdict

SCHEMA = "profilegen.verify/1"


def verifications_document(
    results: Iterable[Verification], *, trust: str, at: datetime
) -> dict[str, Any]:
    """Return the results, with what is trusted and the time of the verification."""
    return {
        "schema": SCHEMA,
        "trust": trust,
        "at": at.isoformat(),
        "results": [_result(result) for result in results],
    }


def _result(result: Verification) -> dict[str, Any]:
    """Return one result; what is known of its first signer is said of the whole as well."""
    first = _signer(result.signers[0]) if result.signers else {}
    return {
        "path": str(result.path),
        "kind": result.kind,
        "verdict": result.verdict.value,
        "valid": result.verdict is Verdict.VALID,
        **{key: value for key, value in first.items() if key != "steps"},
        "warnings": list(result.all_warnings),
        "errors": [message for message, _ in result.faults],
        "steps": [_step(step) for step in result.steps],
        "signers": [_signer(signer) for signer in result.signers],
    }


def _signer(signer: SignerReport) -> dict[str, Any]:
    subject = signer.certificate
    return {
        "signer": None if subject is None else full_name(subject.subject),
        "fingerprint": signer.fingerprint or None,
        "chain": [full_name(certificate.subject) for certificate in signer.chain],
        "digest": signer.digest,
        "signed_at": _time(signer.signed_at),
        "time_stamped_at": _time(signer.proven),
        "trusted_by": signer.trusted_by,
        "warnings": list(signer.warnings),
        "steps": [_step(step) for step in signer.steps],
    }


def _step(step: Step) -> dict[str, str]:
    return {"step": step.name.value, "state": step.state.value, "detail": step.detail}


def _time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
