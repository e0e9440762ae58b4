"""Verify a signed file: it is what was signed, and its signer leads to somebody trusted.

The first half is RFC 5652 section 5.6, the second `path`. What devices or MDM servers refuse is
refused here too; what only some of them refuse is a warning.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.signing.algorithms import (
    STRONG_DIGESTS,
    PublicKey,
    digest_of,
    key_name,
    signature_is_valid,
)
from profilegen.signing.certificates import fingerprint, printable, short_name
from profilegen.signing.chain import Chain
from profilegen.signing.failures import (
    BadSignatureError,
    ContentChangedError,
    ContentMissingError,
    MalformedError,
    SignerMissingError,
    UnsupportedAlgorithmError,
    WeakAlgorithmError,
)
from profilegen.signing.message import SignedAttributes, SignedMessage, read_signed
from profilegen.signing.path import trusted_chain
from profilegen.signing.trust import Trust

_AGAIN = "Get the file again from where it was signed."
_WEAK_NAMES = {"md5": "MD5", "sha1": "SHA-1"}
_UNSUPPORTED_NAMES = {"rsassa_pss": "RSASSA-PSS", "ed25519": "Ed25519"}

# Name in asn1crypto -> kind of key, and the digest that the name fixes.
_SIGNATURES: dict[str, tuple[type[rsa.RSAPublicKey | ec.EllipticCurvePublicKey], str | None]] = {
    "rsassa_pkcs1v15": (rsa.RSAPublicKey, None),
    "sha256_rsa": (rsa.RSAPublicKey, "sha256"),
    "sha384_rsa": (rsa.RSAPublicKey, "sha384"),
    "sha512_rsa": (rsa.RSAPublicKey, "sha512"),
    "sha256_ecdsa": (ec.EllipticCurvePublicKey, "sha256"),
    "sha384_ecdsa": (ec.EllipticCurvePublicKey, "sha384"),
    "sha512_ecdsa": (ec.EllipticCurvePublicKey, "sha512"),
}
_WEAK_SIGNATURES = {"md5_rsa": "MD5", "sha1_rsa": "SHA-1", "sha1_ecdsa": "SHA-1"}


@dataclass(frozen=True, slots=True)
class Verified:
    """A signed file whose signature holds and whose signer is trusted.

    `chain` goes from the signer to the trusted certificate. `signed_at` is what the signer states.
    """

    content: bytes
    chain: Chain
    signed_at: datetime | None
    digest: str
    trusted_by: str
    warnings: tuple[str, ...]

    @property
    def signer(self) -> x509.Certificate:
        """Return the signer's certificate."""
        return self.chain[0]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint of the signer, lower-case hexadecimal."""
        return fingerprint(self.chain[0])


def verify(data: bytes, *, trust: Trust, content: bytes | None = None, at: datetime) -> Verified:
    """Return what a signed file holds, after every check.

    `at` is the time that certificates are judged at, usually now and not the time of signing.
    `content` is what a detached signature signs; for an embedded one it may be given, and must be
    the same. Raises the VerificationError of `failures` that says which check failed.
    """
    message = read_signed(data)
    signed = check_integrity(message, content=content)
    chain = trusted_chain(_signer(message), message.others, trust=trust, at=at)
    return Verified(
        content=signed,
        chain=chain,
        signed_at=message.signed_at,
        digest=message.digest,
        trusted_by=trust.describe(),
        warnings=tuple(_warnings(message)),
    )


def check_integrity(message: SignedMessage, *, content: bytes | None = None) -> bytes:
    """Return the content, after the checks that need no trust: digest, attributes and signature.

    Says only that the content is what the certificate in the file signed, whoever that is. Raises
    as `verify` does.
    """
    key = _signing_key(message)
    signed = _content(message, content)
    digest = digest_of(signed, digest=message.digest)
    attributes = message.attributes
    if attributes is not None:
        _check_attributes(attributes, digest)
    # Without attributes the signature is over the content itself (RFC 5652 section 5.4).
    covered = signed if attributes is None else attributes.encoded
    if not signature_is_valid(key, message.signature, covered, digest=message.digest):
        text = f"the signature does not verify with the key of '{message.signer_name}'"
        raise BadSignatureError(text, hint=_AGAIN)
    return signed


def _signer(message: SignedMessage) -> x509.Certificate:
    if message.signer is None:
        text = "the certificate of the signer is not in the file"
        raise SignerMissingError(text, hint="Sign the file again with the certificate in it.")
    return message.signer


def _signing_key(message: SignedMessage) -> PublicKey:
    """Return the key of the signer, if the algorithms of the signature are ones for it."""
    digest, algorithm = message.digest, message.signature_algorithm
    if digest in _WEAK_NAMES or algorithm in _WEAK_SIGNATURES:
        weak = _WEAK_NAMES.get(digest) or _WEAK_SIGNATURES[algorithm]
        text = f"signed with {weak}, which can be forged"
        raise WeakAlgorithmError(text, hint="Sign it again with SHA-256 or stronger.")
    kind, fixed = _SIGNATURES.get(algorithm, (None, None))
    if digest not in STRONG_DIGESTS or kind is None:
        shown = _UNSUPPORTED_NAMES.get(algorithm, f"{algorithm} with {digest}")
        text = f"signed with {shown}, which devices or MDM servers refuse"
        raise UnsupportedAlgorithmError(text, hint="Sign it with RSA PKCS#1 v1.5 or ECDSA.")
    key = _public_key(_signer(message))
    if not isinstance(key, kind) or fixed not in {None, digest}:
        text = f"the signature algorithm {algorithm} does not fit {key_name(key)} and {digest}"
        raise MalformedError(text, hint=_AGAIN)
    return key


def _public_key(signer: x509.Certificate) -> PublicKeyTypes:
    try:
        return signer.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        text = f"the key of '{short_name(signer.subject)}' is of an unknown kind"
        raise UnsupportedAlgorithmError(text, hint="Sign it with an RSA or ECDSA key.") from error


def _content(message: SignedMessage, given: bytes | None) -> bytes:
    held = message.content
    if held is None and given is None:
        text = "the signature is detached, and what it signs was not given"
        raise ContentMissingError(text, hint="Give the signed file too; profiles embed it.")
    if held is not None and given is not None and held != given:
        text = "the content in the signed file is not the content given"
        raise ContentChangedError(text, hint=_AGAIN)
    return given or b"" if held is None else held


def _check_attributes(attributes: SignedAttributes, digest: bytes) -> None:
    if attributes.content_type != "data":
        found = attributes.content_type or "missing"
        text = f"the signed content type is {printable(found)}, expected data"
        raise MalformedError(text, hint=_AGAIN)
    if attributes.message_digest is None:
        text = "the digest of the content is not among the signed attributes"
        raise MalformedError(text, hint=_AGAIN)
    if not hmac.compare_digest(attributes.message_digest, digest):
        text = "the content was changed after signing: its digest is not the signed one"
        raise ContentChangedError(text, hint=_AGAIN)


def _warnings(message: SignedMessage) -> Iterator[str]:
    if message.named_by_key:
        yield "the signer is named by subjectKeyIdentifier, which MicroMDM and Fleet refuse"
    if message.attributes is None:
        yield "nothing but the content is signed: the time of signing is not known"
