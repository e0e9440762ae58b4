"""Users come out of a chunk as they went in, wherever it was sent meanwhile."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.release.sinks.model import USERS_IN_CHUNK
from profilegen.release.workers.chunks import chunked
from profilegen.render.text import is_line

LINES = st.text().filter(is_line)
FIELDS = ("email", "name")
ROWS = st.lists(st.tuples(LINES, LINES, LINES), min_size=1)


@given(ROWS)
def test_users_are_those_of_the_list(rows: list[tuple[str, str, str]]) -> None:
    (task,) = chunked(rows, FIELDS)
    sent = pickle.loads(pickle.dumps(task))  # noqa: S301  (ours)
    assert sent.rows() == rows
    assert sent.sha256() == task.sha256()
    assert (sent.number, sent.count, sent.fields) == (0, len(rows), FIELDS)


@given(ROWS, ROWS)
def test_the_digest_tells_lists_apart(
    one: list[tuple[str, str, str]], other: list[tuple[str, str, str]]
) -> None:
    (first,), (second,) = chunked(one, FIELDS), chunked(other, FIELDS)
    assert (first.sha256() == second.sha256()) is (one == other)
    (renamed,) = chunked(one, ("name", "email"))
    assert renamed.sha256() != first.sha256()


def test_every_chunk_but_the_last_is_full() -> None:
    rows = [(f"u{number}",) for number in range(2 * USERS_IN_CHUNK + 1)]
    tasks = list(chunked(rows, ()))
    assert [(task.number, task.count) for task in tasks] == [
        (0, USERS_IN_CHUNK),
        (1, USERS_IN_CHUNK),
        (2, 1),
    ]
    assert [row for task in tasks for row in task.rows()] == rows
    assert tasks[1].described == f"users {USERS_IN_CHUNK + 1} to {2 * USERS_IN_CHUNK}"
    assert list(chunked([], ())) == []


def test_a_value_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="is no line"):
        next(chunked([("anna", "a@example.com"), ("bo", "b\n@example.com")], ("email",)))
