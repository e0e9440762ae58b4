"""`profilegen diff`: the two sides, what is printed, and how it ends."""

from __future__ import annotations

import json
import plistlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.encrypted import enveloped
from tests.support.releases import small_release, write_files
from tests.support.signed import By, signed_data
from tests.unit.audit.diff.versions import part
from tests.unit.audit.samples import EXCHANGE, MAIL, RESTRICTIONS

CLOSED = part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False)
OPEN = part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=True)
STAFF = {
    **part(EXCHANGE, "staff", Host="mail.example.org", PreventMove=True),
    "Password": "hunter2",
}
DAY = datetime(2026, 1, 2)  # noqa: DTZ001  (property lists hold naive dates)
ANNA, BO = (By(pki.leaf(pki.root(name), name)) for name in ("Anna", "Bo"))


def profile(*payloads: dict[str, Any], **keys: Any) -> bytes:  # noqa: ANN401
    content: dict[str, Any] = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": "org.example.mail",
        "PayloadUUID": "P",
        "PayloadVersion": 1,
        "PayloadContent": list(payloads),
        **keys,
    }
    return plistlib.dumps({key: value for key, value in content.items() if value is not None})


def write(folder: Path, **files: bytes) -> None:
    """Write files whose names have `__` for a folder; `.mobileconfig` comes behind them."""
    for name, content in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".mobileconfig")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_two_files_that_are_the_same(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    write(tmp_path, old=profile(STAFF, CLOSED), new=profile(STAFF, CLOSED))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "No difference: 1 file is the same.\n"


def test_what_opens_comes_first(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    staff = {**STAFF, "Host": "mail.example.com", "Password": "hunter3"}
    press = part(MAIL, "press", EmailAddress="press@example.org")
    domains = part("com.apple.domains", WebDomains=["example.org"])
    write(tmp_path, old=profile(STAFF, CLOSED), new=profile(staff, OPEN, press, domains))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "Opens",
        "  staff",
        "    open-in (ios, out): closed -> open",
        "      allowOpenFromManagedToUnmanaged: false -> true",
    ]
    titles = [line for line in lines if line and not line.startswith(" ")]
    assert titles[:4] == ["Opens", "Accounts", "Identity", "Settings"]
    for expected in (
        "  ~ staff (com.apple.eas.account): updated in place",
        "  + press (com.apple.mail.managed): added",
        "  ~ com.apple.domains (com.apple.domains): This payload is added.",
        '    ~ Host: "mail.example.org" -> "mail.example.com"',
        "    ~ Password: (secret) -> another (secret)",
        '    + WebDomains: "example.org"',
    ):
        assert expected in lines
    (assumed,) = [line for line in lines if line.startswith("Assumed")]
    assert assumed.startswith("Assumed, since not given: --enrollment device")
    assert "hunter" not in done.stdout
    assert done.stderr.startswith("error: flows that open or may open: ")
    assert all(len(line) <= 100 for line in lines)


def test_what_closes_is_no_failure(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    write(tmp_path, old=profile(OPEN), new=profile(CLOSED))
    done = call_profilegen(
        *("diff", "old.mobileconfig", "new.mobileconfig"),
        *("--enrollment", "supervised", "--mode", "work-profile", "--os", "26"),
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Closes\n  every account\n")
    assert "Assumed" not in done.stdout


def test_every_kind_of_value(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    old = {
        "Data": b"x",
        "Servers": ["a", "b"],
        "Gone": 1.5,
        "Day": DAY,
        "Text": "a\x07b",
        "Long": "x" * 600,
    }
    new = {"Data": b"y", "Servers": ["b", "a"], "Text": "\u202e", "Long": "y" * 600}
    for name, keys in (("old", old), ("new", new)):
        # Only a binary property list can hold a control character.
        content = plistlib.loads(profile()) | {"PayloadContent": [part("org.example") | keys]}
        write(tmp_path, **{name: plistlib.dumps(content, fmt=plistlib.FMT_BINARY)})
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert done.exit_code == 0
    assert "    ~ Data: (1 bytes, SHA-256 " in done.stdout
    assert "    ~ Servers: the same items in another order" in done.stdout
    assert "    - Gone: 1.5" in done.stdout
    assert "    - Day: 2026-01-02T00:00:00" in done.stdout
    assert "    ~ Long: (600 bytes, SHA-256 " in done.stdout
    assert all(line.isprintable() for line in done.stdout.splitlines())


def test_folders_with_files_of_one_side(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    other = profile(CLOSED, PayloadIdentifier="org.example.other")
    write(tmp_path, old__a=profile(STAFF), old__sub__gone=other, new__a=profile(STAFF))
    (tmp_path / "new" / "policy.json").write_text('{"screenCaptureDisabled": true}')
    (tmp_path / "new" / "package.json").write_text('{"scripts": {}}')
    (tmp_path / "new" / "README").write_text("Profiles.")
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 1
    assert done.stdout.startswith("May open\n  every account in sub/gone.mobileconfig\n")
    assert "  - sub/gone.mobileconfig (profile): only in OLD" in done.stdout
    assert "  + policy.json (android-policy): only in NEW" in done.stdout
    assert "1 file is the same" in done.stdout
    assert done.stderr.startswith("Skipped new/package.json: ")
    assert not call_profilegen("diff", "old", "new", "--quiet").stderr.startswith("Skipped")


def test_a_file_of_another_name(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    domains = part("com.apple.domains", WebDomains=["example.org"])
    write(tmp_path, old__a=profile(CLOSED, domains), new__b=profile(CLOSED))
    done = call_profilegen("diff", "old", "new")
    assert "every account in a.mobileconfig => b.mobileconfig" in done.stdout
    assert 'WebDomains: ["example.org"] -> not set' in done.stdout
    assert "  a.mobileconfig => b.mobileconfig\n    ~ com.apple.domains" in done.stdout


def test_one_device(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    other = profile(CLOSED, PayloadIdentifier="org.example.other")
    write(tmp_path, old__a=profile(STAFF, CLOSED), old__b=other, new__a=profile(STAFF, CLOSED))
    done = call_profilegen("diff", "old", "new", "--as-device", "--format", "json")
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert document["device"] == {"flows": []}
    assert [file["flows"] for file in document["files"]] == [[]]
    write(tmp_path, new__a=profile(STAFF, OPEN))
    done = call_profilegen("diff", "old", "new", "--as-device")
    assert done.exit_code == 1
    assert done.stdout.startswith("Opens\n  org.example.mail.staff\n")


def test_the_same_of_many_files_is_said_once(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    for user in ("anna", "bo", "cem", "dua"):
        own = f"org.example.{user}"
        staff = {**STAFF, "PayloadIdentifier": f"{own}.staff", "PayloadUUID": user}
        for side, host in (("old", "a"), ("new", "b")):
            content = profile(
                {**staff, "Host": host}, PayloadIdentifier=own, PayloadUUID=f"{user}-{host}"
            )
            write(tmp_path, **{f"{side}__{user}": content})
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 0
    (title,) = [
        line for line in done.stdout.splitlines() if EXCHANGE in line and "updated" not in line
    ]
    assert title == (
        "  com.apple.eas.account (staff) in anna.mobileconfig, bo.mobileconfig and 2 more"
    )
    assert done.stdout.count('~ Host: "a" -> "b"') == 1
    assert done.stdout.count("~ The profile's PayloadUUID changed; ") == 1
    assert "anna-a" not in done.stdout


def test_accounts_that_are_set_up_anew(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    staff = {**STAFF, "PayloadUUID": "another"}
    write(tmp_path, old=profile(STAFF), new=profile(staff))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig", "--quiet")
    assert done.exit_code == 0
    assert done.stdout.startswith("Accounts removed and set up anew\n")
    assert "  ! staff (com.apple.eas.account)\n      since its PayloadUUID changed\n" in done.stdout
    assert done.stderr == "warning: accounts that devices would remove and set up anew: 1\n"


def test_signers(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    content = profile(CLOSED)
    write(tmp_path, old=signed_data(content, ANNA), new=signed_data(content, BO))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert done.exit_code == 0
    assert "  ! Another signer: a device that got OLD by hand refuses NEW" in done.stdout
    assert "CN=Anna" in done.stdout
    write(tmp_path, new=signed_data(content, ANNA, certificates=[]))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert "  ! A signer's certificate is not in the file" in done.stdout
    assert done.stderr == (
        "warning: whether the same identity signed 1 file cannot be said: no certificate in it\n"
    )
    write(tmp_path, new=signed_data(content))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig", "--format", "json")
    (file,) = json.loads(done.stdout)["files"]
    assert [item["code"] for item in file["identity"]] == ["signature-dropped"]


def test_a_signed_file_and_its_twin_are_one(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    content = profile(CLOSED)
    write(tmp_path, old__a=signed_data(content, ANNA), old__unsigned__a=content)
    write(tmp_path, new__a=signed_data(content, ANNA), new__unsigned__b=content)
    done = call_profilegen("diff", "old", "new", "--format", "json")
    document = json.loads(done.stdout)
    assert (document["old"]["files"], document["new"]["files"]) == (1, 2)


def test_a_detached_signature_names_the_signer(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    policy = b'{"screenCaptureDisabled": true}'
    for side, by in (("old", ANNA), ("new", BO)):
        (tmp_path / side).mkdir()
        (tmp_path / side / "policy.json").write_bytes(policy)
        signature = signed_data(policy, by, detached=True)
        (tmp_path / side / "policy.json.p7s").write_bytes(signature)
    document = json.loads(call_profilegen("diff", "old", "new", "--format", "json").stdout)
    (file,) = document["files"]
    assert [item["code"] for item in file["identity"]] == ["signer-changed"]
    assert file["old_identifier"] is None


def test_encrypted_payloads(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    device = pki.leaf(pki.root(kind="rsa-2048"), "phone", kind="rsa-2048")
    (tmp_path / "key.pem").write_bytes(device.key_pem + device.pem)
    for name, payload in (("old", CLOSED), ("new", CLOSED), ("open", OPEN)):
        sealed = enveloped(plistlib.dumps([payload]), [device])
        content = profile(PayloadContent=None, EncryptedPayloadContent=sealed)
        write(tmp_path, **{name: content})
    hidden = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert hidden.exit_code == 1
    assert hidden.stdout.startswith("May open\n")
    assert "unknown -> unknown" in hidden.stdout
    same = call_profilegen(
        "diff", "old.mobileconfig", "new.mobileconfig", "--device-key", "pem:key.pem"
    )
    assert same.stdout == "No difference: 1 file is the same.\n"
    opened = call_profilegen(
        "diff", "old.mobileconfig", "open.mobileconfig", "--device-key", "pem:key.pem"
    )
    assert opened.stdout.startswith("Opens\n")


def test_json(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    staff = {**STAFF, "PayloadUUID": "2", "Password": "hunter3"}
    write(tmp_path, old=profile(STAFF, CLOSED), new=profile(staff, OPEN, PayloadScope="System"))
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig", "--format", "json")
    document = json.loads(done.stdout)
    assert document["schema"] == "profilegen.diff/1"
    assert document["old"] == {
        "path": "old.mobileconfig",
        "kind": "file",
        "files": 1,
        "skipped": [],
    }
    summary = document["summary"]
    (file,) = document["files"]
    assert (file["status"], file["matched_by"], file["kind"]) == (
        "changed",
        "identifier",
        "profile",
    )
    assert summary["opens"] == sum(flow["motion"] == "opens" for flow in file["flows"]) > 0
    opened = next(flow for flow in file["flows"] if flow["channel"] == "open-in")
    assert opened == {
        "platform": "ios",
        "account": "org.example.mail.staff",
        "channel": "open-in",
        "direction": "out",
        "old": "closed",
        "new": "open",
        "motion": "opens",
        "old_controls": [
            {"payload": RESTRICTIONS, "key": "allowOpenFromManagedToUnmanaged", "value": False}
        ],
        "new_controls": [
            {"payload": RESTRICTIONS, "key": "allowOpenFromManagedToUnmanaged", "value": True}
        ],
        "reason": "",
    }
    assert file["accounts"] == [
        {
            "account": "org.example.mail.staff",
            "before": "org.example.mail.staff",
            "type": EXCHANGE,
            "fate": "recreated",
            "reasons": [
                {
                    "code": "payload-uuid",
                    "message": "its PayloadUUID changed",
                    "old": "U-staff",
                    "new": "2",
                }
            ],
            "notes": [],
        }
    ]
    assert [item["code"] for item in file["identity"]] == ["scope"]
    assert {
        "where": "PayloadContent[0].Password",
        "payload": {"type": EXCHANGE, "identifier": "org.example.mail.staff"},
        "key": "Password",
        "change": "changed",
        "old": {"secret": True},
        "new": {"secret": True},
    } in file["settings"]
    assert (summary["settings"], summary["accounts_recreated"], summary["files_same"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<?xml version='1.0'?><plist><dict>", ""),
        (b"hello", ""),
        (signed_data(b"x", ANNA, detached=True), "a detached signature"),
    ],
    ids=["damaged", "no document", "detached"],
)
def test_a_file_that_cannot_be_read_ends_it(
    call_profilegen: RunProfilegen, tmp_path: Path, content: bytes, reason: str
) -> None:
    write(tmp_path, old=profile(CLOSED), new=content)
    done = call_profilegen("diff", "old.mobileconfig", "new.mobileconfig")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: new.mobileconfig: ")
    assert reason in done.stderr


def test_every_damaged_file_of_a_folder_is_named(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    write(
        tmp_path, old__a=profile(), new__a=b"<?xml version='1.0'?><plist>", new__b=b"<plist><dict>"
    )
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 3
    assert done.stderr.count("error: new/") == 2


def test_a_folder_without_documents(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    write(tmp_path, old__a=profile())
    (tmp_path / "new").mkdir()
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 3
    assert "error: new: there is no document" in done.stderr


def test_a_signature_is_no_side(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    policy = b'{"screenCaptureDisabled": true}'
    (tmp_path / "policy.json").write_bytes(policy)
    (tmp_path / "policy.json.p7s").write_bytes(signed_data(policy, ANNA, detached=True))
    done = call_profilegen("diff", "policy.json", "policy.json.p7s")
    assert done.exit_code == 3
    assert "a signature, and not the file that it signs" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("a", "b"), ("old.mobileconfig",), ("old.mobileconfig", "old.mobileconfig", "--os", "x")],
)
def test_wrong_usage(
    call_profilegen: RunProfilegen, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    write(tmp_path, old=profile())
    assert call_profilegen("diff", *arguments).exit_code == 2


@pytest.fixture
def release(tmp_path: Path) -> Path:
    write_files(tmp_path / "old", small_release())
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    return tmp_path / "new"


def rewrite(release: Path, **fields: Any) -> None:  # noqa: ANN401
    manifest = release / "release.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | fields))


def test_a_release_is_what_its_manifest_names(
    call_profilegen: RunProfilegen, release: Path
) -> None:
    write(release, another=profile(CLOSED))
    done = call_profilegen("diff", "old", "new")
    assert done.stdout == "No difference: 2 files are the same.\n"


def test_releases_tell_what_they_say_of_themselves(
    call_profilegen: RunProfilegen, release: Path
) -> None:
    rewrite(release, created="later", targets=[{"id": "phone", "platform": "plan9"}, 7])
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 0
    assert "Release\n" in done.stdout
    assert "  target phone: ios device 17 -> plan9" in done.stdout
    assert "  target work: android work-profile 13 -> none" in done.stdout
    assert done.stdout.endswith("No difference: 2 files are the same.\n")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"schema": "profilegen.release/2"}, "no schema"),
        ({"files": [{"kind": "profile", "path": "../a"}]}, "leads out of the release"),
        ({"files": [{"kind": "profile", "path": "/a"}]}, "leads out of the release"),
        ({"files": [{"kind": "profile", "path": "gone"}]}, "cannot read the file"),
        (
            {"files": [{"kind": "profile", "path": "SHA256SUMS", "sha256": "00"}]},
            "not the file that the manifest names",
        ),
    ],
)
def test_a_manifest_that_does_not_fit(
    call_profilegen: RunProfilegen, release: Path, fields: dict[str, Any], reason: str
) -> None:
    rewrite(release, **fields)
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 3
    assert reason in done.stderr


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff"])
def test_a_manifest_that_is_none(
    call_profilegen: RunProfilegen, release: Path, content: bytes
) -> None:
    (release / "release.json").write_bytes(content)
    done = call_profilegen("diff", "old", "new")
    assert done.exit_code == 3
    assert "no manifest of a release" in done.stderr


def test_a_released_file_that_is_no_document(call_profilegen: RunProfilegen, release: Path) -> None:
    files = json.loads((release / "release.json").read_bytes())["files"]
    signature = next(file for file in files if file["path"].endswith(".p7s"))
    rewrite(release, files=[{**signature, "kind": "profile"}])
    assert call_profilegen("diff", "old", "new").exit_code == 3


def test_a_manifest_that_cannot_be_opened(call_profilegen: RunProfilegen, release: Path) -> None:
    with (release / "release.json").open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    assert call_profilegen("diff", "old", "new").exit_code == 3


def test_a_target_of_a_release_that_says_nothing_known(
    call_profilegen: RunProfilegen, release: Path
) -> None:
    targets = [{"id": "phone", "platform": "ios", "enrollment": "by pigeon"}]
    rewrite(release, targets=targets)
    done = call_profilegen("diff", "old", "new", "--format", "json")
    assert {item["option"] for item in json.loads(done.stdout)["assumed"]} == {
        "--enrollment",
        "--mode",
        "--os",
    }
