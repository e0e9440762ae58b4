"""The index of a target's personal files: which user's file lies where, and its digests.

A CSV file (RFC 4180, UTF-8) with a header, one row for each file, in the order of the list of
users. It is read as strictly as it is written: what is not in just this form is no index.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

USERS_FOLDER = "users"
INDEX_NAME = "index.csv"
INDEX_KIND, ARCHIVE_KIND = "index", "archive"
"""What a manifest calls an index, and an archive that the files of an index lie in."""
SIGNATURE_KIND = "signature"
"""What an index and a manifest call a detached signature; it follows the file that it signs."""
COLUMNS = (
    "user",
    "file",
    "member",
    "kind",
    "signature",
    "size",
    "sha256",
    "content_sha256",
    "since",
    "encrypted_for",
)
# OWASP, CSV Injection: spreadsheets take such a text for a formula, quoted or not; the last four
# are the full-width forms of the first ones.
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_MARK = "'"
_MARKED = (*_FORMULA_STARTS, _MARK)
_SIGNATURES = frozenset({"embedded", "detached", "none"})
_SIZE = re.compile(r"0|[1-9][0-9]{0,11}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIELD_LIMIT = 1 << 27
_LINE_END = "\r\n"


class IndexEntry(NamedTuple):
    """One file of a user.

    `file` is a path in the release: of the file, or of the archive that holds it as `member`, which
    is "" otherwise. `kind` and `signature` (embedded, detached or none) are those of a manifest,
    `size` is in bytes, and the digests are SHA-256 in hexadecimal: that of the file and that of
    what it says once its signature is taken off. The first is "" for a signed member, for whose
    bytes the digest of the archive vouches, which the manifest has. `since` is the SHA-256 of
    the manifest of the earlier release that the file was taken over from, "" for a new file.
    `encrypted_for` has the fingerprints of the certificates of the devices that can read it.
    """

    user: str
    file: str
    member: str
    kind: str
    signature: str
    size: int
    sha256: str
    content_sha256: str
    since: str = ""
    encrypted_for: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Return where the file lies, for messages."""
        return f"{self.file}: {self.member}" if self.member else self.file


def index_path(target: str) -> str:
    """Return the path of the index of a target, relative to the release."""
    return f"{target}/{USERS_FOLDER}/{INDEX_NAME}"


def cell_of(user: str) -> str:
    """Return a user's id as it stands in an index.

    What a spreadsheet would take for a formula gets an apostrophe in front, and so does what begins
    with one: who reads an index takes one apostrophe away.
    """
    return _MARK + user if user.startswith(_MARKED) else user


def user_of(cell: str) -> str:
    """Return the id of the user that `cell_of` wrote."""
    return cell.removeprefix(_MARK)


def line_of(cells: Sequence[str]) -> str:
    """Return the line of an index with `cells`, in the order of COLUMNS, with its end."""
    line = ",".join(cells)
    quoted = line.count(",") >= len(COLUMNS) or '"' in line or "\r" in line or "\n" in line
    if not quoted:  # RFC 4180 section 2; asking is five times as fast as the module
        return line + _LINE_END
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue()


def open_index(path: Path, *, folder: str) -> Iterator[IndexEntry]:
    """Yield the entries of the index at `path`; `folder` is its own, relative to the release.

    Raises OSError when it cannot be read, and ValueError as `read_index` does.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        yield from read_index(lines, folder=folder)


def read_index(lines: Iterable[str], *, folder: str) -> Iterator[IndexEntry]:
    """Yield the entries of an index, one at a time.

    `lines` come from a text stream that leaves line ends as they are (newline=""). `folder` is the
    one that the index lies in, relative to the release: its files lie there too, or below. Raises
    ValueError, with the number of the row, for what is no index and for a path that leads out.
    """
    # The limit is the process's own, so it is never lowered for others.
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))
    reader = csv.reader(lines, strict=True)
    number = 0
    try:
        if tuple(next(reader, ())) != COLUMNS:
            message = f"its first row is not {','.join(COLUMNS)}"
            raise ValueError(message)  # noqa: TRY301  (one way out for all faults)
        for number, cells in enumerate(reader, 1):  # noqa: B007  (for the message below)
            yield _entry(cells, folder)
    except (csv.Error, ValueError) as error:
        where = f"row {number}: " if number else ""
        message = f"{where}{error}"
        raise ValueError(message) from error


def _entry(cells: list[str], folder: str) -> IndexEntry:
    if len(cells) != len(COLUMNS):
        message = f"{len(cells)} cells instead of {len(COLUMNS)}"
        raise ValueError(message)
    user, file, member, kind, signature, size, sha256, content, since, readers = cells
    if not _is_below(file, folder) or (member and not is_plain(member)):
        message = f"{file!a} and {member!a} name no file below {folder}"
        raise ValueError(message)
    digests = [content, *([sha256] if sha256 or not member else []), *([since] if since else [])]
    digests += readers.split()
    well_formed = _SIZE.fullmatch(size) and all(map(_DIGEST.fullmatch, digests))
    if not well_formed or signature not in _SIGNATURES or not kind:
        message = f"it does not say how large {file!a} is and how it is signed"
        raise ValueError(message)
    return IndexEntry(
        user_of(user),
        file,
        member,
        kind,
        signature,
        int(size),
        sha256,
        content,
        since,
        tuple(readers.split()),
    )


def _is_below(path: str, folder: str) -> bool:
    inside = path.removeprefix(f"{folder}/")
    return inside not in {path, INDEX_NAME} and is_plain(inside)


def is_plain(path: str) -> bool:
    """Whether a path is relative, leads nowhere but down, and has one spelling only."""
    parts = PurePosixPath(path)
    odd = "\\" in path or not path.isprintable()
    return (
        str(parts) == path != "."
        and not parts.is_absolute()
        and ".." not in parts.parts
        and not odd
    )
