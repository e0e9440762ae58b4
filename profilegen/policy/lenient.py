"""Reads single values out of a document whose shape may be wrong.

So that everything wrong is told in one run, references are checked in what is readable, even
where the schema refuses other parts. What is not of the wanted kind reads as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profilegen.policy.compose import Plain
from profilegen.policy.problems import Path

Row = tuple[Path, Mapping[str, Plain]]


def mapping(value: Plain, *keys: str) -> Mapping[str, Plain]:
    """Return the mapping under `keys`."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Plain, *keys: str) -> Iterator[Row]:
    """Yield each mapping in the list under `keys`, with its path."""
    found = mapping(value, *keys[:-1]).get(keys[-1])
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (*keys, index), item


def text(value: Mapping[str, Plain], key: str) -> str:
    """Return the text of a member, "" where there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def texts(row: Row, key: str) -> Iterator[tuple[Path, str]]:
    """Yield the text of a member, or each text in its list, with its path."""
    path, value = row
    found = value.get(key)
    if isinstance(found, str):
        yield (*path, key), found
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, str):
            yield (*path, key, index), item


def all_texts(path: Path, value: Plain) -> Iterator[tuple[Path, str]]:
    """Yield every text in `value`, with its path; keys are not texts."""
    match value:
        case str():
            yield path, value
        case list():
            for index, item in enumerate(value):
                yield from all_texts((*path, index), item)
        case dict():
            for key, member in value.items():
                yield from all_texts((*path, key), member)
        case _:
            return
