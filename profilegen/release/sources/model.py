"""Rows on their way from a source to the build: a table of text, and a row that is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from profilegen.errors import InputError

Row = list[str] | str
"""The values of a row in the order of the columns, or one sentence: why it cannot be read."""


class UsersError(InputError):
    """A list of users cannot be read at all."""

    slug = "users"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that no file is made for; `row` counts as `Table.rows` does."""

    row: int
    message: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a source named `name`, each with its number; they are read as they are asked for.

    A CSV or Parquet row and an entry of a directory have their place, from 1; a JSON object has its
    line in the file. A row may have more or fewer values than there are columns. `names` are all
    names that the source has, where `columns` are fewer.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[tuple[int, Row]]
    place: Callable[[], str] = lambda: ""
    """What the source calls the row that was read last, "" where its number says it all."""
    names: tuple[str, ...] = ()
