"""The finding for files that are templates: how many placeholders, and where the first stand."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import ROOT, item_at, key_at

_SHOWN = 3


def template_problems(content: object, *, blocks: int = 0) -> tuple[Finding, ...]:
    """Return one finding if `content` has placeholders or `blocks` stood between its elements.

    `content` is a tree whose depth is limited. The place is that of the first placeholder.
    """
    count, first = 0, []
    for path in _placeholders(content, ()):
        count += 1
        if count <= _SHOWN:
            first.append(_place(path))
    if not count and not blocks:
        return ()
    said = [_values(count, first)] if count else []
    if blocks:
        said.append(_blocks(blocks))
    message = ", and ".join(said)
    message = f"{message[:1].upper()}{message[1:]}."
    return (found("template-placeholder", first[0] if first else ROOT, message),)


def _values(count: int, first: list[str]) -> str:
    named = ", ".join(place[:80] or "the whole file" for place in first)
    if count == 1:
        return f"1 value holds a placeholder ({named})"
    dots = ", ..." if count > _SHOWN else ""
    return f"{count:,} values hold placeholders ({named}{dots})"


def _blocks(count: int) -> str:
    if count == 1:
        return "a part of a template stands between settings"
    return f"{count:,} parts of a template stand between settings"


def _placeholders(node: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    match node:
        case dict():
            for key, value in node.items():
                if is_placeholder(key):
                    yield path
                yield from _placeholders(value, (*path, key))
        case list():
            for index, value in enumerate(node):
                yield from _placeholders(value, (*path, index))
        case _ if is_placeholder(node):
            yield path


def _place(path: tuple[str | int, ...]) -> str:
    place = ROOT
    for part in path:
        place = key_at(place, part) if isinstance(part, str) else item_at(place, part)
    return place
