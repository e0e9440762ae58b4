"""The payloads of a profile or declaration, each with its place, and the values at key paths.

Takes any tree: what is no payload is left out, what no path leads to yields nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from profilegen.audit.document import Declaration, Document, Profile
from profilegen.places import item_at, key_at


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload of a profile, or the one of a declaration: its place, type and keys."""

    place: str
    kind: str
    content: Mapping[str, object]

    def at(self, path: str) -> str:
        """Return the place of a value; `path` has dots between levels and no lists."""
        place = self.place
        for part in path.split("."):
            place = key_at(place, part)
        return place

    def value(self, path: str) -> object:
        """Return the value at `path`, which leads through no list; None when there is none."""
        return next((value for _, value in self.values(path)), None)

    def values(self, path: str) -> Iterator[tuple[str, object]]:
        """Yield every value at `path`, with its place; `[]` in it stands for every list item."""
        return _values(self.content, path.split("."), self.place)


def payloads(document: Document) -> tuple[Payload, ...]:
    """Return the payloads of `document` in its order; none for what holds none."""
    match document:
        case Profile(content=content):
            return tuple(_payloads(content.get("PayloadContent")))
        case Declaration(content=content):
            kind, payload = content.get("Type"), content.get("Payload")
            if isinstance(kind, str) and isinstance(payload, dict):
                return (Payload("Payload", kind, payload),)
            return ()
        case _:
            return ()


def _payloads(items: object) -> Iterator[Payload]:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            kind = item.get("PayloadType")
            place = item_at("PayloadContent", index)
            yield Payload(place, kind if isinstance(kind, str) else "", item)


def _values(value: object, parts: list[str], place: str) -> Iterator[tuple[str, object]]:
    if not parts:
        yield place, value
        return
    name = parts[0].removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    inner, place = value[name], key_at(place, name)
    if name == parts[0]:
        yield from _values(inner, parts[1:], place)
        return
    for index, item in enumerate(inner if isinstance(inner, list) else ()):
        yield from _values(item, parts[1:], item_at(place, index))
