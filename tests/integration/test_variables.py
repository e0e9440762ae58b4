"""Releases with targets that an MDM service fills in: built without users, one file for all."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import RunProfilegen
from tests.support.devices import device
from tests.support.releases import PERSONAL, USERS, snapshot, write_files, write_identity

FLEET = (
    PERSONAL.replace('minimum_os: "17",', 'minimum_os: "17", variables: fleet,')
    .replace(
        "  - {id: work, platform: android",
        '  - {id: hand, platform: ios, enrollment: manual, minimum_os: "17", accounts: [other]}\n'
        "  - {id: work, platform: android",
    )
    .replace(
        "targets:",
        """  - id: other
    service: exchange
    address: info@example.com
    server: {host: mail.example.com}
    sharing: open
targets:""",
    )
    .replace('minimum_os: "13", accounts: [staff]', 'minimum_os: "13", accounts: [other]')
)
"""phone is filled in by Fleet; hand and work have no user field."""
PLACEHOLDER = "$FLEET_VAR_HOST_END_USER_IDP_USERNAME"
NOTE = (
    "Not signed, since Fleet fills in the values and a signature would break: phone. The manifest "
    "vouches for what is uploaded."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(FLEET, encoding="utf-8")
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    return tmp_path


def manifest(folder: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((folder / "dist" / "release.json").read_bytes())
    return {item["path"]: item for item in document["files"]}


def test_one_file_serves_everybody_and_is_not_signed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("build", "policy.yaml")
    assert done.exit_code == 0
    assert NOTE in done.stderr.splitlines()
    content = (folder / "dist" / "phone" / "phone.mobileconfig").read_bytes()
    account = next(
        item
        for item in plistlib.loads(content)["PayloadContent"]
        if item["PayloadType"] == "com.apple.eas.account"
    )
    assert (account["EmailAddress"], account["UserName"]) == (PLACEHOLDER, PLACEHOLDER)
    assert account["PayloadIdentifier"] == "com.example.mail.phone.account.staff"


def test_the_manifest_names_it_and_other_targets_are_signed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    call_profilegen("build", "policy.yaml")
    files = manifest(folder)
    phone = files["phone/phone.mobileconfig"]
    assert (phone["signature"], phone["variables"], phone["kind"]) == ("none", "fleet", "profile")
    assert files["hand/hand.mobileconfig"]["signature"] == "embedded"
    assert files["work/work.json"]["signature"] == "detached"
    assert [path for path, item in files.items() if "variables" in item] == [
        "phone/phone.mobileconfig"
    ]
    assert not any(path.startswith("phone/unsigned") for path in files)


def test_the_release_verifies_until_the_file_is_changed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    call_profilegen("build", "policy.yaml")
    assert call_profilegen("verify", "dist").exit_code == 0
    path = folder / "dist" / "phone" / "phone.mobileconfig"
    path.write_bytes(path.read_bytes().replace(PLACEHOLDER.encode(), b"$FLEET_VAR_HOST_UUID"))
    done = call_profilegen("verify", "dist")
    assert done.exit_code == 5
    assert "phone.mobileconfig: changed" in done.stderr + done.stdout


def test_the_output_as_json_names_the_service(folder: Path, call_profilegen: RunProfilegen) -> None:
    del folder
    document = json.loads(call_profilegen("build", "policy.yaml", "--format", "json").stdout)
    assert document["filled_in"] == [{"target": "phone", "service": "fleet"}]
    assert (document["users"], document["files"]["unsigned-profile"]) == (0, 1)


def test_an_unsigned_release_says_nothing_of_it(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("build", "policy.yaml", "--unsigned")
    assert (done.exit_code, done.stderr) == (0, "")
    assert manifest(folder)["phone/phone.mobileconfig"]["variables"] == "fleet"


def test_a_list_of_users_changes_nothing_of_it(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    environment = {"SOURCE_DATE_EPOCH": "1796083200"}
    call_profilegen("build", "policy.yaml", environment=environment)
    before = snapshot(folder / "dist" / "phone")
    call_profilegen("build", "policy.yaml", "--users", "users.csv", environment=environment)
    assert snapshot(folder / "dist" / "phone") == before


def test_other_targets_still_need_users(folder: Path, call_profilegen: RunProfilegen) -> None:
    mixed = FLEET.replace(
        'minimum_os: "13", accounts: [other]', 'minimum_os: "13", accounts: [staff]'
    )
    (folder / "policy.yaml").write_text(mixed, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml")
    assert done.exit_code == 3
    assert "needs: email (account staff, address; account staff, username)" in done.stderr
    done = call_profilegen("build", "policy.yaml", "--users", "users.csv")
    assert done.exit_code == 0, done.stderr
    files = manifest(folder)
    assert files["phone/phone.mobileconfig"]["variables"] == "fleet"
    assert any(path.startswith("work/users/") for path in files)


def test_it_cannot_be_encrypted(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder / "device.pem").write_bytes(device("phone-1").pem)
    done = call_profilegen("build", "policy.yaml", "--encrypt-for", "device.pem")
    assert done.exit_code == 2
    assert done.stderr == (
        "error: --encrypt-for: Fleet fills in values in the profile of target phone, which it "
        "cannot in an encrypted one\n"
        "hint: Leave it out, choose another target with --target, or remove `variables`.\n"
    )
    done = call_profilegen(
        "build", "policy.yaml", "--encrypt-for", "device.pem", "--target", "hand"
    )
    assert done.exit_code == 0, done.stderr


OWN = """\
{% extends "builtin/ios/profile.mobileconfig.j2" %}
{% block extra_payloads %}
<dict>
  <key>PayloadType</key><string>com.example.settings</string>
  <key>PayloadIdentifier</key><string>com.example.mail.own</string>
  <key>PayloadUUID</key><string>5AB1C7F7-5C0C-45D4-8F9E-3F6A0D0E7B11</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>Owner</key>{{ FIELD|plist }}
</dict>
{% endblock %}
"""


def test_own_templates_get_the_placeholders(folder: Path, call_profilegen: RunProfilegen) -> None:
    constant = FLEET.replace('"{{ user.email }}"', "staff@example.com")
    (folder / "policy.yaml").write_text(constant, encoding="utf-8")
    own = OWN.replace("FIELD", "user.serial").encode()
    write_files(folder / "own", {"ios/profile.mobileconfig.j2": own})
    done = call_profilegen("build", "policy.yaml", "--templates", "own", "--target", "phone")
    assert done.exit_code == 0, done.stderr
    assert NOTE in done.stderr.splitlines()
    content = (folder / "dist" / "phone" / "phone.mobileconfig").read_bytes()
    assert b"<string>$FLEET_VAR_HOST_HARDWARE_SERIAL</string>" in content


def test_without_a_placeholder_in_it_the_profile_is_signed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    constant = FLEET.replace('"{{ user.email }}"', "staff@example.com")
    (folder / "policy.yaml").write_text(constant, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml")
    assert (done.exit_code, NOTE in done.stderr) == (0, False)
    assert manifest(folder)["phone/phone.mobileconfig"]["signature"] == "embedded"


@pytest.mark.parametrize("field", ["id", "town"])
def test_own_templates_cannot_ask_for_what_no_placeholder_gives(
    folder: Path, call_profilegen: RunProfilegen, field: str
) -> None:
    own = OWN.replace("FIELD", f"user.{field}").encode()
    write_files(folder / "own", {"ios/profile.mobileconfig.j2": own})
    done = call_profilegen("build", "policy.yaml", "--templates", "own", "--target", "phone")
    assert done.exit_code == 3
    assert field in done.stderr
