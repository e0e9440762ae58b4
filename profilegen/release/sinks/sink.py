"""Write the files of a fleet into the stage of a release, chunk by chunk, and join what came of it.

A chunk is written by one process, whichever; the process that builds the release joins them all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from profilegen.errors import InputError
from profilegen.inspection.user_index import COLUMNS, INDEX_KIND, index_path
from profilegen.release.manifest import UNSIGNED, ReleasedFile
from profilegen.release.sinks.chunk import ChunkWriter
from profilegen.release.sinks.model import ChunkDone, IndexPart, Packing
from profilegen.release.whole_files import failures_of

_HEADER = (",".join(COLUMNS) + "\r\n").encode()


class DamagedChunkError(InputError):
    """What a chunk wrote has changed since: nothing may be published from it."""

    slug = "chunk"

    def __init__(self, path: Path) -> None:
        """Name the file that changed."""
        super().__init__(
            f"{path}: changed while the release was built", hint="Build it again from the start."
        )


@dataclass(frozen=True, slots=True)
class Sink:
    """Where users' files go: small and picklable, so that every worker has one.

    `stage` is the folder that becomes the release, `created` (UTC) the time that archives give
    their members.
    """

    stage: Path
    packing: Packing
    created: datetime

    def chunk(self, number: int) -> ChunkWriter:
        """Return the writer of a chunk, counted from 0 in the order of the users.

        What an earlier try left of the chunk is written over.
        """
        return ChunkWriter(self.stage, self.packing, self.created, number)

    def finish(self, chunks: Sequence[ChunkDone]) -> tuple[ReleasedFile, ...]:
        """Write the index of each target; return it and the archives, for the manifest.

        `chunks` are all of the release, in order. Can be called again after an interruption. Raises
        UsageError when the file system fails, InputError when a part is not what its chunk wrote.
        """
        parts: dict[str, list[IndexPart]] = {}
        for chunk in chunks:
            for part in chunk.parts:
                parts.setdefault(part.target, []).append(part)
        archives = (part.archive for each in parts.values() for part in each)
        indexes = [self._index(target, each) for target, each in parts.items()]
        return (*indexes, *(archive for archive in archives if archive is not None))

    def _index(self, target: str, parts: Sequence[IndexPart]) -> ReleasedFile:
        """Join the parts of one target's index."""
        path = index_path(target)
        digest, size = hashlib.sha256(_HEADER), len(_HEADER)
        with failures_of(self.stage / path), (self.stage / path).open("wb") as stream:
            stream.write(_HEADER)
            for part in parts:
                content = (self.stage / part.path).read_bytes()
                if hashlib.sha256(content).hexdigest() != part.sha256:
                    raise DamagedChunkError(self.stage / part.path)
                digest.update(content)
                size += stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        entries = sum(sum(part.kinds.values()) for part in parts)
        return ReleasedFile(
            *(path, INDEX_KIND, target, UNSIGNED, size, digest.hexdigest()), entries=entries
        )
