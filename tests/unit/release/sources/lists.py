"""Lists of users as bytes, read without a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.csv_table import csv_table
from profilegen.release.sources.json_lines import json_lines_table
from profilegen.release.sources.model import BadRow
from profilegen.release.sources.people import NAMING_COLUMNS, people
from profilegen.release.sources.reading import DigestedStream, Lines
from profilegen.render.user import UserRow

EMAIL = UserField("email", FieldKind.EMAIL, required=True, pattern="")
NAME = UserField("name", FieldKind.TEXT, required=True, pattern="")


def lines(content: str | bytes, *, name: str = "users.csv", encoding: str = "") -> Lines:
    """Return the lines of a list."""
    found = content.encode() if isinstance(content, str) else content
    return Lines(name, DigestedStream(io.BytesIO(found)), encoding)


def read_csv(
    content: str | bytes,
    *fields: UserField,
    delimiter: str = "",
    encoding: str = "",
    faults_of: Callable[[UserRow], Sequence[str]] = lambda _: (),
) -> Iterator[UserRow | BadRow]:
    """Return the people in CSV, who have an e-mail address unless `fields` are given."""
    needed = fields or (EMAIL,)
    table = csv_table(
        lines(content, encoding=encoding),
        "users.csv",
        known={*NAMING_COLUMNS, *(item.name for item in needed)},
        delimiter=delimiter,
    )
    return people(table, needed, faults_of=faults_of)


def read_json_lines(content: str | bytes, *fields: UserField) -> list[UserRow | BadRow]:
    """Return the people in JSON Lines, who have an e-mail address unless `fields` are given."""
    needed = fields or (EMAIL,)
    names = [item.name for item in needed]
    table = json_lines_table(lines(content, name="users.jsonl"), "users.jsonl", fields=names)
    return list(people(table, needed))
