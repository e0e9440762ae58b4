"""The keys and signature algorithms that profiles may be signed with, and nothing more.

Which and why: RSA PKCS#1 v1.5 is what devices are known to accept, RSASSA-PSS is refused by them
and by MDM servers, and a digest narrower than the curve is refused by GnuPG (docs/signing.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from profilegen.errors import SigningError

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 4096
_SUPPORTED = "Use RSA with 2048 to 4096 bits, ECDSA P-256 or P-384."


class KeyKind(StrEnum):
    """A kind of key that profilegen makes."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    RSA_4096 = "rsa-4096"
    P256 = "p256"
    P384 = "p384"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a key signs: `signature` and `digest` are the names that asn1crypto has for them."""

    signature: str
    digest: str


RSA_SHA256 = Scheme("rsassa_pkcs1v15", "sha256")
P256_SHA256 = Scheme("sha256_ecdsa", "sha256")
P384_SHA384 = Scheme("sha384_ecdsa", "sha384")

_DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
STRONG_DIGESTS = frozenset(_DIGESTS)
"""Digests that a signature may use; SHA-224 is left out, since nothing in this field uses it."""

WEAK_DIGESTS = {"md5": "MD5", "sha1": "SHA-1"}
"""Digests for which two contents can be made that have the same one, with their names."""


def generate_key(kind: KeyKind) -> PrivateKey:
    """Return a new private key."""
    match kind:
        case KeyKind.P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyKind.P384:
            return ec.generate_private_key(ec.SECP384R1())
        case KeyKind.RSA_2048 | KeyKind.RSA_3072 | KeyKind.RSA_4096:
            bits = int(kind.removeprefix("rsa-"))
            return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private_pem(key: PrivateKey) -> bytes:
    """Return the key as unencrypted PKCS#8 in PEM; its file must be private."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def scheme_of(key: PublicKeyTypes, *, where: str) -> Scheme:
    """Return how a profile is signed with `key`.

    Raises SigningError, its message starting with `where`, for a key that is too small, too large
    or of a kind that devices, MDM servers or the common verifiers do not take.
    """
    if isinstance(key, rsa.RSAPublicKey):
        if MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
            return RSA_SHA256
        size = "small" if key.key_size < MIN_RSA_BITS else "large"
        message = f"{where}: the RSA key of {key.key_size} bits is too {size}"
        raise SigningError(message, hint=_SUPPORTED)
    if isinstance(key, ec.EllipticCurvePublicKey):
        match key.curve:
            case ec.SECP256R1():
                return P256_SHA256
            case ec.SECP384R1():
                return P384_SHA384
            case curve:
                message = f"{where}: the curve {curve.name} is not supported"
                raise SigningError(message, hint=_SUPPORTED)
    message = f"{where}: {key_name(key)} keys are not supported"
    raise SigningError(message, hint=_SUPPORTED)


def certificate_hash(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384:
    """Return the hash with which `key`, one of our own kinds, signs certificates and requests."""
    return hashes.SHA384() if key.key_size == ec.SECP384R1.key_size else hashes.SHA256()


def signer(key: PrivateKeyTypes, *, where: str) -> Callable[[bytes], bytes]:
    """Return the function that signs bytes with `key` as `scheme_of` says.

    ECDSA is deterministic (RFC 6979): the same bytes give the same signature, DER encoded.
    Raises SigningError as `scheme_of` does.
    """
    scheme = scheme_of(key.public_key(), where=where)
    digest = _DIGESTS[scheme.digest]()
    if isinstance(key, rsa.RSAPrivateKey):
        pkcs1 = padding.PKCS1v15()
        return lambda data: key.sign(data, pkcs1, digest)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        ecdsa = ec.ECDSA(digest, deterministic_signing=True)
        return lambda data: key.sign(data, ecdsa)
    raise AssertionError(scheme)


def signature_is_valid(key: PublicKey, signature: bytes, data: bytes, *, digest: str) -> bool:
    """Say whether `signature` over `data` is one of `key`, with a digest of STRONG_DIGESTS."""
    algorithm = _DIGESTS[digest]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), algorithm)
        else:
            key.verify(signature, data, ec.ECDSA(algorithm))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def digest_of(data: bytes, *, digest: str) -> bytes:
    """Return the digest of `data` by an algorithm of STRONG_DIGESTS."""
    if digest not in _DIGESTS:
        raise KeyError(digest)
    hasher: Callable[[bytes], hashlib._Hash] = getattr(hashlib, digest)  # faster than `new`
    return hasher(data).digest()


def key_name(key: PublicKeyTypes) -> str:
    """Return the name of a key for people: `RSA 2048`, `ECDSA P-256`, `Ed25519`."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
        return f"ECDSA {names.get(key.curve.name, key.curve.name)}"
    return type(key).__name__.removesuffix("PublicKey")
