"""Places that somebody asks the line of, as a tree that a reader descends while it reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# The parts of a place as `profilegen.places` writes them: Key, ["a key"], [0].
_PART = re.compile(r'\.?([A-Za-z_][A-Za-z0-9_-]*+)|(\["(?:[^"\\]++|\\.)*+"\]|\[[0-9]++\])')


@dataclass(slots=True)
class Sought:
    """One place and those inside it, by their next part; `line` counts from 1, 0 is not found."""

    line: int = 0
    inside: dict[str, Sought] = field(default_factory=dict)


def sought(places: Collection[str]) -> Sought:
    """Return the tree of `places`; what is no place leads as far as it can be read."""
    root = Sought()
    for place in places:
        node = root
        for part in parts_of(place):
            node = node.inside.setdefault(part, Sought())
    return root


def found_lines(root: Sought, places: Collection[str]) -> Mapping[str, int]:
    """Return the line of each of `places`, of the nearest place around it where it has none."""
    lines = {}
    for place in places:
        node, line = root, root.line
        for part in parts_of(place):
            node = node.inside[part]
            if not node.line:
                break
            line = node.line
        lines[place] = line
    return lines


def parts_of(place: str) -> tuple[str, ...]:
    """Return the parts of `place`, as `key_at` and `item_at` write them behind the empty place."""
    parts = []
    position = 0
    while match := _PART.match(place, position):
        parts.append(match[1] or match[2])
        position = match.end()
    return tuple(parts)
