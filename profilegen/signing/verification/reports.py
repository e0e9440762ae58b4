"""What came of verifying a signed file, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from profilegen.errors import VerificationError
from profilegen.signing.certificates import fingerprint
from profilegen.signing.chain import Chain
from profilegen.signing.failures import UnsupportedAlgorithmError
from profilegen.signing.verification.steps import State, Step, Verdict, faults_of, verdict_of

SIGN_KNOWN = "Sign it with RSA PKCS#1 v1.5 or ECDSA."


@dataclass(frozen=True, slots=True)
class SignerReport:
    """One signer of a file. `steps` are all that were to be taken, in order.

    `chain` goes from the signer upwards, to the trusted certificate if the step `chain` passed; it
    is empty when the signer's certificate is not known. `signed_at` is what the signer states,
    `proven` the time by which a trusted time stamp proves that it was signed, None for none.
    """

    steps: tuple[Step, ...]
    chain: Chain
    digest: str
    signed_at: datetime | None
    proven: datetime | None
    trusted_by: str
    detached: bool
    warnings: tuple[str, ...]

    @property
    def certificate(self) -> x509.Certificate | None:
        """Return the signer's certificate, None when it is not known."""
        return self.chain[0] if self.chain else None

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the signer, lower-case hexadecimal, "" for none."""
        return fingerprint(self.chain[0]) if self.chain else ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """A signed file: the steps of the file as a whole, and those of each signer.

    `content` is what was signed, b"" where that is not known.
    """

    steps: tuple[Step, ...]
    signers: tuple[SignerReport, ...]
    content: bytes
    warnings: tuple[str, ...]

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Return the steps of the file, then those of each signer."""
        return (*self.steps, *(step for signer in self.signers for step in signer.steps))

    @property
    def verdict(self) -> Verdict:
        """Return what follows from all steps."""
        return verdict_of(self.all_steps)

    @property
    def faults(self) -> tuple[VerificationError, ...]:
        """Return what is wrong, in the order of the steps; at least one thing if it is invalid."""
        faults = faults_of(self.all_steps)
        if faults or self.verdict is not Verdict.INVALID:
            return faults
        unchecked = (step for step in self.all_steps if step.state is State.NOT_CHECKED)
        return tuple(
            UnsupportedAlgorithmError(
                f"{step.name} cannot be checked: {step.detail}", hint=SIGN_KNOWN
            )
            for step in unchecked
        )
