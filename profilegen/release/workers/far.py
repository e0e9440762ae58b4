"""Workers on other machines: what they made is brought into the stage by the first process alone.

The scheduler of a cluster gives the chunk of a worker that it counts as lost to another one, and
the first one may still be at it. So each writes into a folder of its own; that of the result which
counts is moved into the stage. Workers that do not see the stage send the files as bytes.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from profilegen.errors import UsageError
from profilegen.release.durable import sync_many
from profilegen.release.encryption import Encryption
from profilegen.release.job import Job
from profilegen.release.resume.journal import JOURNAL_FOLDER, Journal
from profilegen.release.resume.wholeness import is_whole
from profilegen.release.sealing import Signer
from profilegen.release.since.earlier import EarlierRelease
from profilegen.release.sinks.sink import Sink
from profilegen.release.whole_files import failures_of
from profilegen.release.workers.chunk_work import ChunkWork
from profilegen.release.workers.chunks import ChunkResult, ChunkTask

_PROBE = "probe"
_TRIES = "tries"


@dataclass(frozen=True, slots=True)
class Probe:
    """A file in the stage with a secret in it: whoever finds that there sees the same folder."""

    stage: Path
    text: str

    def lay(self) -> None:
        """Write the file. Raises UsageError when the file system fails."""
        path = self._path()
        with failures_of(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.text, "utf-8")

    def is_seen(self) -> bool:
        """Say whether this process sees it."""
        try:
            return self._path().read_text("utf-8") == self.text
        except (OSError, UnicodeDecodeError):
            return False

    def _path(self) -> Path:
        return self.stage / JOURNAL_FOLDER / _PROBE


class NearWork:
    """An opened worker that writes chunks into folders of its own in the stage."""

    def __init__(
        self, job: Job, signer: Signer | None, sink: Sink, *, since: EarlierRelease | None
    ) -> None:
        """Write as into `sink`, signed by `signer`, if any; see `ChunkWork`."""
        self._tries = sink.stage / JOURNAL_FOLDER / _TRIES
        self._own = self._tries / secrets.token_hex()
        self._work = ChunkWork(job, signer, replace(sink, stage=self._own), since=since)

    def __call__(self, task: ChunkTask) -> ChunkResult:
        """Return what became of a chunk, and where it lies; raises as `ChunkWork` does."""
        try:
            result = self._work(task)
            if result.tally.resumed:
                return result
            # The next chunk, or the same one once more, does not get there.
            place = self._tries / secrets.token_hex()
            with failures_of(place):
                self._own.rename(place)
            return replace(result, place=place)
        finally:
            shutil.rmtree(self._own, ignore_errors=True)


class FarWork:
    """An opened worker that writes chunks into a folder of its own, and gives their files away."""

    def __init__(self, job: Job, signer: Signer | None, sink: Sink) -> None:
        """Write as into `sink`, signed by `signer`, if any."""
        self._folder = TemporaryDirectory(prefix="profilegen-")
        self._stage = Path(self._folder.name)
        self._work = ChunkWork(job, signer, replace(sink, stage=self._stage))

    def __call__(self, task: ChunkTask) -> ChunkResult:
        """Return what became of a chunk, with its files; raises as `ChunkWork` does."""
        try:
            result = self._work(task)
            if result.tally.resumed:
                return result
            return replace(result, files=tuple(_files(self._stage)))
        finally:
            for entry in self._stage.iterdir():
                shutil.rmtree(entry)


def refuse_far_since() -> None:
    """Raise UsageError: signatures of an earlier release are kept where that release is."""
    message = "--since: the workers do not see the folder of the release"
    hint = "Let them see it under the same path, or use processes of this machine."
    raise UsageError(message, hint=hint)


def with_notes(
    tasks: Iterable[ChunkTask], journal: Journal, encryption: Encryption | None
) -> Iterator[ChunkTask]:
    """Yield `tasks` with what the journal has of them, once it is known to be so (`is_whole`)."""
    for task in tasks:
        noted = journal.noted(task.number)
        if noted is not None and noted.done is not None:
            whole = is_whole(journal.stage, noted.done, encryption)
            noted = noted if whole else replace(noted, done=None)
        yield replace(task, noted=noted)


def brought_home(result: ChunkResult, journal: Journal) -> ChunkResult:
    """Return `result` with its files in the stage and in the journal, and nowhere else.

    Raises UsageError when the file system fails.
    """
    stage = journal.stage
    journal.begin(result.done.number, result.users_sha256)
    with failures_of(stage):
        paths = [*_written(result, stage), *_moved(result, stage)]
        sync_many(stage, paths)
    journal.finish(result.users_sha256, result.done, result.tally.kept)
    return replace(result, files=(), place=None)


def _written(result: ChunkResult, stage: Path) -> Iterator[Path]:
    for name, content in result.files:
        path = stage / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        yield path


def _moved(result: ChunkResult, stage: Path) -> Iterator[Path]:
    if result.place is None:
        return
    for name in _names(result.place):
        path = stage / name
        try:
            (result.place / name).replace(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            (result.place / name).replace(path)
        yield path
    with suppress(OSError):
        shutil.rmtree(result.place)


def _files(stage: Path) -> Iterator[tuple[str, bytes]]:
    for name in _names(stage):
        yield name, (stage / name).read_bytes()


def _names(stage: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(stage):
        if JOURNAL_FOLDER in folders:
            folders.remove(JOURNAL_FOLDER)
        for name in names:
            yield Path(folder, name).relative_to(stage).as_posix()
