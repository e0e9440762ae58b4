"""A user who is made of markers: random texts that stand in for values and all that follows."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.splicing.shapes import AT, EMPTY, Shape
from profilegen.release.splicing.slots import Slot, Source
from profilegen.render.names import SERVER_TOKEN_CHARACTERS, Names
from profilegen.render.user import User


@dataclass(slots=True)
class Marks:
    """The markers of one user, each with its slot; markers have about `size` random octets.

    `preimages` are what server tokens were asked for, in the order of asking.
    """

    size: int
    slots: dict[str, Slot] = field(default_factory=dict)
    preimages: list[bytes] = field(default_factory=list)
    _texts: dict[Slot, str] = field(default_factory=dict)

    def of(self, slot: Slot, make: Callable[[int], str]) -> str:
        """Return the marker of `slot`, made where it is asked for the first time."""
        if slot not in self._texts:
            text = self._texts[slot] = make(self.size)
            self.slots[text] = slot
        return self._texts[slot]


@dataclass(frozen=True, slots=True)
class MarkerNames(Names):
    """Names in which everything that follows from the user is a marker of its own."""

    marks: Marks

    def uuid(self, kind: str, name: str = "") -> str:
        """Return the marker of a UUID, which has the form of one."""
        return self.marks.of(Slot(Source.UUID, (kind, name)), _upper_uuid)

    def declaration(self, name: str) -> str:
        """Return the marker of a declaration's Identifier."""
        return self.marks.of(Slot(Source.DECLARATION, (name,)), word)

    def server_token(self, content: bytes) -> str:
        """Return a marker that has the form of a token; `content` is kept."""
        number = str(len(self.marks.preimages))
        self.marks.preimages.append(content)
        return self.marks.of(Slot(Source.TOKEN, (number,)), _token)

    def user_file(self) -> str:
        """Return the marker of the name of the user's files."""
        return self.marks.of(Slot(Source.FILE), word)

    def user_part(self) -> str:
        """Return the marker of the user's part of identifiers."""
        return self.marks.of(Slot(Source.PART), word)


@dataclass(frozen=True, slots=True)
class Marked:
    """A user made of markers, with the names that go with it."""

    user: User
    names: MarkerNames

    @property
    def marks(self) -> Marks:
        """The markers that were handed out so far."""
        return self.names.marks


def marked(
    fields: Sequence[UserField], shape: Shape, *, organization: str, target: str, size: int
) -> Marked:
    """Return a new user with a marker for every field; one of another `size` has longer ones.

    Values have the form of their field's kind, and are empty, or equal to those of other fields,
    where `shape` says so.
    """
    marks = Marks(size)
    values: list[str] = []
    for index, item in enumerate(fields):
        first = shape.twins[index] if shape.twins else index
        values.append(values[first] if first < index else _value(marks, item, shape.flags[index]))
    user_id = marks.of(Slot(Source.ID), word)
    named = {item.name: value for item, value in zip(fields, values, strict=True)}
    return Marked(User(user_id, named), MarkerNames(organization, target, user_id, marks))


def word(size: int) -> str:
    """Return a random text of lower-case letters and digits, which begins with a letter."""
    return f"m{secrets.token_hex(size)}"


def _value(marks: Marks, item: UserField, flag: int) -> str:
    if flag == EMPTY:
        return ""
    slot = Slot(Source.FIELD, (item.name,))
    match item.kind:
        case FieldKind.UUID:
            return marks.of(slot, lambda _: str(uuid.UUID(bytes=secrets.token_bytes(16))))
        case FieldKind.INTEGER:
            return marks.of(slot, _number)
        case _:
            return marks.of(slot, _address if flag == AT else word)


def _address(size: int) -> str:
    return f"{word(size)}@{word(size)}.example"


def _number(size: int) -> str:
    """Return a random number; of 13 digits or more, so that it is no other number of a file."""
    digits = size + 1
    return str(10**digits + secrets.randbelow(9 * 10**digits))


def _upper_uuid(_: int) -> str:
    return str(uuid.UUID(bytes=secrets.token_bytes(16))).upper()


def _token(_: int) -> str:
    return secrets.token_hex(SERVER_TOKEN_CHARACTERS // 2)
