"""What `sign` finds signed already: the content to sign anew, and whose signature gives way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from profilegen.errors import InputError, VerificationError
from profilegen.signing.algorithms import WEAK_DIGESTS
from profilegen.signing.certificates import fingerprint, full_name
from profilegen.signing.integrity import State
from profilegen.signing.signed_file import (
    MAX_SIGNED,
    FileSigner,
    SignedFile,
    inspect_signed,
    seems_signed,
)

_SHOWN_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who made a signature that is replaced; `fingerprint` is SHA-256, lower-case hexadecimal.

    Both texts are "" where the certificate is not in the file.
    """

    subject: str
    fingerprint: str


def plain_content(name: str, content: bytes) -> tuple[bytes, tuple[Signatory, ...]]:
    """Return the content to sign and who signed it before, () for a file that nobody signed.

    Raises InputError for a detached signature, and VerificationError when a signature in the file
    does not hold or cannot be checked: a new signature shall not make that look right.
    """
    if not seems_signed(content):
        return content, ()
    signed = _inspected(name, content)
    if signed.content is None:
        message = f"{name}: a detached signature holds nothing to sign"
        raise InputError(message, hint="Sign the file that it belongs to.")
    fault = _fault(signed)
    if fault:
        message = f"{name}: {fault}"
        raise VerificationError(message, hint="Get the file again, or sign its source.")
    return signed.content, tuple(map(_signatory, signed.signers))


def signatories_at(path: Path) -> tuple[Signatory, ...]:
    """Return who signed the file at `path`, which is about to be replaced.

    () when there is none or it is not signed. Whether the signature holds is not asked: a file
    that was edited is signed again just because its signature holds no more.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_SIGNED + 1)
        signed = inspect_signed(content) if seems_signed(content) else None
    except (OSError, VerificationError):
        return ()
    return () if signed is None else tuple(map(_signatory, signed.signers))


def replaced_note(signatories: Sequence[Signatory]) -> str:
    """Return the words that say whose signature is replaced; there is at least one."""
    named = " and ".join(map(_shown, signatories))
    return (
        f"the signature by {named} is replaced."
        if len(signatories) == 1
        else f"the signatures by {named} are replaced."
    )


def _inspected(name: str, content: bytes) -> SignedFile:
    try:
        return inspect_signed(content)
    except VerificationError as error:
        message = f"{name}: {error.message}"
        raise VerificationError(message, hint=error.hint) from error


def _fault(signed: SignedFile) -> str:
    if signed.trailing:
        count = "1 byte stands" if signed.trailing == 1 else f"{signed.trailing} bytes stand"
        return f"{count} behind the signature"
    if not signed.signers:
        return "signed by nobody"
    broken = (one.verdict.reason for one in signed.signers if one.verdict.state is not State.INTACT)
    weak = (
        f"signed with {WEAK_DIGESTS[digest]}, which can be forged"
        for one in signed.signers
        for digest in (one.digest, one.signature_digest)
        if digest in WEAK_DIGESTS
    )
    return next(broken, "") or next(weak, "")


def _signatory(signer: FileSigner) -> Signatory:
    certificate: x509.Certificate | None = signer.certificate
    if certificate is None:
        return Signatory("", "")
    return Signatory(full_name(certificate.subject), fingerprint(certificate))


def _shown(one: Signatory) -> str:
    if not one.fingerprint:
        return "somebody whose certificate is not in the file"
    return f"{one.subject} (SHA-256 {one.fingerprint[:_SHOWN_DIGITS]}...)"
