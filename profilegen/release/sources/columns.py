"""Columns of a list that are likely meant for fields, though their names are other ones.

`Id` and ` E-Mail` name no field: which column is meant is for people to say, who are told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from profilegen.policy.model import UserField
from profilegen.release.sources.model import Table, UsersError
from profilegen.release.sources.people import NAMING_COLUMNS

_EXACT = "names are compared letter by letter, with case, spaces and hyphens"


@contextmanager
def likely_columns_named(table: Table, needed: Sequence[UserField]) -> Iterator[None]:
    """Let a UsersError for columns that `table` lacks say which of its columns are likely meant."""
    try:
        yield
    except UsersError as error:
        required = [item.name for item in needed if item.required]
        naming = () if set(NAMING_COLUMNS).intersection(table.columns) else NAMING_COLUMNS
        pairs = _likely(table, dict.fromkeys((*naming, *required)))
        renamed = " and ".join(f"{column!r} to {name!r}" for column, name in pairs)
        if renamed:
            error.hint = f"Rename {renamed}: {_EXACT}."
        raise


def doubtful_columns(table: Table, needed: Sequence[UserField]) -> tuple[str, ...]:
    """Return a sentence for each column of `table` that is likely meant for a field, and is not."""
    naming, otherwise = NAMING_COLUMNS
    so = {naming: f", so {otherwise} names people"}
    return tuple(
        f"{table.name}: {column!r} is not taken for {name}{so.get(name, '')}: {_EXACT}"
        for column, name in _likely(table, {naming: None} | {item.name: None for item in needed})
    )


def _likely(table: Table, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each column that is likely one of `names`, which `table` lacks, with that name."""
    listed = table.names or table.columns
    columns = {_bare(column): column for column in reversed(listed)}
    for name in names:
        column = columns.get(_bare(name), "")
        if column and name not in listed:
            yield column, name


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
