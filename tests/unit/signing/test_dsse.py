"""Envelopes: what is signed, that the caller's key decides, and that one form only is read."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from profilegen.errors import SigningError, VerificationError
from profilegen.signing import dsse
from profilegen.signing.dsse import (
    IN_TOTO,
    key_id,
    open_envelope,
    pre_authentication_encoding,
    sign_envelope,
)
from profilegen.signing.failures import (
    BadSignatureError,
    MalformedError,
    NotSignedError,
    SignerCountError,
    UnsupportedAlgorithmError,
)
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki

PAYLOAD = b'{"_type":"x"}'
KINDS = ["rsa-2048", "p256", "p384"]


@pytest.fixture
def identity(tmp_path: Path) -> Callable[[str], Identity]:
    """Return the function that opens an identity with a key of a kind."""

    def opened(kind: str) -> Identity:
        uri = pki.chain(kind).write(tmp_path)
        return open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)

    return opened


def public(identity: Identity) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    key = identity.leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    return key


def test_the_encoding_is_that_of_the_protocol() -> None:
    """The example of secure-systems-lab/dsse, protocol.md; lengths are of bytes."""
    assert (
        pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
        == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pre_authentication_encoding("ü", b"") == b"DSSEv1 2 \xc3\xbc 0 "


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_is_opened(kind: str, identity: Callable[[str], Identity]) -> None:
    own = identity(kind)
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    assert envelope == sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    assert open_envelope(envelope, payload_type=IN_TOTO, key=public(own)) == PAYLOAD
    assert b"\n" not in envelope


@pytest.mark.parametrize("kind", KINDS)
def test_the_signature_is_over_the_encoding(kind: str, identity: Callable[[str], Identity]) -> None:
    own = identity(kind)
    document = json.loads(sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own))
    assert document["payloadType"] == "application/vnd.in-toto+json"
    assert base64.b64decode(document["payload"]) == PAYLOAD
    (signature,) = document["signatures"]
    signed = b"DSSEv1 28 application/vnd.in-toto+json 13 " + PAYLOAD
    key, value = public(own), base64.b64decode(signature["sig"])
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert signature["keyid"] == hashlib.sha256(encoded).hexdigest() == key_id(key)
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        digest = hashes.SHA384() if kind == "p384" else hashes.SHA256()
        key.verify(value, signed, ec.ECDSA(digest))


def test_another_key_is_refused_whatever_the_key_id_says(
    identity: Callable[[str], Identity],
) -> None:
    own = identity("p256")
    other = pki.key("p256", "other")
    assert isinstance(other, ec.EllipticCurvePrivateKey)
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    claimed = envelope.replace(key_id(public(own)).encode(), key_id(other.public_key()).encode())
    assert claimed != envelope
    for tried in (envelope, claimed):
        with pytest.raises(BadSignatureError):
            open_envelope(tried, payload_type=IN_TOTO, key=other.public_key())


def test_every_changed_bit_is_refused(identity: Callable[[str], Identity]) -> None:
    own = identity("p256")
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    survivors = []
    for position in range(len(envelope)):
        for bit in range(8):
            changed = bytearray(envelope)
            changed[position] ^= 1 << bit
            try:
                open_envelope(bytes(changed), payload_type=IN_TOTO, key=public(own))
            except VerificationError:
                continue
            survivors.append((position, bit))
    assert survivors == []


def test_another_payload_type_is_refused(identity: Callable[[str], Identity]) -> None:
    own = identity("p256")
    envelope = sign_envelope(PAYLOAD, payload_type="text/x", identity=own)
    with pytest.raises(MalformedError, match="of the type 'text/x', not application/"):
        open_envelope(envelope, payload_type=IN_TOTO, key=public(own))


REWRITTEN: Mapping[str, Callable[[dict[str, Any]], bytes]] = {
    "blanks": lambda document: json.dumps(document).encode(),
    "order": lambda document: json.dumps(
        dict(reversed(document.items())), separators=(",", ":")
    ).encode(),
    "a member more": lambda document: json.dumps(
        document | {"more": 1}, separators=(",", ":")
    ).encode(),
    "no key id": lambda document: json.dumps(
        document | {"signatures": [{"sig": document["signatures"][0]["sig"]}]},
        separators=(",", ":"),
    ).encode(),
    "a line end": lambda document: json.dumps(document, separators=(",", ":")).encode() + b"\n",
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_an_envelope_that_was_rewritten_is_refused(
    name: str, identity: Callable[[str], Identity]
) -> None:
    own = identity("p256")
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    rewritten = REWRITTEN[name](json.loads(envelope))
    with pytest.raises(MalformedError, match="the envelope was rewritten"):
        open_envelope(rewritten, payload_type=IN_TOTO, key=public(own))


@pytest.mark.parametrize("signatures", [[], [{"keyid": "", "sig": ""}] * 2], ids=["none", "two"])
def test_one_signature_is_expected(
    signatures: list[object], identity: Callable[[str], Identity]
) -> None:
    own = identity("p256")
    document = json.loads(sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own))
    changed = json.dumps(document | {"signatures": signatures}).encode()
    with pytest.raises(SignerCountError):
        open_envelope(changed, payload_type=IN_TOTO, key=public(own))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff", "can't decode"),
        (b"[]", "it has no signatures of the right type"),
        (b'{"signatures":{}}', "it has no signatures of the right type"),
        (b'{"signatures":[7],"payloadType":"a","payload":""}', "it has no sig of the right type"),
        (b'{"signatures":[{"sig":""}],"payload":""}', "it has no payloadType"),
        (b'{"signatures":[{"sig":"?"}],"payloadType":"a","payload":""}', "not in base64"),
        ('{"signatures":[{"sig":"ä"}],"payloadType":"a","payload":""}'.encode(), "not in base64"),
        (b'{"signatures":[{"sig":""}],"payloadType":"\\ud800","payload":""}', "surrogates"),
        (b'{"signatures":[],"signatures":[]}', "a key stands twice in its object"),
        (b'{"a":NaN,"signatures":[]}', "NaN is no JSON"),
        (b'{"a":' + b"[" * 100_000, "it nests too deep"),
        (b'{"a":' + b"9" * 5_000 + b"}", "digits"),
    ],
)
def test_what_is_no_envelope(
    content: bytes, reason: str, identity: Callable[[str], Identity]
) -> None:
    with pytest.raises(NotSignedError, match=f"no DSSE envelope, or a damaged one: .*{reason}"):
        open_envelope(content, payload_type=IN_TOTO, key=public(identity("p256")))


def test_an_envelope_that_is_too_large(
    identity: Callable[[str], Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = identity("p256")
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)
    monkeypatch.setattr(dsse, "MAX_ENVELOPE", len(envelope))
    assert open_envelope(envelope, payload_type=IN_TOTO, key=public(own)) == PAYLOAD
    monkeypatch.setattr(dsse, "MAX_ENVELOPE", len(envelope) - 1)
    with pytest.raises(NotSignedError, match="larger than"):
        open_envelope(envelope, payload_type=IN_TOTO, key=public(own))
    with pytest.raises(SigningError, match="is larger than"):
        sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=own)


def test_a_key_that_profilegen_never_signs_with(identity: Callable[[str], Identity]) -> None:
    envelope = sign_envelope(PAYLOAD, payload_type=IN_TOTO, identity=identity("p256"))
    key = pki.key("p521")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    with pytest.raises(UnsupportedAlgorithmError, match="the curve secp521r1 is not supported"):
        open_envelope(envelope, payload_type=IN_TOTO, key=key.public_key())
