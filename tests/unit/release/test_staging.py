"""Folders that change places and files that are replaced: whole, or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

import pytest

from profilegen.errors import UsageError
from profilegen.release import staging

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


def test_a_folder_that_is_no_release_is_no_place_for_one(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "letter.txt").touch()
    with (
        pytest.raises(UsageError, match=r"dist: the folder holds files that are no release"),
        staging.staged(tmp_path / "dist"),
    ):
        pytest.fail("it was entered")
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]
