"""Is the content what a signer signed? Answers for any algorithm that can be computed here.

Says nothing about trust, nor whether devices take the algorithm: `verify` refuses on the spot what
is told apart here, since an audit has to say of a weak signature whether it holds.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.signing.algorithms import key_name
from profilegen.signing.certificates import printable

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
"""By their names in asn1crypto; which of them are good enough is not said here."""

_FAMILIES = {"rsa": "RSA PKCS#1 v1.5", "ecdsa": "ECDSA", "dsa": "DSA"}
# Names that fix no digest. The numbers are a key or a curve, which the Go library of MicroMDM and
# its relatives have written where a signature algorithm belongs; verifiers go by the key.
_PLAIN = {
    "rsassa_pkcs1v15": "RSA PKCS#1 v1.5",
    "rsassa_pss": "RSASSA-PSS",
    "ecdsa": "ECDSA",
    "1.2.840.10045.2.1": "ECDSA",
    "1.2.840.10045.3.1.7": "ECDSA",
    "1.3.132.0.34": "ECDSA",
    "1.3.132.0.35": "ECDSA",
    "dsa": "DSA",
    "ed25519": "Ed25519",
    "ed448": "Ed448",
}

_SALT_LENGTHS = range(513)  # bytes; more than any digest or RSA key here has room for


class State(StrEnum):
    """What is known of one signature."""

    INTACT = "intact"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


class Obstacle(Enum):
    """Why a signature cannot be checked."""

    DETACHED = auto()
    NO_CERTIFICATE = auto()
    UNREADABLE_CERTIFICATE = auto()
    ALGORITHM = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of a signature; `reason` says in words why it is not intact, "" where it is."""

    state: State
    reason: str = ""
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Pss:
    """The parameters of an RSASSA-PSS signature, digests by their names in asn1crypto."""

    digest: str
    mask_digest: str
    salt_length: int


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is signed beside the content, with every value that the two attributes have.

    `encoded` is the SET OF that is signed, in the order of the file.
    """

    encoded: bytes
    content_types: tuple[str, ...]
    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What one signer says; `digest` and `algorithm` are names of asn1crypto or dotted numbers."""

    digest: str
    algorithm: str
    pss: Pss | None
    signature: bytes
    attributes: Attributes | None


def algorithm_name(algorithm: str) -> str:
    """Return the name of a signature algorithm for people, without its digest."""
    _, _, family = algorithm.rpartition("_")
    return _PLAIN.get(algorithm) or _FAMILIES.get(family) or printable(algorithm)


def content_verdict(statement: Statement, content: bytes | None, content_type: str) -> Verdict:
    """Say whether `content`, None for a detached signature, is the one that was signed.

    That is known without the signer's key only where attributes are signed (RFC 5652 section 5.4);
    where none are, `signature_verdict` decides.
    """
    if content is None:
        return Verdict(State.UNCHECKED, "what it signs is not in the file", Obstacle.DETACHED)
    if statement.attributes is None:
        return Verdict(State.INTACT)
    kind = HASHES.get(statement.digest)
    if kind is None:
        return _unsupported(f"the digest {printable(statement.digest)}")
    digest = hashes.Hash(kind())
    digest.update(content)
    return _attributes_verdict(statement.attributes, content_type, digest.finalize())


def _attributes_verdict(attributes: Attributes, content_type: str, digest: bytes) -> Verdict:
    if len(attributes.content_types) != 1 or len(attributes.digests) != 1:
        return _broken("the type or the digest of the content is not signed, or not just once")
    if attributes.content_types[0] != content_type:
        signed = printable(attributes.content_types[0])
        return _broken(f"signed as {signed}, but the content is {printable(content_type)}")
    if not hmac.compare_digest(attributes.digests[0], digest):
        return _broken("the content was changed after signing: its digest is not the signed one")
    return Verdict(State.INTACT)


def signature_verdict(statement: Statement, content: bytes, key: PublicKeyTypes) -> Verdict:
    """Say whether the owner of `key` signed the attributes, or the content where there are none."""
    attributes = statement.attributes
    covered = content if attributes is None else attributes.encoded
    name = algorithm_name(statement.algorithm)
    kind = HASHES.get(signature_digest(statement))
    if kind is None:
        return _unsupported(f"{name} with {printable(signature_digest(statement))}")
    try:
        _verify(name, statement, kind(), covered, key)
    except (InvalidSignature, ValueError):
        return _broken("the signature is not one of the signer's key over this content")
    except UnsupportedAlgorithm:
        return _unsupported(f"{name} with {key_name(key)}")
    return Verdict(State.INTACT)


def signature_digest(statement: Statement) -> str:
    """Return the digest of the signature: the one that its algorithm names, else the signer's."""
    if statement.algorithm == "rsassa_pss":
        # Without parameters it is SHA-1 (RFC 4055 section 3.1).
        return "sha1" if statement.pss is None else statement.pss.digest
    own, _, family = statement.algorithm.rpartition("_")
    return own if family in _FAMILIES and own else statement.digest


def _verify(
    name: str,
    statement: Statement,
    digest: hashes.HashAlgorithm,
    covered: bytes,
    key: PublicKeyTypes,
) -> None:
    """Raise InvalidSignature or ValueError for a wrong signature, else UnsupportedAlgorithm."""
    signature = statement.signature
    match name, key:
        case "RSA PKCS#1 v1.5", rsa.RSAPublicKey():
            key.verify(signature, covered, padding.PKCS1v15(), digest)
        case "RSASSA-PSS", rsa.RSAPublicKey():
            hashed, scheme = _pss(statement.pss)
            key.verify(signature, covered, scheme, hashed)
        case "ECDSA", ec.EllipticCurvePublicKey():
            key.verify(signature, covered, ec.ECDSA(digest))
        case "DSA", dsa.DSAPublicKey():
            key.verify(signature, covered, digest)
        case "Ed25519", ed25519.Ed25519PublicKey():
            key.verify(signature, covered)
        case _:
            raise UnsupportedAlgorithm(name)


def _pss(parameters: Pss | None) -> tuple[hashes.HashAlgorithm, padding.PSS]:
    if parameters is None:
        message = "RSASSA-PSS"
        raise UnsupportedAlgorithm(message)
    kind, mask = HASHES.get(parameters.digest), HASHES.get(parameters.mask_digest)
    if kind is None or mask is None or parameters.salt_length not in _SALT_LENGTHS:
        raise UnsupportedAlgorithm(parameters.digest)
    return kind(), padding.PSS(padding.MGF1(mask()), parameters.salt_length)


def _broken(reason: str) -> Verdict:
    return Verdict(State.BROKEN, reason)


def _unsupported(what: str) -> Verdict:
    return Verdict(State.UNCHECKED, f"{what} cannot be checked here", Obstacle.ALGORITHM)
