"""A release that differs in anything from what was built does not verify, and `verify` says where.

Runs the command in this process: it is called some hundred times.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from profilegen.errors import VerificationError
from profilegen.signing.cms import sign_detached
from profilegen.signing.identity import open_identity
from profilegen.signing.trust import trust_in
from profilegen.signing.verify import verify
from tests.support.command import RunProfilegen
from tests.support.releases import (
    SMALL,
    small_release,
    snapshot,
    write_files,
    write_identity,
)

PROFILE = "phone/phone.mobileconfig"
TWIN = "phone/unsigned/phone.mobileconfig"
POLICY = "work/work.json"
SIGNATURE = "work/work.json.p7s"
MANIFEST = "release.json"
MANIFEST_SIGNATURE = "release.json.p7s"
STATEMENT = "release.intoto.jsonl"
SUMS = "SHA256SUMS"
FILES = (PROFILE, TWIN, POLICY, SIGNATURE, MANIFEST, MANIFEST_SIGNATURE, STATEMENT, SUMS)
POSITIONS = 24
OLDER = "1764547200"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """Return a release, signed by the identity whose root `verify` finds in certs/."""
    write_identity(tmp_path / "certs")
    write_files(tmp_path / "dist", small_release())
    return tmp_path / "dist"


@pytest.fixture
def check(release: Path, call_profilegen: RunProfilegen) -> Callable[[], list[str]]:
    """Return a function that expects the release to be refused, and gives the faults named."""

    def refused() -> list[str]:
        done = call_profilegen("verify", "dist")
        assert (done.exit_code, done.stdout.splitlines()[0]) == (5, "dist: NOT VALID")
        lines = done.stderr.splitlines()
        # What was changed may also be whom the certificates name.
        assert lines[-1].startswith(("hint: Do not use this release; ", "hint: Trust its root "))
        assert all(line.startswith("error: dist/") for line in lines[:-1])
        return [line.removeprefix("error: dist/") for line in lines[:-1]]

    assert release.is_dir()
    return refused


def sign_again(release: Path) -> None:
    """Sign the manifest as it is now with the release's own identity."""
    folder = release.parent / "certs"
    uri = f"pem:{folder}/signer.key,{folder}/signer.pem,{folder}/intermediate.pem"
    at = datetime.now(UTC)
    identity = open_identity(uri, passphrase=None, certificates=None, at=at)
    manifest = (release / MANIFEST).read_bytes()
    (release / MANIFEST_SIGNATURE).write_bytes(sign_detached(manifest, identity, signed_at=at))


def test_an_intact_copy_verifies(release: Path, call_profilegen: RunProfilegen) -> None:
    assert set(snapshot(release)) == set(FILES)
    shutil.copytree(release, release.parent / "copy")
    (release.parent / "link").symlink_to("copy")
    for name in ("dist", "copy", "link", str(release), "dist/"):
        done = call_profilegen("verify", name)
        assert (done.exit_code, done.stderr) == (0, "")
        assert "8 files, 3 signatures, none added or changed" in done.stdout
        assert "verified, but not checked: revocation (no CRL was given)" in done.stdout


@pytest.mark.parametrize("name", FILES)
def test_one_byte_changed_anywhere(
    name: str, release: Path, check: Callable[[], list[str]]
) -> None:
    path = release / name
    content = path.read_bytes()
    for number in range(POSITIONS):
        position = number * (len(content) - 1) // (POSITIONS - 1)
        changed = bytearray(content)
        changed[position] ^= 1 << number % 8
        path.write_bytes(changed)
        named = check()
        where = MANIFEST if name == MANIFEST_SIGNATURE else name
        assert any(fault.startswith(where) for fault in named), (position, named)


@pytest.mark.parametrize("name", FILES)
def test_a_byte_more_or_less(name: str, release: Path, check: Callable[[], list[str]]) -> None:
    path = release / name
    content = path.read_bytes()
    for changed in (content + b"\n", content[:-1], b"\n" + content, b"", content * 2):
        path.write_bytes(changed)
        assert any(fault.startswith((name, MANIFEST_SIGNATURE)) for fault in check())


@pytest.mark.no_cover  # thousands of times the same lines
@pytest.mark.parametrize("name", [PROFILE, SIGNATURE, MANIFEST_SIGNATURE])
def test_a_signed_file_alone_is_refused_for_any_changed_byte(name: str, release: Path) -> None:
    content = (release / name).read_bytes()
    signed = (release / name.removesuffix(".p7s")).read_bytes() if name.endswith(".p7s") else None
    trust = trust_in(release.parent / "certs" / "root.pem")
    at = datetime.now(UTC)
    assert verify(content, trust=trust, content=signed, at=at).signed_at is not None
    survivors = []
    for position in range(0, len(content), 3):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        try:
            verify(bytes(changed), trust=trust, content=signed, at=at)
        except VerificationError:
            continue
        survivors.append(position)
    assert survivors == []


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file(name: str, release: Path, check: Callable[[], list[str]]) -> None:
    (release / name).unlink()
    expected = {
        MANIFEST: f"{MANIFEST}: missing: nothing says what belongs to the release",
        MANIFEST_SIGNATURE: (
            f"{MANIFEST_SIGNATURE}: missing: the release was built unsigned, "
            "or its signature was removed"
        ),
    }
    assert check()[0] == expected.get(name, f"{name}: missing: the manifest names it")


@pytest.mark.parametrize(
    "name",
    ["more.mobileconfig", ".hidden", "phone/.hidden", "phone/unsigned/a", "new/deep/file", "zä\n"],
)
def test_an_added_file(name: str, release: Path, check: Callable[[], list[str]]) -> None:
    path = release / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    shown = name.replace("\n", r"\n")
    assert f"{shown}: added: the manifest does not name it" in check()


def test_an_added_file_whose_name_is_no_text(release: Path, call_profilegen: RunProfilegen) -> None:
    os.close(os.open(os.fsencode(release) + b"/\xff\x1b[31m", os.O_CREAT))
    done = call_profilegen("verify", "dist")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        5,
        r"error: dist/\udcff\x1b[31m: added: the manifest does not name it",
    )


def test_an_added_folder(release: Path, check: Callable[[], list[str]]) -> None:
    (release / "phone" / "empty").mkdir()
    assert check() == ["phone/empty: added: the manifest names no file in this folder"]


@pytest.mark.parametrize("target", ["/", ".", "phone", PROFILE, "nowhere"])
def test_an_added_link(target: str, release: Path, check: Callable[[], list[str]]) -> None:
    (release / "link").symlink_to(target)
    assert check() == ["link: added: the manifest does not name it"]


@pytest.mark.parametrize("name", FILES)
def test_a_link_in_the_place_of_a_file(
    name: str, release: Path, check: Callable[[], list[str]]
) -> None:
    (release / name).rename(release.parent / "moved")
    (release / name).symlink_to(release.parent / "moved")
    assert f"{name}: a link stands in the place of the file" in check()


def test_a_link_in_the_place_of_a_folder(release: Path, check: Callable[[], list[str]]) -> None:
    (release / "phone").rename(release.parent / "moved")
    (release / "phone").symlink_to(release.parent / "moved")
    faults = check()
    assert f"{PROFILE}: missing: the manifest names it" in faults
    assert "phone: added: the manifest does not name it" in faults


@pytest.mark.parametrize("name", FILES)
def test_something_else_in_the_place_of_a_file(
    name: str, release: Path, check: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = release / name
    for make in (os.mkfifo, os.mkdir, bind):
        path.unlink()
        # A socket's name may have 107 bytes: it is bound from its own folder.
        with monkeypatch.context() as patch:
            patch.chdir(path.parent)
            make(path.name)
        assert any(fault.startswith(name) for fault in check())
        if path.is_dir():
            path.rmdir()
            path.touch()


def bind(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)


def test_a_renamed_file(release: Path, check: Callable[[], list[str]]) -> None:
    (release / PROFILE).rename(release / "phone" / "Phone.mobileconfig")
    assert check() == [
        f"{PROFILE}: missing: the manifest names it",
        "phone/Phone.mobileconfig: added: the manifest does not name it",
    ]


def test_files_that_changed_places(release: Path, check: Callable[[], list[str]]) -> None:
    profile = (release / PROFILE).read_bytes()
    (release / PROFILE).write_bytes((release / TWIN).read_bytes())
    (release / TWIN).write_bytes(profile)
    changed = "changed: its SHA-256 is not the one in the manifest"
    assert {f"{PROFILE}: {changed}", f"{TWIN}: {changed}"} <= set(check())


@pytest.mark.parametrize(
    "name", [PROFILE, SIGNATURE, MANIFEST, MANIFEST_SIGNATURE, STATEMENT, SUMS]
)
def test_a_file_of_an_older_release_of_the_same_signer(
    name: str, release: Path, check: Callable[[], list[str]]
) -> None:
    older = small_release(epoch=OLDER)[name]
    assert older != (release / name).read_bytes()
    (release / name).write_bytes(older)
    where = MANIFEST_SIGNATURE if name in {MANIFEST, MANIFEST_SIGNATURE} else name
    assert any(fault.startswith(f"{where}: ") for fault in check())


def test_an_older_manifest_with_its_signature(
    release: Path, check: Callable[[], list[str]]
) -> None:
    older = small_release(epoch=OLDER)
    write_files(release, {name: older[name] for name in (MANIFEST, MANIFEST_SIGNATURE, SUMS)})
    assert f"{PROFILE}: changed: its SHA-256 is not the one in the manifest" in check()


def test_a_whole_older_release_is_a_release(release: Path, call_profilegen: RunProfilegen) -> None:
    """Nothing says that there is a newer one: that is for who delivers releases to know."""
    write_files(release, small_release(epoch=OLDER))
    assert call_profilegen("verify", "dist").exit_code == 0


def test_another_signed_file_in_the_place_of_the_manifest(
    release: Path, check: Callable[[], list[str]]
) -> None:
    shutil.copy(release / POLICY, release / MANIFEST)
    shutil.copy(release / SIGNATURE, release / MANIFEST_SIGNATURE)
    assert check() == [
        f"{MANIFEST}: signed, but no manifest: it has no schema profilegen.release/1"
    ]


def test_a_list_of_digests_that_was_made_anew(
    release: Path, check: Callable[[], list[str]]
) -> None:
    lines = (release / SUMS).read_text(encoding="utf-8").splitlines(keepends=True)
    (release / SUMS).write_text("".join(reversed(lines)), encoding="utf-8")
    assert check() == [f"{SUMS}: changed: it does not list the digests of the manifest"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"files": [{"path": "../outside"}]}, "a part of it is missing or of the wrong type"),
        ({"files": 7}, "a part of it is missing or of the wrong type"),
        ({"policy": None}, "a part of it is missing or of the wrong type"),
        ({"schema": None}, "it has no schema profilegen.release/1"),
        ({"schema": "profilegen.plan/1"}, "it has no schema profilegen.release/1"),
    ],
)
def test_a_signed_manifest_that_is_none(
    change: Mapping[str, object], fault: str, release: Path, check: Callable[[], list[str]]
) -> None:
    manifest = json.loads((release / MANIFEST).read_bytes())
    (release / MANIFEST).write_text(json.dumps(manifest | change), encoding="utf-8")
    sign_again(release)
    (found,) = check()
    assert found.startswith(f"{MANIFEST}: signed, but no manifest: {fault}")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"path": "../outside"}, "it names a path that is none of a release: '../outside'"),
        ({"path": "/etc/passwd"}, "it names a path that is none of a release: '/etc/passwd'"),
        ({"path": "a/../b"}, "it names a path that is none of a release: 'a/../b'"),
        ({"path": ""}, "it names a path that is none of a release: ''"),
        ({"path": "a//b"}, "it names a path that is none of a release: 'a//b'"),
        ({"path": SUMS}, "it names a path that is none of a release: 'SHA256SUMS'"),
        ({"path": 7}, "it names a path that is none of a release: 7"),
        ({"signature": "maybe"}, f"it does not say how large {PROFILE!a} is and how it is signed"),
        ({"size": "big"}, f"it does not say how large {PROFILE!a} is and how it is signed"),
    ],
)
def test_a_signed_manifest_with_an_entry_that_cannot_be(
    change: Mapping[str, object], fault: str, release: Path, check: Callable[[], list[str]]
) -> None:
    manifest = json.loads((release / MANIFEST).read_bytes())
    manifest["files"][0] |= change
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    sign_again(release)
    assert check() == [f"{MANIFEST}: signed, but no manifest: {fault}"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"no json", "Expecting value"),
        (b"\xff", "'utf-8' codec can't decode"),
        (b"[" * 100_000, "it nests too deep"),
        (b"[]", "it has no schema"),
    ],
)
def test_signed_bytes_that_are_no_manifest(
    content: bytes, fault: str, release: Path, check: Callable[[], list[str]]
) -> None:
    (release / MANIFEST).write_bytes(content)
    sign_again(release)
    (found,) = check()
    assert found.startswith(f"{MANIFEST}: signed, but no manifest: {fault}")


def test_a_signed_manifest_that_names_a_file_twice(
    release: Path, check: Callable[[], list[str]]
) -> None:
    manifest = json.loads((release / MANIFEST).read_bytes())
    manifest["files"] *= 2
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    sign_again(release)
    assert check() == [f"{MANIFEST}: signed, but no manifest: it names a file twice"]


def test_a_manifest_of_another_version(release: Path, call_profilegen: RunProfilegen) -> None:
    manifest = json.loads((release / MANIFEST).read_bytes())
    manifest["schema"] = "profilegen.release/2"
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    sign_again(release)
    done = call_profilegen("verify", "dist")
    assert (done.exit_code, done.stderr.splitlines()) == (
        3,
        [
            (
                "error: dist/release.json: its schema 'profilegen.release/2' "
                "is not profilegen.release/1"
            ),
            "hint: Verify it with the version of profilegen that built it.",
        ],
    )


def test_a_twin_that_the_manifest_vouches_for_but_the_signed_profile_does_not(
    release: Path, check: Callable[[], list[str]]
) -> None:
    older = small_release()[TWIN].replace(b"staff@example.com", b"other@example.com")
    (release / TWIN).write_bytes(older)
    document = json.loads((release / MANIFEST).read_bytes())
    digest = hashlib.sha256(older).hexdigest()
    for item in document["files"]:
        if item["path"] == TWIN:
            item |= {"sha256": digest, "size": len(older)}
    (release / MANIFEST).write_text(json.dumps(document), encoding="utf-8")
    sign_again(release)
    assert (
        f"{PROFILE}: its content is not the file unsigned/phone.mobileconfig beside it" in check()
    )


def test_an_artifact_of_another_signer_whom_the_same_root_trusts(
    release: Path, check: Callable[[], list[str]], call_profilegen: RunProfilegen
) -> None:
    other = write_identity(release.parent / "other", owner="other")
    both = release.parent / "certs" / "root.pem"
    both.write_bytes(both.read_bytes() + other.root.read_bytes())
    done = call_profilegen(
        *("sign", f"dist/{TWIN}", "--identity", other.uri, "-o", f"dist/{PROFILE}")
    )
    assert done.exit_code == 0
    assert f"{PROFILE}: changed: its SHA-256 is not the one in the manifest" in check()
    manifest = json.loads((release / MANIFEST).read_bytes())
    content = (release / PROFILE).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for item in manifest["files"]:
        if item["path"] == PROFILE:
            item |= {"sha256": digest, "size": len(content)}
    (release / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    sign_again(release)
    assert any(
        fault.startswith(f"{PROFILE}: signed by") and "not by the signer of the manifest" in fault
        for fault in check()
    )


def test_another_root(release: Path, call_profilegen: RunProfilegen) -> None:
    other = write_identity(release.parent / "other", owner="other")
    done = call_profilegen("verify", "dist", "--trust", other.root)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (5, "dist: NOT VALID")
    assert done.stderr.startswith("error: dist/release.json.p7s: ")
    done = call_profilegen("verify", f"dist/{PROFILE}", "--trust", other.root)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (5, f"dist/{PROFILE}: NOT VALID")
    assert done.stderr.startswith(f"error: dist/{PROFILE}: ")


def test_results_as_json_name_every_fault(release: Path, call_profilegen: RunProfilegen) -> None:
    (release / PROFILE).unlink()
    (release / "more").touch()
    done = call_profilegen("verify", "dist", f"dist/{POLICY}", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["schema"]) == (5, "profilegen.verify/1")
    whole, single = document["results"]
    assert (whole["path"], whole["kind"], whole["verdict"]) == ("dist", "release", "invalid")
    assert whole["errors"] == [
        f"dist/{PROFILE}: missing: the manifest names it",
        "dist/more: added: the manifest does not name it",
    ]
    assert (single["kind"], single["verdict"], single["errors"]) == ("file", "incomplete", [])
    assert single["chain"][0] == single["signer"]


def test_what_cannot_be_read_does_not_hide_the_rest(
    release: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("verify", "none", "dist", "--format", "json")
    assert [result["verdict"] for result in json.loads(done.stdout)["results"]] == [
        "invalid",
        "incomplete",
    ]
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        3,
        "error: none: cannot read the file: No such file or directory",
    )
    (release / "more").touch()
    assert call_profilegen("verify", "none", "dist").exit_code == 5


def test_an_unsigned_release_does_not_verify(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    write_identity(tmp_path / "certs")
    assert call_profilegen("build", "policy.yaml", "--unsigned").exit_code == 0
    done = call_profilegen("verify", "dist")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        5,
        (
            "error: dist/release.json.p7s: missing: the release was built unsigned, "
            "or its signature was removed"
        ),
    )


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("empty", 3, "empty: the folder is no release: it has no release.json"),
        ("nothing", 3, "nothing: cannot read the file: No such file or directory"),
        (f"dist/{TWIN}", 5, f"dist/{TWIN}: "),
        ("policy.yaml", 5, "policy.yaml: "),
    ],
)
def test_what_is_no_release_and_not_signed(
    path: str, code: int, message: str, release: Path, call_profilegen: RunProfilegen
) -> None:
    (release.parent / "empty").mkdir()
    (release.parent / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = call_profilegen("verify", path)
    assert done.exit_code == code
    error, hint = done.stderr.splitlines()
    assert error.startswith(f"error: {message}")
    assert hint.startswith("hint: ")
