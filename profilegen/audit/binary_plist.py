"""What a binary property list may not hold, looked at before anything is read from it.

Its objects are found by offsets, so many may claim the same bytes; a small file can then grow to
any size in memory. The format is that of Apple's CFBinaryPList.c.
"""

from __future__ import annotations

import struct

from profilegen.audit.nesting import MAX_VALUES, too_many

HEADER = b"bplist00"
_TRAILER = struct.Struct(">6xBBQQQ")
_LONGEST_NUMBER = 16
_WIDE = 0xF


def check_binary(data: bytes) -> None:
    """Raise ValueError when objects of the binary property list `data` claim too much.

    Objects of an honest file do not overlap, so together they are no longer than it is.
    """
    if len(data) < len(HEADER) + _TRAILER.size:
        message = "the binary property list is cut off"
        raise ValueError(message)
    offset_size, reference_size, count, _, table = _TRAILER.unpack_from(data, len(data) - 32)
    if count > MAX_VALUES:
        raise too_many()
    if not offset_size or table + count * offset_size > len(data):
        message = "the table of the binary property list lies outside of the file"
        raise ValueError(message)
    claimed = 0
    for start in range(table, table + count * offset_size, offset_size):
        offset = int.from_bytes(data[start : start + offset_size], "big")
        claimed += _length(data, offset, reference_size)
        if claimed > len(data):
            message = "objects of the binary property list overlap or reach beyond its end"
            raise ValueError(message)


def _length(data: bytes, offset: int, reference_size: int) -> int:
    """Return how many bytes the object at `offset` claims behind its marker."""
    if offset >= len(data):
        message = "an object of the binary property list lies outside of the file"
        raise ValueError(message)
    kind, size = data[offset] >> 4, data[offset] & 0xF
    match kind:
        case 0x1 | 0x2:
            length = 1 << size
            if length > _LONGEST_NUMBER:
                message = f"a number is {length:,} bytes long"
                raise ValueError(message)
            return length
        case 0x3:
            return 8
        case 0x8:
            message = "it is a keyed archive, no settings"
            raise ValueError(message)
        case 0x4 | 0x5 | 0x6 | 0xA | 0xD:
            width = {0x6: 2, 0xA: reference_size, 0xD: 2 * reference_size}.get(kind, 1)
            return width * (_count(data, offset + 1) if size == _WIDE else size)
    return 0


def _count(data: bytes, offset: int) -> int:
    marker = data[offset : offset + 1]
    width = 1 << (marker[0] & 0x3) if marker else 0
    return int.from_bytes(data[offset + 1 : offset + 1 + width], "big")
