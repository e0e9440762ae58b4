"""Open the documents that a release names: in its manifest, and in the indexes of users' files.

Nobody is trusted here; a file has the digest that is given for it, or it is a fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from profilegen.inspection.archive_members import read_members
from profilegen.inspection.files import Source, Unread, read_source
from profilegen.inspection.opening import Opened, open_bytes, open_source
from profilegen.inspection.user_index import (
    ARCHIVE_KIND,
    INDEX_KIND,
    INDEX_NAME,
    SIGNATURE_KIND,
    USERS_FOLDER,
    IndexEntry,
    index_path,
    is_plain,
    open_index,
)
from profilegen.signing.decrypt import DeviceKey

_KINDS = frozenset({"profile", "android-policy", "declaration", "app-configuration"})
# How many parts of a path lie above a user's file: TARGET/users/SHARD.
_SHARDED = 3


class NotReleasedError(ValueError):
    """A file that a release names is not there, or is not the one that it names."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """The folder of a release, and the digests of the archives in it, by path."""

    folder: Path
    archives: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a user with its detached signature, or what is wrong with it."""

    entry: IndexEntry
    content: bytes = b""
    signature: bytes = b""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Released:
    """A document of a release, or why there is none.

    `path` says where it lies, and `name` is a path that it keeps from release to release: that of a
    user's file is without shard and archive, which the number of users decides.
    """

    path: str
    name: str
    target: str
    opened: Opened | None
    fault: str = ""


def released_documents(
    folder: Path, manifest: Mapping[str, object], *, key: DeviceKey | None
) -> Iterator[Released]:
    """Yield every document that `manifest`, of the release in `folder`, names, in its order."""
    files = manifest.get("files")
    items = files if isinstance(files, list) else []
    archives = [item for item in items if item.get("kind") == ARCHIVE_KIND]
    digests = {str(item.get("path")): str(item.get("sha256")) for item in archives}
    packed = _Packed(folder, digests)
    for item in items:
        path, target = str(item.get("path")), str(item.get("target"))
        digest = str(item.get("sha256"))
        if item.get("kind") in _KINDS:
            yield _shared(folder, path, digest, target, key)
        elif item.get("kind") == INDEX_KIND:
            yield from _personal(packed, path, digest, target, key)


def _shared(folder: Path, path: str, digest: str, target: str, key: DeviceKey | None) -> Released:
    try:
        if not is_plain(path):
            message = "the manifest names a path that leads out of the release"
            raise NotReleasedError(message)  # noqa: TRY301  (one way out for all faults)
        _content(folder, path, digest, "manifest")
    except NotReleasedError as fault:
        return Released(path, path, target, None, str(fault))
    return Released(path, path, target, open_source(Source(folder / path, named=False), key=key))


def _personal(
    packed: _Packed, index: str, digest: str, target: str, key: DeviceKey | None
) -> Iterator[Released]:
    folder = packed.folder
    users = index_path(target).removesuffix(f"/{INDEX_NAME}")
    try:
        if not is_plain(index) or index != index_path(target):
            message = "the manifest names it, and it is no index of its target"
            raise NotReleasedError(message)
        _refuse_changed(folder / index, digest)
        for file in _files(packed, open_index(folder / index, folder=users)):
            entry = file.entry
            name = str(folder / entry.place)
            opened = None
            if not file.fault:
                opened = open_bytes(name, file.content, signature=file.signature, key=key)
            yield Released(entry.place, _lasting_name(entry, target), target, opened, file.fault)
    except (OSError, ValueError) as error:
        yield Released(index, index, target, None, str(error))


def _lasting_name(entry: IndexEntry, target: str) -> str:
    inner = entry.member or "/".join(PurePosixPath(entry.file).parts[_SHARDED:])
    return f"{target}/{USERS_FOLDER}/{inner}"


def _refuse_changed(path: Path, digest: str) -> None:
    """Raise NotReleasedError when the file at `path` has another digest, OSError without a file."""
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != digest:
            message = "it is not the file that the manifest names"
            raise NotReleasedError(message)


def _files(packed: _Packed, entries: Iterable[IndexEntry]) -> Iterator[_File]:
    """Yield each document that is named, with the detached signature that is named behind it."""
    waiting: _File | None = None
    for file in _contents(packed, entries):
        if waiting is not None:
            signed = file.entry.kind == SIGNATURE_KIND
            yield replace(waiting, signature=file.content) if signed else waiting
        waiting = file if file.entry.kind in _KINDS else None
    if waiting is not None:
        yield waiting


def _contents(packed: _Packed, entries: Iterable[IndexEntry]) -> Iterator[_File]:
    """Yield the documents and the signatures that are named, the members of an archive in step."""
    members: Iterator[tuple[str, bytes]] = iter(())
    archive = fault = ""
    for entry in entries:
        if entry.member and entry.file != archive:
            archive = entry.file
            fault, members = _opened(packed, archive)
        if entry.member:
            yield _File(entry, fault=fault) if fault else _member(entry, members)
        elif entry.kind in _KINDS or entry.kind == SIGNATURE_KIND:
            yield _file(packed.folder, entry)


def _opened(packed: _Packed, archive: str) -> tuple[str, Iterator[tuple[str, bytes]]]:
    """Return what is wrong with an archive, "" for nothing, and its members."""
    path = packed.folder / archive
    try:
        _refuse_changed(path, packed.archives.get(archive, ""))
    except NotReleasedError:
        return "its archive is not the one that the manifest names", iter(())
    return "", read_members(path)


def _file(folder: Path, entry: IndexEntry) -> _File:
    try:
        return _File(entry, _content(folder, entry.file, entry.sha256, "index"))
    except NotReleasedError as fault:
        return _File(entry, fault=str(fault))


def _member(entry: IndexEntry, members: Iterator[tuple[str, bytes]]) -> _File:
    name, content = next(members, ("", b""))
    digest = entry.sha256  # "" where that of the archive vouches, which was checked
    if name != entry.member or (digest and hashlib.sha256(content).hexdigest() != digest):
        return _File(entry, fault="it is not the member that the index names")
    return _File(entry, content)


def _content(folder: Path, path: str, digest: str, named_by: str) -> bytes:
    data = read_source(Source(folder / path, named=False))
    if isinstance(data, Unread):
        raise NotReleasedError(data.message)
    if hashlib.sha256(data).hexdigest() != digest:
        message = f"it is not the file that the {named_by} names"
        raise NotReleasedError(message)
    return data
