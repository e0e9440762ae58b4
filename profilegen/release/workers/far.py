"""Workers that do not see the stage of the release: the files of their chunks travel as bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from profilegen.errors import UsageError
from profilegen.release.durable import sync_many
from profilegen.release.job import Job
from profilegen.release.resume.journal import JOURNAL_FOLDER, Journal
from profilegen.release.resume.wholeness import is_whole
from profilegen.release.sealing import Signer
from profilegen.release.sinks.sink import Sink
from profilegen.release.whole_files import failures_of
from profilegen.release.workers.chunk_work import ChunkWork
from profilegen.release.workers.chunks import ChunkResult, ChunkTask

_PROBE = "probe"


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


def with_notes(tasks: Iterable[ChunkTask], journal: Journal) -> Iterator[ChunkTask]:
    """Yield `tasks` with what the journal has of them, once it is known to be so."""
    for task in tasks:
        noted = journal.noted(task.number)
        if noted is not None and noted.done is not None:
            whole = is_whole(journal.stage, noted.done)
            noted = noted if whole else replace(noted, done=None)
        yield replace(task, noted=noted)


def brought_home(result: ChunkResult, journal: Journal) -> ChunkResult:
    """Return `result` without its files, once these are in the stage and in the journal.

    Raises UsageError when the file system fails.
    """
    stage = journal.stage
    journal.begin(result.done.number, result.users_sha256)
    paths = []
    with failures_of(stage):
        for name, content in result.files:
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            paths.append(path)
        sync_many(stage, paths)
    journal.finish(result.users_sha256, result.done, result.tally.kept)
    return replace(result, files=())


def _files(stage: Path) -> Iterator[tuple[str, bytes]]:
    for folder, folders, names in os.walk(stage):
        if JOURNAL_FOLDER in folders:
            folders.remove(JOURNAL_FOLDER)
        for name in names:
            path = Path(folder, name)
            yield path.relative_to(stage).as_posix(), path.read_bytes()
