"""`show` of profiles with encrypted payloads that other tools made, or nobody."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms

from tests.support.command import Outcome, RunProfilegen
from tests.support.devices import device, write_key
from tests.support.encrypted import enveloped, in_pieces

PAYLOADS = plistlib.dumps([{"PayloadType": "com.apple.wifi.managed", "PayloadVersion": 1}])
SEALED = enveloped(PAYLOADS, [device("anna")], algorithms.AES256)
UNKNOWN = "What they are and set cannot be known"


def profile(sealed: object, **more: object) -> bytes:
    head = {"PayloadType": "Configuration", "PayloadIdentifier": "a.b", "PayloadVersion": 1}
    return plistlib.dumps(head | {"EncryptedPayloadContent": sealed} | more)


@pytest.fixture
def show(tmp_path: Path, call_profilegen: RunProfilegen) -> RunProfilegen:
    def call(*arguments: str | Path, **others: object) -> Outcome:
        del others
        return call_profilegen("show", "p.mobileconfig", *arguments)

    del tmp_path
    return call


@pytest.mark.parametrize("sealed", [SEALED, in_pieces(SEALED)], ids=["der", "ber"])
def test_for_whom_and_how(tmp_path: Path, show: RunProfilegen, sealed: bytes) -> None:
    (tmp_path / "p.mobileconfig").write_bytes(profile(sealed, IsEncrypted=True))
    number = f"{device('anna').certificate.serial_number:x}"
    lines = show().stdout.splitlines()
    place = lines.index("encrypted payloads")
    assert lines[place + 1 :] == [
        "  state        sealed",
        "  cipher       AES-256-CBC",
        f"  for          number {number} of CN=Test CA",
        f"  {UNKNOWN} without a device's key: --device-key.",
    ]
    opened = show("--device-key", write_key(tmp_path, "anna")).stdout
    assert "  state        opened\n" in opened
    assert opened.endswith("1 payload\n  com.apple.wifi.managed  ?\n")
    assert UNKNOWN not in opened


@pytest.mark.parametrize("sealed", [b"", b"\x30\x80", "text", SEALED[:-1], 7])
def test_damage_is_said(tmp_path: Path, show: RunProfilegen, sealed: object) -> None:
    (tmp_path / "p.mobileconfig").write_bytes(profile(sealed))
    done = show("--format", "json")
    assert done.exit_code == 0
    encryption = json.loads(done.stdout)["encryption"]
    assert encryption["state"].startswith("damaged: the encrypted payloads are no CMS")
    assert (encryption["cipher"], encryption["recipients"]) == (None, [])
    assert UNKNOWN in show().stdout
    key = write_key(tmp_path, "anna")
    done = show("--device-key", key)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: p.mobileconfig: the encrypted payloads are no CMS")


def test_payloads_beside_encrypted_ones_are_shown(tmp_path: Path, show: RunProfilegen) -> None:
    content = [{"PayloadType": "com.apple.dock", "PayloadIdentifier": "a.b.c"}]
    (tmp_path / "p.mobileconfig").write_bytes(profile(SEALED, PayloadContent=content))
    shown = show().stdout
    assert UNKNOWN in shown
    assert shown.endswith("1 payload\n  com.apple.dock  a.b.c\n")


def test_a_plain_profile_is_not_encrypted(tmp_path: Path, show: RunProfilegen) -> None:
    plain = plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": []})
    (tmp_path / "p.mobileconfig").write_bytes(plain)
    assert json.loads(show("--format", "json").stdout)["encryption"] is None
    assert "encrypted" not in show("--device-key", write_key(tmp_path, "anna")).stdout


def test_a_passphrase_without_a_key(tmp_path: Path, show: RunProfilegen) -> None:
    (tmp_path / "p.mobileconfig").write_bytes(profile(SEALED))
    done = show("--passphrase-env", "SECRET")
    assert done.exit_code == 2
    assert "--passphrase-env is for a key that --device-key names" in done.stderr
