"""Read certificates and say in words which one is meant."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from profilegen.errors import SigningError
from profilegen.signing.pem import Block

ExtensionValue = TypeVar("ExtensionValue", bound=x509.ExtensionType)

_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE"})
_NAME_LENGTH = 120
_UNREADABLE = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)


def certificates_in(pem_blocks: Iterator[Block], *, where: str) -> Iterator[x509.Certificate]:
    """Yield the certificates among the blocks; other blocks are not ours to judge.

    Raises SigningError, its message starting with `where`, for one that cannot be read.
    """
    for number, block in enumerate((b for b in pem_blocks if b.label in _LABELS), start=1):
        try:
            yield load_certificate(block.der())
        except ValueError as error:
            message = f"{where}: certificate {number} cannot be read"
            raise SigningError(message, hint="Export the certificate again.") from error


def load_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate; ValueError when it is none by today's rules (RFC 5280)."""
    with warnings.catch_warnings():
        # What is deprecated here (serial numbers below 1, among others) RFC 5280 forbids.
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        try:
            return _load(der)
        except CryptographyDeprecationWarning as error:
            raise ValueError(str(error)) from error


def load_lax_certificate(der: bytes) -> x509.Certificate:
    """Return the certificate, also one that RFC 5280 forbids; ValueError for what is none at all.

    For looking at signatures of others only: people make signers with serial number 0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _load(der)


def _load(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Parsed lazily: a broken extension is to show here, not where it is first looked at.
        _ = certificate.extensions, certificate.subject, certificate.issuer
    except _UNREADABLE as error:
        raise ValueError(str(error)) from error
    return certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 fingerprint in lower-case hexadecimal, without colons."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def key_fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the subject's public key (SubjectPublicKeyInfo, DER), in hexadecimal.

    It is "" for a key of a kind that cannot be read.
    """
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return ""
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()


def short_name(name: x509.Name) -> str:
    """Return the common name, or the whole name where there is none, safe to print.

    Names come from files of strangers: what could steer a terminal is replaced, and the length
    is bounded.
    """
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[-1].value) if common else name.rfc4514_string()
    return printable(text) or "(no name)"


def full_name(name: x509.Name) -> str:
    """Return the whole name in the form of RFC 4514, safe to print."""
    return printable(name.rfc4514_string()) or "(no name)"


def name_of(name: asn1_x509.Name) -> str:
    """Return a name that stands in a file without a certificate, as `full_name` would."""
    try:
        parts = [
            x509.RelativeDistinguishedName(
                x509.NameAttribute(x509.ObjectIdentifier(one["type"].dotted), one["value"].native)
                for one in part
            )
            for part in name.chosen
        ]
    except (TypeError, ValueError):
        # RFC 5280 has rules for values that names of strangers need not keep.
        return printable(name.human_friendly)
    return full_name(x509.Name(parts))


def printable(text: str) -> str:
    """Return `text` on one line of at most 120 characters, without control characters."""
    clean = "".join(c if c.isprintable() else "?" for c in text[: _NAME_LENGTH + 1])
    return clean if len(clean) <= _NAME_LENGTH else clean[: _NAME_LENGTH - 1] + "…"


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether `issuer` signed `certificate`: by name and by signature, not by name alone."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def has_key(certificate: x509.Certificate, key: PublicKeyTypes) -> bool:
    """Say whether the certificate is one for `key`."""
    try:
        return certificate.public_key() == key
    except (UnsupportedAlgorithm, ValueError):
        return False


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Say whether the certificate is signed with its own key.

    Signatures that nobody verifies any more (SHA-1, on many old roots) are taken from the names and
    key identifiers: a root is trusted for its key, not for what it says of itself.
    """
    if certificate.issuer != certificate.subject:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, TypeError, ValueError):
        return _key_identifiers_agree(certificate)
    return True


def _key_identifiers_agree(certificate: x509.Certificate) -> bool:
    own = find_extension(certificate, x509.SubjectKeyIdentifier)
    authority = find_extension(certificate, x509.AuthorityKeyIdentifier)
    if own is None or authority is None or authority.key_identifier is None:
        return True
    return own.digest == authority.key_identifier


def find_extension(
    certificate: x509.Certificate, kind: type[ExtensionValue]
) -> ExtensionValue | None:
    """Return the extension of that kind, None when the certificate has none."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def in_force(certificate: x509.Certificate, at: datetime) -> bool:
    """Say whether `at` is inside the validity, both ends included (RFC 5280 section 4.1.2.5)."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def moment(time: datetime) -> str:
    """Return a time in UTC for messages: `2026-11-23 22:32:00 UTC`."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
