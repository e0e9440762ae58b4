"""Open what a file holds: one document, or all those in an archive of users' files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from profilegen.audit.document import DocumentError
from profilegen.inspection.archive_members import ArchiveError, read_members
from profilegen.inspection.files import SIGNATURE_SUFFIX, Source, regular
from profilegen.inspection.model import UNKNOWN
from profilegen.inspection.opening import Opened, closed, open_bytes, open_source
from profilegen.inspection.user_index import INDEX_NAME, USERS_FOLDER
from profilegen.signing.decrypt import DeviceKey

_BEFORE_MEMBER = ": "
_ARCHIVE = re.compile(r"[0-9]{5,}\.(tar|tar\.gz|zip)")
_VERIFY = "`profilegen verify` says what is wrong with the release."


def open_documents(source: Source, *, key: DeviceKey | None = None) -> Iterator[Opened]:
    """Yield what the file of `source` holds, as `open_source` gives it.

    An archive of users' files, which is known by its name and by the index beside it, gives each of
    its documents; a detached signature in it belongs to the file before it.
    """
    if not is_archive(source.path):
        yield open_source(source, key=key)
        return
    try:
        for name, content, signature in _signed_members(source):
            yield open_bytes(member_name(source.name, name), content, signature=signature, key=key)
    except (ArchiveError, OSError) as error:
        fault = DocumentError(f"{source.name}: {error}", hint=_VERIFY)
        yield closed(source.name, UNKNOWN, fault)


def is_archive(path: Path) -> bool:
    """Say whether `path` is an archive of users' files, by its name and the index beside it."""
    named = _ARCHIVE.fullmatch(path.name) and path.parent.name == USERS_FOLDER
    return bool(named) and regular(path.parent / INDEX_NAME) is not None


def member_name(archive: str, member: str) -> str:
    """Return what a member of an archive is called, as if it were a file."""
    return f"{archive}{_BEFORE_MEMBER}{member}"


def split_name(name: str) -> tuple[str, str] | None:
    """Return archive and member that `member_name` made `name` of, None where it made none."""
    for place in re.finditer(re.escape(_BEFORE_MEMBER), name):
        if is_archive(Path(name[: place.start()])):
            return name[: place.start()], name[place.end() :]
    return None


def users_folder(path: Path) -> str:
    """Return the folder of users' files that the file at `path` is one of, "" where it is none."""
    for folder in (path.parent, path.parent.parent):
        if folder.name == USERS_FOLDER and path.name != INDEX_NAME:
            return str(folder) if regular(folder / INDEX_NAME) else ""
    return ""


def _signed_members(source: Source) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield name and content of each member, with the detached signature behind it or b""."""
    last: tuple[str, bytes] | None = None
    for name, content in read_members(source.path):
        if last is not None and name == last[0] + SIGNATURE_SUFFIX:
            yield (*last, content)
            last = None
            continue
        if last is not None:
            yield (*last, b"")
        last = name, content
    if last is not None:
        yield (*last, b"")
