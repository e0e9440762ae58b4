"""Write files whole or not at all, and tell what the file system says against it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from profilegen.errors import UsageError

_CHECK_FOLDER = "Check the folder and that you may write there."
_FULL = (errno.ENOSPC, errno.EDQUOT)
_MAKE_ROOM = "Make room there."


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and have it on disk before the release is published.

    Raises UsageError when it cannot be written.
    """
    with failures_of(path):
        _write_new(path, content)


def replace_files(files: Iterable[tuple[Path, bytes]]) -> None:
    """Write files, in the place of ones that may be there; the first appears when all are on disk.

    `files` may make each content when it is asked for: whatever that raises, and any file that
    cannot be written, which is a UsageError, leaves every place as it was.
    """
    made: list[Path] = []
    waiting: dict[Path, Path] = {}
    try:
        for path, content in files:
            with failures_of(path):
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
                made += [parent for parent in path.parents if not parent.exists()]
                partial = path.with_name(f".{path.name}.partial")
                partial.unlink(missing_ok=True)
                waiting[path] = partial
                _write_new(partial, content)
        for path, partial in waiting.items():
            with failures_of(path):
                partial.replace(path)
    finally:
        for partial in waiting.values():
            partial.unlink(missing_ok=True)
        # Deepest first; those that hold a file by now stay.
        for folder in sorted(made, reverse=True):
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def failures_of(path: Path) -> Iterator[None]:
    """Turn a failure of the file system into a UsageError that names `path`."""
    try:
        yield
    except OSError as error:
        inner = error.filename and os.fspath(error.filename) != os.fspath(path)
        where = f" ({os.fsdecode(error.filename)})" if inner else ""
        message = f"{path}: cannot be written: {error.strerror}{where}"
        hint = _MAKE_ROOM if error.errno in _FULL else _CHECK_FOLDER
        raise UsageError(message, hint=hint) from error


def _write_new(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
