"""What is read: our own files, those of others, and nothing else."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from asn1crypto import cms as asn1
from asn1crypto import core
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from profilegen.errors import VerificationError
from profilegen.signing import message
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.failures import MalformedError, NotSignedError, SignerCountError
from profilegen.signing.identity import open_identity
from profilegen.signing.message import looks_signed, read_signed, read_signers
from tests.support import pki

CONTENT = b"<plist/>"


def _archive(form: str) -> bytes:
    """Return a small archive, as the standard library makes one of a folder."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "in").mkdir()
        (Path(folder) / "in" / "a.mobileconfig").write_bytes(CONTENT)
        return Path(shutil.make_archive(f"{folder}/out", form, f"{folder}/in")).read_bytes()


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    uri = pki.chain().write(tmp_path_factory.mktemp("identity"))
    identity = open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)
    return sign_embedded(CONTENT, identity, signed_at=pki.NOW)


def _changed(signed: bytes, change: Callable[[asn1.SignedData], None]) -> bytes:
    info = asn1.ContentInfo.load(signed)
    change(info["content"])
    encoded: bytes = info.dump(force=True)
    return encoded


def _armoured(data: bytes, label: str) -> bytes:
    text = base64.encodebytes(data).decode()
    return f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode()


def test_the_parts_come_back(signed: bytes) -> None:
    parts = read_signed(signed)
    good = pki.chain()
    assert parts.content == CONTENT
    assert parts.signer == good.leaf.certificate
    assert parts.others == (good.intermediate.certificate,)
    assert (parts.digest, parts.signature_algorithm) == ("sha256", "sha256_ecdsa")
    assert parts.signed_at == pki.NOW
    assert parts.signer_name == "Test Signer"
    assert not parts.named_by_key


@pytest.mark.parametrize("label", ["CMS", "PKCS7"])
def test_pem_armour_is_taken_off(signed: bytes, label: str) -> None:
    armoured = _armoured(signed, label)
    bare = read_signed(signed)
    for text in (armoured, armoured.replace(b"\n", b"\r\n")):
        found = read_signed(text)
        assert found.form.describe() == "DER in PEM armour"
        assert replace(found, form=bare.form) == bare


def test_armour_has_one_spelling_and_nothing_behind_it(signed: bytes) -> None:
    armoured = _armoured(signed, "CMS")
    lines = armoured.splitlines()
    for other in (
        armoured + b"more\n",
        _armoured(signed, "CMS").replace(lines[1], b" ".join((lines[1][:8], lines[1][8:]))),
    ):
        with pytest.raises(VerificationError):
            read_signed(other)


def test_looks_are_the_first_bytes(signed: bytes) -> None:
    assert looks_signed(signed)
    assert looks_signed(_armoured(signed, "CMS"))
    assert not looks_signed(CONTENT)
    assert not looks_signed(b"")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'<?xml version="1.0"?><plist/>', "not signed"),
        (b"bplist00", "not signed"),
        (b'{"a": 1}', "not signed"),
        (_archive("tar"), "an archive, and no archive is signed itself"),
        (_archive("gztar"), "an archive, and no archive is signed itself"),
        (_archive("zip"), "an archive, and no archive is signed itself"),
        (b"", "not a signed file, or a damaged one"),
        (b"\x30\x80", "not a signed file, or a damaged one"),
        (b"\x30" * 100_000, "not a signed file, or a damaged one"),
        (b"\x30\x80" * 100_000, "not a signed file, or a damaged one"),
        (b"-----BEGIN CMS-----\nAAAA\n", "PEM with 0 signatures in it instead of one"),
        (_armoured(b"", "CMS") * 2, "PEM with 2 signatures in it instead of one"),
        (b"-----BEGIN CMS-----\n!\n-----END CMS-----\n", "damaged PEM armour"),
        (
            asn1.ContentInfo({"content_type": "data", "content": b"x"}).dump(),
            "CMS of the kind data, not signed data",
        ),
    ],
)
def test_what_is_not_signed(data: bytes, text: str) -> None:
    with pytest.raises(NotSignedError) as refused:
        read_signed(data)
    assert refused.value.message == text
    assert refused.value.exit_code == 5
    assert refused.value.slug == "not-signed"


def test_not_a_byte_may_follow(signed: bytes) -> None:
    for more in (b"\n", b"\0", signed):
        with pytest.raises(MalformedError) as refused:
            read_signed(signed + more)
        expected = f"{len(more)} bytes behind the end of the signed file, which nobody signed"
        assert refused.value.message == expected


def test_size_has_a_limit(signed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "_MAX_MESSAGE", len(signed) - 1)
    with pytest.raises(NotSignedError, match="larger than"):
        read_signed(signed)


def _no_signer(data: asn1.SignedData) -> None:
    data["signer_infos"] = []


def _two_signers(data: asn1.SignedData) -> None:
    data["signer_infos"] = [data["signer_infos"][0]] * 2


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_no_signer, "signed by nobody, expected one signer"),
        (_two_signers, "signed by 2, expected one signer"),
    ],
)
def test_there_is_one_signer(
    signed: bytes, change: Callable[[asn1.SignedData], None], text: str
) -> None:
    with pytest.raises(SignerCountError) as refused:
        read_signed(_changed(signed, change))
    assert refused.value.message == text


def test_several_signers_are_told_apart(signed: bytes) -> None:
    one, two = read_signers(_changed(signed, _two_signers))
    assert one == two
    assert read_signers(_changed(signed, _no_signer)) == ()
    with pytest.raises(SignerCountError, match="signed by 9, more than 8"):
        read_signers(_changed(signed, _many_signers))


def test_a_signer_that_is_not_in_the_file_may_be_known(signed: bytes) -> None:
    def strip(data: asn1.SignedData) -> None:
        del data["certificates"]

    good = pki.chain()
    known = (good.intermediate.certificate, good.leaf.certificate)
    (found,) = read_signers(_changed(signed, strip), known=known)
    assert (found.signer, found.signer_included) == (good.leaf.certificate, False)


def _many_signers(data: asn1.SignedData) -> None:
    data["signer_infos"] = [data["signer_infos"][0]] * 9


def _other_version(data: asn1.SignedData) -> None:
    data["signer_infos"][0]["version"] = "v3"


def _other_digests(data: asn1.SignedData) -> None:
    data["digest_algorithms"] = [{"algorithm": "sha512"}]


def _other_content_type(data: asn1.SignedData) -> None:
    data["encap_content_info"] = {"content_type": "enveloped_data"}


def _parameters(data: asn1.SignedData) -> None:
    signer = data["signer_infos"][0]
    signer["signature_algorithm"]["parameters"] = core.Any(core.OctetString(b"x"))


def _many_certificates(data: asn1.SignedData) -> None:
    data["certificates"] = [data["certificates"][0]] * 101


def _broken_certificate(data: asn1.SignedData) -> None:
    for choice in data["certificates"]:
        choice.chosen["tbs_certificate"]["version"] = 7


def test_a_broken_certificate_of_somebody_else_is_counted(signed: bytes) -> None:
    def change(data: asn1.SignedData) -> None:
        (other,) = [
            c for c in data["certificates"] if c.chosen.subject.native["common_name"] == "Test CA"
        ]
        other.chosen["tbs_certificate"]["version"] = 7

    found = read_signed(_changed(signed, change))
    assert (found.form.unreadable, found.others) == (1, ())
    assert found.signer == pki.chain().leaf.certificate


def _two_times(data: asn1.SignedData) -> None:
    attributes = data["signer_infos"][0]["signed_attrs"]
    attributes.append(attributes[1].copy())


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_other_version, "the versions are v1 and v3, not v1"),
        (_other_digests, "the digest of the signer, sha256, is not among those of the file"),
        (_other_content_type, "the content is of the type enveloped_data, not data"),
        (_parameters, "the algorithm sha256_ecdsa has parameters"),
        (_many_certificates, "101 certificates in the file, more than 100"),
        (_broken_certificate, "the certificate of the signer cannot be read"),
        (_two_times, "the signed attribute signing_time has more or less than one value"),
    ],
)
def test_parts_that_contradict_each_other(
    signed: bytes, change: Callable[[asn1.SignedData], None], text: str
) -> None:
    with pytest.raises(MalformedError) as refused:
        read_signed(_changed(signed, change))
    assert refused.value.message == text
    assert refused.value.exit_code == 5


def test_unused_bits_of_a_signature_would_be_a_byte_that_nobody_checks(signed: bytes) -> None:
    signature = b"\x03" + bytes([len(pki.chain().leaf.certificate.signature) + 1]) + b"\0"
    place = signed.index(signature + pki.chain().leaf.certificate.signature)
    changed = bytearray(signed)
    changed[place + 2] = 1
    with pytest.raises(VerificationError):
        read_signed(bytes(changed))


@pytest.mark.parametrize("time", [b"\x17\x0d26060112000!Z", b"\x18\x0d2026060112.50"])
def test_a_signing_time_that_is_none(signed: bytes, time: bytes) -> None:
    good = b"\x17\x0d260601120000Z"
    assert good in signed
    with pytest.raises(NotSignedError):
        read_signed(signed.replace(good, time))


def test_a_file_without_certificates_has_an_unknown_signer(signed: bytes) -> None:
    def strip(data: asn1.SignedData) -> None:
        del data["certificates"]

    parts = read_signed(_changed(signed, strip))
    assert (parts.signer, parts.others, parts.signer_name) == (None, (), "(not included)")


def test_detached_and_without_attributes(tmp_path: Path) -> None:
    identity = open_identity(
        pki.chain().write(tmp_path), passphrase=None, certificates=None, at=pki.NOW
    )

    def strip(data: asn1.SignedData) -> None:
        del data["signer_infos"][0]["signed_attrs"]

    data = _changed(sign_detached(CONTENT, identity, signed_at=pki.NOW), strip)
    parts = read_signed(data)
    assert (parts.content, parts.attributes, parts.signed_at) == (None, None, None)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for prefix in (b"", b"\x30", b"-----BEGIN CMS-----\n"):
        with pytest.raises(VerificationError):
            read_signed(prefix + data)


def test_der_certificates_are_kept_byte_for_byte(signed: bytes) -> None:
    signer = read_signed(signed).signer
    assert signer is not None
    assert signer.public_bytes(Encoding.DER) in signed
