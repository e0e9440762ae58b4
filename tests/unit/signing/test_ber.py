"""BER becomes definite, DER stays as it is, and a hostile file costs no more than its size."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.signing.ber import MAX_ELEMENTS, MAX_IDENTIFIER, definite, elements
from tests.support.signed import streamed


def tlv(identifier: bytes, body: bytes) -> bytes:
    if len(body) < 128:
        return identifier + bytes([len(body)]) + body
    digits = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return identifier + bytes([0x80 | len(digits)]) + digits + body


OCTETS = st.builds(tlv, st.just(b"\x04"), st.binary(max_size=300))
LEAVES = OCTETS | st.builds(tlv, st.sampled_from([b"\x02", b"\x0c", b"\x80"]), st.binary())
TREES = st.recursive(
    LEAVES,
    lambda children: st.builds(
        tlv, st.sampled_from([b"\x30", b"\x31", b"\xa0"]), st.lists(children).map(b"".join)
    ),
)


@given(TREES, st.binary(max_size=5))
def test_der_is_kept_and_ends_where_it_ends(der: bytes, behind: bytes) -> None:
    found = definite(der + behind)
    assert (found.encoded, found.end, found.rewritten) == (der, len(der), False)


@given(TREES, st.binary(max_size=5))
def test_pieces_are_joined_and_lengths_become_definite(der: bytes, behind: bytes) -> None:
    ber = streamed(der)
    found = definite(ber + behind)
    assert (found.encoded, found.end) == (der, len(ber))
    assert found.rewritten == (ber != der)


@given(st.lists(TREES))
def test_elements_stand_as_they_are(trees: list[bytes]) -> None:
    assert list(elements(b"".join(trees))) == trees


def test_pieces_may_be_in_pieces() -> None:
    inner = b"\x24\x80\x04\x01b\x04\x01c\0\0"
    assert definite(b"\x24\x80\x04\x01a" + inner + b"\0\0").encoded == b"\x04\x03abc"
    assert definite(b"\x24\x06\x04\x01a\x04\x01b").encoded == b"\x04\x02ab"


def test_only_pieces_of_the_same_kind_are_joined() -> None:
    assert definite(b"\x24\x80\x02\x01a\0\0").encoded == b"\x24\x03\x02\x01a"
    tagged = b"\xa0\x80\x04\x01a\x04\x01b\0\0"
    assert definite(tagged).encoded == b"\xa0\x06\x04\x01a\x04\x01b"
    assert definite(tagged, pieces={b"\xa0": b"\x80"}).encoded == b"\x80\x02ab"


def test_tags_of_several_bytes() -> None:
    assert definite(b"\xbf\x81\x00\x80\x05\0\0\0").encoded == b"\xbf\x81\x00\x02\x05\0"
    assert not definite(b"\x9f\x81\x00\x01x").rewritten


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x80\x00",
        b"\x30\x05\x04\x01a",
        b"\x30\x03\x04\x04a" + b"b" * 9,
        b"\x30\x84\xff\xff",
        b"\x04\x80\0\0",
        b"\x9f",
        b"\x9f\x81\x81\x81\x00\x00",
        b"\x9f" + b"\x80" * 100,
        b"\x30\x80" * 66 + b"\0\0" * 66,
        tlv(b"\x30", tlv(b"\x06", b"\xff" * MAX_IDENTIFIER + b"\x7f")),
    ],
)
def test_what_is_no_ber(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"cut short|ends behind|of a|of too|primitive|too many"):
        definite(data)


@pytest.mark.parametrize(
    "data",
    [
        tlv(b"\x30", b"\x05\0" * 1_000_000),
        b"\x30\x80" + b"\x05\0" * 1_000_000,
        b"\x30\x80" * 1_000_000,
        b"\x24\x80" + b"\x04\x01a" * 1_000_000,
    ],
)
def test_the_number_of_elements_is_bounded(data: bytes) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match="too many elements, or too deep"):
        definite(data)
    assert time.process_time() - started < 2
    assert definite(tlv(b"\x30", b"\x05\0" * (MAX_ELEMENTS - 1))).end > MAX_ELEMENTS


def test_identifiers_of_the_greatest_length_are_read() -> None:
    longest = tlv(b"\x06", b"\xff" * (MAX_IDENTIFIER - 1) + b"\x7f")
    assert definite(longest).encoded == longest


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for prefix in (b"", b"\x30\x80", b"\x24\x80", b"\x30\x0a"):
        try:
            found = definite(prefix + data)
        except ValueError:
            continue
        assert definite(found.encoded).encoded == found.encoded
