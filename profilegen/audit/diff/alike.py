"""Files of people that differ alike are one difference, however many people there are.

Alike are files with the same flows, accounts, identity and settings that move, once the identifier
of the file is taken off theirs. Values may be each person's own; where there are many of them the
first stands for all. So memory grows with the ways in which files differ, and by an id for a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from profilegen.audit.diff.model import (
    AccountChange,
    Change,
    FileDifference,
    IdentityChange,
    Reason,
)
from profilegen.audit.diff.people import Personal

_VARIANTS = 10
_OWN = "\0"
_Valued = TypeVar("_Valued", Change, IdentityChange, Reason)


@dataclass(slots=True)
class _Group:
    """Files that differ alike: the first of them, and whose they are."""

    target: str
    moved: bool
    first: FileDifference
    users: list[str]


@dataclass(slots=True)
class _Way:
    """The groups of one way to differ, by their values, or one group for all values."""

    groups: dict[bytes, _Group] = field(default_factory=dict)
    whole: _Group | None = None


class Alike:
    """Gathers differences of files of people."""

    def __init__(self) -> None:
        """Begin without any."""
        self._ways: dict[bytes, _Way] = {}

    def add(self, file: FileDifference, target: str, user: str, *, moved: bool = False) -> None:
        """Add the difference of a file of `user` for `target`; `moved` is as in `Personal`."""
        shape = _digest(file, target, moved, _shape(file))
        way = self._ways.setdefault(shape, _Way())
        group = way.whole
        key = b""
        if group is None:
            key = _digest(file, _values(file))
            group = way.groups.get(key)
        if group is not None:
            group.first = _merged(group.first, file)
            group.users.append(user)
            return
        way.groups[key] = _Group(target, moved, file, [user])
        if len(way.groups) > _VARIANTS:
            _gather(way)

    def files(self) -> tuple[FileDifference, ...]:
        """Return each group as one difference, in the order of appearance."""
        groups = (
            group
            for way in self._ways.values()
            for group in ([way.whole] if way.whole else way.groups.values())
        )
        return tuple(
            replace(group.first, personal=Personal(group.target, group.users, group.moved))
            for group in groups
        )


def _gather(way: _Way) -> None:
    """Make one group of all those of `way`."""
    whole, *others = way.groups.values()
    for group in others:
        whole.first = _merged(whole.first, group.first)
        whole.users += group.users
    way.groups.clear()
    way.whole = whole


def digest_of(identifiers: Collection[str], *parts: object) -> bytes:
    """Return a digest of `parts` that is the same whatever the `identifiers` in them are.

    The mark that stands for an identifier is no character that `repr` gives.
    """
    text = repr(parts)
    for own in sorted({*identifiers} - {""}, key=len, reverse=True):
        text = text.replace(repr(own)[1:-1], _OWN)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _digest(file: FileDifference, *parts: object) -> bytes:
    return digest_of((file.old_identifier, file.new_identifier), *parts)


def _shape(file: FileDifference) -> tuple[object, ...]:
    """Return what files have in common that differ alike, whatever their values are."""
    return (
        bool(file.old),
        bool(file.new),
        file.kind,
        file.by,
        file.signers,
        file.movements,
        [
            (item.name, item.before, item.type, item.fate, item.notes, _codes(item.reasons))
            for item in file.accounts
        ],
        [(item.code, item.severity, item.where, item.message, item.part) for item in file.identity],
        [(item.where, item.part, item.key, item.kind) for item in file.settings],
    )


def _codes(reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    return [(reason.code, reason.message) for reason in reasons]


def _values(file: FileDifference) -> list[tuple[object, object]]:
    """Return the values that may be each person's own."""
    reasons = [reason for account in file.accounts for reason in account.reasons]
    items: list[Change | IdentityChange | Reason] = [*file.identity, *file.settings, *reasons]
    return [(item.old, item.new) for item in items]


def _merged(first: FileDifference, other: FileDifference) -> FileDifference:
    """Return `first`, an equal one in shape, with what varies between the two marked as such."""
    identity = _marked(first.identity, other.identity)
    settings = _marked(first.settings, other.settings)
    accounts = tuple(
        _account(one, two) for one, two in zip(first.accounts, other.accounts, strict=True)
    )
    return replace(first, accounts=accounts, identity=identity, settings=settings)


def _account(one: AccountChange, two: AccountChange) -> AccountChange:
    return replace(one, reasons=_marked(one.reasons, two.reasons)) if one.reasons else one


def _marked(one: Sequence[_Valued], two: Sequence[_Valued]) -> tuple[_Valued, ...]:
    return tuple(
        item
        if item.varies or (item.old, item.new) == (other.old, other.new)
        else replace(item, varies=True)
        for item, other in zip(one, two, strict=True)
    )
