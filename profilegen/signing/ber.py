"""Turn BER, in which length and text may come in pieces, into definite lengths. Knows no CMS.

Every element is looked at once and the number of elements is bounded, so a hostile file costs no
more than its size; what reads the result can rely on both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NOT_ASN1 = (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError)
"""What asn1crypto raises on bytes that are no ASN.1, or not those of the structure asked for."""

MAX_ELEMENTS = 50_000
"""A signed profile has some hundred; one streamed in pieces of 1 KiB has one more for each."""

MAX_IDENTIFIER = 63
"""Bytes of an object identifier, as `cryptography` has it. asn1crypto takes quadratic time for one:
a quarter of a minute for one of 256 KiB."""

_MAX_DEPTH = 64
_MAX_TAG_BYTES = 4
_CONSTRUCTED = 0x20
_MORE = 0x80
_LONG_TAG = 0x1F
_OCTETS = b"\x04"
_OBJECT_IDENTIFIER = b"\x06"
_END = b"\0\0"

OCTET_STRINGS: Mapping[bytes, bytes] = {b"\x24": _OCTETS}
"""Identifier of what may be in pieces -> the one it has in one piece."""


@dataclass(frozen=True, slots=True)
class Definite:
    """The first element of some bytes, with definite lengths and its strings in one piece.

    What was so already is kept byte for byte. `end` is where the element ends in the bytes given,
    `rewritten` says that it was not as it is here.
    """

    encoded: bytes
    end: int
    rewritten: bool


def definite(data: bytes, *, pieces: Mapping[bytes, bytes] = OCTET_STRINGS) -> Definite:
    """Return the first element of `data`.

    `pieces` names the elements that are joined where they hold nothing but OCTET STRINGs; a context
    tag belongs in it only where the structure gives it no other meaning. Does not look into
    primitive elements.

    Raises ValueError when the element is cut short, nests deeper than 64 levels, holds more than
    MAX_ELEMENTS others or an object identifier of more than MAX_IDENTIFIER bytes.
    """
    element = _Walk(data, pieces).element(0, len(data), 0)
    return Definite(bytes(element.encoded), element.end, element.rewritten)


def elements(data: bytes) -> Iterator[bytes]:
    """Yield the elements that `data`, such as the contents of a SET, is made of, as they stand.

    In place of asn1crypto's `dump`, which takes a length that ends in 0x80 for the indefinite form:
    it writes everything inside anew, which takes up to seconds and drops what equals a default.

    Raises ValueError as `definite` does.
    """
    walk, at = _Walk(data, {}), 0
    while at < len(data):
        end = walk.element(at, len(data), 0).end
        yield data[at:end]
        at = end


@dataclass(frozen=True, slots=True)
class _Element:
    identifier: bytes
    body: bytes | memoryview
    encoded: bytes | memoryview
    end: int
    rewritten: bool


@dataclass(frozen=True, slots=True)
class _Header:
    """`length` is None for the indefinite form; `start` is where the body starts."""

    identifier: bytes
    start: int
    length: int | None


class _Walk:
    """One pass over some bytes; counts the elements."""

    __slots__ = ("_data", "_left", "_pieces", "_view")

    def __init__(self, data: bytes, pieces: Mapping[bytes, bytes]) -> None:
        self._data = data
        self._pieces = pieces
        self._view = memoryview(data)
        self._left = MAX_ELEMENTS

    def element(self, at: int, limit: int, depth: int) -> _Element:
        """Return the element that starts at `at` and ends at `limit` or before it."""
        self._left -= 1
        if self._left < 0 or depth > _MAX_DEPTH:
            message = "too many elements, or too deep"
            raise ValueError(message)
        header = self._header(at, limit)
        if header.identifier[0] & _CONSTRUCTED:
            return self._constructed(at, header, limit, depth)
        if header.length is None:
            message = "indefinite length of a primitive element"
            raise ValueError(message)
        if header.identifier == _OBJECT_IDENTIFIER and header.length > MAX_IDENTIFIER:
            message = "an object identifier of too many bytes"
            raise ValueError(message)
        end = header.start + header.length
        body = self._view[header.start : end]
        return _Element(header.identifier, body, self._view[at:end], end, rewritten=False)

    def _constructed(self, at: int, header: _Header, limit: int, depth: int) -> _Element:
        parts: list[_Element] = []
        end = header.start
        stop = limit if header.length is None else end + header.length
        while not self._ends(end, header, stop):
            parts.append(self.element(end, stop, depth + 1))
            end = parts[-1].end
        if header.length is None:
            end += len(_END)
        whole = self._pieces.get(header.identifier)
        if whole is not None and all(part.identifier == _OCTETS for part in parts):
            return _written(whole, [part.body for part in parts], end)
        if header.length is None or any(part.rewritten for part in parts):
            return _written(header.identifier, [part.encoded for part in parts], end)
        body = self._view[header.start : end]
        return _Element(header.identifier, body, self._view[at:end], end, rewritten=False)

    def _ends(self, at: int, header: _Header, stop: int) -> bool:
        if header.length is None:
            return self._data.startswith(_END, at, stop)
        return at == stop

    def _header(self, at: int, limit: int) -> _Header:
        start = at + 1
        if self._byte(at, limit) & _LONG_TAG == _LONG_TAG:
            while self._byte(start, limit) & _MORE:
                start += 1
            start += 1
            if start - at > _MAX_TAG_BYTES:
                message = "a tag of too many bytes"
                raise ValueError(message)
        identifier = self._data[at:start]
        length = self._byte(start, limit)
        start += 1
        if length == _MORE:
            return _Header(identifier, start, None)
        if length > _MORE:
            end = start + (length & ~_MORE)
            length = int.from_bytes(self._data[start:end])
            start = end
        if start + length > limit:
            message = "an element ends behind the one that holds it"
            raise ValueError(message)
        return _Header(identifier, start, length)

    def _byte(self, at: int, limit: int) -> int:
        if at >= limit:
            message = "cut short"
            raise ValueError(message)
        return self._data[at]


def tlv(identifier: bytes, body: bytes) -> bytes:
    """Return the element with `body`, its length as DER has it."""
    return element_start(identifier, len(body)) + body


def _written(identifier: bytes, parts: list[bytes | memoryview], end: int) -> _Element:
    body = b"".join(parts)
    return _Element(identifier, body, tlv(identifier, body), end, rewritten=True)


def element_start(identifier: bytes, length: int) -> bytes:
    """Return the header of an element with `length` bytes as DER has it (X.690 section 10.1)."""
    if length < _MORE:
        return identifier + bytes((length,))
    digits = length.to_bytes((length.bit_length() + 7) // 8)
    return identifier + bytes((_MORE | len(digits),)) + digits
