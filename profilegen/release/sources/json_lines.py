"""Rows from JSON Lines: one object a line, whose members are the fields."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from profilegen.release.sources.model import Row, Table
from profilegen.release.sources.people import NAMING_COLUMNS
from profilegen.release.sources.reading import TOO_LONG, Lines, NotTextError


class _InexactNumber(str):
    """A number with a fraction or an exponent, as it stands in the file."""

    __slots__ = ()


class _RepeatedNameError(ValueError):
    """An object has two members of one name: which of them is meant, nobody knows."""


def json_lines_table(lines: Lines, name: str, *, fields: Sequence[str]) -> Table:
    """Return the rows of JSON Lines: the members `fields` of each object, and what names people.

    The first object tells whether `id` or `email` names them. Integers and booleans are taken as
    they are written, null is no value; other numbers, arrays and objects are a fault of their row.
    """
    rows = _objects(lines)
    read: list[tuple[int, dict[str, Any] | str]] = []
    for row in rows:
        read.append(row)
        if isinstance(row[1], dict):
            break
    first = read[-1][1] if read else {}
    if isinstance(first, str):  # there are rows, and all of them are bad
        columns: tuple[str, ...] = (NAMING_COLUMNS[0], *fields)
    else:
        naming = [column for column in NAMING_COLUMNS if column in first]
        columns = (*naming[:1], *fields) if naming else tuple(first)
    columns = tuple(dict.fromkeys(columns))
    names = () if isinstance(first, str) else tuple(first)
    return Table(name, columns, _values(chain(read, rows), columns), names=names)


def _objects(lines: Lines) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield the objects with the numbers of their lines; blank lines are passed over."""
    cuts = number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if lines.cuts != cuts:
                cuts = lines.cuts
                yield number, TOO_LONG
            elif not line.isspace():
                yield number, _object(line)
    except NotTextError as error:
        row = f"row {number + 1}"
        raise error.within(row) from error


def _object(line: str) -> dict[str, Any] | str:
    try:
        found = json.loads(
            line,
            object_pairs_hook=_distinct,
            parse_int=str,
            parse_float=_InexactNumber,
            parse_constant=_InexactNumber,
        )
    except _RepeatedNameError as error:
        return str(error)
    except json.JSONDecodeError as error:
        return f"not JSON: {error.msg} (character {error.pos + 1})"
    except RecursionError:
        return "not JSON: nested too deeply"
    return found if isinstance(found, dict) else "not a JSON object"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"{twice!a:.80}: occurs twice in the object"
        raise _RepeatedNameError(message)
    return found


def _values(
    rows: Iterator[tuple[int, dict[str, Any] | str]], columns: tuple[str, ...]
) -> Iterator[tuple[int, Row]]:
    for number, found in rows:
        if isinstance(found, str):
            yield number, found
            continue
        values = [found.get(column) for column in columns]
        faults = [
            f"{column}: {fault}"
            for column, value in zip(columns, values, strict=True)
            if value.__class__ is not str and (fault := _fault(value))
        ]
        yield number, "; ".join(faults) if faults else [_text(value) for value in values]


def _fault(value: object) -> str:
    if isinstance(value, _InexactNumber):
        return "a number with a fraction or an exponent: write it as a string"
    if isinstance(value, dict | list):
        return "an object or array: only texts, integers and booleans are values"
    return ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
