from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.policy import scalars


@given(st.none() | st.booleans() | st.integers(-(10**50), 10**50) | st.floats(allow_nan=False))
def test_what_json_writes_is_read_back(value: float | None) -> None:
    text = json.dumps(value).replace("Infinity", ".inf")
    assert scalars.resolve(text) == value


@given(st.text())
def test_any_text_resolves(text: str) -> None:
    value = scalars.resolve(text)
    assert value == text or not isinstance(value, str)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (scalars.NULL, "none"),
        (scalars.BOOL, "yes"),
        (scalars.INT, "1.0"),
        (scalars.INT, "1" * 101),
        (scalars.FLOAT, "one"),
        (scalars.MAP, "a"),
    ],
)
def test_a_tag_that_does_not_fit(tag: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        scalars.resolve_as(tag, text)


@pytest.mark.parametrize("text", ["\x00", "\x0b", "a\x1f", "\ud800", "\ufffe"])
def test_characters_that_no_property_list_can_carry(text: str) -> None:
    assert scalars.holds_forbidden_character(text)


@pytest.mark.parametrize("text", ["", "\t\r\n", "\x7f", "\U0001f600"])
def test_characters_that_are_fine(text: str) -> None:
    assert not scalars.holds_forbidden_character(text)
