"""What can be wrong with a table of the configuration file, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from profilegen.places import item_at, key_at
from profilegen.policy.problems import suggestion

Table = Mapping[str, object]
Problem = tuple[str, str, str]
"""The path of a key, what is wrong with it, and what to do."""

MOST_DAYS = 36500


def unknown_keys(table: Table, known: Iterable[str], place: str) -> Iterator[Problem]:
    """Yield a problem for each key of the table at `place` that is not `known`."""
    names = tuple(known)
    for key in table:
        if key not in names:
            otherwise = f"Known here: {', '.join(names)}."
            yield key_at(place, key), "unknown key", suggestion(key, names, otherwise=otherwise)


def days_problems(table: Table, key: str, place: str) -> Iterator[Problem]:
    """Yield what is wrong with a number of days, nothing where it is not given."""
    days = table.get(key, 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
        hint = f"Write a whole number from 0 to {MOST_DAYS}."
        yield key_at(place, key), f"{clipped(days)} is no number of days", hint


def texts_problems(value: object, place: str, what: str, example: str) -> Iterator[Problem]:
    """Yield what is wrong with a list that holds one text or more: `what` it lists, for people."""
    found = texts(value)
    if not found or not isinstance(value, list) or len(found) != len(value):
        yield place, f"not a list of {what}", f'Write ["{example}"], for example.'


def choice_problems(
    value: object, place: str, what: str, known: Iterable[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a list that holds some of the `known` texts: `what` these are."""
    names = tuple(known)
    yield from texts_problems(value, place, what, names[0])
    for index, text in enumerate(texts(value)):
        if text not in names:
            # All of them, and no nearest one: the nearest to sha1 is sha512.
            hint = f"Known here: {', '.join(names)}."
            yield item_at(place, index), f"{clipped(text)} is none of the {what}", hint


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of a list, () for what is none."""
    items = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, str))


def tables(value: object) -> tuple[Table, ...]:
    """Return the tables of a list, () for what is none."""
    items = value if isinstance(value, list) else ()
    return tuple(item for item in items if isinstance(item, dict))


def clipped(value: object) -> str:
    """Return a value of the file in at most 60 characters."""
    shown = json.dumps(value, default=str)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004  (one line's room)
