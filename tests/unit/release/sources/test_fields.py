"""The quick look at a row and the slow one agree, and patterns are asked of bounded values."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.fields import field_check, text_fault
from profilegen.release.sources.model import BadRow, Table
from profilegen.release.sources.people import people

KINDS = [UserField(str(kind), kind, required=True, pattern="") for kind in FieldKind]
FIELDS = [
    *KINDS,
    UserField("even", FieldKind.INTEGER, required=False, pattern="[0-9]*[02468]"),
    UserField("house", FieldKind.EMAIL, required=False, pattern=".*@example[.]com"),
    UserField("upper", FieldKind.TEXT, required=False, pattern="[A-Z ]+"),
]
VALUES = st.one_of(
    st.text(st.characters(), max_size=4),
    st.sampled_from(
        ["", " ", "1", "2", "-3", "A B", " A", "a@example.com", "a@example.net", "x" * 4097]
    ),
    st.uuids().map(str),
)


def test_no_printable_character_is_refused() -> None:
    texts = map(chr, range(sys.maxunicode + 1))
    assert [text for text in texts if text.isprintable() and text_fault(text)] == []


@given(st.lists(VALUES, min_size=len(FIELDS), max_size=len(FIELDS)), VALUES)
def test_a_row_is_good_where_each_of_its_values_is(values: list[str], user_id: str) -> None:
    columns = ("id", *(field.name for field in FIELDS))
    table = Table("list", columns, iter([(1, [user_id, *values])]))
    (found,) = people(table, FIELDS)
    stripped = [value.strip(" ") for value in values]
    faults = [
        fault
        for field, value in zip(FIELDS, stripped, strict=True)
        if (fault := field_check(field).fault(value))
    ]
    user_id = user_id.strip(" ")
    if faults or not user_id or text_fault(user_id):
        assert isinstance(found, BadRow)
        assert all(fault in found.message for fault in faults)
    else:
        assert found == (user_id, *stripped)


@pytest.mark.parametrize("pattern", ["[a-z]+", "(?i)[A-Z]+", "[[a]+|[a-z]+"])
def test_patterns_are_of_the_whole_value(pattern: str) -> None:
    check = field_check(UserField("name", FieldKind.TEXT, required=True, pattern=pattern))
    assert check.fault("anna") == ""
    assert check.fault("anna1") == f"name: does not match {pattern}: 'anna1'"


def test_no_pattern_is_asked_of_a_long_value() -> None:
    field = UserField("name", FieldKind.TEXT, required=True, pattern="(a|b)*c")
    assert field_check(field).fault("ab" * 50_000) == "name: longer than 4096 characters"
