"""Whether a chunk is still what it was when it was noted as whole, and what would be made now."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from profilegen.inspection.user_index import COLUMNS, user_of
from profilegen.release.encryption import Encryption, fingerprints
from profilegen.release.manifest import file_sha256
from profilegen.release.sinks.model import ChunkDone, IndexPart

_FILE, _SHA256 = COLUMNS.index("file"), COLUMNS.index("sha256")
_USER, _READERS = COLUMNS.index("user"), COLUMNS.index("encrypted_for")


def is_whole(stage: Path, chunk: ChunkDone, encryption: Encryption | None) -> bool:
    """Say whether every file of `chunk` is in `stage`, as it was written, for the devices of now.

    All of them are read: they were written by a build that nobody saw end. Certificates of devices
    may have been replaced since, and nobody means those that are gone. Raises SigningError for one
    that cannot be used.
    """
    return all(
        _digest(stage / path) == digest
        for part in chunk.parts
        for path, digest in _files(stage, part)
    ) and (encryption is None or _is_for_devices(stage, chunk, encryption))


def _files(stage: Path, part: IndexPart) -> Iterator[tuple[str, str]]:
    """Yield the path and the digest of each file, the part of the index first.

    What it names is yielded only once that was asked for, so that it is judged before it is read.
    """
    yield part.path, part.sha256
    if part.archive is not None:
        yield part.archive.path, part.archive.sha256
        return
    for cells in _entries(stage, part):
        yield cells[_FILE], cells[_SHA256]


def _entries(stage: Path, part: IndexPart) -> Iterator[list[str]]:
    text = (stage / part.path).read_text("utf-8")
    yield from csv.reader(io.StringIO(text, newline=""))


def _is_for_devices(stage: Path, chunk: ChunkDone, encryption: Encryption) -> bool:
    """Say whether what is encrypted in a whole `chunk` is so for the devices of its users."""
    encrypted = {
        (cells[_USER], cells[_READERS])
        for part in chunk.parts
        for cells in _entries(stage, part)
        if cells[_READERS]
    }
    return all(
        fingerprints(encryption.recipients_of(user_of(user))) == tuple(readers.split())
        for user, readers in encrypted
    )


def _digest(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError:
        return ""
