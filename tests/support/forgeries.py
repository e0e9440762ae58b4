"""RSA signatures that only a careless verifier takes for PKCS#1 v1.5 (RFC 8017, section 9.2)."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support import der
from tests.support.adversarial import DIGESTS
from tests.support.pki import Issued

_SIZE = 256
"""The bytes of an RSA-2048 modulus."""

_PADDING = 8
"""The fewest padding bytes that RFC 8017 allows."""


def encoded_message(  # noqa: PLR0913 - each one is a way in which an encoding can be wrong
    covered: bytes,
    size: int,
    *,
    block: int = 1,
    pad: int = 0xFF,
    garbage: bytes = b"",
    null: bool = True,
    bare: bool = False,
) -> bytes:
    """Return the encoding of the SHA-256 digest of `covered`, `garbage` behind it."""
    digest = hashlib.sha256(covered).digest()
    parameters = (der.null(),) if null else ()
    algorithm = der.sequence(der.oid(DIGESTS["sha256"]), *parameters)
    info = digest if bare else der.sequence(algorithm, der.octets(digest))
    padding = bytes([pad]) * (size - len(info) - len(garbage) - 3)
    return bytes([0, block]) + padding + b"\0" + info + garbage


def raw_signature(issued: Issued, encoded: bytes) -> bytes:
    """Return `encoded` after the bare private key operation."""
    assert isinstance(issued.key, rsa.RSAPrivateKey)
    numbers = issued.key.private_numbers()
    value = pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n)
    return value.to_bytes(len(encoded), "big")


def forged_cube(covered: bytes, *, in_parameters: bool = False) -> bytes:
    """Return a signature of `covered` for any key of 2048 bits with the public exponent 3.

    Its cube has the right beginning, and garbage where a careless verifier does not look: behind
    the digest (Bleichenbacher, CRYPTO 2006), or as the parameters of the algorithm, the digest
    last (Kühn et al., "Variants of Bleichenbacher's Low-Exponent Attack", 2008).
    """
    if in_parameters:
        return _with_parameters(covered)
    free = _SIZE - len(encoded_message(covered, 0, garbage=b"")) - _PADDING
    start = encoded_message(covered, _SIZE, garbage=bytes(free))
    return _root_above(int.from_bytes(start, "big")).to_bytes(_SIZE, "big")


def _with_parameters(covered: bytes) -> bytes:
    """Return a root whose cube ends with the digest and begins with an algorithm of junk."""
    end = der.octets(hashlib.sha256(covered).digest())
    bits = 8 * len(end)
    low = _odd_root(int.from_bytes(end, "big"), bits)
    oid = der.oid(DIGESTS["sha256"])
    before = b"\0\1" + b"\xff" * _PADDING + b"\0"
    left = _SIZE - len(before) - 3
    inner = left - len(end) - 3
    junk = inner - len(oid) - 3
    start = (
        before
        + bytes([0x30, 0x81, left])
        + bytes([0x30, 0x81, inner])
        + oid
        + bytes([0x04, 0x81, junk])
    )
    target = int.from_bytes(start.ljust(_SIZE, b"\0"), "big")
    root = _root_above(target)
    high = (root >> bits) + 1 << bits
    return (high + low).to_bytes(_SIZE, "big")


def _odd_root(value: int, bits: int) -> int:
    """Return the cube root of an odd `value` modulo 2**`bits`."""
    return pow(value, pow(3, -1, 1 << bits - 2), 1 << bits)


def _root_above(value: int) -> int:
    """Return the smallest number whose cube is at least `value`."""
    low, high = 0, 1 << (value.bit_length() // 3 + 1)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**3 < value else (low, middle)
    return low
