"""Check the files of users that an index of a release names, no more than two of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from profilegen.inspection.user_index import SIGNATURE_KIND, IndexEntry
from profilegen.release.faults import Faults
from profilegen.release.file_check import SignatureCheck, Vouched, large_file_fault, unreadable
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    TWIN_PREFIX,
    UNSIGNED_FOLDER,
    ReleasedFile,
    sha256,
)
from profilegen.release.user_contents import user_contents
from profilegen.release.user_files import archives_of, compare_users_folder


@dataclass(slots=True)
class UserFileCount:
    """How many files indexes name: those that lie by themselves, and members of archives."""

    files: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True)
class _Signed:
    """The last signed file, for the entry behind it; `content` is None where it was not read."""

    entry: IndexEntry
    content: bytes | None


class UserChecks:
    """Checks the files of users of a release, index by index."""

    def __init__(self, release: Vouched, signatures: SignatureCheck, faults: Faults) -> None:
        """Add what is wrong to `faults`."""
        self._release = release
        self._signatures = signatures
        self._faults = faults
        self._archives = archives_of(release.manifest.files)
        self._last: _Signed | None = None
        self.unchecked: dict[str, None] = {}
        self.count = UserFileCount()

    def check(self, index: ReleasedFile) -> bool:
        """Check all that `index` names, and that nothing else lies there.

        Returns whether it is the index that the manifest names; another one names nothing.
        """
        path = self._release.folder / index.path
        fault = large_file_fault(path, size=index.size, sha256=index.sha256)
        if not fault:
            try:
                self._check_entries(index)
                self._compare(index)
            except ValueError as error:
                fault = f"signed, but no index: {error}"
            except OSError as error:
                fault = f"{unreadable(error)} ({error.filename})"
        if not fault:
            return True
        self._faults.add(index.path, fault)
        for archive in [each for each in self._archives.values() if each.target == index.target]:
            del self._archives[archive.path]  # nobody says what has to be in it
        return False

    def end(self) -> None:
        """Expect that every archive of the manifest belongs to an index."""
        for path in self._archives:
            self._faults.add(path, "no index names what is in it")

    def _check_entries(self, index: ReleasedFile) -> None:
        before = self.count.files + self.count.members
        contents = user_contents(self._release.folder, index, self._archives, self._faults)
        for entry, content in contents:
            for fault in self._faults_of(entry, content):
                self._faults.add(entry.place, fault)
            if entry.member:
                self.count.members += 1
            else:
                self.count.files += 1
        self._end_last()
        named = self.count.files + self.count.members - before
        if named != index.entries:
            fault = f"it names {named} files, the manifest says {index.entries}"
            self._faults.add(index.path, fault)

    def _compare(self, index: ReleasedFile) -> None:
        found = compare_users_folder(self._release.folder, index, self._release.manifest.files)
        for path in found.repeated:
            self._faults.add(path, "the index names it twice")
        for path in found.added:
            empty = path.endswith("/")
            what = (
                "the index names no file in this folder" if empty else "the index does not name it"
            )
            self._faults.add(path, f"added: {what}")

    def _faults_of(self, entry: IndexEntry, content: bytes | None) -> Iterator[str]:
        """Yield what is wrong with one file, in itself and beside the one before it."""
        if content is not None and not entry.sha256:
            # A member, for which the archive vouches, whose own digest was checked.
            if len(content) != entry.size:
                yield "changed: its size is not the one in the index"
        elif content is not None and sha256(content) != entry.sha256:
            yield "changed: its SHA-256 is not the one in the index"
        if entry.kind == SIGNATURE_KIND:
            yield from self._signature_faults(entry, content)
            return
        if entry.kind.startswith(TWIN_PREFIX):
            yield from self._twin_faults(entry)
            return
        self._end_last()
        if entry.signature == EMBEDDED and content is not None:
            yield from self._judged(entry, content, None)
        if entry.signature in {EMBEDDED, DETACHED}:
            self._last = _Signed(entry, content)

    def _signature_faults(self, entry: IndexEntry, content: bytes | None) -> Iterator[str]:
        signed, self._last = self._last, None
        if signed is None or entry.place != f"{signed.entry.place}.p7s":
            yield "the index names no file before it that it signs"
        elif content is not None and signed.content is not None:
            yield from self._judged(entry, content, signed.content)

    def _twin_faults(self, entry: IndexEntry) -> Iterator[str]:
        """Compare an unsigned profile with the signed one before it, by what the index says."""
        signed = self._last
        if signed is None or entry.place != _twin_place(signed.entry):
            yield "the index names no signed file before it"
        elif not entry.sha256 == entry.content_sha256 == signed.entry.content_sha256:
            yield "it is not the content of the signed file"

    def _judged(self, entry: IndexEntry, signed: bytes, content: bytes | None) -> Iterator[str]:
        outcome = self._signatures.check(entry.place, signed, content=content)
        self.unchecked.update(dict.fromkeys(outcome.unchecked))
        yield from outcome.faults
        if outcome.content is not None and sha256(outcome.content) != entry.content_sha256:
            yield "what is signed is not what the index says"

    def _end_last(self) -> None:
        last, self._last = self._last, None
        if last is not None and last.entry.signature == DETACHED:
            self._faults.add(last.entry.place, "the index names no signature beside it")


def _twin_place(entry: IndexEntry) -> str:
    path = PurePosixPath(entry.member or entry.file)
    twin = str(path.parent / UNSIGNED_FOLDER / path.name)
    return f"{entry.file}: {twin}" if entry.member else twin
