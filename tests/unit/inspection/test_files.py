"""Which files an inspection finds below folders, and which it never opens."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from profilegen.audit.document import MAX_BYTES
from profilegen.inspection.files import (
    Source,
    Unread,
    find_sources,
    read_source,
    signature_beside,
    signed_by,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "b").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("c.json", "a.json", "b/x.txt", ".hidden", ".git/config"):
        (folder / name).write_text(name)
    return folder


def names(folder: Path, *paths: Path) -> list[str]:
    return [source.path.relative_to(folder).as_posix() for source in find_sources(paths)]


def unread(path: Path, *, named: bool = False) -> Unread:
    found = read_source(Source(path, named))
    assert isinstance(found, Unread)
    return found


def test_folders_are_walked_in_order_without_version_control(folder: Path) -> None:
    assert names(folder, folder) == [".hidden", "a.json", "b/x.txt", "c.json"]
    assert not any(source.named for source in find_sources([folder]))


def test_a_file_stands_once_and_counts_as_named(folder: Path) -> None:
    named = folder / "b" / ".." / "a.json"
    sources = find_sources([folder, named, folder, folder / "b"])
    assert [source.path.name for source in sources] == [".hidden", "a.json", "x.txt", "c.json"]
    assert [source.path.name for source in sources if source.named] == ["a.json"]
    assert [source.path for source in find_sources([named, folder]) if source.named] == [named]


def test_names_are_as_they_were_reached(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [source.name for source in find_sources([Path("b")])] == ["b/x.txt"]
    assert find_sources([Path()])[1].name == "a.json"


def test_links_below_a_folder_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    (folder / "loop").symlink_to(folder)
    (folder / "dangling").symlink_to(folder / "none")
    assert names(folder, folder)[3:] == ["c.json", "dangling", "link.json", "loop"]
    for name in ("dangling", "link.json", "loop"):
        found = unread(folder / name)
        assert (found.foreign, "symbolic link" in found.message) == (True, True)


def test_a_link_that_is_named_is_meant(folder: Path) -> None:
    link = folder / "link.json"
    link.symlink_to(folder / "a.json")
    assert read_source(Source(link, named=True)) == b"a.json"
    through = folder / "through"
    through.symlink_to(folder / "b")
    assert names(folder, through) == ["through/x.txt"]


@pytest.mark.parametrize("named", [True, False])
def test_what_is_no_plain_file_is_not_opened(folder: Path, *, named: bool) -> None:
    os.mkfifo(folder / "pipe.json")
    found = unread(folder / "pipe.json", named=named)
    assert (found.message, found.foreign) == ("it is no plain file", True)


@pytest.mark.parametrize(("name", "foreign"), [("a.mobileconfig", False), ("disk.iso", True)])
def test_large_files_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, foreign: bool
) -> None:
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    monkeypatch.setattr(Path, "open", None)
    found = unread(path)
    assert found.foreign is foreign
    assert found.message == f"it is larger than {MAX_BYTES // 1024 // 1024} MiB"


def test_a_file_that_grows_is_not_read_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}  ")
    assert read_source(Source(path, named=True)) == b"{}  "
    status = path.stat()
    monkeypatch.setattr("profilegen.inspection.files.MAX_BYTES", 3)
    small = os.stat_result((*status[:6], 2, *status[7:]))
    monkeypatch.setattr(Path, "stat", lambda *_arguments, **_options: small)
    assert "larger" in unread(path).message


def test_a_folder_that_cannot_be_listed_stands_for_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    assert names(folder, folder) == ["."]
    found = unread(folder)
    assert found == Unread(
        "cannot read the folder: Permission denied", "Check the path and that you may read it."
    )


def test_a_folder_that_can_be_listed_again_is_no_file(folder: Path) -> None:
    assert unread(folder).message == "it is no plain file"


def test_a_file_that_went_away(tmp_path: Path) -> None:
    found = unread(tmp_path / "none.json")
    assert (found.message, found.foreign) == (
        "cannot read the file: No such file or directory",
        False,
    )


def test_signatures_lie_beside_their_file(folder: Path) -> None:
    signature = folder / "a.json.p7s"
    assert signature_beside(folder / "a.json") is None
    signature.write_bytes(b"")
    assert signature_beside(folder / "a.json") == signature
    assert signed_by(signature) == folder / "a.json"
    assert signed_by(folder / "a.json") is None
    (folder / "none.p7s").write_bytes(b"")
    assert signed_by(folder / "none.p7s") is None
