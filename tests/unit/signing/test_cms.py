"""What is written: the shape that devices and MDM servers are known to take."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import SigningError
from profilegen.signing import cms
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.message import read_signed
from tests.support import pki

CONTENT = b'<?xml version="1.0"?>\r\n<plist/>\n'


@pytest.fixture(params=["rsa-2048", "p256", "p384"])
def identity(request: pytest.FixtureRequest, tmp_path: Path) -> Identity:
    uri = pki.chain(request.param).write(tmp_path)
    root = tmp_path / "root.pem"
    return open_identity(uri, passphrase=None, certificates=root, at=pki.NOW)


def test_it_has_the_shape_that_is_known_to_work(identity: Identity) -> None:
    data = cms.sign_embedded(CONTENT, identity, signed_at=pki.NOW)
    signed = asn1.ContentInfo.load(data, strict=True)["content"]
    (signer,) = signed["signer_infos"]
    assert signed["version"].native == signer["version"].native == "v1"
    assert signed["encap_content_info"]["content_type"].dotted == "1.2.840.113549.1.7.1"
    assert signed["encap_content_info"]["content"].native == CONTENT
    assert signer["sid"].name == "issuer_and_serial_number"
    assert [a["type"].native for a in signer["signed_attrs"]] == [
        "content_type",
        "signing_time",
        "message_digest",
    ]
    # RFC 5754 section 2: SHA-2 without parameters.
    assert len(signer["digest_algorithm"].dump()) == 13


def test_all_intermediates_are_in_it_and_the_root_is_not(identity: Identity) -> None:
    data = cms.sign_embedded(CONTENT, identity, signed_at=pki.NOW)
    signed = asn1.ContentInfo.load(data)["content"]
    assert identity.root is not None
    expected = [c.public_bytes(Encoding.DER) for c in (identity.leaf, *identity.intermediates)]
    assert [c.dump() for c in signed["certificates"]] == sorted(expected)


def test_it_is_der(identity: Identity) -> None:
    data = cms.sign_embedded(CONTENT, identity, signed_at=pki.NOW)
    info = asn1.ContentInfo.load(data, strict=True)
    assert info.dump(force=True) == data


def test_signing_again_gives_the_same_bytes(identity: Identity) -> None:
    for sign in (cms.sign_embedded, cms.sign_detached):
        once = sign(CONTENT, identity, signed_at=pki.NOW)
        assert sign(CONTENT, identity, signed_at=pki.NOW) == once
        elsewhere = pki.NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
        assert sign(CONTENT, identity, signed_at=elsewhere) == once
        assert sign(CONTENT, identity, signed_at=pki.NOW.replace(microsecond=5)) == once


def test_a_detached_signature_does_not_hold_the_content(identity: Identity) -> None:
    data = cms.sign_detached(CONTENT, identity, signed_at=pki.NOW)
    assert CONTENT not in data
    assert read_signed(data).content is None


@pytest.mark.parametrize(
    ("year", "form"),
    [
        (1949, "generalized_time"),
        (1950, "utc_time"),
        (2049, "utc_time"),
        (2050, "generalized_time"),
    ],
)
def test_the_form_of_the_time_follows_the_year(year: int, form: str, tmp_path: Path) -> None:
    identity = open_identity(
        pki.chain().write(tmp_path), passphrase=None, certificates=None, at=pki.NOW
    )
    time = datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    data = cms.sign_detached(CONTENT, identity, signed_at=time)
    (signer,) = asn1.ContentInfo.load(data)["content"]["signer_infos"]
    assert signer["signed_attrs"][1]["values"][0].name == form
    assert read_signed(data).signed_at == time


def test_a_time_without_zone_is_refused(identity: Identity) -> None:
    with pytest.raises(SigningError, match="the signing time has no time zone"):
        cms.sign_embedded(CONTENT, identity, signed_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_content_has_a_limit(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cms, "MAX_CONTENT", 10)
    with pytest.raises(SigningError, match="11 bytes are more than the 10 that can be signed"):
        cms.sign_embedded(b"x" * 11, identity, signed_at=pki.NOW)
