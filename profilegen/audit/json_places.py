"""Where the values of a JSON text stand: lines of places, and places of keys that stand twice.

Works on text that a JSON reader has accepted; other text ends in some answer, never in an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from profilegen.audit.sought import Sought
from profilegen.places import ROOT, item_at, key_at

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},:]|[^\s",:\[\]{}]++', re.DOTALL)
_REPORTED = 50


@dataclass(slots=True)
class _Open:
    """An open object or list; `key` is the last one that was read, `count` the items before."""

    is_object: bool
    part: str
    places: Sought | None
    keys: set[str] = field(default_factory=set)
    key: str = ""
    count: int = 0
    awaits_key: bool = True

    def next_part(self) -> str:
        return key_at(ROOT, self.key) if self.is_object else item_at(ROOT, self.count)


def find_json_lines(data: bytes, places: Sought) -> None:
    """Write the lines of the JSON text `data` into `places`; of a key twice the last line."""
    for _ in _walk(data, places):
        pass


def duplicate_keys(data: bytes) -> list[str]:
    """Return the places of at most 50 keys that stand again in their object, each once."""
    places: dict[str, None] = {}
    for place in _walk(data, None):
        places[place] = None
        if len(places) == _REPORTED:
            break
    return list(places)


def _walk(data: bytes, places: Sought | None) -> Iterator[str]:
    """Yield the place of each key that stands again, and write lines into `places`."""
    inside: list[_Open] = []
    line, counted = 1, 0
    for match in _TOKEN.finditer(data):
        token = match[0]
        here = inside[-1] if inside else None
        if token in b"}]":
            inside = inside[:-1]
            continue
        if token in b",:":
            if here and token == b",":
                here.count += 1
                here.awaits_key = True
            continue
        if here and here.is_object and here.awaits_key:
            here.awaits_key = False
            here.key = _text(token)
            if here.key in here.keys:
                yield _place(inside)
            here.keys.add(here.key)
            known = here.places.inside.get(here.next_part()) if here.places else None
        elif here and here.is_object:
            known = None
        else:
            known = _of_item(here, places)
        if known is not None:
            line += data.count(b"\n", counted, match.start())
            counted = match.start()
            known.line = line
        if token in b"{[":
            inside.append(_opened(here, token, places))


def _of_item(here: _Open | None, places: Sought | None) -> Sought | None:
    if here is None:
        return places
    return here.places.inside.get(here.next_part()) if here.places else None


def _opened(here: _Open | None, token: bytes, places: Sought | None) -> _Open:
    if here is None:
        return _Open(token == b"{", ROOT, places)
    part = here.next_part()
    return _Open(token == b"{", part, here.places.inside.get(part) if here.places else None)


def _text(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "replace")
    try:
        return str(json.loads(token))
    except ValueError:
        return token.decode("utf-8", "replace")


def _place(inside: list[_Open]) -> str:
    place = ROOT
    for part in [*(item.part for item in inside if item.part), inside[-1].next_part()]:
        place += part if part.startswith("[") or not place else f".{part}"
    return place
