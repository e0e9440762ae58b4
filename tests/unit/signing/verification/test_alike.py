"""Files that are signed alike: just those pass whose digest and signature hold, and no other."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.verification.alike import Model, model_of
from tests.support import pki

KINDS = ("rsa-2048", "rsa-3072", "p256", "p384")
MODEL = b"the content of the model"


@cache
def identity(kind: str, name: str = "Signer") -> Identity:
    with TemporaryDirectory() as folder:
        uri = pki.chain(kind=kind, name=name).write(Path(folder))
        return open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)


@cache
def model(kind: str, *, detached: bool = False) -> Model:
    signer = identity(kind)
    sign = sign_detached if detached else sign_embedded
    signed = sign(MODEL, signer, signed_at=pki.NOW)
    content = MODEL if detached else None
    made = model_of(signed, content, signer.leaf.public_key(), digest=signer.scheme.digest)
    assert made is not None
    return made


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(size=st.one_of(st.integers(0, 300), st.integers(65_000, 66_000), st.integers(0, 20_000)))
def test_a_content_of_any_length_is_found(kind: str, size: int) -> None:
    content = bytes(size)
    signed = sign_embedded(content, identity(kind), signed_at=pki.NOW)
    assert model(kind).content_of(signed) == content


@pytest.mark.parametrize("kind", KINDS)
def test_a_detached_signature_is_over_its_content_only(kind: str) -> None:
    signed = sign_detached(b"content", identity(kind), signed_at=pki.NOW)
    made = model(kind, detached=True)
    assert made.content_of(signed, b"content") == b"content"
    assert made.content_of(signed, b"contenT") is None
    assert made.content_of(signed) is None
    assert model(kind).content_of(signed, b"content") is None


@pytest.mark.parametrize("kind", ["rsa-2048", "p256"])
@pytest.mark.parametrize("detached", [False, True], ids=["embedded", "detached"])
def test_no_byte_can_be_changed(kind: str, *, detached: bool) -> None:
    sign = sign_detached if detached else sign_embedded
    content = b"another content"
    signed = sign(content, identity(kind), signed_at=pki.NOW)
    given_content = content if detached else None
    made = model(kind, detached=detached)
    assert made.content_of(signed, given_content) == content
    for position in range(len(signed)):
        changed = bytearray(signed)
        changed[position] ^= 1 << position % 8
        assert made.content_of(bytes(changed), given_content) is None, position
    for other in (signed + b"\0", signed[:-1], b"\0" + signed, signed * 2, b"", signed[:40]):
        assert made.content_of(other, given_content) is None


@given(st.binary(max_size=4_000))
def test_bytes_of_anybody_are_not_alike(data: bytes) -> None:
    assert model("rsa-2048").content_of(data) is None
    assert model("p256").content_of(data) is None


def test_another_signer_and_another_time_are_not_alike() -> None:
    other = sign_embedded(MODEL, identity("p256", "Other"), signed_at=pki.NOW)
    later = sign_embedded(MODEL, identity("p256"), signed_at=pki.NOW + timedelta(seconds=1))
    assert model("p256").content_of(other) is None
    assert model("p256").content_of(later) is None


def test_a_signature_of_another_key_in_the_same_frame() -> None:
    """The bytes of the model but for a digest that fits and a signature by somebody else."""
    signer, other = identity("rsa-2048"), identity("rsa-2048", "Other")
    signed = sign_embedded(b"content", signer, signed_at=pki.NOW)
    forged = sign_embedded(b"content", other, signed_at=pki.NOW)
    size = signer.leaf.public_key().key_size // 8  # type: ignore[union-attr]  # RSA
    assert model("rsa-2048").content_of(signed[:-size] + forged[-size:]) is None


@pytest.mark.parametrize("signed", [b"", b"\x30\x80", b"<plist/>", bytes(3_000)])
def test_what_is_no_signed_file_makes_no_model(signed: bytes) -> None:
    key = identity("p256").leaf.public_key()
    assert model_of(signed, None, key, digest="sha256") is None
    assert model_of(signed, b"content", key, digest="sha256") is None


def test_a_file_makes_no_model_with_what_is_not_its_own() -> None:
    signer = identity("p256")
    signed = sign_embedded(MODEL, signer, signed_at=pki.NOW)
    detached = sign_detached(MODEL, signer, signed_at=pki.NOW)
    key = signer.leaf.public_key()
    assert (
        model_of(signed, None, identity("p256", "Other").leaf.public_key(), digest="sha256") is None
    )
    assert model_of(signed, None, key, digest="sha384") is None
    assert model_of(signed, None, key, digest="md5") is None
    assert model_of(detached, None, key, digest="sha256") is None
    assert model_of(detached, b"other", key, digest="sha256") is None
    assert model_of(signed + b"\0", None, key, digest="sha256") is None
    assert model_of(signed[:-1], None, key, digest="sha256") is None
