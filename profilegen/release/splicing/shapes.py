"""What rendering asks of a user's values: users of one shape give files of one structure.

Files depend on whether a value is empty, on an @ in it (Outlook takes only user principal names),
and, where a target has several accounts, on whether two of them are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from profilegen.policy.accounts import Account
from profilegen.policy.fields import PLACEHOLDER
from profilegen.render.user import UserRow

EMPTY, PLAIN, AT = 0, 1, 2
_SEVERAL = 2


class Shape(NamedTuple):
    """A shape: of each field EMPTY, PLAIN or AT; of each field and text the first equal one.

    `twins` and `texts` are empty where no two are equal, and where that decides nothing.
    """

    flags: tuple[int, ...]
    twins: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()


@lru_cache(64)
def _usual(flags: tuple[int, ...]) -> Shape:
    """Return the shape of `flags` alone: the same object each time, which is faster to find."""
    return Shape(flags)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Finds the shape of values, which come in the order of the fields.

    Where values are `compared`, it is with each other, with the names and addresses of accounts
    that are `constants`, and with `texts`: those of constants and of indexes of fields in between.
    """

    compared: bool = False
    constants: frozenset[str] = frozenset()
    texts: tuple[tuple[str | int, ...], ...] = ()

    def of(self, values: tuple[str, ...]) -> Shape:
        """Return the shape of a user's values."""
        flags = _flags(values)
        if not self.compared:
            return _usual(flags)
        told = (*values, *[_filled(text, values) for text in self.texts]) if self.texts else values
        if len({*told}) == len(told) and self.constants.isdisjoint(told):
            return _usual(flags)
        return Shape(flags, _firsts(values), _firsts((*sorted(self.constants), *told)))

    def of_rows(self, rows: Sequence[UserRow]) -> list[Shape]:
        """Return the shapes of the values of several users."""
        _, *columns = zip(*rows, strict=True)
        if self.compared or not columns:
            return [self.of(row[1:]) for row in rows]
        return list(map(_usual, zip(*map(_flags, columns), strict=True)))


def shapes_of(accounts: Sequence[Account], fields: Sequence[str]) -> Shapes:
    """Return what finds the shapes of users of a target with `accounts`."""
    if len(accounts) < _SEVERAL:
        return Shapes()
    index = {name: number for number, name in enumerate(fields)}
    texts = dict.fromkeys(
        tuple(_parts(text, index))
        for account in accounts
        for text in (account.address, account.username)
        if text
    )
    return Shapes(
        compared=True,
        constants=frozenset("".join(map(str, text)) for text in texts if not _has_field(text)),
        texts=tuple(text for text in texts if _has_field(text) and len(text) > 1),
    )


def _flags(values: Iterable[str]) -> tuple[int, ...]:
    return tuple([(AT if "@" in value else PLAIN) if value else EMPTY for value in values])


def _parts(text: str, index: dict[str, int]) -> Iterable[str | int]:
    """Yield the constants of `text` and, in the places of fields, their indexes."""
    for number, part in enumerate(PLACEHOLDER.split(text)):
        if number % 2:
            yield index[part]
        elif part:
            yield part


def _has_field(text: tuple[str | int, ...]) -> bool:
    return any(isinstance(part, int) for part in text)


def _filled(text: tuple[str | int, ...], values: tuple[str, ...]) -> str:
    return "".join([values[part] if isinstance(part, int) else part for part in text])


def _firsts(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple([texts.index(text) for text in texts])
