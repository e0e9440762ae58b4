"""Publish a folder whole or not at all.

A release is written into a hidden folder beside its place and changes places with the old one in
a single system call, so that a build killed at any moment leaves the old release as it was.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from profilegen.errors import UsageError

MANIFEST = "release.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def refuse_foreign_folder(folder: Path) -> None:
    """Raise UsageError when `folder` holds something that is no release, lest it be replaced."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        message = f"{folder}: the output is not a folder"
        raise UsageError(message, hint="Name a new folder with -o, or an earlier release.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        message = f"{folder}: the folder holds files that are no release; it would be replaced"
        raise UsageError(message, hint="Name a new folder with -o, or an earlier release.")


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into; it takes the place of `folder` when the block ends well.

    Raises UsageError when another build is writing the same release. When the block raises,
    `folder` stays as it was and what was written is removed.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    stage = folder.with_name(f".{folder.name}.partial")
    stage.mkdir(exist_ok=True)
    lock = os.open(stage, os.O_RDONLY)
    try:
        _lock(lock, folder)
        _empty(stage)
        try:
            yield stage
            _publish(stage, folder)
        finally:
            # After the exchange this is the old release, before it what was left half done.
            shutil.rmtree(stage, ignore_errors=True)
    finally:
        os.close(lock)


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and have it on disk before the release is published."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in the place of one that may be there."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        write_file(partial, content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        message = f"{path}: cannot write the file: {error.strerror}"
        raise UsageError(message, hint="Check the folder and that you may write there.") from error


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        message = f"{folder}: another build is writing this release"
        raise UsageError(message, hint="Wait for it, or name another folder with -o.") from error


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _publish(stage: Path, folder: Path) -> None:
    _sync_folders(stage)
    if folder.is_dir():
        _exchange(stage, folder)
    else:
        stage.rename(folder)
    _sync_folder(folder.parent)


def _exchange(stage: Path, folder: Path) -> None:
    """Let two folders change names at once, or move the old one away where that is impossible."""
    if not _exchange_at_once(os.fsencode(stage), os.fsencode(folder)):
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        stage.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _exchange_at_once(one: bytes, other: bytes) -> bool:
    """Call renameat2(2) with RENAME_EXCHANGE, or renamex_np(2) with RENAME_SWAP on macOS.

    Returns False where the system or its file system has no such call.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        result = library.renamex_np(one, other, _RENAME_SWAP)
    elif hasattr(library, "renameat2"):
        result = library.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE)
    else:
        return False
    if result == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), os.fsdecode(other))


def _sync_folders(folder: Path) -> None:
    for path, _, _ in os.walk(folder):
        _sync_folder(Path(path))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
