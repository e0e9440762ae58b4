"""Files of users that differ in anything from what was built do not verify, in folders or archives.

What an attacker can do who has no key comes first; then what the signer itself could get wrong,
where the manifest is signed again for what was changed.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from profilegen.release.faults import MAX_FAULTS
from profilegen.signing.cms import sign_detached
from profilegen.signing.identity import open_identity
from tests.support.command import RunProfilegen, run, run_profilegen_in
from tests.support.releases import (
    EPOCH,
    PERSONAL,
    SMALL,
    read_index,
    snapshot,
    users_file,
    write_files,
    write_identity,
)

PEOPLE = ("anna", "bo", "cai", "di")
USERS = "id,email\n" + "".join(f"{user},{user}@example.com\n" for user in PEOPLE)
ANNA = users_file("phone", "anna", "anna.mobileconfig")
TWIN = users_file("phone", "anna", "unsigned/anna.mobileconfig")
POLICY = users_file("work", "anna", "anna.json")
INDEX = "phone/users/index.csv"
PACKINGS: Mapping[str, tuple[str, ...]] = {
    "folders": (),
    "tar": ("--archive", "tar"),
    "tar.gz": ("--archive", "tar", "--compress"),
    "zip": ("--archive", "zip"),
}
ARCHIVED = [name for name in PACKINGS if name != "folders"]
_NOT_OF_INDEX = "its SHA-256 is not the one in the index"
_NOT_OF_MANIFEST = "its SHA-256 is not the one in the manifest"


@cache
def built(packing: str) -> Mapping[str, bytes]:
    """Return the files of a release for PEOPLE."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, {"policy.yaml": PERSONAL.encode(), "users.csv": USERS.encode()})
        signing = write_identity(folder / "certs")
        done = run_profilegen_in(
            folder,
            *("build", "policy.yaml", "--identity", signing.uri, "--users", "users.csv"),
            *PACKINGS[packing],
            environment={"SOURCE_DATE_EPOCH": EPOCH},
        )
        assert done.exit_code == 0, done.stderr
        return snapshot(folder / "dist")


class Scene:
    """A release in `dist`, which a test changes, and the command that is to refuse it."""

    def __init__(self, folder: Path, call: RunProfilegen) -> None:
        self.release = folder / "dist"
        self.call = call

    def write(self, packing: str) -> Scene:
        write_identity(self.release.parent / "certs")
        write_files(self.release, built(packing))
        return self

    def path(self, name: str) -> Path:
        return self.release / name

    @property
    def archive(self) -> Path:
        (path,) = self.release.glob("phone/users/00000.*")
        return path

    def faults(self) -> list[str]:
        """Expect that the release is refused; return what is said of it."""
        done = self.call("verify", "dist")
        assert (done.exit_code, done.stdout.splitlines()[0]) == (5, "dist: NOT VALID")
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        return [line.removeprefix("error: dist/") for line in errors]

    def seal(self) -> Scene:
        """Have the manifest tell, signed by the signer, of the index and the archives as they are.

        SHA256SUMS and the statement stay, and are faults of their own.
        """
        path = self.release / "release.json"
        manifest = json.loads(path.read_bytes())
        for item in manifest["files"]:
            content = self.path(item["path"]).read_bytes()
            item |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            if item["kind"] == "index":
                item["entries"] = len(read_index(self.release, item["target"]))
        path.write_text(json.dumps(manifest), encoding="utf-8")
        certs = self.release.parent / "certs"
        uri = f"pem:{certs}/signer.key,{certs}/signer.pem,{certs}/intermediate.pem"
        at = datetime.now(UTC)
        identity = open_identity(uri, passphrase=None, certificates=None, at=at)
        signature = sign_detached(path.read_bytes(), identity, signed_at=at)
        self.path("release.json.p7s").write_bytes(signature)
        return self

    def rewrite_index(self, change: Callable[[list[dict[str, str]]], object]) -> Scene:
        """Change the rows of the index and seal it."""
        rows = read_index(self.release, "phone")
        change(rows)
        with self.path(INDEX).open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, rows[0])
            table.writeheader()
            table.writerows(rows)
        return self.seal()


@pytest.fixture
def scene(tmp_path: Path, call_profilegen: RunProfilegen) -> Scene:
    return Scene(tmp_path, call_profilegen)


def members_of(path: Path) -> list[tuple[str, bytes]]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [(name, archive.read(name)) for name in archive.namelist()]
    with tarfile.open(path) as tar:
        return [(item.name, read(tar, item)) for item in tar]


def read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    assert stream is not None
    return stream.read()


def write_members(path: Path, members: list[tuple[str, bytes]]) -> None:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members:
                archive.writestr(zipfile.ZipInfo(name), content)
        return
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_intact_release_verifies_here_and_elsewhere(
    packing: str, scene: Scene, require_tool: Callable[[str], Path]
) -> None:
    scene.write(packing)
    done = scene.call("verify", "dist")
    assert (done.exit_code, done.stderr) == (0, "")
    counts = "22 files" if packing == "folders" else "8 files and 12 in archives"
    assert f"{counts}, 9 signatures, none added or changed" in done.stdout
    sums = run(require_tool("sha256sum"), "--check", "--strict", "SHA256SUMS", folder=scene.release)
    assert sums.exit_code == 0
    files = [path for path in scene.release.rglob("*") if path.is_file()]
    assert sums.stdout.count(": OK\n") == len(files) - 1  # all but SHA256SUMS itself


@pytest.mark.parametrize("packing", ARCHIVED)
def test_members_are_the_files_of_folders(packing: str, scene: Scene) -> None:
    """The same bytes, and an index that says the same of them."""
    scene.write(packing)
    files = built("folders")
    for target in ("phone", "work"):
        (archive,) = scene.release.glob(f"{target}/users/00000.*")
        members = dict(members_of(archive))
        rows = read_index(scene.release, target)
        assert [row["member"] for row in rows] == list(members)
        for row in rows:
            user = row["user"]
            content = members[row["member"]]
            assert content == files[users_file(target, user, row["member"])]
            # For what is signed the digest of the archive vouches.
            signed = row["signature"] == "embedded" or row["kind"] == "signature"
            assert row["sha256"] == ("" if signed else hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("packing", PACKINGS)
def test_one_byte_changed_anywhere(packing: str, scene: Scene) -> None:
    scene.write(packing)
    names = [name for name in built(packing) if "/" in name]
    assert len(names) == {"folders": 18}.get(packing, 4)
    for name in names:
        path = scene.path(name)
        content = path.read_bytes()
        for position in (0, len(content) // 3, len(content) - 1):
            changed = bytearray(content)
            changed[position] ^= 1
            path.write_bytes(changed)
            faults = scene.faults()
            assert any(fault.startswith(f"{name}: ") for fault in faults), (name, faults)
            assert len(faults) <= 2
        path.write_bytes(content)
    assert scene.call("verify", "dist").exit_code == 0


@pytest.mark.parametrize("packing", PACKINGS)
def test_each_file_missing(packing: str, scene: Scene) -> None:
    scene.write(packing)
    for name in [name for name in built(packing) if "/" in name]:
        path = scene.path(name)
        moved = path.rename(scene.release.parent / "moved")
        named_by = "index" if packing == "folders" and name.count("/") > 2 else "manifest"
        assert scene.faults() == [f"{name}: missing: the {named_by} names it"]
        moved.rename(path)


ADDED: Mapping[str, str] = {
    "phone/users/more.json": "phone/users/more.json: added: the index does not name it",
    "phone/users/00/more.json": "phone/users/00/more.json: added: the index does not name it",
    "phone/users/00001.tar": "phone/users/00001.tar: added: the index does not name it",
    "phone/users/.chunks/x": "phone/users/.chunks/x: added: the index does not name it",
    "phone/more.json": "phone/more.json: added: the manifest does not name it",
    "phone/users/empty/": "phone/users/empty: added: the index names no file in this folder",
}


@pytest.mark.parametrize("packing", ["folders", "tar"])
@pytest.mark.parametrize("name", ADDED)
def test_a_file_added(name: str, packing: str, scene: Scene) -> None:
    scene.write(packing)
    path = scene.path(name)
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if name.endswith("/") else path.write_bytes(b"{}")
    assert scene.faults()[0] == ADDED[name]
    (scene.release.parent / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = scene.call("build", "policy.yaml", "--unsigned")
    if name.endswith("/"):  # an empty folder holds nothing that would be lost
        assert done.exit_code == 0
    else:
        message = f"error: dist: holds {name}, which is no file of the release there\n"
        assert (done.exit_code, done.stderr.startswith(message)) == (2, True), done.stderr


def test_a_link_added_and_one_in_the_place_of_a_file(scene: Scene) -> None:
    scene.write("folders")
    scene.path("phone/users/00").mkdir(exist_ok=True)
    scene.path("phone/users/00/more").symlink_to("/etc")
    scene.path(ANNA).unlink()
    scene.path(ANNA).symlink_to(scene.path(TWIN))
    assert scene.faults() == [
        f"{ANNA}: a link stands in the place of the file",
        "phone/users/00/more: added: the index does not name it",
    ]


def test_a_folder_that_cannot_be_listed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, who can list anything, the tests have the file system say it."""
    scene.write("folders")
    listed = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "users":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed(path)

    monkeypatch.setattr("profilegen.release.folder.os.scandir", refuse)
    assert scene.faults()[0] == f"{INDEX}: cannot be read: Permission denied (dist/phone/users)"


def test_something_that_is_no_file(scene: Scene) -> None:
    scene.write("tar")
    scene.archive.unlink()
    os.mkfifo(scene.release / "phone" / "users" / "00000.tar")
    assert scene.faults() == [
        "phone/users/00000.tar: something that is no file stands in its place"
    ]


def test_two_users_whose_files_were_exchanged(scene: Scene) -> None:
    scene.write("folders")
    bo = users_file("phone", "bo", "bo.mobileconfig")
    one, other = scene.path(ANNA).read_bytes(), scene.path(bo).read_bytes()
    scene.path(ANNA).write_bytes(other)
    scene.path(bo).write_bytes(one)
    content = "what is signed is not what the index says"
    assert scene.faults() == [
        *(f"{name}: changed: {_NOT_OF_INDEX}" for name in (ANNA,)),
        f"{ANNA}: {content}",
        f"{bo}: changed: {_NOT_OF_INDEX}",
        f"{bo}: {content}",
    ]


def test_a_user_taken_out_of_the_index(scene: Scene) -> None:
    scene.write("folders")
    path = scene.path(INDEX)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert scene.faults() == [f"{INDEX}: changed: {_NOT_OF_MANIFEST}"]


def test_no_end_of_faults(scene: Scene) -> None:
    scene.write("folders")
    folder = scene.path("phone/users/zz")
    folder.mkdir()
    for number in range(MAX_FAULTS + 7):
        (folder / str(number)).touch()
    faults = scene.faults()
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1] == "error: dist: and 7 more faults"


# What the signer says, and what is not so all the same.


def added(members: list[tuple[str, bytes]]) -> None:
    members.append(("more.json", b"{}"))


def removed(members: list[tuple[str, bytes]]) -> None:
    members.pop()


def twice(members: list[tuple[str, bytes]]) -> None:
    members.insert(1, (members[0][0], b"another"))


def exchanged(members: list[tuple[str, bytes]]) -> None:
    members[0], members[1] = members[1], members[0]


def leading_out(members: list[tuple[str, bytes]]) -> None:
    members[0] = ("../anna.mobileconfig", members[0][1])


CHANGES: Mapping[Callable[[list[tuple[str, bytes]]], None], str] = {
    added: "it holds 'more.json', which the index does not name",
    removed: "it ends before 'di.mobileconfig', which the index names",
    twice: "it holds 'anna.mobileconfig' where the index names 'bo.mobileconfig'",
    exchanged: "it holds 'bo.mobileconfig' where the index names 'anna.mobileconfig'",
    leading_out: "it holds '../anna.mobileconfig' where the index names 'anna.mobileconfig'",
}


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("packing", ARCHIVED)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_an_archive_with_other_members(
    change: Callable[[list[tuple[str, bytes]]], None], packing: str, scene: Scene
) -> None:
    archive = scene.write(packing).archive
    members = members_of(archive)
    change(members)
    write_members(archive, members)
    name = archive.relative_to(scene.release).as_posix()
    assert scene.faults() == [f"{name}: changed: {_NOT_OF_MANIFEST}"]
    assert f"{name}: {CHANGES[change]}" in scene.seal().faults()


@pytest.mark.parametrize("packing", ARCHIVED)
def test_a_member_with_another_content(packing: str, scene: Scene) -> None:
    archive = scene.write(packing).archive
    members = members_of(archive)
    members[1] = (members[1][0], members[0][1])
    write_members(archive, members)
    name = archive.relative_to(scene.release).as_posix()
    faults = scene.seal().faults()
    assert faults[0] == f"{name}: bo.mobileconfig: changed: its size is not the one in the index"
    assert faults[1] == f"{name}: bo.mobileconfig: what is signed is not what the index says"


def test_a_member_of_another_size_than_its_row_says(scene: Scene) -> None:
    def other_size(rows: list[dict[str, str]]) -> None:
        rows[1]["size"] = str(int(rows[1]["size"]) + 1)

    faults = scene.write("tar").rewrite_index(other_size).faults()
    fault = "bo.mobileconfig: changed: its size is not the one in the index"
    assert f"phone/users/00000.tar: {fault}" in faults


def test_a_member_that_is_a_link(scene: Scene) -> None:
    archive = scene.write("tar").archive
    info = tarfile.TarInfo("anna.mobileconfig")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(info)
    fault = "phone/users/00000.tar: 'anna.mobileconfig' is no plain file"
    assert fault in scene.seal().faults()


@pytest.mark.parametrize("packing", ARCHIVED)
def test_a_truncated_archive(packing: str, scene: Scene) -> None:
    archive = scene.write(packing).archive
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    name = archive.relative_to(scene.release).as_posix()
    assert scene.faults() == [f"{name}: changed: {_NOT_OF_MANIFEST}"]
    damaged = (f"{name}: no whole archive: ", f"{name}: it ends ")
    assert any(fault.startswith(damaged) for fault in scene.seal().faults())


def row_removed(rows: list[dict[str, str]]) -> None:
    del rows[:2]


def row_twice(rows: list[dict[str, str]]) -> None:
    rows += rows[:2]


def without_profile(rows: list[dict[str, str]]) -> None:
    del rows[0]


def other_content(rows: list[dict[str, str]]) -> None:
    rows[0]["content_sha256"] = "0" * 64


def leads_out(rows: list[dict[str, str]]) -> None:
    rows[0]["file"] = "phone/users/../../../certs/signer.key"


def too_long(rows: list[dict[str, str]]) -> None:
    rows[0]["file"] = f"phone/users/{'a' * 300}"


def of_another_archive(rows: list[dict[str, str]]) -> None:
    rows[0] |= {"file": "phone/users/00009.tar", "member": "anna.mobileconfig"}


ROWS: Mapping[Callable[[list[dict[str, str]]], None], str] = {
    row_removed: f"{ANNA}: added: the index does not name it",
    row_twice: f"{ANNA}: the index names it twice",
    without_profile: f"{TWIN}: the index names no signed file before it",
    other_content: f"{ANNA}: what is signed is not what the index says",
    leads_out: f"{INDEX}: signed, but no index: row 1: ",
    too_long: f"phone/users/{'a' * 300}: cannot be read: File name too long",
    of_another_archive: "phone/users/00009.tar: the index names it, and the manifest does not",
}


@pytest.mark.parametrize("change", ROWS, ids=lambda change: change.__name__)
def test_an_index_that_is_wrong_in_itself(
    change: Callable[[list[dict[str, str]]], None], scene: Scene
) -> None:
    faults = scene.write("folders").rewrite_index(change).faults()
    assert any(fault.startswith(ROWS[change]) for fault in faults), faults


def test_an_index_that_counts_otherwise(scene: Scene) -> None:
    scene.write("folders").rewrite_index(lambda rows: rows)
    path = scene.path("release.json")
    manifest = json.loads(path.read_bytes())
    assert {item.get("entries") for item in manifest["files"]} == {8}


def test_a_detached_signature_without_its_policy(scene: Scene) -> None:
    scene.write("folders")
    rows = read_index(scene.release, "work")
    with scene.path("work/users/index.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, rows[0])
        table.writeheader()
        table.writerows([rows[0], *rows[2:3], *rows[4:]])
    faults = scene.seal().faults()
    assert f"{POLICY}: the index names no signature beside it" in faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"entries": "8"}, f"signed, but no manifest: {INDEX!a} is no index of the target"),
        ({"target": "work"}, f"signed, but no manifest: {INDEX!a} is no index of the target"),
        ({"kind": "archive", "target": "work"}, f"{INDEX!a} is no archive of the target"),
        ({"kind": "archive"}, "no index names what is in it"),
    ],
)
def test_a_manifest_that_names_an_index_as_something_else(
    change: Mapping[str, str], fault: str, scene: Scene
) -> None:
    scene.write("folders")
    path = scene.path("release.json")
    manifest = json.loads(path.read_bytes())
    for item in manifest["files"]:
        item.update(change if item["path"] == INDEX else {})
    path.write_text(json.dumps(manifest), encoding="utf-8")
    certs = scene.release.parent / "certs"
    uri = f"pem:{certs}/signer.key,{certs}/signer.pem,{certs}/intermediate.pem"
    at = datetime.now(UTC)
    identity = open_identity(uri, passphrase=None, certificates=None, at=at)
    signature = sign_detached(path.read_bytes(), identity, signed_at=at)
    scene.path("release.json.p7s").write_bytes(signature)
    assert any(fault in found for found in scene.faults())


def test_files_of_another_signer_whom_the_same_root_trusts(scene: Scene) -> None:
    scene.write("folders")
    other = write_identity(scene.release.parent / "other", owner="other")
    root = scene.release.parent / "certs" / "root.pem"
    root.write_bytes(root.read_bytes() + other.root.read_bytes())
    signed = ("sign", f"dist/{TWIN}", "--identity", other.uri, "-o", f"dist/{ANNA}")
    assert scene.call(*signed).exit_code == 0
    content = scene.path(ANNA).read_bytes()

    def tell(rows: list[dict[str, str]]) -> None:
        rows[0] |= {"size": str(len(content)), "sha256": hashlib.sha256(content).hexdigest()}

    faults = scene.rewrite_index(tell).faults()
    assert any(
        fault.startswith(f"{ANNA}: signed by") and "not by the signer of the manifest" in fault
        for fault in faults
    )


@pytest.fixture
def sides(scene: Scene) -> Path:
    """Return a folder with a release in each packing."""
    for packing in PACKINGS:
        write_files(scene.release.parent / packing, built(packing))
    return scene.release.parent


@pytest.mark.parametrize("packing", ARCHIVED)
def test_diff_finds_nothing_between_folders_and_archives(
    packing: str, sides: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("diff", str(sides / "folders"), str(sides / packing))
    assert done.exit_code == 0, done.stdout
    assert done.stdout == "No difference: 8 files are the same.\n"
    assert call_profilegen("verify", str(sides / packing)).exit_code == 5  # no root is there


def test_diff_of_a_release_whose_member_was_changed(
    sides: Path, call_profilegen: RunProfilegen
) -> None:
    archive = sides / "tar" / "phone" / "users" / "00000.tar"
    members = members_of(archive)
    members[1] = (members[1][0], members[0][1])
    write_members(archive, members)
    done = call_profilegen("diff", str(sides / "folders"), str(sides / "tar"))
    assert done.exit_code == 3
    assert done.stderr.splitlines()[:-1] == [
        f"error: {archive}: it is not the archive that the manifest names"
    ]
    assert done.stdout == "No difference: 4 files are the same, 4 files could not be compared.\n"


@pytest.mark.parametrize("packing", ARCHIVED)
def test_audit_finds_in_archives_what_it_finds_in_folders(
    packing: str, sides: Path, call_profilegen: RunProfilegen
) -> None:
    found = []
    for side in ("folders", packing):
        done = call_profilegen("audit", str(sides / side), "--format", "json")
        files = [item for item in json.loads(done.stdout)["files"] if item["flows"]]
        judged = [
            (Path(item["file"].split(": ")[-1]).name, item["signature"], item["findings"])
            for item in files
            if "/unsigned/" not in item["file"]
        ]
        found.append(sorted(judged, key=json.dumps))
    assert found[0] == found[1]
    assert len(found[0]) == 8


def test_audit_of_a_damaged_archive(scene: Scene) -> None:
    archive = scene.write("zip").archive
    archive.write_bytes(archive.read_bytes()[:-30])
    done = scene.call("audit", str(archive))
    assert done.exit_code == 3
    assert f"error: {archive}: no whole archive: " in done.stderr
