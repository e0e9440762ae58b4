"""Places in a tree of dictionaries and lists, as people and scripts read them.

`PayloadContent[0].PreventMove`: keys behind dots, list items in brackets counted from 0. A key
that would be ambiguous stands quoted as JSON has it: `PayloadContent[2]["Key Type"]`.
"""

from __future__ import annotations

import json
import re

ROOT = ""
"""The place of the whole tree."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_LONGEST = 200


def key_at(place: str, key: str) -> str:
    """Return the place of the value of `key` in the dictionary at `place`."""
    if _PLAIN.fullmatch(key) and len(key) <= _LONGEST:
        return f"{place}.{key}" if place else key
    shown = key if len(key) <= _LONGEST else f"{key[:_LONGEST]}..."
    return f"{place}[{json.dumps(shown, ensure_ascii=True)}]"


def item_at(place: str, index: int) -> str:
    """Return the place of item `index`, from 0, of the list at `place`."""
    return f"{place}[{index}]"
