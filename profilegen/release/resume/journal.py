"""The journal of a build for users: which job it is, and which chunks are whole on disk.

It lies in the stage of the release and goes before that is published. A chunk is noted twice: when
it is begun, so that what is left of it will be written over by the same users' files and by no
other's, and when all its files are on disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from profilegen.release.durable import sync_folder
from profilegen.release.manifest import ReleasedFile
from profilegen.release.sinks.model import ChunkDone, IndexPart, Refused
from profilegen.release.whole_files import failures_of

JOURNAL_FOLDER = ".journal"
_JOB = "job.json"
_CHUNKS = "chunks"
_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of a chunk: the digest of its users, and what it is when it is whole.

    `counts` has numbers of its users, as `finish` was given them.
    """

    users_sha256: str
    done: ChunkDone | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in the folder `stage`: small and picklable, so that every worker has one.

    Methods that write raise UsageError when the file system fails.
    """

    stage: Path

    def start(self, job: Mapping[str, str]) -> None:
        """Note the job, by what decides its bytes, where there is no journal yet."""
        if self.job() is None:
            self._write(_JOB, dict(job), durable=True)

    def job(self) -> dict[str, str] | None:
        """Return what `start` noted, None where that cannot be read: then there is no journal."""
        job = self._read(_JOB)
        if job is None or not all(isinstance(value, str) for value in job.values()):
            return None
        return job

    def begin(self, number: int, users_sha256: str) -> None:
        """Note that files of the chunk `number` may be there from now on."""
        self._write(
            _name(number), {"users": users_sha256, "done": None, "counts": {}}, durable=False
        )

    def finish(self, users_sha256: str, done: ChunkDone, counts: Mapping[str, int]) -> None:
        """Note that a chunk is whole; its files are on disk already."""
        note = {"users": users_sha256, "done": asdict(done), "counts": dict(counts)}
        self._write(_name(done.number), note, durable=True)

    def noted(self, number: int) -> Noted | None:
        """Return what is known of the chunk `number`, None for one that was not begun."""
        note = self._read(_name(number))
        if note is None:
            return None
        try:
            done = None if note["done"] is None else _chunk(note["done"])
            counts = {str(name): int(count) for name, count in note["counts"].items()}
            return Noted(str(note["users"]), done, counts)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    def numbers(self) -> list[int]:
        """Return the numbers of all chunks that were begun, in no order."""
        return [int(path.stem) for path in self._folder(_CHUNKS).glob("[0-9]*.json")]

    def users_done(self) -> int:
        """Return how many users the chunks have that are whole."""
        notes = [self.noted(number) for number in self.numbers()]
        chunks = [note.done for note in notes if note is not None]
        return sum(chunk.users for chunk in chunks if chunk is not None)

    def _folder(self, *names: str) -> Path:
        return self.stage.joinpath(JOURNAL_FOLDER, *names)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads(self._folder(name).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def _write(self, name: str, note: Mapping[str, object], *, durable: bool) -> None:
        """Write a note whole or not at all; one that is not `durable` may be lost with the power.

        Notes get their names at once and on disk before what they say is relied on.
        """
        path = self._folder(name)
        partial = path.with_name(path.name + _PARTIAL)
        with failures_of(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8") as stream:
                json.dump(note, stream)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            partial.replace(path)
            if durable:
                sync_folder(path.parent)


def _name(number: int) -> str:
    return f"{_CHUNKS}/{number:05}.json"


def _chunk(note: Mapping[str, Any]) -> ChunkDone:
    refused = tuple(Refused(*each) for each in note["refused"])
    return ChunkDone(note["number"], note["users"], tuple(map(_part, note["parts"])), refused)


def _part(note: Mapping[str, Any]) -> IndexPart:
    archive = note["archive"]
    if archive is not None:
        archive = ReleasedFile(**{**archive, "encrypted_for": tuple(archive["encrypted_for"])})
    return IndexPart(**{**note, "archive": archive})
