"""What a newer schema of Apple's changes, in words for whoever keeps the data."""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_Table = Mapping[str, Any]
_NESTED = ("keys", "items")
_LONGEST = 200


def changes(old: _Table, new: _Table) -> Iterator[str]:
    """Yield one line for each file, key and fact that differs; `new` has the sections to compare.

    The sections hold files by name, as refresh_apple_schema.py writes them.
    """
    for section, files in new.items():
        before = old.get(section, {})
        for name in sorted(before.keys() | files.keys()):
            place = f"{section}/{name}"
            if name not in files:
                yield f"{place}: the file is gone"
            elif name not in before:
                count = _count(files[name])
                on = _systems(files[name])
                yield f"{place}: a new file, type {files[name]['type']}, {count} keys{on}"
            else:
                yield from _entry(place, before[name], files[name])


def needless(rows: Sequence[_Table], schema: _Table) -> Iterator[str]:
    """Yield which `rows` of newer facts the schema states as well, so that they can go."""
    for row in rows:
        section, _, name = row["file"].partition("/")
        found = schema[section].get(name)
        for part in row.get("path", ()):
            entry = found or {}
            found = entry.get("keys", entry.get("items", {})).get(part)
        if found is not None and _within(row["facts"], found):
            path = ".".join(row.get("path", ()))
            yield f"apple-newer.toml: the schema says it too: {row['file']} {path}".rstrip()


def _within(facts: object, found: object) -> bool:
    if isinstance(facts, dict) and isinstance(found, dict):
        return all(name in found and _within(facts[name], found[name]) for name in facts)
    return facts == found


def _entry(place: str, old: _Table, new: _Table) -> Iterator[str]:
    before, after = _facts(old), _facts(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{place}: {name}: {_said(before, name)} -> {_said(after, name)}"
    was, has = _children(old), _children(new)
    for name in sorted(was.keys() | has.keys()):
        if name not in has:
            yield f"{place}: the key {name} is gone"
        elif name not in was:
            kind = has[name].get("type", "as an outer one")
            yield f"{place}: a new key {name}, {kind}{_systems(has[name])}"
        else:
            yield from _entry(f"{place} {name}", was[name], has[name])


def _facts(entry: _Table) -> dict[str, object]:
    """Return the facts of an entry itself, those of systems as `deprecated on iOS`."""
    facts = {name: value for name, value in entry.items() if name not in {*_NESTED, "on"}}
    for system, said in entry.get("on", {}).items():
        facts |= {f"{name} on {system}": value for name, value in said.items()}
    return facts


def _children(entry: _Table) -> dict[str, _Table]:
    return {name: child for nested in _NESTED for name, child in entry.get(nested, {}).items()}


def _count(entry: _Table) -> int:
    """Return the number of keys at all levels; list items have a name, but are no keys."""
    return len(entry.get("keys", {})) + sum(_count(child) for child in _children(entry).values())


def _systems(entry: _Table) -> str:
    said = [
        f"{name} {on['introduced']}"
        for name, on in entry.get("on", {}).items()
        if "introduced" in on
    ]
    return "".join(f", {text}" for text in said)


def _said(facts: _Table, name: str) -> str:
    if name not in facts:
        return "nothing"
    text = json.dumps(facts[name], ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
