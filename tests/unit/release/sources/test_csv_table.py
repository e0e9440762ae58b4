"""Dialects of CSV that are found out, and rows that are none among rows that are."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.release.sources.model import BadRow, UsersError
from profilegen.release.sources.reading import MAX_LINE
from tests.unit.release.sources.lists import EMAIL, NAME, read_csv

ANNA = ("a", "a@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "id;email\na;a@example.com\n",
        "id\temail\na\ta@example.com\n",
        "id|email\na|a@example.com\n",
        "email;id\na@example.com;a\n",
        "'id','email'\n'a','a@example.com'\n",
        "'id';'email'\n'a';'a@example.com'\n",
        "sep=;\nid;email\na;a@example.com\n",
        "sep=,\r\nid,email\r\na,a@example.com\r\n",
        "sep=\t\nid\temail\na\ta@example.com\n",
        "\nid,email\na,a@example.com\n",
        "id,email\ra,a@example.com\r",
        "id;email;a,b,c,d,e\na;a@example.com;1,2\n",
        '"id";"email";"x\ny"\na;a@example.com;\n',
    ],
)
def test_dialects_are_found_out(text: str) -> None:
    assert list(read_csv(text)) == [ANNA]


def test_a_given_delimiter_is_taken_over_what_the_file_says() -> None:
    assert list(read_csv("id~email\na~a@example.com\n", delimiter="~")) == [ANNA]
    assert list(read_csv("sep=;\nid~email\na~a@example.com\n", delimiter="~")) == [ANNA]


def test_single_quotes_inside_values_are_none() -> None:
    text = "id,email\na,'a@example.com\nb,o'neil@example.com\n"
    ids = [row[1] for row in read_csv(text) if isinstance(row, tuple)]
    assert ids == ["'a@example.com", "o'neil@example.com"]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), min_size=1),
    st.sampled_from(",;\t|"),
    st.sampled_from(["excel", "unix"]),
)
def test_whatever_python_writes_is_read_back(
    values: list[str], delimiter: str, dialect: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, dialect, delimiter=delimiter)
    writer.writerows([("id", "email", "note"), *(("a", "a@example.com", one) for one in values)])
    rows = list(read_csv(text.getvalue()))
    assert rows[0] == ANNA
    assert len(rows) == len(values)
    assert all("user of row 1 already" in row.message for row in rows[1:])  # type: ignore[union-attr]


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    text = 'id,email\na,a@example.com\nb,"b@example.com\nc,c@example.com\nd,d@example.com\n'
    assert list(read_csv(text)) == [
        ANNA,
        BadRow(2, "not CSV: the quote in field 2 is not closed"),
        ("c", "c@example.com"),
        ("d", "d@example.com"),
    ]


def test_also_where_a_long_list_follows() -> None:
    rest = "".join(f"u{number},u{number}@example.com\n" for number in range(150_000))
    rows = list(read_csv('id,email\nb,"b@example.com\n' + rest))
    assert rows[0] == BadRow(1, "not CSV: the quote in field 2 is not closed")
    assert len(rows) == 150_001
    assert all(isinstance(row, tuple) for row in rows[1:])


def test_text_after_a_quote() -> None:
    rows = list(read_csv('id,email\n"a"x,a@example.com\na,a@example.com\n'))
    assert rows == [BadRow(1, "not CSV: ',' expected after '\"'"), ANNA]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x" * 1_000_000, "email: longer than 4096 characters"),
        ("x" * (2 * MAX_LINE), "a line of more than 2 Mi characters"),
        ('"' + "x" * (2 * MAX_LINE) + '"', "a line of more than 2 Mi characters"),
        ("a\0b@example.com", "email: holds a control character or line break"),
        (",,,", "5 fields instead of 2"),
    ],
    ids=["1 MB", "long line", "long quoted", "NUL", "ragged"],
)
def test_rows_that_are_bad_leave_the_next_one_whole(value: str, message: str) -> None:
    assert list(read_csv(f"id,email\nb,{value}\na,a@example.com\n")) == [BadRow(1, message), ANNA]


def test_a_cut_line_is_bad_even_if_its_values_would_do() -> None:
    text = "id,email,note\nb,b@example.com," + "x" * (2 * MAX_LINE) + "\n"
    assert list(read_csv(text)) == [BadRow(1, "a line of more than 2 Mi characters")]


def test_many_columns_are_not_all_told() -> None:
    with pytest.raises(UsersError) as caught:
        read_csv(",".join(f"column{number}" for number in range(10_000)), NAME)
    assert len(caught.value.message) < 500


def test_rows_are_read_as_they_are_asked_for() -> None:
    rows = read_csv("id,email\n" + "a,a@example.com\n" * 10 + "b", EMAIL)
    assert next(rows) == ANNA
