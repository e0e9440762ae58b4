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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from profilegen.errors import UsageError
from profilegen.release.durable import sync_folder
from profilegen.release.set_aside import let_go, set_aside, take_back
from profilegen.release.whole_files import failures_of

MANIFEST = "release.json"
# How every manifest begins, of any version; also of one that was damaged further down.
_SCHEMA = b'"profilegen.release/'
_MANIFEST_START = 256
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_OTHER_FOLDER = "Name a new folder with -o, or an earlier release."


def refuse_foreign_folder(folder: Path) -> None:
    """Raise UsageError when `folder` holds something that is no release, lest it be replaced."""
    with failures_of(folder):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            message = f"{folder}: the output is not a folder"
            raise UsageError(message, hint=_OTHER_FOLDER)
        if folder.is_dir() and any(folder.iterdir()) and not _holds_release(folder):
            message = f"{folder}: the folder holds files that are no release; it would be replaced"
            raise UsageError(message, hint=_OTHER_FOLDER)
        if Path.cwd().is_relative_to(folder.resolve()):
            message = f"{folder}: the current folder lies in the output, which would be replaced"
            raise UsageError(message, hint="Name another folder with -o, or leave this one.")


def stage_of(folder: Path) -> Path:
    """Return the folder beside `folder` in which a release for its place is written."""
    place = folder.resolve()
    return place.with_name(f".{place.name}.partial")


def _never(_error: BaseException) -> bool:
    return False


@contextmanager
def staged(
    folder: Path,
    *,
    resume: bool = False,
    keep: Callable[[BaseException], bool] = _never,
    private: Iterable[str] = (),
) -> Iterator[Path]:
    """Give a folder to write into; it takes the place of `folder` when the block ends well.

    The folder is empty, or with `resume` as an earlier block left it, even one that was killed
    while it was published. What lies in it under the names `private` is not published.
    Raises UsageError when another build is writing the same release, when the folder cannot be
    written, and what `refuse_foreign_folder` does. When the block raises, `folder` stays as it was
    and what was written is removed, unless `keep` says of the error that it is to stay.
    """
    refuse_foreign_folder(folder)
    place, stage = folder.resolve(), stage_of(folder)
    with failures_of(folder):
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock_stage(stage, folder)
    try:
        try:
            with failures_of(folder):
                _restore(place)
                if resume:
                    take_back(stage)
                else:
                    let_go(stage)
                    _empty(stage)
            yield stage
            with failures_of(folder):
                _publish(stage, place, private)
        except BaseException as error:
            if _is_still(stage, lock):
                with suppress(OSError):
                    take_back(stage)
                if not keep(error):
                    shutil.rmtree(stage, ignore_errors=True)
            raise
    finally:
        os.close(lock)


def _holds_release(folder: Path) -> bool:
    """Whether the folder's release.json is ours: other tools use that name too."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    with manifest.open("rb") as stream:
        return _SCHEMA in stream.read(_MANIFEST_START)


def _lock_stage(stage: Path, folder: Path) -> int:
    """Make `stage` and return the descriptor that locks it against other builds of `folder`."""
    while True:
        stage.mkdir(exist_ok=True)
        try:
            descriptor = _open_folder(stage)
        except FileNotFoundError:  # another build has just published it
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(stage, descriptor):
                return descriptor
        except BlockingIOError as error:
            os.close(descriptor)
            message = f"{folder}: another build is writing this release"
            raise UsageError(
                message, hint="Wait for it, or name another folder with -o."
            ) from error
        os.close(descriptor)


def _is_still(stage: Path, descriptor: int) -> bool:
    """Whether `stage` is the folder that was opened, not one made after that was published."""
    try:
        return os.path.samestat(stage.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _open_folder(folder: Path) -> int:
    # No link: it would lead the build to empty and fill a folder somewhere else.
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _restore(folder: Path) -> None:
    """Bring back the release that a build moved away before it was killed."""
    old = _old(folder)
    if old.is_dir() and not folder.exists():
        old.rename(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _publish(stage: Path, folder: Path, private: Iterable[str]) -> None:
    for path, _, _ in os.walk(stage):
        sync_folder(Path(path))
    # At the last moment, and at once: until the release is in its place the build can go on.
    set_aside(stage, private)
    _replace(stage, folder)
    let_go(stage)


def _replace(stage: Path, folder: Path) -> None:
    if not folder.is_dir():
        stage.rename(folder)
        sync_folder(folder.parent)
        return
    # The old release gets the name that is locked: no other build may take it while it goes.
    lock = _open_folder(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _exchange(stage, folder)
        sync_folder(folder.parent)
        shutil.rmtree(stage, ignore_errors=True)
    finally:
        os.close(lock)


def _exchange(stage: Path, folder: Path) -> None:
    """Let two folders change names at once, or move the old one away where that is impossible."""
    if not _exchange_at_once(os.fsencode(stage), os.fsencode(folder)):
        old = _old(folder)
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        try:
            stage.rename(folder)
        finally:
            _restore(folder)
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
