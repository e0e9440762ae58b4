"""`sign` of whole folders: what is signed, where it goes, and that it is all or nothing."""

from __future__ import annotations

import errno
import json
import os
import plistlib
from pathlib import Path

import pytest

from profilegen.cli.inputs import MAX_INPUT
from tests.support.command import RunProfilegen
from tests.support.releases import small_release, snapshot, write_files, write_identity

PROFILE = plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": []})
POLICY = b'{"screenCaptureDisabled":true}'
SIGNER = "CN=profilegen development signer,O=profilegen development"
WARNING = "warning: signing with the development identity: devices will not trust it"
FILES = {
    "a.mobileconfig": PROFILE,
    "deep/er/b.mobileconfig": PROFILE,
    "deep/policy.json": POLICY,
    "deep/package.json": b'["any", "JSON"]',
    "com.microsoft.Office.Outlook.plist": plistlib.dumps(
        {"com.microsoft.outlook.EmailProfile.EmailAddress": "a@b.c"}
    ),
    "profile.xml": PROFILE,
    "settings.plist": plistlib.dumps({"a": 1}),
    "note.txt": b"hello",
    "declaration": b'{"Type":"t","Identifier":"i","Payload":{}}',
    ".hidden.mobileconfig": b"<plist>",
    ".git/config.json": b"{",
}
RESULTS = {
    "a.signed.mobileconfig",
    "deep/er/b.signed.mobileconfig",
    "deep/policy.json.p7s",
    "deep/package.json.p7s",
    "com.microsoft.Office.Outlook.plist.p7s",
    "profile.xml.signed.mobileconfig",
    "declaration.p7s",
}
"""What is written for FILES; the rest is skipped."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    write_files(tmp_path / "files", FILES)
    return tmp_path / "files"


def test_everything_for_devices_in_a_folder(folder: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("sign", "files")
    assert done.exit_code == 0, done.stderr
    assert set(snapshot(folder)) == FILES.keys() | RESULTS
    assert sorted(done.stdout.splitlines()) == sorted(
        f"files/{name}: signed by {SIGNER}" for name in RESULTS
    )
    assert done.stderr.splitlines() == [
        WARNING,
        "2 files not signed (neither a profile nor JSON): files/note.txt, files/settings.plist",
    ]
    for name in RESULTS:
        assert call_profilegen("verify", f"files/{name}").exit_code == 0
    assert {name: snapshot(folder)[name] for name in FILES} == FILES


def test_a_second_run_signs_the_same_files(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "files").exit_code == 0
    done = call_profilegen("sign", "files")
    assert done.exit_code == 0, done.stderr
    assert set(snapshot(folder)) == FILES.keys() | RESULTS
    replaced = [line for line in done.stderr.splitlines() if line.endswith(" is replaced.")]
    assert len(replaced) == len(RESULTS)


def test_another_folder_gets_the_same_structure(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    for output in ("out/new", "files/signed", "files/signed"):
        done = call_profilegen("sign", "files", "-o", output)
        assert done.exit_code == 0, done.stderr
        assert set(snapshot(folder.parent / output)) == RESULTS
        assert set(snapshot(folder)) - {f"signed/{name}" for name in RESULTS} == FILES.keys()
    assert call_profilegen("sign", "files", "-o", "files").exit_code == 0
    assert set(snapshot(folder)) >= RESULTS


def test_folders_and_files_together(folder: Path, call_profilegen: RunProfilegen) -> None:
    (folder.parent / "one.json").write_bytes(POLICY)
    done = call_profilegen("sign", "files/deep", "one.json", "-o", "out", "--detached")
    assert done.exit_code == 0, done.stderr
    assert set(snapshot(folder.parent / "out")) == {
        "one.json.p7s",
        "policy.json.p7s",
        "package.json.p7s",
        "er/b.mobileconfig.p7s",
    }


def test_signed_profiles_are_signed_again_and_signatures_left_out(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    signed = folder.parent / "signed"
    assert call_profilegen("sign", "files", "-o", "signed").exit_code == 0
    certificate = (folder.parent / "certs" / "root.pem").read_bytes()
    write_files(signed, {"root.pem": certificate, "der.cer": b"0\x03\x02\x01\x01"})
    (signed / "a.signed.mobileconfig").rename(signed / "a.mobileconfig")
    (signed / "declaration.p7s").rename(signed / "declaration.sig")
    done = call_profilegen("sign", "signed", "-o", "again", "--format", "json")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert [item["signed"] for item in document["files"]] == [
        "again/a.signed.mobileconfig",
        "again/profile.xml.signed.mobileconfig",
        "again/deep/er/b.signed.mobileconfig",
    ]
    own = document["signer"]
    assert all(item["replaced"] == own | {"others": []} for item in document["files"])
    assert document["skipped"] == [
        {"file": "signed/der.cer", "reason": "neither a profile nor JSON"},
        {"file": "signed/root.pem", "reason": "neither a profile nor JSON"},
    ]


def test_links_are_not_followed(folder: Path, call_profilegen: RunProfilegen) -> None:
    outside = folder.parent / "outside"
    write_files(outside, {"x.mobileconfig": PROFILE})
    (folder / "link").symlink_to(outside)
    (folder / "z.mobileconfig").symlink_to(outside / "x.mobileconfig")
    os.mkfifo(folder / "pipe")
    done = call_profilegen("sign", "files")
    assert done.exit_code == 0, done.stderr
    assert set(snapshot(outside)) == {"x.mobileconfig"}
    assert "2 files not signed (a link): files/link, files/z.mobileconfig" in done.stderr
    assert "files/pipe" in done.stderr
    (folder.parent / "named").symlink_to(folder)
    assert call_profilegen("sign", "named", "-o", "out").exit_code == 0
    assert set(snapshot(folder.parent / "out")) == RESULTS


def test_a_long_list_is_cut(folder: Path, call_profilegen: RunProfilegen) -> None:
    write_files(folder, {f"{number}.txt": b"" for number in range(7)})
    done = call_profilegen("sign", "files")
    assert "9 files not signed (neither a profile nor JSON): files/0.txt, " in done.stderr
    assert "files/4.txt, ...\n" in done.stderr
    assert call_profilegen("sign", "files", "--quiet").stderr == f"{WARNING}\n"


def test_a_film_among_the_files(folder: Path, call_profilegen: RunProfilegen) -> None:
    with (folder / "film.mp4").open("wb") as film:
        film.truncate(MAX_INPUT + 1)
    done = call_profilegen("sign", "files")
    assert done.exit_code == 0, done.stderr
    assert "3 files not signed (neither a profile nor JSON): files/film.mp4, " in done.stderr
    (folder / "film.mp4").rename(folder / "film.json")
    done = call_profilegen("sign", "files")
    assert done.exit_code == 3
    assert "error: files/film.json: the file is larger than 64 MiB" in done.stderr


@pytest.mark.parametrize(
    ("files", "code", "message"),
    [
        ({"x.mobileconfig": b"<plist><dict>"}, 3, "files/x.mobileconfig: not a document for "),
        ({"X.MOBILECONFIG": b"<plist><dict>"}, 3, "files/X.MOBILECONFIG: not a document for "),
        ({"x.mobileconfig": b"0\x03\x02\x01\x01"}, 5, "files/x.mobileconfig: "),
        ({"x.json": b'{"a":'}, 3, "files/x.json: no JSON: line 1"),
        ({"x.json": b"\xff\xfe\xfd"}, 3, "files/x.json: no JSON: "),
        ({"deep/release.json": b"{}"}, 2, "files/deep: is a release, whose manifest names "),
        ({"deep/a.json.p7s/x": b""}, 2, "files/deep/a.json.p7s: cannot be written: Is a dir"),
    ],
)
def test_all_or_nothing(
    files: dict[str, bytes],
    code: int,
    message: str,
    folder: Path,
    call_profilegen: RunProfilegen,
) -> None:
    write_files(folder, {"deep/a.json": POLICY} | files)
    before = snapshot(folder.parent)
    done = call_profilegen("sign", "files")
    assert (done.exit_code, done.stdout) == (code, "")
    assert f"error: {message}" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: ")
    assert snapshot(folder.parent) == before


def test_a_broken_signature_among_good_files(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert (
        call_profilegen("sign", "files/a.mobileconfig", "-o", "files/z.mobileconfig").exit_code == 0
    )
    path = folder / "z.mobileconfig"
    path.write_bytes(path.read_bytes().replace(b"Configuration", b"ConfiguratiOn"))
    before = snapshot(folder.parent)
    done = call_profilegen("sign", "files", "-o", "out/deep")
    assert (done.exit_code, done.stdout) == (5, "")
    assert "error: files/z.mobileconfig: the content was changed after signing" in done.stderr
    assert snapshot(folder.parent) == before
    assert not (folder.parent / "out").exists()


def test_a_folder_that_is_a_release(folder: Path, call_profilegen: RunProfilegen) -> None:
    write_files(folder.parent / "dist", small_release())
    for name in ("dist", ".", "dist/"):
        done = call_profilegen("sign", name)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            "error: dist: is a release, whose manifest names every file as it is",
            "hint: Build it anew, or name the single files to sign.",
        ]
    assert call_profilegen("verify", "dist").exit_code == 0


def test_a_folder_without_anything_to_sign(folder: Path, call_profilegen: RunProfilegen) -> None:
    write_files(folder.parent / "empty", {"note.txt": b"", "a.json.p7s": b"", ".x.json": b"{}"})
    done = call_profilegen("sign", "empty", "files")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.splitlines() == [
        "error: empty: the folder holds nothing to sign",
        "hint: Name a folder with profiles or JSON files in it.",
    ]
    assert set(snapshot(folder)) == FILES.keys()


@pytest.mark.parametrize("output", ["files/note.txt", "files/note.txt/x"])
def test_a_folder_goes_to_a_folder(
    output: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    before = snapshot(folder)
    done = call_profilegen("sign", "files", "-o", output)
    assert (done.exit_code, done.stdout) == (2, "")
    assert snapshot(folder) == before


def test_two_folders_with_one_place(folder: Path, call_profilegen: RunProfilegen) -> None:
    write_files(folder.parent / "more", {"a.mobileconfig": PROFILE})
    done = call_profilegen("sign", "files", "more", "-o", "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "out/a.signed.mobileconfig: two of the files would be written to this" in done.stderr


def test_a_folder_that_cannot_be_read(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path).endswith("deep"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return listed(path)

    before = snapshot(folder)
    with monkeypatch.context() as patch:  # root may read every folder
        patch.setattr(os, "scandir", scandir)
        done = call_profilegen("sign", "files")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "error: files/deep: cannot read the folder: Permission denied" in done.stderr
    assert snapshot(folder) == before
