from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any

import pytest

from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Platform
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki
from tests.support.command import RunProfilegen
from tests.unit.audit.samples import EXCHANGE, OUTLOOK, RESTRICTIONS, payload

BOUNDARY = payload(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False)
ACCOUNT = payload(EXCHANGE, "com.example.account.staff", PreventMove=True)
HINT = "hint: Give a profile, an Android policy, a declaration or an app configuration.\n"


def plist(*payloads: dict[str, Any], **keys: object) -> bytes:
    content = {"PayloadType": "Configuration", "PayloadContent": list(payloads), **keys}
    return plistlib.dumps(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an account, its restrictions, and a policy in a folder below."""
    (tmp_path / "account.mobileconfig").write_bytes(plist(ACCOUNT))
    (tmp_path / "boundary.mobileconfig").write_bytes(plist(BOUNDARY))
    (tmp_path / "android").mkdir()
    (tmp_path / "android" / "policy.json").write_text('{"screenCaptureDisabled": true}')
    (tmp_path / "notes.txt").write_text("not read")
    return tmp_path


@pytest.fixture
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    place = tmp_path_factory.mktemp("identity")
    uri = pki.chain().write(place)
    return open_identity(uri, passphrase=None, certificates=place / "root.pem", at=pki.NOW)


def states(flows: list[dict[str, Any]], account: str) -> dict[str, str]:
    return {flow["channel"]: flow["state"] for flow in flows if flow["account"] == account}


@pytest.mark.usefixtures("folder")
def test_json_has_the_promised_fields(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("audit", "boundary.mobileconfig", "--format", "json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    document = json.loads(outcome.stdout)
    assert list(document) == ["schema", "assumed", "files"]
    assert document["schema"] == "profilegen.audit/1"
    newest = f"iOS {newest_version(Platform.IOS)}, Android {newest_version(Platform.ANDROID)}"
    assert document["assumed"] == [
        {"option": "--enrollment", "value": "device"},
        {"option": "--mode", "value": "work-profile"},
        {"option": "--os", "value": newest},
    ]
    (file,) = document["files"]
    assert list(file) == ["file", "kind", "signature", "findings", "flows"]
    assert (file["file"], file["kind"]) == ("boundary.mobileconfig", "profile")
    assert (file["signature"], file["findings"]) == (None, [])
    assert file["flows"][0] == {
        "account": "*",
        "channel": "open-in",
        "direction": "out",
        "state": "closed",
        "basis": "device",
        "controls": [
            {"payload": RESTRICTIONS, "key": "allowOpenFromManagedToUnmanaged", "value": False}
        ],
        "reason": "",
    }


@pytest.mark.usefixtures("folder")
def test_files_together_are_judged_as_one_device(call_profilegen: RunProfilegen) -> None:
    arguments = ("audit", ".", "--as-device", "--format", "json")
    outcome = call_profilegen(*arguments, "--enrollment", "user", "--mode", "fully-managed")
    document = json.loads(outcome.stdout)
    assert [item["option"] for item in document["assumed"]] == ["--os"]
    names = ["account.mobileconfig", "android/policy.json", "boundary.mobileconfig"]
    assert [file["file"] for file in document["files"]] == names
    assert document["device"]["findings"] == []
    flows = document["device"]["flows"]
    staff = states(flows, "com.example.account.staff")
    assert (staff["open-in"], staff["move-message"]) == ("closed", "closed")
    assert states(document["files"][0]["flows"], "com.example.account.staff")["open-in"] == "open"
    assert states(flows, "*")["screen-capture"] == "closed"
    assert states(flows, "*")["paste"] == "absent"


def test_the_oldest_version_counts_for_both_platforms(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "new.json").write_text('{"appFunctions": "APP_FUNCTIONS_DISALLOWED"}')
    outcome = call_profilegen("audit", "new.json", "--os", "15", "--format", "json")
    document = json.loads(outcome.stdout)
    assert states(document["files"][0]["flows"], "*")["app-functions"] == "narrowed"
    assert "--os" not in {item["option"] for item in document["assumed"]}


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("d.json", b'{"Type": "com.apple.x", "Payload": {}}', "declaration"),
        (f"{OUTLOOK}.plist", plistlib.dumps({"a": 1}), "app-configuration"),
        ("p.json", b"{}", "android-policy"),
    ],
)
def test_each_kind_of_document_has_a_name(
    tmp_path: Path, call_profilegen: RunProfilegen, name: str, data: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(data)
    outcome = call_profilegen("audit", name, "--format", "json")
    assert json.loads(outcome.stdout)["files"][0]["kind"] == kind


def test_values_of_every_type_become_json(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    devices = [{"DeviceName": "a", "DeviceID": b"\x01"}, 1.5, ["b"]]
    (tmp_path / "a.mobileconfig").write_bytes(
        plist(payload("com.apple.airplay", AllowList=devices))
    )
    arguments = ("audit", "a.mobileconfig", "--enrollment", "supervised")
    outcome = call_profilegen(*arguments, "--format", "json")
    flows = json.loads(outcome.stdout)["files"][0]["flows"]
    (found,) = [flow for flow in flows if flow["channel"] == "screen-mirroring"]
    assert found["controls"][0]["value"] == [{"DeviceName": "a", "DeviceID": "AQ=="}, "1.5", ["b"]]
    assert "AllowList = [" in call_profilegen(*arguments).stdout


def test_a_signed_file_names_its_signer(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    signed = sign_embedded(plist(BOUNDARY), identity, signed_at=pki.NOW)
    (tmp_path / "a.mobileconfig").write_bytes(signed)
    outcome = call_profilegen("audit", "a.mobileconfig", "--format", "json")
    file = json.loads(outcome.stdout)["files"][0]
    signature = file["signature"]
    assert outcome.exit_code == 0
    assert (signature["state"], signature["signer"]) == ("intact", "CN=Test Signer")
    assert len(signature["fingerprint"]) == 64
    assert states(file["flows"], "*")["open-in"] == "closed"
    text = call_profilegen("audit", "a.mobileconfig").stdout
    assert text.startswith("a.mobileconfig: profile, signed by CN=Test Signer, intact\n")


def test_a_broken_signature_is_a_finding(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    signed = sign_embedded(plist(BOUNDARY), identity, signed_at=pki.NOW)
    changed = signed.replace(b"com.apple.applicationaccess", b"com.apple.applicationaccesx", 1)
    (tmp_path / "a.mobileconfig").write_bytes(changed)
    outcome = call_profilegen("audit", "a.mobileconfig", "--format", "json")
    file = json.loads(outcome.stdout)["files"][0]
    assert (outcome.exit_code, file["signature"]["state"]) == (1, "broken")
    assert [finding["rule"] for finding in file["findings"]] == ["signature"]
    assert outcome.stderr == (
        "error: findings that are errors: 1\nhint: Each says in the output above what is wrong.\n"
    )


def test_a_signature_without_its_signer(call_profilegen: RunProfilegen, checkout: Path) -> None:
    path = checkout.parent / "shared/corpus/derived/derived__cms-nocerts.mobileconfig"
    if not path.is_file():
        pytest.skip("the corpus is not beside this checkout")
    outcome = call_profilegen("audit", path)
    assert "signed by an unknown signer, broken" in " ".join(outcome.stdout.split())
    assert outcome.exit_code == 1


def test_what_is_no_document_ends_with_3(
    tmp_path: Path, call_profilegen: RunProfilegen, identity: Identity
) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "b.p7s").write_bytes(sign_detached(b"{}", identity, signed_at=pki.NOW))
    (tmp_path / "c.der").write_bytes(b"\x30\x03\x02\x01\x01")
    outcome = call_profilegen("audit", "a.txt")
    assert (outcome.exit_code, outcome.stdout) == (3, "")
    assert outcome.stderr == (
        f"error: a.txt: not a document for devices: not a property list: Invalid file\n{HINT}"
    )
    outcome = call_profilegen("audit", "a.txt", "b.p7s", "c.der")
    assert outcome.exit_code == 3
    assert outcome.stderr == (
        f"error: a.txt: not a document for devices: not a property list: Invalid file\n{HINT}"
        "error: b.p7s: a detached signature without the file that it signs\n"
        "hint: Give the signed file itself.\n"
        "error: c.der: not a signed file, or a damaged one\n"
        "hint: Get the file again, or sign it.\n"
    )


def test_in_a_folder_a_profile_that_is_none_is_a_finding(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "bad.mobileconfig").write_text("hello")
    (folder / "release.json").write_text('{"schema": "x"}')
    outcome = call_profilegen("audit", ".", "--format", "json", "--as-device")
    assert outcome.exit_code == 1
    document = json.loads(outcome.stdout)
    (bad,) = [file for file in document["files"] if file["file"] == "bad.mobileconfig"]
    assert (bad["kind"], bad["signature"], bad["flows"]) == ("unknown", None, [])
    (finding,) = bad["findings"]
    assert (finding["rule"], finding["severity"]) == ("unreadable", "error")
    assert "release.json" not in outcome.stdout
    assert outcome.stderr.startswith("Skipped release.json: not a document for devices")
    quiet = call_profilegen("audit", ".", "--quiet")
    assert "Skipped" not in quiet.stderr
    assert "error unreadable: bad.mobileconfig" in quiet.stdout


def test_a_file_that_cannot_be_read(
    tmp_path: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_text("{}")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    outcome = call_profilegen("audit", "a.json")
    assert outcome.exit_code == 3
    assert outcome.stderr == (
        "error: a.json: cannot read the file: Permission denied\n"
        "hint: Check the path and that you may read it.\n"
    )


def test_encrypted_content_is_a_warning(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    (tmp_path / "a.mobileconfig").write_bytes(plist(EncryptedPayloadContent=b"\x30"))
    outcome = call_profilegen("audit", "a.mobileconfig", "--format", "json")
    (finding,) = json.loads(outcome.stdout)["files"][0]["findings"]
    assert (outcome.exit_code, finding["rule"]) == (0, "encrypted-content")


def test_a_profile_that_user_enrolment_rejects_is_an_error(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    domains = payload("com.apple.domains", WebDomains=["a.example"])
    lock = payload("com.apple.app.lock")
    (tmp_path / "a.mobileconfig").write_bytes(plist(ACCOUNT, domains, BOUNDARY, lock, domains))
    arguments = ("audit", "a.mobileconfig", "--enrollment", "user")
    outcome = call_profilegen(*arguments, "--format", "json")
    (file,) = json.loads(outcome.stdout)["files"]
    assert (outcome.exit_code, file["findings"]) == (
        1,
        [
            {
                "rule": "rejected-in-user-enrollment",
                "severity": "error",
                "where": "PayloadContent[1], PayloadContent[3], PayloadContent[4]",
                "message": (
                    "In User Enrollment iOS rejects this whole profile, because it holds "
                    "com.apple.domains, com.apple.app.lock; these flows are those of a device "
                    "without it."
                ),
                "fix": (
                    "Take these payloads out, or into a profile for devices that are enrolled "
                    "otherwise."
                ),
            }
        ],
    )
    assert {flow["account"] for flow in file["flows"]} == {"*"}
    assert states(file["flows"], "*")["open-in"] == "open"
    assert "  error rejected-in-user-enrollment: In User" in call_profilegen(*arguments).stdout
    for enrollment in ("device", "supervised", "manual"):
        outcome = call_profilegen("audit", "a.mobileconfig", "--enrollment", enrollment)
        assert (outcome.exit_code, "rejected" in outcome.stdout) == (0, False)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("missing.json",),
        (".", "--os", "new"),
        (".", "--enrollment", "kiosk"),
        (".", "--mode", "kiosk"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_usage_ends_with_2(
    call_profilegen: RunProfilegen, arguments: tuple[str, ...]
) -> None:
    assert call_profilegen("audit", *arguments).exit_code == 2


@pytest.mark.usefixtures("folder")
def test_text_is_grouped_and_starts_with_what_is_open(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("audit", ".", "--as-device")
    lines = outcome.stdout.splitlines()
    assert outcome.exit_code == 0
    assert max(map(len, lines)) <= 100
    assert lines[0] == "account.mobileconfig: profile, not signed"
    assert lines[1] == "  com.example.account.staff: 58 open, 2 closed"
    shown = [line.split()[0] for line in lines[2:] if line.startswith("    ") and line[4] != " "]
    first = shown[:60]
    assert first == sorted(first, reverse=True)
    assert "All files on one device" in lines
    assert "  every account: 18 open, 2 narrowed, 7 closed" in lines
    assert lines[-1].startswith(
        "Assumed, since not given: --enrollment device, --mode work-profile"
    )
    assert "    closed    move-message                 out  PreventMove = true" in lines


def test_a_file_cannot_steer_the_terminal(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    account = payload(EXCHANGE, "a\x9b31m\u202eb\nc")
    (tmp_path / "a.mobileconfig").write_bytes(plist(account))
    outcome = call_profilegen("audit", "a.mobileconfig")
    assert "a?31m?b?c: " in outcome.stdout
