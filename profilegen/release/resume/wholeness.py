"""Whether a chunk is still what it was when it was noted as whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from profilegen.inspection.user_index import COLUMNS
from profilegen.release.manifest import file_sha256
from profilegen.release.sinks.model import ChunkDone, IndexPart

_FILE, _SHA256 = COLUMNS.index("file"), COLUMNS.index("sha256")


def is_whole(stage: Path, chunk: ChunkDone) -> bool:
    """Say whether every file of `chunk` is in `stage`, as it was written.

    All of them are read: they were written by a build that nobody saw end.
    """
    return all(
        _digest(stage / path) == digest
        for part in chunk.parts
        for path, digest in _files(stage, part)
    )


def _files(stage: Path, part: IndexPart) -> Iterator[tuple[str, str]]:
    """Yield the path and the digest of each file, the part of the index first.

    What it names is yielded only once that was asked for, so that it is judged before it is read.
    """
    yield part.path, part.sha256
    if part.archive is not None:
        yield part.archive.path, part.archive.sha256
        return
    text = (stage / part.path).read_text("utf-8")
    for cells in csv.reader(io.StringIO(text, newline="")):
        yield cells[_FILE], cells[_SHA256]


def _digest(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError:
        return ""
