"""Objects and lists of an Android policy, found whatever else may stand in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from profilegen.places import item_at

Entry = Mapping[str, object]


def object_at(value: Entry, *keys: str) -> Entry:
    """Return the object behind `keys`, level by level; empty where there is none."""
    for key in keys:
        inner = value.get(key)
        value = cast("Entry", inner) if isinstance(inner, dict) else {}
    return value


def objects_in(value: object, where: str) -> Iterator[tuple[str, Entry]]:
    """Yield each object of the list `value`, which stands at `where`, with its own place."""
    for index, item in enumerate(list_of(value)):
        if isinstance(item, dict):
            yield item_at(where, index), cast("Entry", item)


def list_of(value: object) -> list[object]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_at(value: Entry, key: str) -> str:
    """Return the text behind `key`, "" where there is none."""
    text = value.get(key)
    return text if isinstance(text, str) else ""
