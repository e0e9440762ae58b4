"""DER by hand (X.690): write any value, right or wrong, and find where the parts of a file stand.

Deliberately apart from the product and from asn1crypto: what reads a file in a test must not share
the mistakes of what is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_LONG = 0x80
_SEQUENCE, _SET, _OCTETS = 0x30, 0x31, 0x04
_CONTEXT_0 = 0xA0
_CONSTRUCTED = 0x20
_INTEGER, _BITS = 0x02, 0x03
_NUMBERS = frozenset({_INTEGER, _BITS, _OCTETS})
_NOISE = 16  # bytes from which on a number is a digest, a serial number or a part of a key
_SHORTEST = 2  # a value has a tag and a length


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one value: its tag (a byte), its length, and `parts` behind each other."""
    body = b"".join(parts)
    if len(body) < _LONG:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG | len(length)]) + length + body


def sequence(*parts: bytes) -> bytes:
    return tlv(_SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """Return a SET OF in the order that DER asks for."""
    return tlv(_SET, *sorted(parts))


def octets(value: bytes) -> bytes:
    return tlv(_OCTETS, value)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    return tlv(0x06, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def null() -> bytes:
    return tlv(0x05)


def context(number: int, *parts: bytes) -> bytes:
    """Return the constructed value [number]."""
    return tlv(_CONTEXT_0 | number, *parts)


def indefinite(tag: int, *parts: bytes) -> bytes:
    """Return a constructed value in BER that ends with a mark instead of having a length."""
    return bytes([tag, _LONG]) + b"".join(parts) + b"\0\0"


def _base128(arc: int) -> bytes:
    septets = [arc & 0x7F]
    while arc := arc >> 7:
        septets.append(0x80 | arc & 0x7F)
    return bytes(reversed(septets))


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes of a file from `start` up to, but without, `end`."""

    start: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.start : self.end]

    def __len__(self) -> int:
        """Return the number of bytes."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Node:
    """One value in a file: its tag, all its bytes, and those of its content."""

    tag: int
    whole: Span
    body: Span


def read(data: bytes, start: int = 0) -> Node:
    """Return the value at `start`, which must be DER with a tag of one byte."""
    tag, first = data[start], data[start + 1]
    more = first & 0x7F if first & _LONG else 0
    body = start + 2 + more
    length = int.from_bytes(data[start + 2 : body], "big") if more else first
    assert first != _LONG, "indefinite length"
    assert body + length <= len(data), "cut off"
    return Node(tag, Span(start, body + length), Span(body, body + length))


def children(data: bytes, parent: Node) -> tuple[Node, ...]:
    """Return the values in `parent`, which fill it exactly."""
    return tuple(_values(data, parent.body))


def _values(data: bytes, within: Span) -> Iterator[Node]:
    at = within.start
    while at < within.end:
        node = read(data, at)
        assert node.whole.end <= within.end, "longer than what it is in"
        yield node
        at = node.whole.end


@dataclass(frozen=True, slots=True)
class Parts:
    """Where what a signature protects stands in a SignedData (RFC 5652, section 5.1).

    Every span is a whole encoding, with tag and length; `content` is None in a detached signature.
    """

    attributes: Span
    signature: Span
    certificate: Span
    content: Span | None

    def named(self) -> dict[str, Span]:
        spans = {
            "attributes": self.attributes,
            "signature": self.signature,
            "certificate": self.certificate,
        }
        return spans if self.content is None else spans | {"content": self.content}


def parts(data: bytes) -> Parts:
    """Return the parts of a SignedData with one signer, named by issuer and serial number."""
    info = read(data)
    assert info.whole == Span(0, len(data))
    _, wrapped = children(data, info)
    (signed,) = children(data, wrapped)
    _, _, encapsulated, certificates, infos = children(data, signed)
    assert certificates.tag == _CONTEXT_0
    (signer,) = children(data, infos)
    _, sid, _, attributes, _, signature = children(data, signer)
    assert (attributes.tag, signature.tag) == (_CONTEXT_0, _OCTETS)
    (certificate,) = (
        node.whole
        for node in children(data, certificates)
        if _issuer_and_serial(data, node) == sid.body.of(data)
    )
    _, *content = children(data, encapsulated)
    return Parts(
        attributes.whole, signature.whole, certificate, content[0].whole if content else None
    )


def _issuer_and_serial(data: bytes, certificate: Node) -> bytes:
    """Return the issuer and the serial number of a certificate as a signer identifier has them."""
    tbs, _, _ = children(data, certificate)
    version, serial, _, issuer, *_ = children(data, tbs)
    assert version.tag == _CONTEXT_0
    return issuer.whole.of(data) + serial.whole.of(data)


def telling_bits(data: bytes) -> list[int]:
    """Return the bits of a DER value to change, counted from the first byte's lowest.

    These are all bits, but for the inside of digests, signatures, numbers of keys and the like: any
    bit there is as good as another, so it is one of each byte, in turn. Their first two bytes and
    the last one, which hold signs, unused bits and the form of a point, count as structure.
    """
    inside = {byte for span in _noise(data, read(data)) for byte in range(span.start, span.end)}
    return [
        bit for bit in range(8 * len(data)) if bit // 8 not in inside or bit % 8 == bit // 8 % 8
    ]


def _noise(data: bytes, node: Node) -> Iterator[Span]:
    """Yield the inside of each long number, string of bits or octets that holds no other value."""
    if node.tag & _CONSTRUCTED:
        for child in children(data, node):
            yield from _noise(data, child)
    elif (held := _held(data, node)) is not None:
        yield from _noise(data, held)
    elif node.tag in _NUMBERS and len(node.body) >= _NOISE:
        yield Span(node.body.start + 2, node.body.end - 1)


def _held(data: bytes, node: Node) -> Node | None:
    """Return the value that an OCTET STRING or BIT STRING holds, None where it holds none."""
    start = node.body.start + (node.tag == _BITS)
    if node.tag not in {_OCTETS, _BITS} or node.body.end - start < _SHORTEST:
        return None
    try:
        held = read(data, start)
        tuple(_noise(data, held))
    except (AssertionError, IndexError):
        return None
    return held if held.whole.end == node.body.end else None
