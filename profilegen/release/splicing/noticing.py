"""Text that notices what a template does with it: writing it is fine, judging or changing it not.

Only explains why a template cannot be cut; what shows that it can is the comparison of its files.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from profilegen.release.splicing.slots import Slot, Source, pattern_of
from profilegen.render.names import Names

# Truth is the one thing that may be asked: users whose values are empty have files of their own.
_FINE = frozenset(
    {
        *("__new__", "__init__", "__class__", "__doc__", "__dir__", "__sizeof__", "__bool__"),
        *("__getattribute__", "__setattr__", "__delattr__", "__init_subclass__"),
        *("__subclasshook__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getstate__"),
        *("__str__", "__repr__", "__add__", "__rmod__", "__format__", "join"),
    }
)
_COMPARING = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__"})
_WORDS: Mapping[str, str] = {
    "__len__": "measures",
    "__iter__": "takes apart",
    "__getitem__": "takes apart",
    "__contains__": "searches",
}


class NoticedText(str):
    """A text that tells `heard` what is done with it, other than to write it."""

    __slots__ = ("heard",)
    heard: Callable[[NoticedText, str], None]

    def __bool__(self) -> bool:
        """Say whether there is any text."""
        return str.__len__(self) > 0

    def __int__(self) -> int:
        """Return the number that the text is."""
        self.heard(self, "computes with")
        return int(str(self))

    def __float__(self) -> float:
        """Return the number that the text is."""
        self.heard(self, "computes with")
        return float(str(self))


def _noticing(name: str) -> Callable[..., Any]:
    """Return the method `name` of texts, which tells of its use first."""
    method = getattr(str, name)
    word = "compares" if name in _COMPARING else _WORDS.get(name, f"uses `{name.strip('_')}` on")

    def noticed(self: NoticedText, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        self.heard(self, word)
        return method(self, *arguments, **named)

    return noticed


for _name in dir(str):
    if _name not in _FINE and callable(getattr(str, _name)):
        setattr(NoticedText, _name, _noticing(_name))


class Observer:
    """Hands templates the values that they are given, with texts of users that notice.

    `heard` has a sentence for each thing that a template did with one, in their order.
    """

    def __init__(self, marks: Mapping[str, Slot]) -> None:
        """Watch every text that holds one of `marks`, to which more may be added."""
        self._marks = marks
        self.heard: dict[str, None] = {}

    def shown(self, context: Mapping[str, object]) -> Mapping[str, object]:
        """Return the values of `context` as templates see them."""
        return {key: self._watched(value) for key, value in context.items()}

    def _watched(self, value: object) -> object:
        match value:
            case str():
                return self._noticed(value)
            case Names():
                return value
            case Mapping():
                return {key: self._watched(item) for key, item in value.items()}
            case list() | tuple():
                return type(value)(map(self._watched, value))
            case _ if is_dataclass(value) and not isinstance(value, type):
                seen = {item.name: getattr(value, item.name) for item in fields(value)}
                changed = {
                    name: watched
                    for name, item in seen.items()
                    if (watched := self._watched(item)) is not item
                }
                return replace(value, **changed)
            case _:
                return value

    def _noticed(self, text: str) -> str:
        if not pattern_of(self._marks).search(text):
            return text
        noticed = NoticedText(text)
        noticed.heard = self._hear
        return noticed

    def _hear(self, text: NoticedText, what: str) -> None:
        slots = (self._marks[mark] for mark in pattern_of(self._marks).findall(str(text)))
        about = ", ".join(dict.fromkeys(map(_named, slots)))
        self.heard.setdefault(f"{_place()} {what} {about}")


def _named(slot: Slot) -> str:
    """Return what a slot is for people: user.email, the user's id."""
    return f"user.{slot.role[0]}" if slot.source is Source.FIELD else f"the user's {slot.source}"


def _place() -> str:
    """Return the template and line that is running."""
    frame = inspect.currentframe()
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(frame.f_lineno)
            return f"template {template.filename or template.name}, line {line},"
        frame = frame.f_back
    return "a template"
