"""Did the signer sign this content, in a way that devices and MDM servers take? No trust here.

RFC 5652 section 5.6. Each check returns what it saw in words and raises what is wrong.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen.signing.algorithms import STRONG_DIGESTS, WEAK_DIGESTS, key_name
from profilegen.signing.certificates import printable, short_name
from profilegen.signing.failures import (
    BadSignatureError,
    ContentChangedError,
    ContentMissingError,
    MalformedError,
    SignerMissingError,
    UnsupportedAlgorithmError,
    WeakAlgorithmError,
)
from profilegen.signing.integrity import (
    HASHES,
    State,
    algorithm_name,
    signature_digest,
    signature_verdict,
)
from profilegen.signing.message import SignedMessage
from profilegen.signing.message_parts import SignedAttributes, is_attributes
from profilegen.signing.verification.steps import NotCheckedError

_AGAIN = "Get the file again from where it was signed."
_DIGEST_NAMES = {
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
_KINDS: dict[str, type[rsa.RSAPublicKey | ec.EllipticCurvePublicKey]] = {
    "RSA PKCS#1 v1.5": rsa.RSAPublicKey,
    "RSASSA-PSS": rsa.RSAPublicKey,
    "ECDSA": ec.EllipticCurvePublicKey,
}


def check_algorithms(message: SignedMessage) -> str:
    """Check that the signer's algorithms are strong, taken by devices, and fit each other.

    Raises WeakAlgorithmError, UnsupportedAlgorithmError or MalformedError.
    """
    digests = {message.digest, signature_digest(message.statement)}
    for weak in sorted(digests & WEAK_DIGESTS.keys()):
        text = f"signed with {WEAK_DIGESTS[weak]}, which can be forged"
        raise WeakAlgorithmError(text, hint="Sign it again with SHA-256 or stronger.")
    name = algorithm_name(message.signature_algorithm)
    kind = _KINDS.get(name)
    if message.digest not in STRONG_DIGESTS or kind is None:
        shown = name if kind is None else f"{name} and {_digest_name(message.digest)}"
        text = f"signed with {shown}, which devices or MDM servers refuse"
        raise UnsupportedAlgorithmError(text, hint="Sign it with RSA PKCS#1 v1.5 or ECDSA.")
    key = None if message.signer is None else _public_key(message.signer)
    if len(digests) > 1 or (key is not None and not isinstance(key, kind)):
        algorithm = printable(message.signature_algorithm)
        by = "" if key is None else f"{key_name(key)} and "
        text = f"the signature algorithm {algorithm} does not fit {by}{message.digest}"
        raise MalformedError(text, hint=_AGAIN)
    scheme = f"{name} with {_digest_name(message.digest)}"
    return scheme if key is None else f"{scheme}, key {key_name(key)}"


def signed_content(message: SignedMessage, given: bytes | None) -> bytes:
    """Return what the signature is about: the content in the file, or the one given beside it.

    Raises ContentMissingError where there is neither, ContentChangedError where they differ.
    """
    held = message.content
    if held is None and given is None:
        text = "the signature is detached, and what it signs was not given"
        raise ContentMissingError(text, hint="Name the file that it signs with --content.")
    if held is not None and given is not None and held != given:
        text = "the content in the signed file is not the content given"
        raise ContentChangedError(text, hint=_AGAIN)
    return given or b"" if held is None else held


def check_content(message: SignedMessage, content: bytes) -> str:
    """Check that `content` has the digest that was signed, and is signed as data.

    Raises ContentChangedError and MalformedError; NotCheckedError for a digest that is unknown.
    """
    where = "detached" if message.content is None else "embedded"
    if message.attributes is None:
        if is_attributes(content):
            text = "the content is the signed attributes of another file, and its signature theirs"
            raise ContentChangedError(text, hint=_AGAIN)
        return f"{where}, {len(content)} bytes, signed itself and not by its digest"
    kind = HASHES.get(message.digest)
    if kind is None:
        reason = f"the digest {printable(message.digest)} is not known here"
        raise NotCheckedError(reason)
    state = hashes.Hash(kind())
    state.update(content)
    _check_attributes(message.attributes, state.finalize())
    return f"{where}, {len(content)} bytes, its digest is the signed one"


def check_signature(message: SignedMessage, content: bytes) -> str:
    """Check that the signer's key signed the attributes, or `content` where there are none.

    Raises SignerMissingError and BadSignatureError; NotCheckedError for a key or an algorithm that
    cannot be computed with here.
    """
    if message.signer is None:
        text = "the certificate of the signer is not in the file"
        raise SignerMissingError(text, hint="Sign the file again with the certificate in it.")
    try:
        key = _public_key(message.signer)
    except UnsupportedAlgorithmError as error:  # the step of the algorithms failed for it
        raise NotCheckedError(error.message) from error
    verdict = signature_verdict(message.statement, content, key)
    if verdict.state is State.BROKEN:
        text = f"the signature does not verify with the key of '{message.signer_name}'"
        raise BadSignatureError(text, hint=_AGAIN)
    if verdict.state is State.UNCHECKED:
        raise NotCheckedError(verdict.reason)
    return f"made with the key of '{message.signer_name}'"


def signature_warnings(message: SignedMessage) -> Iterator[str]:
    """Yield what devices or MDM servers are reported not to take, and what is not known."""
    if message.named_by_key:
        yield "the signer is named by subjectKeyIdentifier, which MicroMDM and Fleet refuse"
    if message.signature_algorithm == "rsassa_pss":
        yield "devices and MicroMDM are reported to refuse RSASSA-PSS"
    if "." in message.signature_algorithm:
        yield "a key or a curve is named where the signature algorithm belongs"
    if message.attributes is None:
        yield "nothing but the content is signed: the time of signing is not known"
    if message.signer is not None and not message.signer_included:
        yield "the certificate of the signer is not in the file, where devices look for it"
    if message.unsigned:
        yield f"nobody signed what was added to the signature: {', '.join(message.unsigned)}"


def _digest_name(digest: str) -> str:
    return _DIGEST_NAMES.get(digest, printable(digest))


def _public_key(signer: x509.Certificate) -> PublicKeyTypes:
    try:
        return signer.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        name = short_name(signer.subject)
        text = f"the key of '{name}' is of an unknown kind"
        raise UnsupportedAlgorithmError(text, hint="Sign it with an RSA or ECDSA key.") from error


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
