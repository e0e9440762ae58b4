"""Read files of people out of a release: by themselves, or as members of its archives.

An archive has the digest that the manifest gives, or it is one fault, however many of its members
are asked for. A file is what the index says, or it is a fault.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence

from profilegen.inspection.archive_members import ArchiveError, read_members
from profilegen.inspection.files import Source, Unread, read_source
from profilegen.inspection.opening import Opened, open_bytes
from profilegen.inspection.people_index import (
    Fleet,
    Named,
    NotReleasedError,
    reason_of,
    refuse_changed,
)
from profilegen.inspection.user_index import IndexEntry
from profilegen.signing.decrypt import DeviceKey

Place = tuple[str, str]
"""Where a file lies: its path, and its name if that is an archive."""
_State = tuple[int, int, int, int]
_TOLD = 50
_NOT_NAMED = "it is not the {} that the index names"


class PeopleFiles:
    """Reads files of people of one release, and keeps what is wrong with them."""

    def __init__(self, fleet: Fleet) -> None:
        """Read nothing yet."""
        self._fleet = fleet
        self._vouched: dict[str, _State | None] = {}
        self._faults: list[tuple[str, str]] = []
        self._more = 0

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return what is wrong so far: places in the release, and why; of many files the first."""
        if not self._more:
            return tuple(self._faults)
        more = ("users", f"{self._more:,} more files of people are not what the indexes name")
        return (*self._faults, more)

    def is_there(self, named: Named) -> bool:
        """Whether the files of `named` lie there, without reading them.

        That is, in an archive that the manifest vouches for, or with the size that the index says.
        """
        return all(self._lies_there(entry) for entry in named.entries)

    def open(
        self, named: Named, contents: Mapping[Place, bytes], *, key: DeviceKey | None
    ) -> Opened | None:
        """Return a document of what was read, None when it is not what the index names.

        `key` is as for `open_bytes`. What holds no document is a fault too.
        """
        entry = named.entry
        found = [contents.get((item.file, item.member)) for item in named.entries]
        content, signature = found[0], found[1] if len(found) > 1 else b""
        if content is None or signature is None:
            return None
        name = str(self._fleet.folder / entry.place)
        opened = open_bytes(name, content, signature=signature, key=key)
        if opened.document is None:
            said = "it holds no document" if opened.error is None else opened.error.message
            self._fault(entry.place, said.removeprefix(f"{name}: "))
            return None
        if hashlib.sha256(opened.content).hexdigest() != entry.content_sha256:
            self._fault(entry.place, "what it says is not what the index names")
            return None
        return opened

    def read(self, batch: Sequence[Named]) -> dict[Place, bytes]:
        """Return the files of `batch` that are what the index names, each archive read once."""
        found: dict[Place, bytes] = {}
        archived: dict[str, dict[str, IndexEntry]] = {}
        for entry in (entry for named in batch for entry in named.entries):
            if entry.member:
                archived.setdefault(entry.file, {})[entry.member] = entry
            else:
                self._read(entry, found)
        for archive, members in archived.items():
            if self._is_vouched(archive):
                self._read_archive(archive, members, found)
        return found

    def _read(self, entry: IndexEntry, found: dict[Place, bytes]) -> None:
        data = read_source(Source(self._fleet.folder / entry.file, named=False))
        if isinstance(data, Unread):
            self._fault(entry.place, data.message)
        elif hashlib.sha256(data).hexdigest() != entry.sha256:
            self._fault(entry.place, _NOT_NAMED.format("file"))
        else:
            found[entry.file, ""] = data

    def _read_archive(
        self, archive: str, members: dict[str, IndexEntry], found: dict[Place, bytes]
    ) -> None:
        waiting = dict(members)
        try:
            for name, content in read_members(self._fleet.folder / archive):
                entry = waiting.pop(name, None)
                if entry is not None and _has_digest(content, entry):
                    found[archive, name] = content
                elif entry is not None:
                    self._fault(entry.place, _NOT_NAMED.format("member"))
                if not waiting:
                    return
        except (ArchiveError, OSError) as error:
            self._refuse(archive, error)
            return
        for entry in waiting.values():
            self._fault(entry.place, _NOT_NAMED.format("member"))

    def _lies_there(self, entry: IndexEntry) -> bool:
        if entry.member:
            return self._is_vouched(entry.file)
        path = self._fleet.folder / entry.file
        try:
            status = path.stat(follow_symlinks=False)
        except OSError as error:
            self._fault(entry.place, reason_of(error))
            return False
        fits = stat.S_ISREG(status.st_mode) and status.st_size == entry.size
        if not fits:
            self._fault(entry.place, _NOT_NAMED.format("file"))
        return fits

    def _is_vouched(self, archive: str) -> bool:
        """Whether an archive is the one that the manifest names, read once unless it changes."""
        path = self._fleet.folder / archive
        try:
            if archive in self._vouched:
                known = self._vouched[archive]
                if known is None or known == _state(path.stat()):
                    return known is not None
            before = _state(path.stat())
            refuse_changed(path, self._fleet.archives.get(archive, ""))
        except (NotReleasedError, OSError) as error:
            self._refuse(archive, error)
            return False
        self._vouched[archive] = before
        return True

    def _refuse(self, archive: str, error: OSError | ValueError) -> None:
        self._vouched[archive] = None
        self._faults.append((archive, reason_of(error)))

    def _fault(self, place: str, message: str) -> None:
        if len(self._faults) < _TOLD:
            self._faults.append((place, message))
        else:
            self._more += 1


def _has_digest(content: bytes, entry: IndexEntry) -> bool:
    # "" where the digest of the archive vouches, which was checked.
    return not entry.sha256 or hashlib.sha256(content).hexdigest() == entry.sha256


def _state(status: os.stat_result) -> _State:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
