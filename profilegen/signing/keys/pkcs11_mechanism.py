"""How a key on a token makes the signature that CMS wants, by what the token can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profilegen.errors import SigningError
from profilegen.signing.algorithms import (
    P256_SHA256,
    P384_SHA384,
    RSA_SHA256,
    Scheme,
    digest_of,
)
from profilegen.signing.ber import element_start
from profilegen.signing.keys.pkcs11_objects import attribute, describe_key

if TYPE_CHECKING:
    from pkcs11 import Mechanism, PrivateKey, Slot

# RFC 8017, section 9.2, note 1: the DER of DigestInfo with SHA-256, but for the digest at its end.
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_SEQUENCE, _INTEGER = b"\x30", b"\x02"
_NEGATIVE = 0x80
"""The bit that makes a number of DER negative."""


@dataclass(frozen=True, slots=True)
class Way:
    """A mechanism by its name; `prepare` makes what it signs, `finish` what CMS writes."""

    mechanism: str
    prepare: Callable[[bytes], bytes]
    finish: Callable[[bytes], bytes]


def as_given(data: bytes) -> bytes:
    """Return `data`."""
    return data


def digest_info(data: bytes) -> bytes:
    """Return the DER of DigestInfo for `data`, which CKM_RSA_PKCS pads and signs; SHA-256."""
    return _SHA256_INFO + digest_of(data, digest="sha256")


def ecdsa_der(raw: bytes) -> bytes:
    """Return the DER of a signature that PKCS#11 gives as r and s, each of half the length.

    It is Ecdsa-Sig-Value of RFC 3279 section 2.2.3. Raises ValueError when it is none.
    """
    half, odd = divmod(len(raw), 2)
    r, s = raw[:half].lstrip(b"\0"), raw[half:].lstrip(b"\0")
    if odd or not r or not s:
        message = "no ECDSA signature"
        raise ValueError(message)
    # Not encode_dss_signature of cryptography, which costs a signature by a token a tenth more.
    numbers = _integer(r) + _integer(s)
    return element_start(_SEQUENCE, len(numbers)) + numbers


def _integer(octets: bytes) -> bytes:
    """Return the DER of the positive number in `octets`, which begin with no zero."""
    if octets[0] & _NEGATIVE:
        octets = b"\0" + octets
    return element_start(_INTEGER, len(octets)) + octets


def _ecdsa(digest: str) -> tuple[Way, ...]:
    return (
        Way("ECDSA", lambda data: digest_of(data, digest=digest), ecdsa_der),
        Way(f"ECDSA_{digest.upper()}", as_given, ecdsa_der),
    )


# The digest is ours where the token takes one: every token can sign one, and it is few bytes.
_WAYS: dict[Scheme, tuple[Way, ...]] = {
    RSA_SHA256: (
        Way("RSA_PKCS", digest_info, as_given),
        Way("SHA256_RSA_PKCS", as_given, as_given),
    ),
    P256_SHA256: _ecdsa("sha256"),
    P384_SHA384: _ecdsa("sha384"),
}


def choose_way(key: PrivateKey, scheme: Scheme, where: str) -> tuple[Way, Mechanism]:
    """Return the first way for `scheme` that the token offers and the key allows.

    Raises SigningError that names what there would have to be, when there is none.
    """
    from pkcs11 import Attribute, Mechanism  # noqa: PLC0415 - an extra

    slot = key.session.token.slot
    offered = slot.get_mechanisms()
    allowed = attribute(key, Attribute.ALLOWED_MECHANISMS)
    for way in _WAYS[scheme]:
        mechanism = Mechanism[way.mechanism]
        # An empty list is what SoftHSM2 has for a key without restriction.
        if (
            mechanism in offered
            and (not allowed or mechanism in allowed)
            and _signs(slot, mechanism)
        ):
            return way, mechanism
    names = " nor ".join(f"CKM_{way.mechanism}" for way in _WAYS[scheme])
    message = f"{where}: {describe_key(key)} signs neither with {names}"
    hint = "Use another key, or allow one of them: CKA_ALLOWED_MECHANISMS, and the token's policy."
    raise SigningError(message, hint=hint)


def _signs(slot: Slot, mechanism: Mechanism) -> bool:
    """Say whether `mechanism` is there for signing; tokens have CKM_RSA_PKCS to decrypt as well."""
    from pkcs11 import MechanismFlag  # noqa: PLC0415 - an extra

    return MechanismFlag.SIGN in slot.get_mechanism_info(mechanism).flags
