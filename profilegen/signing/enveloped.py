"""Read CMS EnvelopedData (RFC 5652 section 6) without opening it: for whom it is, and how made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import cms

from profilegen.errors import InputError
from profilegen.signing.ber import NOT_ASN1, OCTET_STRINGS, definite
from profilegen.signing.certificates import name_of, printable

MAX_ENCRYPTED = 16 * 1024 * 1024
"""Bytes of encrypted payloads that are opened."""

# The encrypted content is [0] IMPLICIT OCTET STRING, and no other [0] of an EnvelopedData holds
# nothing but OCTET STRINGs (RFC 5652 section 6.1).
_PIECES = {**OCTET_STRINGS, b"\xa0": b"\x80"}
_CIPHERS = {
    "aes128_cbc": "AES-128-CBC",
    "aes192_cbc": "AES-192-CBC",
    "aes256_cbc": "AES-256-CBC",
    "tripledes_3key": "3DES-CBC",
}
_OTHER_KIND = "Encrypt it with RSA key transport and AES in CBC mode."
_DAMAGED = "Get the profile again."


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whose key opens an EnvelopedData; texts are safe to print.

    The certificate is named by issuer and serial number (hexadecimal), or by its key
    identifier (hexadecimal); the other fields are "". A recipient that is named in another way has
    `kind` only: `ktri` for RSA keys, `kari`, `kekri`, `pwri` or `ori` (RFC 5652 section 6.2).
    """

    kind: str
    issuer: str = ""
    serial: str = ""
    key_identifier: str = ""

    def __str__(self) -> str:
        """Return the recipient for a message."""
        if self.key_identifier:
            return f"the key identifier {self.key_identifier}"
        return f"number {self.serial} of {self.issuer}" if self.serial else "another kind of key"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What anybody can read of an EnvelopedData: its cipher and its recipients, in their order."""

    cipher: str
    recipients: tuple[Recipient, ...]


def read_envelope(encrypted: bytes) -> Envelope:
    """Return what the EnvelopedData `encrypted`, DER or BER, says of itself; nobody vouches for it.

    Raises InputError for what is none, is damaged or is larger than MAX_ENCRYPTED.
    """
    try:
        data = enveloped_data(encrypted)
        algorithm = data["encrypted_content_info"]["content_encryption_algorithm"]["algorithm"]
        name = str(algorithm.native)
        recipients = tuple(_recipient(choice) for choice in data["recipient_infos"])
    except NOT_ASN1 as error:
        raise damaged() from error
    return Envelope(_CIPHERS.get(name, printable(name)), recipients)


def enveloped_data(encrypted: bytes) -> cms.EnvelopedData:
    """Return the structure of `encrypted`, parsed as far as asn1crypto does before it is asked.

    Raises InputError for another kind of CMS and for more than MAX_ENCRYPTED bytes, NOT_ASN1 for
    what is no CMS.
    """
    if len(encrypted) > MAX_ENCRYPTED:
        message = f"the encrypted payloads are larger than {MAX_ENCRYPTED} bytes, so not opened"
        raise InputError(message, hint="Encrypted profiles are some kilobytes.")
    info = cms.ContentInfo.load(definite(encrypted, pieces=_PIECES).encoded, strict=True)
    kind = str(info["content_type"].native)
    if kind != "enveloped_data":
        message = (
            f"the encrypted payloads are CMS of the kind {printable(kind)}, not enveloped data"
        )
        raise InputError(message, hint=_OTHER_KIND)
    return info["content"]


def damaged() -> InputError:
    """Return the error for what is no EnvelopedData."""
    message = "the encrypted payloads are no CMS EnvelopedData, or a damaged one"
    return InputError(message, hint=_DAMAGED)


def key_transports(recipients: cms.RecipientInfos) -> Sequence[cms.KeyTransRecipientInfo]:
    """Return the recipients with RSA keys."""
    return [choice.chosen for choice in recipients if choice.name == "ktri"]


def recipient_of(transport: cms.KeyTransRecipientInfo) -> Recipient:
    """Return a recipient with an RSA key as a value."""
    rid = transport["rid"]
    if rid.name == "subject_key_identifier":
        return Recipient("ktri", key_identifier=printable(rid.native.hex()))
    issuer = name_of(rid.chosen["issuer"])
    number = printable(f"{rid.chosen['serial_number'].native:x}")
    return Recipient("ktri", issuer=issuer, serial=number)


def _recipient(choice: cms.RecipientInfo) -> Recipient:
    return recipient_of(choice.chosen) if choice.name == "ktri" else Recipient(str(choice.name))
