"""DSSE envelopes, version 1.0: a payload and its type, signed, as one line of JSON.

What is signed is the pre-authentication encoding (PAE) of both: secure-systems-lab/dsse,
protocol.md and envelope.md. It begins with `DSSEv1`, and the signed attributes of a CMS with the
tag of a SET, so a signature of the one kind never passes for one of the other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from profilegen.errors import SigningError
from profilegen.signing.algorithms import PublicKey, scheme_of, signature_is_valid
from profilegen.signing.failures import (
    BadSignatureError,
    MalformedError,
    NotSignedError,
    SignerCountError,
    UnsupportedAlgorithmError,
)
from profilegen.signing.identity import Identity
from profilegen.signing.strict_json import load_strict_json

IN_TOTO = "application/vnd.in-toto+json"
"""The payload type of an in-toto statement (in-toto/attestation, spec/v1/envelope.md)."""

MAX_ENVELOPE = 64 * 1024 * 1024
"""Bytes of an envelope that is written or read at most."""

_AGAIN = "Get it again from where it was signed."
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Envelope:
    payload_type: str
    payload: bytes
    signature: bytes


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that an envelope's signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def key_id(key: PublicKeyTypes) -> str:
    """Return the SHA-256 of the SubjectPublicKeyInfo (DER) of `key`, lower-case hexadecimal.

    In an envelope it is a hint by which a verifier finds the key among its own; nothing vouches
    for it.
    """
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()


def sign_envelope(payload: bytes, *, payload_type: str, identity: Identity) -> bytes:
    """Return the envelope of `payload`, one line of ASCII without its end.

    RSA signs with PKCS#1 v1.5, ECDSA signatures are DER; the digest is that of the identity.
    Raises SigningError when the envelope would be larger than MAX_ENVELOPE.
    """
    signature = identity.sign(pre_authentication_encoding(payload_type, payload))
    envelope = _encoded(_Envelope(payload_type, payload, signature), identity.leaf.public_key())
    if len(envelope) > MAX_ENVELOPE:
        message = f"an envelope of {len(envelope)} bytes is larger than the {MAX_ENVELOPE} allowed"
        raise SigningError(message, hint="Sign a statement of fewer files.")
    return envelope


def open_envelope(envelope: bytes, *, payload_type: str, key: PublicKeyTypes) -> bytes:
    """Return the payload of `envelope` once its one signature verifies with `key`.

    The key is the caller's: nothing in an envelope says whom to trust, its key id least of all.
    Raises NotSignedError for what is no envelope or is larger than MAX_ENVELOPE, SignerCountError
    unless there is one signature, UnsupportedAlgorithmError for a key that profilegen never signs
    with, BadSignatureError, and MalformedError for a payload of another type and for an envelope
    in another form than `sign_envelope` writes: members, their order, blanks, base64, key id.
    """
    parsed = _parse(envelope)
    signed = pre_authentication_encoding(parsed.payload_type, parsed.payload)
    if not _holds(key, parsed.signature, signed):
        message = "the signature of the envelope does not verify with the key given"
        raise BadSignatureError(message, hint=_AGAIN)
    if parsed.payload_type != payload_type:
        message = f"the payload is of the type {parsed.payload_type!a}, not {payload_type}"
        raise MalformedError(message, hint=_AGAIN)
    if _encoded(parsed, key) != envelope:
        message = "the envelope was rewritten: the signature holds, its form is not that of signing"
        raise MalformedError(message, hint=_AGAIN)
    return parsed.payload


def _encoded(envelope: _Envelope, key: PublicKeyTypes) -> bytes:
    document = {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"keyid": key_id(key), "sig": base64.b64encode(envelope.signature).decode()}
        ],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _holds(key: PublicKeyTypes, signature: bytes, signed: bytes) -> bool:
    try:
        digest = scheme_of(key, where="the key of the envelope").digest
    except SigningError as error:
        raise UnsupportedAlgorithmError(error.message, hint=error.hint) from error
    return isinstance(key, PublicKey) and signature_is_valid(key, signature, signed, digest=digest)


def _parse(envelope: bytes) -> _Envelope:
    if len(envelope) > MAX_ENVELOPE:
        message = f"larger than {MAX_ENVELOPE} bytes, so not read"
        raise NotSignedError(message, hint=_AGAIN)
    try:
        document = load_strict_json(envelope)
        signatures = _field(document, "signatures", list)
        if len(signatures) != 1:
            message = f"signed by {len(signatures) or 'nobody'}, expected one signature"
            raise SignerCountError(message, hint=_AGAIN)
        return _Envelope(
            payload_type=_text(_field(document, "payloadType", str)),
            payload=_decoded(_field(document, "payload", str)),
            signature=_decoded(_field(signatures[0], "sig", str)),
        )
    except ValueError as error:
        message = f"no DSSE envelope, or a damaged one: {error}"
        raise NotSignedError(message, hint=_AGAIN) from error


def _field(document: object, name: str, kind: type[_T]) -> _T:
    value = document.get(name) if isinstance(document, dict) else None
    if isinstance(value, kind):
        return value
    message = f"it has no {name} of the right type"
    raise ValueError(message)


def _text(value: str) -> str:
    """Return `value`; ValueError for half a surrogate pair, which has no bytes to be signed."""
    value.encode()
    return value


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode(), validate=True)
    except binascii.Error as error:
        message = "a part of it is not in base64"
        raise ValueError(message) from error
