"""Have folders and new files on disk: many in one pass, not with a wait for each file.

fsync(2) of every small file costs ten times as much as writing it. Linux has syncfs(2), which
writes back a whole file system and says whether that failed (since 5.8); sync(2) does not say it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def sync_many(folder: Path, files: Iterable[Path]) -> None:
    """Have `files` and the folders that they lie in on disk; all are below `folder`.

    Raises OSError when they cannot be written.
    """
    if not _sync_file_system(folder):
        sync_each(folder, files)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk. Raises OSError as above."""
    _sync(folder, _FOLDER)


def sync_each(folder: Path, files: Iterable[Path]) -> None:
    """Do what `sync_many` does, without what others have to write to the same file system."""
    folders: set[Path] = set()
    for file in files:
        _sync(file, os.O_RDONLY | os.O_NOFOLLOW)
        folders.update(file.relative_to(folder).parents)
    for inner in folders:
        sync_folder(folder / inner)


def _sync_file_system(folder: Path) -> bool:
    """Call syncfs(2); returns False where the system has no such call."""
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except AttributeError:
        return False
    descriptor = os.open(folder, _FOLDER)
    try:
        if syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
    return True


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
