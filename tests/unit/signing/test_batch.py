"""Signing many files gives the bytes of signing each alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profilegen.errors import SigningError
from profilegen.signing.batch import BatchSigner, batch_signer
from profilegen.signing.cms import MAX_CONTENT, sign_detached, sign_embedded
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki

KINDS = ("rsa-2048", "rsa-3072", "p256", "p384")
# Where a length takes one byte more in DER, alone or inside what holds it.
BORDERS = sorted(
    {0, 1, *(border + step for border in (128, 256, 65536) for step in range(-80, 5, 3))}
)


@pytest.fixture(params=KINDS)
def identity(request: pytest.FixtureRequest, tmp_path: Path) -> Identity:
    uri = pki.chain(request.param).write(tmp_path)
    return open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)


@pytest.fixture
def batch(identity: Identity) -> BatchSigner:
    return batch_signer(identity, signed_at=pki.NOW)


def test_the_bytes_are_those_of_signing_alone(identity: Identity, batch: BatchSigner) -> None:
    for size in BORDERS:
        content = b"x" * size
        alone = sign_embedded(content, identity, signed_at=pki.NOW)
        assert batch.sign_embedded([content]) == [alone], size
    alone = sign_detached(b"content", identity, signed_at=pki.NOW)
    assert batch.sign_detached([b"content"]) == [alone]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_content(identity: Identity, batch: BatchSigner, content: bytes) -> None:
    contents = [content, b"", content + b"x"]
    digests = [hashlib.sha256(each).digest() for each in contents]
    for known in ((), digests):
        assert batch.sign_embedded(contents, sha256=known) == [
            sign_embedded(each, identity, signed_at=pki.NOW) for each in contents
        ]
        assert batch.sign_detached(contents, sha256=known) == [
            sign_detached(each, identity, signed_at=pki.NOW) for each in contents
        ]


def test_each_file_is_one_operation_of_the_key(identity: Identity) -> None:
    signed: list[bytes] = []

    def counted(data: bytes) -> bytes:
        signed.append(data)
        return identity.sign_bytes(data)

    batch = batch_signer(replace(identity, sign_bytes=counted), signed_at=pki.NOW)
    signed.clear()
    batch.sign_embedded([b"%d" % number for number in range(5)])
    assert len(signed) == 5


@pytest.mark.parametrize("year", [1970, 2049, 2050])
def test_signing_times_of_both_forms(identity: Identity, year: int) -> None:
    at = pki.NOW.replace(year=year)
    batch = batch_signer(identity, signed_at=at)
    assert batch.sign_embedded([b"x"]) == [sign_embedded(b"x", identity, signed_at=at)]


def test_what_cannot_be_signed(identity: Identity, batch: BatchSigner) -> None:
    with pytest.raises(SigningError, match="more than the"):
        batch.sign_embedded([b"x", bytes(MAX_CONTENT + 1)])
    without_zone: datetime = (pki.NOW + timedelta()).replace(tzinfo=None)
    with pytest.raises(SigningError, match="time zone"):
        batch_signer(identity, signed_at=without_zone)
