"""JSON Lines: what is a value, and what is wrong with a line that has none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.model import BadRow, UsersError
from profilegen.release.sources.reading import MAX_LINE
from tests.unit.release.sources.lists import NAME, read_json_lines

GOOD = '{"id": "b", "email": "b@example.com"}\n'
BO = ("b", "b@example.com")


def test_objects_are_rows() -> None:
    text = '\ufeff{"email": "a@example.com", "id": "a", "more": [1]}\r\n\n' + GOOD
    assert read_json_lines(text) == [("a", "a@example.com"), BO]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_texts_are_taken_as_they_are(text: str) -> None:
    for ascii_only in (False, True):
        line = json.dumps({"id": "a", "name": text}, ensure_ascii=ascii_only)
        assert read_json_lines(line, NAME) == [("a", text)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        ("-0", "-0"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("true", "true"),
        ("false", "false"),
        ("null", ""),
    ],
)
def test_what_has_one_text(value: str, text: str) -> None:
    field = UserField("name", FieldKind.TEXT, required=False, pattern="")
    assert read_json_lines(f'{{"id": 1, "name": {value}}}', field) == [("1", text)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a", "email": 1.0}', "email: a number with a fraction or an exponent"),
        ('{"id": "a", "email": 1e3}', "email: a number with a fraction or an exponent"),
        ('{"id": "a", "email": NaN}', "email: a number with a fraction or an exponent"),
        ('{"id": "a", "email": ["a"]}', "email: an object or array"),
        ('{"id": "a", "email": {"a": 1}}', "email: an object or array"),
        ('{"id": "a"}', "email: empty"),
        ('{"id": "a", "email": "x", "id": "b"}', "'id': occurs twice in the object"),
        ('{"id": "a", "email": "a@example.com\\u0000"}', "email: holds a control character"),
        ('{"id": "a\\ud800", "email": "a@example.com"}', "id: holds a control character"),
        ('{"id": "a", "email"', "not JSON: Expecting ':' delimiter (character "),
        ("[" * 100_000, "not JSON: nested too deeply"),
        ("[1]", "not a JSON object"),
        ('"' + "x" * (2 * MAX_LINE) + '"', "a line of more than 2 Mi characters"),
    ],
    ids=range(13),
)
def test_lines_that_are_no_rows(line: str, message: str) -> None:
    bad, good = read_json_lines(f"{line}\n{GOOD}")
    assert isinstance(bad, BadRow)
    assert bad.row == 1
    assert bad.message.startswith(message)
    assert good == BO


def test_rows_have_the_numbers_of_their_lines() -> None:
    rows = read_json_lines(f'\n\n{GOOD}\n{{"id": "b", "email": "c@example.com"}}\n')
    assert rows == [BO, BadRow(5, "id: 'b' is the user of row 3 already")]


def test_the_first_object_tells_what_names_people() -> None:
    assert read_json_lines('{"email": "a@example.com"}\n' + GOOD) == [
        ("a@example.com", "a@example.com"),
        ("b@example.com", "b@example.com"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "users.jsonl: the list of users is empty"),
        ("\n \n", "users.jsonl: the list of users is empty"),
        ('{"name": "a"}', "users.jsonl: no column id, which names the person; it has name"),
    ],
)
def test_lists_that_name_nobody(text: str, message: str) -> None:
    with pytest.raises(UsersError) as caught:
        read_json_lines(text)
    assert caught.value.message == message


@pytest.mark.parametrize("begin", [b"", GOOD.encode(), b"\n" + GOOD.encode()])
def test_bytes_that_are_no_text_name_their_row(begin: bytes) -> None:
    content = begin + b'{"id": "a", "email": "\xe4@example.com"}\n' + GOOD.encode()
    row = begin.count(b"\n") + 1
    with pytest.raises(UsersError) as caught:
        read_json_lines(content)
    assert caught.value.message == (
        f"users.jsonl: row {row}: not UTF-8 (line {row}, byte {len(begin) + 22} of the list)"
    )
