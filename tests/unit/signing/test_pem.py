"""PEM is cut at its armour, whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.signing.certificates import full_name, printable, short_name
from profilegen.signing.pem import Block, blocks
from tests.support import pki


def test_text_between_blocks_is_skipped() -> None:
    text = (
        b"Bag Attributes\n-----BEGIN A-----\r\nAAAA\r\n-----END A-----\nmore\n-----BEGIN B-----\n"
    )
    assert list(blocks(text)) == [Block("A", b"-----BEGIN A-----\nAAAA\n-----END A-----\n")]


def test_a_block_without_end_gives_way_to_the_next() -> None:
    text = b"-----BEGIN A-----\nAAAA\n-----BEGIN B-----\nBBBB\n-----END A-----\n-----END B-----\n"
    assert [block.label for block in blocks(text)] == ["B"]


def test_armour_holds_base64_only() -> None:
    (block,) = blocks(b"-----BEGIN A-----\nAA!A\n-----END A-----\n")
    with pytest.raises(ValueError, match="base64"):
        block.der()


@given(st.lists(st.sampled_from([b"-----BEGIN A-----", b"-----END A-----", b"AAAA", b"\xff"])))
def test_any_lines_are_cut_without_complaint(lines: list[bytes]) -> None:
    for block in blocks(b"\n".join(lines)):
        assert block.text.startswith(b"-----BEGIN A-----\n")
        assert block.text.endswith(b"-----END A-----\n")


def test_names_are_safe_to_print() -> None:
    assert printable("a\tb\x1b") == "a?b?"
    assert len(printable("x" * 1000)) == 120
    assert short_name(pki.name_of("One")) == "One"
    assert full_name(pki.name_of("One")) == "CN=One"
    empty = type(pki.name_of("One"))([])
    assert short_name(empty) == full_name(empty) == "(no name)"
