"""The files of people that a release names, and which of two releases are versions of one file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from profilegen.inspection.user_index import (
    ARCHIVE_KIND,
    INDEX_KIND,
    INDEX_NAME,
    SIGNATURE_KIND,
    USERS_FOLDER,
    IndexEntry,
    index_path,
    is_plain,
    read_index,
)

DOCUMENT_KINDS = frozenset({"profile", "android-policy", "declaration", "app-configuration"})
"""What manifests and indexes call the documents among their files."""
BATCH = 16 << 20
"""How many bytes of files of people are in memory at once, about."""
# How many parts of a path lie above a user's file: TARGET/users/SHARD.
_SHARDED = 3


class NotReleasedError(ValueError):
    """A file that a release names is not there, or is not the one that it names."""


class Named(NamedTuple):
    """A document that an index names, and the detached signature of it, None if there is none."""

    entry: IndexEntry
    signature: IndexEntry | None

    @property
    def name(self) -> str:
        """Return the name below the folder of users, which it keeps from release to release.

        Shard and archive are left out, for the number of users decides on them.
        """
        entry = self.entry
        return entry.member or "/".join(PurePosixPath(entry.file).parts[_SHARDED:])

    @property
    def entries(self) -> tuple[IndexEntry, ...]:
        """Return the files: the document, and its signature if that is another one."""
        return (self.entry,) if self.signature is None else (self.entry, self.signature)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the manifest of the release in `folder` names of people: digests of its files.

    `indexes` are by target, each a path and its digest, `archives` by path. `signer` is the
    fingerprint of the identity that the manifest names, "" where it names none.
    """

    folder: Path
    indexes: Mapping[str, tuple[str, str]]
    archives: Mapping[str, str]
    signer: str

    def documents(self, target: str) -> Iterator[Named]:
        """Yield the documents that the index of `target` names, in its order.

        Raises OSError, ValueError for what is no index, and NotReleasedError at the end when what
        was read is not the index that the manifest names.
        """
        waiting: IndexEntry | None = None
        for entry in self._entries(target):
            if waiting is not None:
                signed = entry.kind == SIGNATURE_KIND
                yield Named(waiting, entry if signed else None)
            waiting = entry if entry.kind in DOCUMENT_KINDS else None
        if waiting is not None:
            yield Named(waiting, None)

    def checked(self, target: str) -> int:
        """Return how many documents the index of `target` names, all of it read.

        Raises NotReleasedError when it is not the index that the manifest names, and as above.
        """
        path, digest = self.indexes[target]
        if not is_plain(path) or path != index_path(target):
            message = "the manifest names it, and it is no index of its target"
            raise NotReleasedError(message)
        # First of all: of another file it is not said what is wrong in it.
        refuse_changed(self.folder / path, digest)
        return sum(1 for _ in self.documents(target))

    def _entries(self, target: str) -> Iterator[IndexEntry]:
        path = self.folder / index_path(target)
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            yield from read_index(_decoded(stream, digest), folder=f"{target}/{USERS_FOLDER}")
        if digest.hexdigest() != self.indexes[target][1]:
            raise _not_named(path)


def _decoded(lines: Iterable[bytes], digest: hashlib._Hash) -> Iterator[str]:
    """Yield lines as text, and take them into `digest`."""
    for line in lines:
        digest.update(line)
        yield line.decode()


def fleet_of(folder: Path, manifest: Mapping[str, object]) -> Fleet:
    """Return the files of people that `manifest`, of the release in `folder`, names."""
    files = manifest.get("files")
    items = [item for item in files if isinstance(item, dict)] if isinstance(files, list) else []
    identity = manifest.get("identity")
    signer = identity.get("fingerprint") if isinstance(identity, dict) else None
    return Fleet(
        folder,
        {
            str(item.get("target")): (str(item.get("path")), str(item.get("sha256")))
            for item in items
            if item.get("kind") == INDEX_KIND
        },
        {
            str(item.get("path")): str(item.get("sha256"))
            for item in items
            if item.get("kind") == ARCHIVE_KIND
        },
        signer if isinstance(signer, str) else "",
    )


def reason_of(error: OSError | ValueError) -> str:
    """Return what is wrong with an index or an archive, without the name of the file."""
    if isinstance(error, OSError):
        return f"cannot read the file: {error.strerror}"
    return str(error)


def refuse_changed(path: Path, digest: str) -> None:
    """Raise NotReleasedError when the file at `path` has another digest, OSError without a file."""
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
            raise _not_named(path)


def _not_named(path: Path) -> NotReleasedError:
    word = "file" if path.name == INDEX_NAME else "archive"
    return NotReleasedError(f"it is not the {word} that the manifest names")


def batches(documents: Iterable[Named], most: int = BATCH) -> Iterator[list[Named]]:
    """Yield the documents in lists whose files have `most` bytes, or one document."""
    batch: list[Named] = []
    size = 0
    for named in documents:
        batch.append(named)
        size += sum(entry.size for entry in named.entries)
        if size >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass(slots=True)
class Waiting:
    """The documents of one index that have found no match yet, and those that it names `twice`.

    The latter as far as the first one waits too.
    """

    by_key: dict[tuple[str, str], Named] = field(default_factory=dict)
    twice: list[Named] = field(default_factory=list)

    def add(self, named: Named) -> None:
        """Let a document wait."""
        if self.by_key.setdefault(_key(named), named) is not named:
            self.twice.append(named)

    def take(self, named: Named) -> Named | None:
        """Return the document that is another version of `named`, None if none waits."""
        return self.by_key.pop(_key(named), None)


@dataclass(slots=True)
class Join:
    """Matches the documents of two indexes by kind and name.

    What has not found its match yet is kept: little where both have one order, and at the end the
    documents that only one has.
    """

    old: Waiting = field(default_factory=Waiting)
    new: Waiting = field(default_factory=Waiting)

    def pairs(self, old: Iterable[Named], new: Iterable[Named]) -> Iterator[tuple[Named, Named]]:
        """Yield every match."""
        for before, after in zip_longest(old, new):
            if before is not None and after is not None and _key(before) == _key(after):
                yield before, after
                continue
            if before is not None:
                found = self.new.take(before)
                if found is not None:
                    yield before, found
                else:
                    self.old.add(before)
            if after is not None:
                found = self.old.take(after)
                if found is not None:
                    yield found, after
                else:
                    self.new.add(after)


def _key(named: Named) -> tuple[str, str]:
    return named.entry.kind, named.name
