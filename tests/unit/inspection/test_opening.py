"""Opening one file of anyone: signatures in and beside it, encryption, and what is no document."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import Profile
from profilegen.inspection.files import Source
from profilegen.inspection.opening import Opened, open_bytes, open_source
from profilegen.inspection.signatures import signature_of
from profilegen.signing.decrypt import DeviceKey
from tests.support import pki
from tests.support.signed import By, signed_data

PROFILE = plistlib.dumps(
    {"PayloadType": "Configuration", "PayloadContent": [{"PayloadType": "com.example.a"}]}
)
POLICY = b'{"screenCaptureDisabled": true}'


def signed(content: bytes, *, detached: bool = False) -> bytes:
    return signed_data(content, By(pki.chain().leaf), detached=detached)


def opened(path: Path) -> Opened:
    return open_source(Source(path, named=False))


def rules(file: Opened) -> list[str]:
    return [finding.rule for finding in file.findings]


def state(file: Opened) -> str:
    assert file.signed is not None
    return signature_of(file.signed).state


def test_a_plain_file() -> None:
    file = open_bytes("a.mobileconfig", PROFILE)
    assert isinstance(file.document, Profile)
    assert (file.kind, file.error, file.signed, rules(file)) == ("profile", None, None, [])
    assert file.content == PROFILE


def test_a_signed_file_is_its_content() -> None:
    file = open_bytes("a.mobileconfig", signed(PROFILE))
    assert isinstance(file.document, Profile)
    assert (file.name, file.kind, file.content) == ("a.mobileconfig", "profile", PROFILE)
    assert (state(file), rules(file)) == ("intact", [])


@pytest.mark.parametrize(
    ("name", "data", "kind", "rule"),
    [
        ("a.txt", b"hello", "other", "no-document"),
        ("a.csv", b"0,1,2\n", "other", "no-document"),
        ("a.mobileconfig", b"0,1,2\n", "unknown", "unreadable"),
        ("a.mobileconfig", PROFILE[:-30], "unknown", "unreadable"),
        ("a.json", POLICY[:-1], "unknown", "unreadable"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "other", "no-document"),
        ("release.json.p7s", signed(b"SHA256"), "other", "no-document"),
    ],
)
def test_what_holds_no_document(name: str, data: bytes, kind: str, rule: str) -> None:
    file = open_bytes(name, data)
    assert (file.kind, file.document, rules(file)) == (kind, None, [rule])
    assert file.error is not None
    (finding,) = file.findings
    assert finding.message[0].isupper()
    assert name not in finding.message


def test_a_signed_text_keeps_its_signature() -> None:
    assert state(open_bytes("a.txt", signed(b"hello"))) == "intact"


def test_a_signature_beside_a_file_is_checked_with_it(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(POLICY)
    assert opened(path).signed is None
    beside = tmp_path / "policy.json.p7s"
    beside.write_bytes(signed(POLICY, detached=True))
    assert (opened(path).kind, state(opened(path))) == ("android-policy", "intact")
    assert opened(beside) == Opened(str(beside), "signature")
    path.write_bytes(b"{}")
    assert (opened(path).kind, state(opened(path))) == ("android-policy", "broken")


def test_what_lies_beside_a_file_may_be_no_signature(tmp_path: Path) -> None:
    path, beside = tmp_path / "policy.json", tmp_path / "policy.json.p7s"
    path.write_bytes(POLICY)
    for data, kind in ((b"hello", "other"), (b"\x30\x03\x02\x01\x01", "unknown")):
        beside.write_bytes(data)
        assert (opened(path).kind, opened(path).signed) == ("android-policy", None)
        assert opened(beside).kind == kind
    beside.unlink()
    os.mkfifo(beside)
    assert (opened(path).kind, opened(path).signed) == ("android-policy", None)


def test_a_file_that_is_signed_inside_needs_none_beside(tmp_path: Path) -> None:
    path = tmp_path / "a.mobileconfig"
    path.write_bytes(signed(PROFILE))
    (tmp_path / "a.mobileconfig.p7s").write_bytes(signed(b"other", detached=True))
    assert (opened(path).kind, state(opened(path))) == ("profile", "intact")


def test_a_signature_alone_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "policy.json.p7s"
    path.write_bytes(signed(POLICY, detached=True))
    file = opened(path)
    assert (file.kind, state(file)) == ("signature", "unchecked")
    assert file.error is not None
    assert file.error.message == f"{path}: a detached signature without the file that it signs"


def test_what_was_not_read(tmp_path: Path) -> None:
    assert (opened(tmp_path / "none").kind, rules(opened(tmp_path / "none"))) == (
        "unknown",
        ["unreadable"],
    )
    os.mkfifo(tmp_path / "pipe")
    assert (opened(tmp_path / "pipe").kind, rules(opened(tmp_path / "pipe"))) == (
        "other",
        ["no-document"],
    )


SIGNED = signed(PROFILE)


class TestEncryption:
    """A profile whose payloads are encrypted for one device."""

    device = pki.issue("Test Device", kind="rsa-2048", owner="device")

    def key(self, issued: pki.Issued) -> DeviceKey:
        assert isinstance(issued.key, rsa.RSAPrivateKey)
        return DeviceKey(issued.key, (issued.certificate,))

    def encrypted(self, content: bytes) -> bytes:
        builder = PKCS7EnvelopeBuilder().set_data(content).add_recipient(self.device.certificate)
        sealed = builder.encrypt(Encoding.DER, [])
        profile = {"PayloadType": "Configuration", "EncryptedPayloadContent": sealed}
        return plistlib.dumps(profile)

    def test_with_the_key_its_payloads_are_there(self) -> None:
        data = self.encrypted(plistlib.dumps([{"PayloadType": "com.example.a"}]))
        for content in (data, signed(data)):
            file = open_bytes("a.mobileconfig", content, key=self.key(self.device))
            assert isinstance(file.document, Profile)
            assert file.document.content["PayloadContent"] == [{"PayloadType": "com.example.a"}]
            assert rules(file) == []

    def test_without_the_key_that_is_said(self) -> None:
        file = open_bytes("a.mobileconfig", self.encrypted(b""))
        assert (file.kind, rules(file)) == ("profile", ["encrypted-content"])
        assert file.findings[0].message == (
            "The payloads cannot be judged: they are encrypted for a device."
        )

    def test_why_a_key_does_not_open_it(self) -> None:
        data = self.encrypted(plistlib.dumps({"PayloadType": "com.example.a"}))
        other = pki.issue("Other Device", kind="rsa-2048", owner="other device")
        for issued, why in ((other, "not encrypted for 'Other Device'"), (self.device, "no array")):
            file = open_bytes("a.mobileconfig", data, key=self.key(issued))
            assert rules(file) == ["encrypted-content"]
            assert why in file.findings[0].message

    def test_what_is_no_encrypted_data(self) -> None:
        content = {"PayloadType": "Configuration", "EncryptedPayloadContent": "text"}
        data = plistlib.dumps(content)
        file = open_bytes("a.mobileconfig", data, key=self.key(self.device))
        assert rules(file) == ["encrypted-content"]


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.mobileconfig", "a.plist", "a.txt"]))
def test_no_bytes_raise(data: bytes, name: str) -> None:
    file = open_bytes(name, data)
    assert (file.document is None) is (file.error is not None)
    assert open_bytes(name, data, signature=data).name == name


@given(st.data())
def test_no_damaged_signature_raises(data: st.DataObject) -> None:
    content = bytearray(SIGNED)
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(position, len(content)))
    assert open_bytes("a.mobileconfig", bytes(content[:cut])).name == "a.mobileconfig"
