"""Verify a signed file: it is what was signed, and its signer leads to somebody trusted.

The steps are in `verification`; here the first that fails is an error, for callers that ask one
question. What devices or MDM servers refuse is refused here too; what only some of them refuse is a
warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from profilegen.signing.certificates import fingerprint
from profilegen.signing.chain import Chain
from profilegen.signing.failures import UnsupportedAlgorithmError
from profilegen.signing.message import SignedMessage
from profilegen.signing.trust import Trust
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.signature import (
    check_algorithms,
    check_content,
    check_signature,
    signed_content,
)
from profilegen.signing.verification.steps import NotCheckedError, Step
from profilegen.signing.verification.trusted import Trusted

_HINT = "Sign it with RSA PKCS#1 v1.5 or ECDSA."


@dataclass(frozen=True, slots=True)
class Verified:
    """A signed file of which no step failed; `steps` say what was checked, and what was not.

    `chain` goes from the signer to the trusted certificate. `signed_at` is what the signer states.
    """

    content: bytes
    chain: Chain
    signed_at: datetime | None
    digest: str
    trusted_by: str
    warnings: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def signer(self) -> x509.Certificate:
        """Return the signer's certificate."""
        return self.chain[0]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the signer, lower-case hexadecimal."""
        return fingerprint(self.chain[0])


def verify(data: bytes, *, trust: Trust, content: bytes | None = None, at: datetime) -> Verified:
    """Return what a signed file holds, after every check but revocation.

    `at` is the time that certificates are judged at, usually now and not the time of signing.
    `content` is what a detached signature signs; for an embedded one it may be given, and must be
    the same. Raises the VerificationError of `failures` that says which check failed.
    """
    report = Judge(Trusted(trust, at)).judge(data, content=content)
    for fault in report.faults:
        raise fault
    (signer,) = report.signers
    return Verified(
        content=report.content,
        chain=signer.chain,
        signed_at=signer.signed_at,
        digest=signer.digest,
        trusted_by=signer.trusted_by,
        warnings=(*report.warnings, *signer.warnings),
        steps=report.all_steps,
    )


def check_integrity(message: SignedMessage, *, content: bytes | None = None) -> bytes:
    """Return the content, after the checks that need no trust: digest, attributes and signature.

    Says only that the content is what the certificate in the file signed, whoever that is. Raises
    as `verify` does.
    """
    check_algorithms(message)
    signed = signed_content(message, content)
    try:
        check_content(message, signed)
        check_signature(message, signed)
    except NotCheckedError as reason:
        raise UnsupportedAlgorithmError(str(reason), hint=_HINT) from reason
    return signed
