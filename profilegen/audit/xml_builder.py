"""The value of an XML property list, built element by element from what expat reports.

plistlib skips unknown elements and stray text and lets the last value win; so does this, but it
keeps where that happened, since Apple's own parser stops there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from profilegen.audit.damage import DamageError, ForeignError, quoted
from profilegen.audit.nesting import MAX_NESTING, MAX_VALUES, too_deep, too_many
from profilegen.audit.placeholders import Placeholder, is_placeholder
from profilegen.audit.sought import Sought
from profilegen.audit.xml_scalars import SCALARS
from profilegen.audit.xml_templates import TEMPLATE_TAG
from profilegen.places import ROOT, item_at, key_at

_CONTAINERS = frozenset({"array", "dict"})
_TEXTS = frozenset({"key", "string"})
_KNOWN = _CONTAINERS | _TEXTS | SCALARS.keys() | {TEMPLATE_TAG}
_REPORTED = 50
_DEEPEST = 2 * MAX_NESTING


@dataclass(slots=True)
class _Container:
    """An open dictionary or array; `key` is the one whose value comes next, None between pairs.

    `template` says that parts of a template stood in it, `branch` that one stood since the last
    value: what follows may be the other branch of a condition.
    """

    value: dict[str, object] | list[object]
    part: str
    places: Sought | None
    key: str | None = None
    key_line: int = 0
    template: bool = False
    branch: bool = False


@dataclass(slots=True)
class Oddities:
    """What was overlooked, each with its place: keys that stand twice, what no plist may hold."""

    twice: list[str] = field(default_factory=list)
    malformed: list[tuple[str, str]] = field(default_factory=list)
    blocks: int = 0


class Builder:
    """Reads one document through `parser`; then `value` is what it holds and `complete` is true.

    Handlers raise DamageError with the place, ForeignError where the root is no property list.
    """

    def __init__(self, encoding: str | None, *, lines_before: int, places: Sought | None) -> None:
        """Prepare a parser; `encoding` overrides what the document says of itself."""
        self.value: object = None
        self.complete = False
        self.odd = Oddities()
        self.parser = expat.ParserCreate(encoding)
        self.lines_before = lines_before
        self._places = places
        self._open: list[tuple[str, int]] = []
        self._inside: list[_Container] = []
        self._scalar = ""
        self._text: list[str] = []
        self._values = 0
        self._roots = 0
        self.parser.buffer_text = True
        self.parser.buffer_size = 64 * 1024
        for name, handler in self._handlers().items():
            setattr(self.parser, name, handler)

    @property
    def line(self) -> int:
        """Return the line, from 1, of what is read now."""
        return self.parser.CurrentLineNumber + self.lines_before

    @property
    def innermost(self) -> str:
        """Return the open element as messages name it, "" outside of all."""
        return "<{}> of line {}".format(*self._open[-1]) if self._open else ""

    def disconnect(self) -> None:
        """Part from the parser, so that nothing waits for the collector of cycles."""
        for handler in self._handlers():
            setattr(self.parser, handler, None)

    def fail(self, cause: str) -> NoReturn:
        """Raise DamageError for what is read now."""
        column = self.parser.CurrentColumnNumber + 1
        raise DamageError(cause, line=self.line, column=column)

    def _handlers(self) -> dict[str, Callable[..., None]]:
        return {
            "StartElementHandler": self._start,
            "EndElementHandler": self._end,
            "CharacterDataHandler": self._text.append,
            "StartDoctypeDeclHandler": self._document_type,
            "SkippedEntityHandler": self._unknown_entity,
            "ProcessingInstructionHandler": self._instruction,
        }

    def _document_type(
        self, _name: str, _system: str | None, _public: str | None, subset: int
    ) -> None:
        # Apple's parser takes none (swift-foundation, XMLPlistScanner.skipDTD); entities that
        # multiply and attributes by default would all be declared there.
        if subset:
            self.fail("the document type declares entities or elements of its own")

    def _unknown_entity(self, name: str, _parameter: int) -> None:
        self.fail(f"no property list knows the entity {quoted(name)}")

    def _instruction(self, target: str, text: str) -> None:
        # PHP that prints a value is one to XML; the value would be missed as if it were empty.
        if self._open and target == "php":
            self._text.append(f"<?php {text}?>")

    def _start(self, name: str, _attributes: object) -> None:
        if not self._open and name != "plist" and name not in _KNOWN:
            message = f"its XML is no property list: it starts with <{name[:40]}>"
            raise ForeignError(message)
        if self._scalar and name in _KNOWN:
            self.fail(f"<{name}> stands inside {self._scalar}, whose closing tag may be broken")
        if self._text:
            self._between()
        self._open.append((name, self.line))
        self._count()
        if self._scalar or name not in _KNOWN:
            if name != "plist" or len(self._open) > 1:
                self._note(f"<{name[:40]}> is no element of a property list")
        elif name in _CONTAINERS:
            self._begin({} if name == "dict" else [])
        else:
            self._scalar = self.innermost

    def _end(self, name: str) -> None:
        if self._scalar and name in _KNOWN:
            text = "".join(self._text)
            self._text.clear()
            self._scalar = ""
            if name == "key":
                self._key(text)
            else:
                self._add(self._scalar_value(name, text))
        elif not self._scalar:
            if self._text:
                self._between()
            if name in _CONTAINERS:
                self._close()
        self._open.pop()
        if not self._open:
            self.complete = True

    def _scalar_value(self, name: str, text: str) -> object:
        if name == "string":
            return text
        if name == TEMPLATE_TAG or (text and is_placeholder(text)):
            return Placeholder(text.strip())
        try:
            return SCALARS[name](text)
        except (ValueError, OverflowError) as error:
            self.fail(str(error))

    def _between(self) -> None:
        """Look at text between elements: blanks, parts of a template, or what may not be there."""
        text = "".join(self._text)
        self._text.clear()
        if self._scalar or not text.strip():
            return
        if not is_placeholder(text):
            self._note(f"text stands between elements: {quoted(text.strip())}")
            return
        self.odd.blocks += 1
        if self._inside:
            self._inside[-1].template = self._inside[-1].branch = True

    def _key(self, key: str) -> None:
        inside = self._inside[-1] if self._inside else None
        if inside is None or not isinstance(inside.value, dict):
            self.fail("a <key> stands outside of a dictionary")
        if inside.key is not None and not inside.branch:
            self.fail(f"the key {quoted(inside.key)} of line {inside.key_line} has no value")
        if key in inside.value and not inside.template:
            self._note_twice(key_at(self._place(), key))
        inside.key, inside.key_line = key, self._open[-1][1]
        inside.branch = False

    def _begin(self, value: dict[str, object] | list[object]) -> None:
        if len(self._inside) >= MAX_NESTING:
            self.fail(str(too_deep()))
        part = self._next_part()
        self._inside.append(_Container(value, part, self._add(value, part)))

    def _close(self) -> None:
        inside = self._inside.pop()
        if inside.key is not None and not inside.branch:
            self.fail(f"the key {quoted(inside.key)} of line {inside.key_line} has no value")

    def _add(self, value: object, part: str = "") -> Sought | None:
        """Put `value` where it stands, at `part` of the place around it; return what is sought."""
        line = self._open[-1][1]
        if not self._inside:
            self._roots += 1
            if self._roots > 1:
                self._note("a second value stands behind the first")
            self.value = value
            return _reached(self._places, line)
        inside = self._inside[-1]
        if inside.places is None:
            reached = None
        else:
            at = line if inside.key is None else inside.key_line
            reached = _reached(inside.places.inside.get(part or self._next_part()), at)
        if isinstance(inside.value, list):
            inside.value.append(value)
        elif inside.key is not None:
            inside.value[inside.key] = value
            inside.key = None
        elif inside.branch and inside.value:
            _keep_neither(inside.value, value)
        else:
            self.fail("a value stands in a dictionary without a key")
        inside.branch = False
        return reached

    def _next_part(self) -> str:
        """Return what the next value adds to the place of the container that it stands in."""
        if not self._inside:
            return ""
        inside = self._inside[-1]
        if isinstance(inside.value, list):
            return item_at(ROOT, len(inside.value))
        key = next(reversed(inside.value), "") if inside.key is None else inside.key
        return key_at(ROOT, key)

    def _count(self) -> None:
        self._values += 1
        if self._values > MAX_VALUES:
            self.fail(str(too_many()))
        if len(self._open) > _DEEPEST:
            self.fail(str(too_deep()))

    def _note(self, what: str) -> None:
        if len(self.odd.malformed) < _REPORTED:
            self.odd.malformed.append((self._place(), f"line {self.line}: {what}"))

    def _note_twice(self, place: str) -> None:
        if len(self.odd.twice) < _REPORTED and place not in self.odd.twice:
            self.odd.twice.append(place)

    def _place(self) -> str:
        """Return the place of the innermost open container."""
        place = ROOT
        for inside in self._inside:
            part = inside.part
            place += part if part.startswith("[") or not place else f".{part}"
        return place


def _keep_neither(values: dict[str, object], other: object) -> None:
    """Give the last key no known value where both branches of a condition have one for it."""
    last = next(reversed(values))
    if not isinstance(other, dict | list) and values[last] != other:
        values[last] = Placeholder("one of several values")


def _reached(places: Sought | None, line: int) -> Sought | None:
    if places is not None:
        places.line = line
    return places
