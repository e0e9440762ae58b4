"""Folders that change places and files that are replaced: whole, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from profilegen.errors import SigningError, UsageError
from profilegen.release import staging
from tests.support.releases import snapshot, write_files

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is Linux's")


def exchange(one: Path, other: Path) -> bool:
    return staging._exchange_at_once(os.fsencode(one), os.fsencode(other))  # noqa: SLF001 - the system call itself


@on_linux
def test_two_folders_change_names(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


@on_linux
def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "a", tmp_path / "none")


@on_linux
def test_what_the_system_cannot_do_is_done_otherwise(tmp_path: Path) -> None:
    """A folder and one inside it: EINVAL, as from a file system without the call."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert not exchange(tmp_path / "a", tmp_path / "a" / "b")


@on_linux
def test_a_system_library_without_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name, *, use_errno: object() if use_errno else None)
    assert not exchange(tmp_path, tmp_path)


def test_a_stage_that_somebody_took_away_is_not_missed(tmp_path: Path) -> None:
    """What is no longer the locked folder is not removed: it may be another build's."""
    taken = tmp_path / "taken"

    def fail(stage: Path) -> None:
        stage.rename(taken)
        stage.mkdir()
        (stage / "theirs").touch()
        message = "on purpose"
        raise UsageError(message)

    with (
        pytest.raises(UsageError, match="on purpose"),
        staging.staged(tmp_path / "dist") as stage,
    ):
        fail(stage)
    assert (tmp_path / ".dist.partial" / "theirs").exists()
    shutil.rmtree(taken)


def test_files_are_replaced_together(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    staging.replace_files([(tmp_path / "a", b"new"), (tmp_path / "b" / "c" / "d", b"")])
    assert snapshot(tmp_path) == {"a": b"new", "b/c/d": b""}


def test_no_file_is_replaced_where_one_cannot_be(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": b"old", "file": b"", "folder/x": b""})
    before = snapshot(tmp_path)
    for name in ("folder", "file/x", "\0"):
        files = [(tmp_path / "a", b"new"), (tmp_path / "new" / "b", b""), (tmp_path / name, b"")]
        with pytest.raises((UsageError, ValueError)):
            staging.replace_files(files)
        assert snapshot(tmp_path) == before
        assert not (tmp_path / "new").exists()


def test_no_file_is_replaced_where_a_content_cannot_be_made(tmp_path: Path) -> None:
    def files() -> Iterator[tuple[Path, bytes]]:
        yield tmp_path / "new" / "a", b"new"
        message = "signing failed"
        raise SigningError(message)

    with pytest.raises(SigningError):
        staging.replace_files(files())
    assert list(tmp_path.iterdir()) == []
