"""Read and write the small files of keys and certificates, with bounds and with file modes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from profilegen.errors import SigningError

MAX_FILE = 1024 * 1024
"""Bytes. The store of a whole operating system is a quarter of that."""

PRIVATE = 0o600
PUBLIC = 0o644


def read_small_file(path: Path, *, limit: int = MAX_FILE) -> bytes:
    """Return the content of a key or certificate file of at most `limit` bytes.

    Raises SigningError when it is missing, unreadable or larger.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError as error:
        message = f"{path}: no such file"
        raise SigningError(message, hint="Check the path.") from error
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise SigningError(message, hint="Check the path and that you may read it.") from error
    if len(data) > limit:
        message = f"{path}: larger than {limit // 1024} KiB, so no key or certificate file"
        raise SigningError(message, hint="Check the path.")
    return data


def write_new_file(path: Path, data: bytes, *, mode: int) -> None:
    """Write `data` to a file that must not exist yet and has `mode` from its first moment.

    The bytes are on the disk when this returns. Raises SigningError when the file exists already
    or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError as error:
        message = f"{path}: exists already"
        raise SigningError(message, hint="Choose another name; nothing is overwritten.") from error
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}"
        raise SigningError(
            message, hint="Check the folder and that you may write there."
        ) from error


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Wait for other processes that work in `folder`; a killed one gives its lock back.

    Raises OSError when the folder cannot be opened. On Windows folders cannot be locked, and are
    not.
    """
    if sys.platform == "win32":  # pragma: no cover
        yield
        return
    import fcntl  # noqa: PLC0415 - there is none on Windows

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
