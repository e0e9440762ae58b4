"""Encrypt the payloads of a profile for devices: CMS EnvelopedData (RFC 5652 section 6).

RSA key transport with PKCS #1 v1.5, which every receiver of S/MIME 3.2 has (RFC 5751 section 2.3;
RFC 8551 keeps it). Apple names no algorithms (Configuring multiple devices using profiles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
)

from profilegen.errors import SigningError
from profilegen.signing.algorithms import key_name
from profilegen.signing.certificates import find_extension, short_name
from profilegen.signing.rules import Fault, FaultKind, chain_faults

MAX_RECIPIENTS = 1000
"""Of one profile. Each adds about 400 bytes, and what devices take of them is not documented."""

# NIST SP 800-56B section 6.2: smaller exponents are not approved; 1 would not encrypt at all.
_MIN_EXPONENT = 65537
_OTHER_DEVICE = "Give the certificate of the device's own identity."


class ContentCipher(StrEnum):
    """The content encryption, in CBC mode.

    Receivers of S/MIME must have AES-128 in this mode (RFC 5751 and RFC 8551, section 2.7) and
    should have AES-256 (RFC 5751).
    """

    AES_128 = "aes-128"
    AES_256 = "aes-256"


_ALGORITHMS: dict[ContentCipher, type[algorithms.AES128 | algorithms.AES256]] = {
    ContentCipher.AES_128: algorithms.AES128,
    ContentCipher.AES_256: algorithms.AES256,
}


def encrypt_payloads(
    payloads: bytes, recipients: Iterable[x509.Certificate], *, cipher: ContentCipher
) -> bytes:
    """Return `payloads` as DER EnvelopedData that each of `recipients` can open.

    `payloads` is the property list of PayloadContent, byte for byte. A certificate that is given
    twice counts once. The content key is random, so no two results are equal.
    Raises SigningError for none and for too many recipients, for two certificates that a device
    cannot tell apart, and for a key that is not RSA; the rest is for `refuse_recipient` to judge.
    """
    builder = (
        PKCS7EnvelopeBuilder()
        .set_data(payloads)
        .set_content_encryption_algorithm(_ALGORITHMS[cipher])
    )
    for certificate in distinct(recipients):
        _rsa_key(certificate)
        builder = builder.add_recipient(certificate)
    # Binary: without it line ends are converted.
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def distinct(recipients: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return `recipients`, each once; SigningError where `encrypt_payloads` says so of them."""
    found = tuple(islice(dict.fromkeys(recipients), MAX_RECIPIENTS + 1))
    if not found:
        message = "there is no device certificate to encrypt for"
        raise SigningError(message, hint=_OTHER_DEVICE)
    if len(found) > MAX_RECIPIENTS:
        message = f"there are more than {MAX_RECIPIENTS} device certificates for one profile"
        hint = "Build with --users: then each user has a profile for their own devices."
        raise SigningError(message, hint=hint)
    named: set[tuple[x509.Name, int]] = set()
    for certificate in found:
        name = (certificate.issuer, certificate.serial_number)
        if name in named:
            message = (
                f"two device certificates are number {certificate.serial_number:x} of "
                f"'{short_name(certificate.issuer)}', so a device cannot tell which is its own"
            )
            raise SigningError(message, hint="Leave out the one that no device has.")
        named.add(name)
    return found


def refuse_recipient(certificate: x509.Certificate, *, at: datetime, where: str) -> None:
    """Raise SigningError unless the certificate is good for a device at `at`.

    Its message starts with `where`. The certificate must be in force, RSA with 2048 bits or more,
    signed with SHA-256 or stronger, and no CA's; its key usage, if it has one, must have
    keyEncipherment (RFC 5280 section 4.2.1.3).
    """
    fault = next(_faults(certificate, at), None)
    if fault is not None:
        message = f"{where}: {fault.message}"
        raise SigningError(message, hint=fault.hint)


def _faults(certificate: x509.Certificate, at: datetime) -> Iterator[Fault]:
    yield from (f for f in chain_faults([certificate], at=at) if f.kind is not FaultKind.ROLE)
    name = short_name(certificate.subject)
    try:
        key = _rsa_key(certificate)
    except SigningError as error:
        yield Fault(FaultKind.STRENGTH, error.message, error.hint)
        return
    exponent = key.public_numbers().e
    if exponent < _MIN_EXPONENT or exponent % 2 == 0:
        message = f"the certificate '{name}' has an RSA key with the public exponent {exponent}"
        hint = f"Get one with {_MIN_EXPONENT}, which all tools make."
        yield Fault(FaultKind.STRENGTH, message, hint)
    constraints = find_extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        message = f"the certificate '{name}' is one of a CA, not of a device"
        yield Fault(FaultKind.ROLE, message, _OTHER_DEVICE)
    usage = find_extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.key_encipherment:
        message = f"the key of the certificate '{name}' may not decrypt content keys"
        yield Fault(FaultKind.ROLE, message, "Get one whose key usage has keyEncipherment.")


def _rsa_key(certificate: x509.Certificate) -> rsa.RSAPublicKey:
    name = short_name(certificate.subject)
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        message = f"the key of the certificate '{name}' is of an unknown kind"
        raise SigningError(message, hint=_OTHER_DEVICE) from error
    if not isinstance(key, rsa.RSAPublicKey):
        message = (
            f"nothing can be encrypted for the certificate '{name}': its key is "
            f"{key_name(key)}, and profiles are encrypted for RSA keys only"
        )
        hint = "Give an RSA identity of the device, such as one enrolled by SCEP."
        raise SigningError(message, hint=hint)
    return key
