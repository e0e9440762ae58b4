"""Read the files that an index names, in its order: from folders, or as members of archives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from profilegen.inspection.archive_members import ArchiveError, read_members
from profilegen.inspection.user_index import IndexEntry
from profilegen.release.faults import Faults
from profilegen.release.file_check import large_file_fault, place_fault, unreadable
from profilegen.release.manifest import ReleasedFile
from profilegen.release.user_files import index_entries


def user_contents(
    folder: Path, index: ReleasedFile, archives: dict[str, ReleasedFile], faults: Faults
) -> Iterator[tuple[IndexEntry, bytes | None]]:
    """Yield each entry of `index` with the content of its file, None where `faults` says why not.

    An archive holds just the members that the index names, in the same order, and no other file;
    it is opened once its digest is the one in the manifest. `archives` has those that were not
    read yet by path, and loses those that are. Raises ValueError for an index that is none.
    """
    reader: _Archive | None = None
    for entry in index_entries(folder, index):
        if reader is not None and entry.file != reader.path:
            reader.end()
            reader = None
        if not entry.member:
            yield entry, _read(folder, entry, faults)
            continue
        if reader is None:
            reader = _Archive(folder, entry.file, archives.pop(entry.file, None), faults)
        yield entry, reader.read(entry.member)
    if reader is not None:
        reader.end()


def _read(folder: Path, entry: IndexEntry, faults: Faults) -> bytes | None:
    path = folder / entry.file
    fault = place_fault(path, entry.size, named_by="index")
    if not fault:
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            fault = "missing: the index names it"
        except OSError as error:
            fault = unreadable(error)
    faults.add(entry.file, fault)
    return None


class _Archive:
    """An archive whose members are read in step with an index."""

    def __init__(self, folder: Path, path: str, item: ReleasedFile | None, faults: Faults) -> None:
        self.path = path
        self._faults = faults
        self._members: Iterator[tuple[str, bytes]] | None = None
        if item is None:
            self._fail("the index names it, and the manifest does not, or it was read already")
            return
        place = folder / path
        fault = large_file_fault(place, size=item.size, sha256=item.sha256)
        if fault:
            self._fail(fault)
        else:
            self._members = read_members(place)

    def read(self, name: str) -> bytes | None:
        """Return the content of the next member, which has to be `name`."""
        if self._members is None:
            return None  # said already
        found, content = self._next()
        if found == name:
            return content
        if found:
            self._fail(f"it holds {found!a} where the index names {name!a}")
        elif self._members is not None:
            self._fail(f"it ends before {name!a}, which the index names")
        return None

    def end(self) -> None:
        """Expect no more members."""
        if self._members is None:
            return
        found, _ = self._next()
        if found:
            self._fail(f"it holds {found!a}, which the index does not name")

    def _next(self) -> tuple[str, bytes]:
        """Return the next member, with no name where there is none or no archive."""
        if self._members is None:
            return "", b""
        try:
            return next(self._members, ("", b""))
        except (ArchiveError, OSError) as error:
            self._fail(str(error))
            return "", b""

    def _fail(self, sentence: str) -> None:
        self._faults.add(self.path, sentence)
        self._members = None
