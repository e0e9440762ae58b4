"""`profilegen audit` of a release: twins, people's files, and what the manifest says of targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from profilegen.signing.cms import sign_detached
from profilegen.signing.identity import open_identity
from tests.support import pki
from tests.support.command import Outcome, RunProfilegen, run_profilegen_in
from tests.support.fleets import users_csv
from tests.support.releases import (
    EPOCH,
    PERSONAL,
    SMALL,
    users_file,
    write_identity,
)

JSON = ("--format", "json")
AT = {"SOURCE_DATE_EPOCH": EPOCH}
# The profile is for people's own devices, which is not what is assumed.
POLICY = PERSONAL.replace("enrollment: device", "enrollment: user")
STATED = {
    "phone": {"--enrollment": "user", "--os": "iOS 17"},
    "work": {"--mode": "work-profile", "--os": "Android 13"},
}


STATES_NOTHING = {
    "schema": "profilegen.release/1",
    "seals": [],
    "targets": [{"id": "work", "platform": "android", "minimum_os": "x"}],
    "files": [7, {"target": "work", "path": "work/work.json"}],
}


def build(folder: Path, policy: str, *options: str) -> None:
    write_identity(folder / "certs")
    (folder / "policy.yaml").write_text(policy, "utf-8")
    (folder / "users.csv").write_text(users_csv(range(4)), "utf-8")
    done = run_profilegen_in(folder, "build", "policy.yaml", *options, environment=AT)
    assert done.exit_code == 0, done.stderr


@pytest.fixture(params=[(), ("--archive", "tar"), ("--archive", "zip")])
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    build(tmp_path, POLICY, "--users", "users.csv", *request.param)
    return tmp_path / "dist"


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Return a release whose people's files lie in folders."""
    build(tmp_path, POLICY, "--users", "users.csv")
    return tmp_path / "dist"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a release whose files are for everybody."""
    build(tmp_path, SMALL.replace("enrollment: device", "enrollment: user"))
    return tmp_path / "dist"


def document(outcome: Outcome) -> dict[str, Any]:
    assert outcome.exit_code == 0, outcome.stderr
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def stated(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {
        item["target"]: {option["option"]: option["value"] for option in item["options"]}
        for item in found["stated"]
    }


def findings(found: dict[str, Any], kind: str) -> set[str]:
    """Return the rules that every file of a kind breaks; there is at least one such file."""
    files = [file for file in found["files"] if file["kind"] == kind]
    assert files
    return set.intersection(*({item["rule"] for item in file["findings"]} for file in files))


@pytest.mark.usefixtures("fleet")
def test_people_of_a_release_take_a_screen_for_each_target(
    call_profilegen: RunProfilegen,
) -> None:
    text = call_profilegen("audit", "dist", environment=AT).stdout
    heads = [line for line in text.splitlines() if " and 3 files like it" in line]
    assert sorted(head.partition("/users/")[0] for head in heads) == ["dist/phone", "dist/work"]
    assert "user0000" in text
    assert not any(f"user000{number}.json:" in text for number in (1, 2, 3))


@pytest.mark.parametrize("packing", ["tar", "zip"])
def test_a_damaged_archive_is_one_finding(
    tmp_path: Path, call_profilegen: RunProfilegen, packing: str
) -> None:
    build(tmp_path, POLICY, "--users", "users.csv", "--archive", packing)
    path = tmp_path / "dist" / "work" / "users" / f"00000.{packing}"
    path.write_bytes(path.read_bytes()[:700])
    done = call_profilegen("audit", "dist", *JSON, environment=AT)
    files = {file["file"]: file for file in json.loads(done.stdout)["files"]}
    damaged = files[f"dist/work/users/{path.name}"]
    assert (done.exit_code, damaged["kind"]) == (1, "unknown")
    (finding,) = damaged["findings"]
    assert (finding["rule"], finding["severity"]) == ("unreadable", "error")
    assert finding["fix"] == "`profilegen verify` says what is wrong with the release."
    done = call_profilegen("audit", path, environment=AT)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"error: {path}: ")


@pytest.mark.usefixtures("fleet")
def test_the_manifest_says_how_devices_are_managed(call_profilegen: RunProfilegen) -> None:
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    assert stated(found) == STATED
    assert {item["manifest"] for item in found["stated"]} == {"dist/release.json"}
    assert (found["assumed"], found["unused"]) == ([], [])
    targets = {(file["kind"], file["target"]) for file in found["files"] if file["flows"]}
    assert targets == {("profile", "phone"), ("android-policy", "work")}
    assert "newer-than-os" in findings(found, "android-policy")
    text = " ".join(call_profilegen("audit", "dist", environment=AT).stdout.split())
    assert "Taken from dist/release.json, signed by CN=profilegen development signer," in text
    assert "phone: --enrollment user, --os iOS 17; " in f"{text} "[:-2].replace(".", "; ")
    assert "Assumed" not in text


@pytest.mark.usefixtures("fleet")
def test_options_win_over_the_manifest(call_profilegen: RunProfilegen) -> None:
    given = ("--os", "30", "--enrollment", "supervised")
    found = document(call_profilegen("audit", "dist", *JSON, *given, environment=AT))
    assert stated(found) == {"work": {"--mode": "work-profile"}}
    assert "newer-than-os" not in findings(found, "android-policy")
    assert [item["option"] for item in found["assumed"]] == ["--mode"]
    found = document(
        call_profilegen("audit", "dist", *JSON, *given, "--mode", "work-profile", environment=AT)
    )
    assert (found["stated"], found["assumed"]) == ([], [])


@pytest.mark.parametrize("name", ["dist/work", "dist/work/work.json"])
@pytest.mark.usefixtures("shared")
def test_only_a_release_that_is_named_says_something(
    call_profilegen: RunProfilegen, name: str
) -> None:
    found = document(call_profilegen("audit", name, *JSON, environment=AT))
    assert found["stated"] == []
    assert len(found["assumed"]) == 3


@pytest.mark.usefixtures("shared")
def test_files_for_everybody_and_releases_below_a_folder(call_profilegen: RunProfilegen) -> None:
    found = document(call_profilegen("audit", ".", *JSON, environment=AT))
    assert stated(found) == STATED
    assert {item["manifest"] for item in found["stated"]} == {"dist/release.json"}


def test_what_a_manifest_does_not_name_is_judged_as_assumed(
    shared: Path, call_profilegen: RunProfilegen
) -> None:
    (shared / "work" / "added.json").write_bytes((shared / "work" / "work.json").read_bytes())
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    targets = {Path(file["file"]).name: file["target"] for file in found["files"]}
    assert (targets["work.json"], targets["added.json"]) == ("work", None)
    assert len(found["assumed"]) == 3


def test_a_manifest_that_was_changed_is_not_believed(
    shared: Path, call_profilegen: RunProfilegen
) -> None:
    path = shared / "release.json"
    path.write_text(path.read_text("utf-8").replace('"13"', '"12"'), "utf-8")
    text = call_profilegen("audit", "dist", environment=AT).stdout
    said = "What dist/release.json says of its targets was not used: its signature is broken."
    assert said in text.splitlines()
    assert "Assumed, since not given: --enrollment device, " in text
    done = call_profilegen("audit", "dist", *JSON, environment=AT)
    found = json.loads(done.stdout)
    assert (found["stated"], found["unused"], done.exit_code) == ([], [said], 1)


@pytest.mark.parametrize("damage", ["missing", "foreign"])
def test_a_manifest_without_its_signature_is_not_believed(
    shared: Path, call_profilegen: RunProfilegen, damage: str
) -> None:
    path = shared / "release.json.p7s"
    path.unlink()
    if damage == "foreign":
        path.write_text("no signature")
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    assert found["stated"] == []
    assert found["unused"][0].endswith("its signature is missing or cannot be read.")


def test_an_unsigned_release_says_what_it_says(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    build(tmp_path, SMALL, "--unsigned")
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    assert {item["signed"] for item in found["stated"]} == {"not signed"}
    assert stated(found)["work"] == STATED["work"]


@pytest.mark.parametrize(
    "text",
    [
        "no manifest",
        '{"schema": "other/1"}',
        json.dumps(STATES_NOTHING | {"targets": [7, {"platform": []}], "files": 7}),
        json.dumps(STATES_NOTHING),
    ],
)
def test_anything_may_be_called_a_manifest(
    shared: Path, call_profilegen: RunProfilegen, text: str
) -> None:
    (shared / "release.json.p7s").unlink()
    (shared / "release.json").write_text(text)
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    assert (found["stated"], found["unused"], len(found["assumed"])) == ([], [], 3)


@pytest.mark.usefixtures("shared")
def test_one_device_is_that_of_the_only_target(call_profilegen: RunProfilegen) -> None:
    arguments = ("audit", "dist", "--as-device", *JSON)
    found = document(call_profilegen(*arguments, environment=AT))
    alone = {file["target"]: file["flows"] for file in found["files"] if file["target"]}
    # Two targets are no one device, so what is assumed counts.
    assert found["device"]["flows"] != [*alone["phone"], *alone["work"]]


def test_one_device_of_one_target(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    build(tmp_path, SMALL, "--target", "work")
    found = document(call_profilegen("audit", "dist", "--as-device", *JSON, environment=AT))
    (flows,) = (file["flows"] for file in found["files"] if file["flows"])
    assert found["device"]["flows"] == flows
    assert "narrowed" in {flow["state"] for flow in flows}


def test_a_twin_is_told_with_its_signed_file(folders: Path, call_profilegen: RunProfilegen) -> None:
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    files = {file["file"]: file for file in found["files"]}
    for number in range(4):
        user = f"user{number:04}"
        path = users_file("phone", user, f"unsigned/{user}.mobileconfig")
        twin = files[f"dist/{path}"]
        assert (twin["kind"], twin["findings"], twin["flows"]) == ("twin", [], [])
        assert files[f"dist/{path.replace('unsigned/', '')}"]["kind"] == "profile"
    text = call_profilegen("audit", "dist", environment=AT).stdout
    assert "The same without a signature, told with the signed files (4):" in text
    assert folders.is_dir()


def test_a_twin_that_differs_is_told_itself(folders: Path, call_profilegen: RunProfilegen) -> None:
    path = users_file("phone", "user0001", "unsigned/user0001.mobileconfig")
    twin = folders / path
    twin.write_bytes(twin.read_bytes().replace(b"<true/>", b"<false/>", 1))
    done = call_profilegen("audit", "dist", *JSON, environment=AT)
    files = {file["file"]: file for file in json.loads(done.stdout)["files"]}
    assert files[f"dist/{path}"]["kind"] == "profile"
    assert {item["rule"] for item in files[f"dist/{path}"]["findings"]} >= {"shared-uuid"}
    assert files[f"dist/{path}"]["target"] == "phone"


def test_a_twin_stands_for_itself_where_nobody_looks_at_the_signed_file(
    folders: Path, call_profilegen: RunProfilegen
) -> None:
    path = folders / users_file("phone", "user0001", "unsigned/user0001.mobileconfig")
    for named in (path, path.parent):
        found = document(call_profilegen("audit", named, *JSON, environment=AT))
        assert [file["kind"] for file in found["files"]] == ["profile"]
    signed = path.parent.parent / path.name
    for content in (b"\x30\x03\x02\x01\x01", b"<plist/>"):
        signed.write_bytes(content)
        done = call_profilegen("audit", path.parent.parent, *JSON, environment=AT)
        kinds = {file["file"]: file["kind"] for file in json.loads(done.stdout)["files"]}
        assert kinds[str(path)] == "profile"


def test_a_manifest_that_anybody_signed_names_the_signer(
    shared: Path, call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    uri = pki.chain().write(tmp_path)
    identity = open_identity(uri, passphrase=None, certificates=tmp_path / "root.pem", at=pki.NOW)
    manifest = (shared / "release.json").read_bytes()
    signature = sign_detached(manifest, identity, signed_at=pki.NOW)
    (shared / "release.json.p7s").write_bytes(signature)
    found = document(call_profilegen("audit", "dist", *JSON, environment=AT))
    assert {item["signed"] for item in found["stated"]} == {"signed by CN=Test Signer"}
