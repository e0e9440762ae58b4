"""The rows of Apple's schema as they are stored, with the newer facts laid over them.

A row says only what it does not inherit, and a row that contains itself refers to its outer self;
both are resolved here. What the rows mean is said in `profilegen.catalogue.apple`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

Table = Mapping[str, Any]

ANY = "ANY"
"""The name of the row that describes all keys which a dictionary may have besides the named."""
ABSENT = "n/a"
"""What `introduced` says of a system that does not have the payload or key."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A file, key or list item: its row, and what holds for it on each system by inheritance.

    `on` has the facts of each system by its name, as Apple's field names say them. `is_item` marks
    what is said of a list's items: its name stands in no document. `file` is the row of the file.
    """

    name: str
    row: Table
    on: Mapping[str, Table]
    is_item: bool
    file: Table


@cache
def files_by_type(section: str) -> Mapping[str, tuple[Entry, ...]]:
    """Return the files of `section`, `payloads` or `declarations`, by the type they describe."""
    found: dict[str, tuple[Entry, ...]] = {}
    for name, row in _schema()[section].items():
        entry = Entry(name, row, row.get("on", {}), is_item=False, file=row)
        found[row["type"]] = (*found.get(row["type"], ()), entry)
    return MappingProxyType(found)


def keys_in(entry: Entry) -> Iterator[Entry]:
    """Yield the keys of a file or dictionary, ANY among them."""
    for name, row in entry.row.get("keys", {}).items():
        yield _child(entry, name, row, is_item=False)


def items_in(entry: Entry) -> Iterator[Entry]:
    """Yield what is said of the items of a list."""
    for name, row in entry.row.get("items", {}).items():
        yield _child(entry, name, row, is_item=True)


def paths(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the name and path of each key below `entry`; what contains itself, only once.

    Paths have dots between levels, `[]` behind a list and `*` for a key of any name.
    """
    yield from _paths(entry.row, "")


def _paths(row: Table, above: str) -> Iterator[tuple[str, str]]:
    for item in row.get("items", {}).values():
        yield from _paths(item, f"{above}[]")
    for name, child in row.get("keys", {}).items():
        path = f"{above}.{'*' if name == ANY else name}".removeprefix(".")
        if name != ANY:
            yield name, path
        yield from _paths(child, path)


def _child(above: Entry, name: str, row: Table, *, is_item: bool) -> Entry:
    if "same" in row:
        row = _at(above.file, row["same"])
    own = row.get("on", {})
    on = {
        system: _inherited(above.on.get(system, {}), own.get(system, {}))
        for system in above.on.keys() | own.keys()
    }
    return Entry(name, row, on, is_item=is_item, file=above.file)


def _inherited(above: Table, own: Table) -> Table:
    """Return what holds by Apple's docs/schema.md: own facts first, else those of what is above.

    What is inside another key cannot be where that one is not.
    """
    absent = {"introduced": ABSENT} if above.get("introduced") == ABSENT else {}
    return {**above, **own, **absent}


def _at(file: Table, path: list[str]) -> Table:
    row = file
    for name in path:
        row = row.get("keys", row.get("items", {}))[name]
    return row


@cache
def _schema() -> Table:
    folder = files("profilegen.catalogue").joinpath("data", "schema")
    schema: dict[str, Any] = json.loads(folder.joinpath("apple.json").read_text("utf-8"))
    newer = tomllib.loads(folder.joinpath("apple-newer.toml").read_text("utf-8"))
    for row in newer["key"]:
        _lay_over(schema, row)
    return schema


def _lay_over(schema: dict[str, Any], row: Table) -> None:
    section, _, name = row["file"].partition("/")
    entries = [schema[section].setdefault(name, {})]
    for part in row.get("path", ()):
        inside = [e["items"] if "items" in e else e.setdefault("keys", {}) for e in entries]
        if part == "*":
            entries = [entry for rows in inside for entry in rows.values()]
        else:
            entries = [rows.setdefault(part, {}) for rows in inside]
    for entry in entries:
        on = {**entry.get("on", {})}
        for system, facts in row["facts"].get("on", {}).items():
            on[system] = {**on.get(system, {}), **facts}
        entry.update(row["facts"] | ({"on": on} if on else {}))
