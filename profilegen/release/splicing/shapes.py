"""What rendering asks of a user's values: users of one shape give files of one structure.

Files depend on whether a value is empty, on an @ in it (Outlook takes only user principal names),
and, where a target has several accounts, on whether two of them are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from profilegen.policy.fields import PLACEHOLDER
from profilegen.policy.model import Account

EMPTY, PLAIN, AT = 0, 1, 2
_SEVERAL = 2


class Shape(NamedTuple):
    """A shape: of each field EMPTY, PLAIN or AT; of each field and text the first equal one.

    `twins` and `texts` are empty where equality decides nothing.
    """

    flags: tuple[int, ...]
    twins: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shapes:
    """Finds the shape of values, which come in the order of the fields.

    `texts` are the names and addresses of accounts: constants, and indexes of fields between them.
    """

    texts: tuple[tuple[str | int, ...], ...]

    def of(self, values: tuple[str, ...]) -> Shape:
        """Return the shape of a user's values."""
        flags = tuple([(AT if "@" in value else PLAIN) if value else EMPTY for value in values])
        if not self.texts:
            return Shape(flags)
        filled = [
            "".join([values[part] if isinstance(part, int) else part for part in text])
            for text in self.texts
        ]
        return Shape(flags, _firsts(values), _firsts(filled))


def shapes_of(accounts: Sequence[Account], fields: Sequence[str]) -> Shapes:
    """Return what finds the shapes of users of a target with `accounts`."""
    if len(accounts) < _SEVERAL:
        return Shapes(())
    texts = dict.fromkeys(
        text for account in accounts for text in (account.address, account.username) if text
    )
    index = {name: number for number, name in enumerate(fields)}
    return Shapes(tuple(tuple(_parts(text, index)) for text in texts))


def _parts(text: str, index: dict[str, int]) -> Iterable[str | int]:
    """Yield the constants of `text` and, in the places of fields, their indexes."""
    for number, part in enumerate(PLACEHOLDER.split(text)):
        yield index[part] if number % 2 else part


def _firsts(texts: Sequence[str]) -> tuple[int, ...]:
    return tuple([texts.index(text) for text in texts])
