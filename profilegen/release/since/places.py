"""Where the bytes of one file lie: by itself, or in the midst of an archive."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from profilegen.inspection.archive_members import read_members

_BLOCK = tarfile.BLOCKSIZE
_NAME, _SIZE, _TYPE = slice(0, 100), slice(124, 136), slice(156, 157)
_LOCAL_HEADER = 30
_LENGTHS = slice(26, 30)
_ARCHIVES = 2


class Form(IntEnum):
    """How bytes lie in a file."""

    WHOLE = 0
    """The file is what is sought."""
    STORED = 1
    """As they are, from a place on."""
    DEFLATED = 2
    """Compressed by themselves (RFC 1951), from a place on."""
    AMONG_OTHERS = 3
    """Compressed together with all others: the archive has to be read from its start."""


class Place(NamedTuple):
    """Where bytes are: in the file at `file`, `size` of them from `start` on.

    `member` is their name in an archive that is compressed as a whole.
    """

    file: str
    form: Form = Form.WHOLE
    start: int = 0
    size: int = 0
    member: str = ""


def places_in(folder: Path, archive: str) -> Mapping[str, Place]:
    """Return the place of each member of an archive by its name.

    Raises OSError and ValueError for what is no archive; what is found may be wrong, and counts
    only once its digest is the expected one.
    """
    path = folder / archive
    if archive.endswith(".zip"):
        return _in_zip(path, archive)
    if archive.endswith(".tar"):
        return _in_tar(path, archive)
    return {}


class PlaceReader:
    """Reads from one release; keeps what it unpacked, so that the next release needs another."""

    def __init__(self, folder: Path) -> None:
        """Read below `folder`."""
        self._folder = folder
        self._members = lru_cache(_ARCHIVES)(_members)

    def read(self, place: Place) -> bytes:
        """Return the bytes at `place`; raises OSError, ValueError, KeyError without any."""
        path = self._folder / place.file
        if place.form is Form.WHOLE:
            return path.read_bytes()
        if place.form is Form.AMONG_OTHERS:
            return self._members(path)[place.member]
        with path.open("rb") as stream:
            stream.seek(place.start)
            content = stream.read(place.size)
        if place.form is Form.STORED:
            return content
        try:
            return zlib.decompress(content, -zlib.MAX_WBITS)
        except zlib.error as error:
            raise ValueError(place) from error


def _members(path: Path) -> dict[str, bytes]:
    return dict(read_members(path))


def _in_tar(path: Path, archive: str) -> dict[str, Place]:
    """Go from header to header (POSIX.1, ustar); `tarfile` takes ten times as long.

    A long name stands in an extended header of the pax format, as `tarfile` reads it.
    """
    found: dict[str, Place] = {}
    at = 0
    with path.open("rb") as stream:
        while (header := stream.read(_BLOCK)).strip(b"\0"):
            if header[_TYPE] == tarfile.XHDTYPE:
                return _in_odd_tar(path, archive)
            size = int(header[_SIZE].strip(b"\0 ") or b"0", 8)
            name = header[_NAME].rstrip(b"\0").decode()
            at += _BLOCK
            found[name] = Place(archive, Form.STORED, at, size)
            at += size + -size % _BLOCK
            stream.seek(at)
    return found


def _in_odd_tar(path: Path, archive: str) -> dict[str, Place]:
    try:
        with tarfile.open(path, "r:") as opened:
            return {
                item.name: Place(archive, Form.STORED, item.offset_data, item.size)
                for item in opened
            }
    except tarfile.TarError as error:
        raise ValueError(archive) from error


def _in_zip(path: Path, archive: str) -> dict[str, Place]:
    found: dict[str, Place] = {}
    try:
        with zipfile.ZipFile(path) as opened, path.open("rb") as stream:
            for item in opened.infolist():
                # The local header may have other extra fields than the directory has.
                stream.seek(item.header_offset)
                lengths = stream.read(_LOCAL_HEADER)[_LENGTHS]
                skipped = int.from_bytes(lengths[:2], "little") + int.from_bytes(
                    lengths[2:], "little"
                )
                start = item.header_offset + _LOCAL_HEADER + skipped
                stored = item.compress_type == zipfile.ZIP_STORED
                form = Form.STORED if stored else Form.DEFLATED
                found[item.filename] = Place(archive, form, start, item.compress_size)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(archive) from error
    return found
