"""Values at a path inside nested dictionaries and lists, for writing and for reading back.

A path has dots between levels. `[]` behind a name means a list: at the end of the path one of
its members, before the end the entry that an `Entry` picks out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from profilegen.catalogue.model import FieldValue
from profilegen.plist import PlistValue

Tree = dict[str, PlistValue]

_LIST = "[]"
# Apple's schema names the members of a list after the list: NotificationSettingsItem.
_APPLE_ITEM = re.compile(r"(\w+)\.\1Item\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry of a list whose `key` has the value `name`."""

    key: str
    name: str


@cache  # of the keys in the catalogue, each of them for every user
def apple_path(key: str) -> str:
    """Return a key of Apple's schema as a path: `A.AItem.B` is `B` in an entry of the list `A`."""
    return _APPLE_ITEM.sub(r"\1[]", key)


def plain(value: FieldValue) -> PlistValue:
    """Return a setting's value as files hold it: a tuple is a list."""
    return list(value) if isinstance(value, tuple) else value


def put(tree: Tree, path: str, value: PlistValue, *, entry: Entry | None = None) -> None:
    """Write `value` at `path`, making dictionaries, lists and the entry on the way."""
    head, _, rest = path.partition(".")
    if not head.endswith(_LIST):
        if rest:
            put(_branch(tree, head), rest, value, entry=entry)
        else:
            tree[head] = value
        return
    items = tree.setdefault(head.removesuffix(_LIST), [])
    if not isinstance(items, list):
        raise TypeError(path)
    if rest:
        put(_entry(items, entry, path), rest, value, entry=entry)
    elif value not in items:
        items.append(value)


def values_at(tree: PlistValue, path: str, *, entry: Entry | None = None) -> Iterator[PlistValue]:
    """Yield what stands at `path`: nothing, one value, or all values that compete for it.

    For a path that ends in `[]` all members of the list are yielded.
    """
    head, _, rest = path.partition(".")
    name = head.removesuffix(_LIST)
    if not isinstance(tree, Mapping) or name not in tree:
        return
    child = tree[name]
    if not head.endswith(_LIST):
        yield from values_at(child, rest, entry=entry) if rest else (child,)
    elif isinstance(child, Sequence) and not isinstance(child, str | bytes):
        for item in child:
            if not rest:
                yield item
            elif _is_entry(item, entry):
                yield from values_at(item, rest, entry=entry)


def same(one: PlistValue, other: PlistValue) -> bool:
    """Whether two values are equal in value and type, all the way down: true is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def _branch(tree: Tree, name: str) -> Tree:
    child = tree.setdefault(name, {})
    if not isinstance(child, dict):
        raise TypeError(name)
    return child


def _entry(items: list[PlistValue], entry: Entry | None, path: str) -> Tree:
    if entry is None:
        raise ValueError(path)
    for item in items:
        if isinstance(item, dict) and _is_entry(item, entry):
            return item
    made: Tree = {entry.key: entry.name}
    items.append(made)
    return made


def _is_entry(item: PlistValue, entry: Entry | None) -> bool:
    return entry is not None and isinstance(item, Mapping) and item.get(entry.key) == entry.name
