"""Write the files of one chunk of users: one process, one folder or archive for each target."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from profilegen.inspection.user_index import ARCHIVE_KIND, USERS_FOLDER, cell_of, line_of
from profilegen.release.durable import sync_each, sync_many
from profilegen.release.manifest import UNSIGNED, ReleasedFile
from profilegen.release.sinks.archives import ArchiveWriter, open_archive
from profilegen.release.sinks.model import ChunkDone, IndexPart, OutputFile, Packing, Refused
from profilegen.release.whole_files import failures_of
from profilegen.render.artifact import ArtifactKind

CHUNKS_FOLDER = ".chunks"
"""Where in the stage the parts of indexes wait to be joined."""
_SHARD_DIGITS = 2
_NUMBER_DIGITS = 5
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_MODE = 0o666


def shard_of(user: str) -> str:
    """Return the folder for a user's files, one of 256: it never changes with the other users."""
    digest = hashlib.sha256(user.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:_SHARD_DIGITS]


class _Part:
    """What was written for one target so far; `prefix` is the path of its users' folder."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.lines: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.encrypted = self.size = 0

    def note(self, user: str, place: str, member: str, file: OutputFile) -> None:
        """Add a file of the user, as the index calls it, to the part of the index."""
        kind, size = file.kind, len(file.content)
        self.kinds[kind] += 1
        self.size += size
        readers = ""
        if file.encrypted_for:
            readers = " ".join(file.encrypted_for)
            self.encrypted += kind == ArtifactKind.PROFILE
        cells = (
            *(user, place, member, kind, file.signature, str(size)),
            *(file.sha256, file.content_sha256, file.since, readers),
        )
        self.lines.append(line_of(cells))


class _FolderPart(_Part):
    """Files of one target, each by itself in a shard of the users' folder."""

    def __init__(self, prefix: str, stage: Path) -> None:
        super().__init__(prefix)
        self._stage = stage
        self.paths: list[str] = []

    def write(self, user: str, files: Sequence[OutputFile]) -> None:
        cell, shard = cell_of(user), shard_of(user)
        for file in files:
            place = f"{self.prefix}{shard}/{file.path.removeprefix(self.prefix)}"
            _write_file(f"{self._stage}/{place}", file.content)
            self.paths.append(place)
            self.note(cell, place, "", file)

    def end(self) -> None:
        return None

    def abandon(self) -> None:
        pass


class _ArchivePart(_Part):
    """Files of one target in the archive `place`."""

    def __init__(self, prefix: str, place: str, target: str, archive: ArchiveWriter) -> None:
        super().__init__(prefix)
        self._target = target
        self._place = place
        self._archive = archive
        self.paths = [place]

    def write(self, user: str, files: Sequence[OutputFile]) -> None:
        cell = cell_of(user)
        for file in files:
            name = file.path.removeprefix(self.prefix)
            self._archive.add(name, file.content)
            self.note(cell, self._place, name, file)

    def end(self) -> ReleasedFile:
        written = self._archive.close()
        return ReleasedFile(
            *(self._place, ARCHIVE_KIND, self._target, UNSIGNED, written.size, written.sha256)
        )

    def abandon(self) -> None:
        self._archive.abandon()


class ChunkWriter:
    """Writes the files of a chunk. What it wrote counts only once `close` has returned.

    Its methods raise UsageError when the file system fails, a full disk included.
    """

    def __init__(self, stage: Path, packing: Packing, created: datetime, number: int) -> None:
        """Write into `stage`; `Sink.chunk` has the rest."""
        self._stage = stage
        self._packing = packing
        self._created = created
        self._number = number
        self._parts: dict[str, _FolderPart | _ArchivePart] = {}
        self._files: list[str] = []

    def add(self, target: str, user: str, files: Sequence[OutputFile]) -> None:
        """Write the files of one user and target; those of a target come in the users' order."""
        part = self._parts.get(target)
        if part is None:
            part = self._parts[target] = self._begin(target)
        try:
            part.write(user, files)
        except OSError:
            with failures_of(self._stage):
                raise

    def close(self, users: int, refused: Sequence[Refused] = ()) -> ChunkDone:
        """Have all files on disk, and return what they are: of so many `users`."""
        with failures_of(self._stage):
            parts = tuple(self._end(target, part) for target, part in self._parts.items())
            sync = sync_many if self._packing.archive is None else sync_each
            sync(self._stage, (self._stage / file for file in self._files))
        return ChunkDone(self._number, users, parts, tuple(refused))

    def abandon(self) -> None:
        """Close the files as they are, when something failed."""
        for part in self._parts.values():
            part.abandon()

    def _begin(self, target: str) -> _FolderPart | _ArchivePart:
        prefix = f"{target}/{USERS_FOLDER}/"
        if self._packing.archive is None:
            return _FolderPart(prefix, self._stage)
        place = f"{prefix}{self._number:0{_NUMBER_DIGITS}}{self._packing.suffix}"
        path = self._stage / place
        with failures_of(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            archive = open_archive(path, self._packing, self._created)
        return _ArchivePart(prefix, place, target, archive)

    def _end(self, target: str, part: _FolderPart | _ArchivePart) -> IndexPart:
        archive = part.end()
        content = "".join(part.lines).encode()
        path = f"{CHUNKS_FOLDER}/{self._number:0{_NUMBER_DIGITS}}/{target}.csv"
        _write_file(f"{self._stage}/{path}", content)
        self._files += (*part.paths, path)
        digest = hashlib.sha256(content).hexdigest()
        kinds = dict(part.kinds)
        return IndexPart(target, path, digest, kinds, part.encrypted, part.size, archive)


def _write_file(path: str, content: bytes) -> None:
    """Write a file, in the place of what an interrupted build left there."""
    try:
        descriptor = os.open(path, _NEW_FILE, _MODE)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, _NEW_FILE, _MODE)
    try:
        written = os.write(descriptor, content)
        while written < len(content):  # a signal came, or the disk is nearly full
            written += os.write(descriptor, content[written:])
    finally:
        os.close(descriptor)
