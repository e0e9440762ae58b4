"""Open what a file holds: one document, or all those in an archive of users' files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from profilegen.audit.document import DocumentError
from profilegen.inspection.archive_members import ArchiveError, read_members
from profilegen.inspection.files import SIGNATURE_SUFFIX, Source
from profilegen.inspection.model import UNKNOWN
from profilegen.inspection.opening import Opened, closed, open_bytes, open_source
from profilegen.inspection.user_index import INDEX_NAME, USERS_FOLDER
from profilegen.signing.decrypt import DeviceKey

_ARCHIVE = re.compile(r"[0-9]{5,}\.(tar|tar\.gz|zip)")
_VERIFY = "`profilegen verify` says what is wrong with the release."


def open_documents(source: Source, *, key: DeviceKey | None = None) -> Iterator[Opened]:
    """Yield what the file of `source` holds, as `open_source` gives it.

    An archive of users' files, which is known by its name and by the index beside it, gives each of
    its documents; a detached signature in it belongs to the file before it.
    """
    folder = source.path.parent
    named = _ARCHIVE.fullmatch(source.path.name) and folder.name == USERS_FOLDER
    if not named or not (folder / INDEX_NAME).is_file():
        yield open_source(source, key=key)
        return
    try:
        for name, content, signature in _signed_members(source):
            yield open_bytes(f"{source.name}: {name}", content, signature=signature, key=key)
    except (ArchiveError, OSError) as error:
        fault = DocumentError(f"{source.name}: {error}", hint=_VERIFY)
        yield closed(source.name, UNKNOWN, fault)


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
