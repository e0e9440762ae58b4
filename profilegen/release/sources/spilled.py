"""Rows by digest, the newest in memory and the others in a temporary file.

They lie in 64 parts that the first bits of the digest choose, so that to look for one is to read a
64th of the file. A disk that is full, or a folder for temporary files that cannot be written, is no
reason to end a build: then all stays in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO
from weakref import finalize

from profilegen.errors import UsageError

DIGEST_BYTES = 12
_ROW_BYTES = 4
_RECORD_BYTES = DIGEST_BYTES + _ROW_BYTES
_PARTS = 64
_PER_PART = 256 // _PARTS
"""How many values of a digest's first octet share a part."""
_BLOCK = 256 * _RECORD_BYTES


class SpilledRows:
    """Numbers of rows, from 1 to 2^32 - 1, each by a digest of DIGEST_BYTES."""

    __slots__ = ("__weakref__", "_file", "_last", "_places", "_recent", "_spills")

    def __init__(self) -> None:
        """Begin with no rows, and no file."""
        self._recent = [bytearray() for _ in range(_PARTS)]
        self._last = self._recent[0]
        self._places: list[list[int]] = [[] for _ in range(_PARTS)]
        """Where in the file the blocks of each part are."""
        self._file: BinaryIO | None = None
        self._spills = True

    def add(self, digest: bytes, row: int) -> None:
        """Keep the `row` of a new `digest`."""
        number = digest[0] // _PER_PART
        part = self._last = self._recent[number]
        if len(part) >= _BLOCK and self._spills:
            self._spill(number)
        part += digest + row.to_bytes(_ROW_BYTES)

    def take_back(self) -> None:
        """Forget what was added last."""
        del self._last[-_RECORD_BYTES:]

    def row_of(self, digest: bytes) -> int:
        """Return the row of `digest`, 0 when it has none.

        Raises UsageError when the file cannot be read any more.
        """
        for block in self._blocks(digest[0] // _PER_PART):
            found = find_record(block, digest, _RECORD_BYTES)
            if found != -1:
                return int.from_bytes(block[found + DIGEST_BYTES : found + _RECORD_BYTES])
        return 0

    def _blocks(self, number: int) -> Iterator[bytes | bytearray]:
        yield self._recent[number]
        if self._file is not None:
            for place in self._places[number]:
                yield _read(self._file, place)

    def _spill(self, number: int) -> None:
        """Write a block of a part to the end of the file."""
        part = self._recent[number]
        self._spills = False
        with suppress(OSError):
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (see below)
                finalize(self, self._file.close)  # it has no name, and goes when it is closed
            place = self._file.seek(0, 2)
            self._spills = self._file.write(part) == len(part)
        if self._spills:
            self._places[number].append(place)
            part.clear()


def find_record(records: bytes | bytearray, start: bytes, size: int) -> int:
    """Return the place of the record that begins with `start`, -1 without one.

    All of `records` have `size` octets.
    """
    found = records.find(start)
    while found != -1 and found % size:  # it straddles two records
        found = records.find(start, found + 1)
    return found


def _read(file: BinaryIO, place: int) -> bytes:
    try:
        file.seek(place)
        return file.read(_BLOCK)
    except OSError as error:
        message = f"the temporary file of ids cannot be read: {error.strerror or error}"
        raise UsageError(message, hint="Set TMPDIR to a folder on another disk.") from error
