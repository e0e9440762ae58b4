"""Write archives that are the same bytes wherever they are made: tar, tar.gz and zip.

Every member is a plain file of mode 0644 and owner 0 with the time of the build; they stand in the
order in which they are added.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from profilegen.release.sinks.model import ArchiveKind, Packing

_BLOCK, _RECORD = tarfile.BLOCKSIZE, tarfile.RECORDSIZE
_ZEROS = bytes(_BLOCK)
# Small enough to be written and digested out of the processor's cache.
_BUFFER = 1 << 18
_LET_GO_EVERY = 1 << 23
"""Bytes of an archive after which it is let go of: so few that little has to be synced at the end,
and so many that most of what went before is on the disk."""
_MODE = 0o100644
_UNIX = 3
_ZIP_START = datetime(1980, 1, 1, tzinfo=UTC)
_LEVEL = 6
# A gzip member (RFC 1952, section 2.3) without name, time and operating system: zlib would write
# the number of the one that it was built for.
_GZIP_START = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# Where a ustar header (POSIX.1, pax, "ustar Interchange Format") has what differs between members.
_NAME, _SIZE, _CHECKSUM = slice(0, 100), slice(124, 136), slice(148, 156)
_BLANK_CHECKSUM = b" " * 8
_USTAR_MAX = 0o777_7777_7777
_SIZES = 4096
"""Sizes of members whose octal digits are kept: users differ little."""


@dataclass(frozen=True, slots=True)
class Written:
    """A finished archive: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


class ArchiveWriter(Protocol):
    """An archive that is being written. Its methods raise OSError when the file system fails."""

    def add(self, name: str, content: bytes) -> None:
        """Add a member; `name` is ASCII, with `/` between folders."""
        ...

    def close(self) -> Written:
        """Write the end; nothing can be added any more."""
        ...

    def abandon(self) -> None:
        """Close the file as it is."""
        ...


def open_archive(path: Path, packing: Packing, created: datetime) -> ArchiveWriter:
    """Begin an archive at `path`, in the place of one that may be there.

    `created` is the time that members get; zip has none before 1980, and counts two seconds.
    """
    if packing.archive is ArchiveKind.ZIP:
        return _ZipWriter(path, created, compressed=packing.compressed)
    return _TarWriter(path, created, compressed=packing.compressed)


class _TarWriter:
    """A tar archive; `tarfile` takes ten times as long for a header."""

    def __init__(self, path: Path, created: datetime, *, compressed: bool) -> None:
        self._stream = path.open("wb", buffering=0)
        self._digest = hashlib.sha256()
        self._size = 0
        self._waiting: list[bytes] = []
        self._pending = 0
        self._written = self._let_go = 0
        self._compressor = _Gzip() if compressed else None
        self._header = _header_maker(created)

    def add(self, name: str, content: bytes) -> None:
        size = len(content)
        padding = _ZEROS[: -size % _BLOCK]
        header = self._header(name, size)
        self._waiting += (header, content, padding)
        taken = len(header) + size + len(padding)
        self._size += taken
        self._pending += taken
        if self._pending >= _BUFFER:
            self._flush()

    def close(self) -> Written:
        end = 2 * _BLOCK
        self._waiting.append(bytes(end + -(self._size + end) % _RECORD))
        self._flush()
        if self._compressor is not None:
            self._write(self._compressor.end())
        self._stream.close()
        return Written(self._written, self._digest.hexdigest())

    def abandon(self) -> None:
        self._stream.close()

    def _flush(self) -> None:
        content = b"".join(self._waiting)
        self._waiting, self._pending = [], 0
        self._write(content if self._compressor is None else self._compressor.add(content))

    def _write(self, content: bytes) -> None:
        self._digest.update(content)
        rest = memoryview(content)
        while rest:
            rest = rest[self._stream.write(rest) :]
        self._written += len(content)
        if self._written - self._let_go >= _LET_GO_EVERY:
            self._let_go = self._written
            _let_go(self._stream.fileno())


class _Gzip:
    """One gzip member (RFC 1952)."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
        self._start = _GZIP_START
        self._check = 0
        self._size = 0

    def add(self, content: bytes) -> bytes:
        self._check = zlib.crc32(content, self._check)
        self._size += len(content)
        start, self._start = self._start, b""
        return start + self._compressor.compress(content)

    def end(self) -> bytes:
        size = self._size & 0xFFFFFFFF
        return self._compressor.flush() + b"".join(
            number.to_bytes(4, "little") for number in (self._check, size)
        )


class _ZipWriter:
    """A zip archive, by the module of the standard library."""

    def __init__(self, path: Path, created: datetime, *, compressed: bool) -> None:
        self._path = path
        self._method = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        self._archive = zipfile.ZipFile(path, "w", self._method, compresslevel=_LEVEL)
        self._moment = max(created, _ZIP_START).timetuple()[:6]

    def add(self, name: str, content: bytes) -> None:
        info = zipfile.ZipInfo(name, self._moment)
        info.compress_type = self._method
        info.create_system = _UNIX
        info.external_attr = _MODE << 16
        self._archive.writestr(info, content)

    def close(self) -> Written:
        self._archive.close()
        with self._path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            return Written(stream.tell(), digest)

    def abandon(self) -> None:
        with suppress(OSError):  # it writes the end, for which there may be no room
            self._archive.close()


def _let_go(descriptor: int) -> None:
    """Have what was written so far go to the disk, and out of memory what is there already.

    On Linux this advice (posix_fadvise(2)) begins to write back, waits for nothing, and frees the
    pages that are on the disk: to take the same few again costs a quarter of taking new ones.
    """
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _header_maker(created: datetime) -> Callable[[str, int], bytes]:
    """Return the function that makes the header of a member from its name and size."""
    seconds = min(max(0, int(created.timestamp())), _USTAR_MAX)
    model = bytearray(_tar_info("", 0, seconds).tobuf(tarfile.USTAR_FORMAT))
    model[_CHECKSUM] = _BLANK_CHECKSUM
    model[_SIZE] = bytes(12)
    start, between = (
        bytes(model[_NAME.stop : _SIZE.start]),
        bytes(model[_SIZE.stop : _CHECKSUM.start]),
    )
    end = bytes(model[_CHECKSUM.stop :])
    constant = sum(model)

    @lru_cache(_SIZES)
    def size_field(size: int) -> tuple[bytes, int]:
        digits = b"%011o\0" % size
        return digits, constant + sum(digits)

    def header(name: str, size: int) -> bytes:
        encoded = name.encode("ascii")
        if len(encoded) > _NAME.stop or size > _USTAR_MAX:
            return _tar_info(name, size, seconds).tobuf(tarfile.PAX_FORMAT)
        digits, known = size_field(size)
        checksum = b"%06o\0 " % (known + sum(encoded))
        return b"".join((encoded.ljust(_NAME.stop, b"\0"), start, digits, between, checksum, end))

    return header


def _tar_info(name: str, size: int, seconds: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, seconds, _MODE & 0o777
    return info
