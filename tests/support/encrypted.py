"""CMS EnvelopedData for tests, from the independent builder of cryptography."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7EnvelopeBuilder,
    PKCS7Options,
)

from profilegen.signing.decrypt import DeviceKey
from tests.support.pki import Issued
from tests.support.signed import streamed

AES = type[algorithms.AES128 | algorithms.AES256]


def enveloped(
    content: bytes, recipients: Sequence[Issued], cipher: AES = algorithms.AES128
) -> bytes:
    """Return `content` encrypted for `recipients`."""
    builder = PKCS7EnvelopeBuilder().set_data(content).set_content_encryption_algorithm(cipher)
    for recipient in recipients:
        builder = builder.add_recipient(recipient.certificate)
    return builder.encrypt(Encoding.DER, [PKCS7Options.Binary])


def device_key(issued: Issued) -> DeviceKey:
    """Return the key of `issued` as `open_device_key` does."""
    assert isinstance(issued.key, rsa.RSAPrivateKey)
    return DeviceKey(issued.key, (issued.certificate,))


def altered(encrypted: bytes, change: Callable[[cms.EnvelopedData], None]) -> bytes:
    """Return `encrypted` after `change`."""
    info = cms.ContentInfo.load(encrypted)
    change(info["content"])
    encoded: bytes = info.dump(force=True)
    return encoded


def in_pieces(encrypted: bytes) -> bytes:
    """Return `encrypted` in BER, the encrypted content in pieces, as `openssl cms -stream` has it.

    `streamed` cannot: which context tags are OCTET STRINGs is known by the structure alone.
    """
    ber = streamed(encrypted)
    sealed = cms.ContentInfo.load(encrypted)["content"]["encrypted_content_info"]
    whole: bytes = sealed["encrypted_content"].dump()
    body = sealed["encrypted_content"].native
    half = len(body) // 2
    pieces = core.OctetString(body[:half]).dump() + core.OctetString(body[half:]).dump()
    assert ber.count(whole) == 1
    return ber.replace(whole, b"\xa0\x80" + pieces + b"\0\0")
