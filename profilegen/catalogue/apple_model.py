"""The values of Apple's schema, and how several files that describe one type become one value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from profilegen.catalogue.apple_data import Entry
from profilegen.versions import Version

_T = TypeVar("_T", int, float, Version)


class Section(StrEnum):
    """The two families of types."""

    PAYLOADS = "payloads"
    DECLARATIONS = "declarations"


class System(StrEnum):
    """The operating systems that count here; iPadOS is iOS."""

    IOS = "iOS"
    MACOS = "macOS"


@dataclass(frozen=True, slots=True)
class Support:
    """What holds for a type or key on one system that has it.

    Versions are None where none is stated. `multiple`: a profile may hold several payloads of the
    type. `by_hand`: a person may install it without management.
    """

    introduced: Version | None
    deprecated: Version | None
    removed: Version | None
    multiple: bool
    supervised: bool
    in_user_enrollment: bool
    by_hand: bool


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A key of a dictionary, or what is said of the items of a list.

    `kinds` are the types that fit, in Apple's words. `allowed` are the values that may be, None for
    any. `least` and `greatest` bound a number; with `allowed` a value fits one or the other.
    `fewest` and `most` bound the items of a list. Bounds are inclusive, None for none. `form` is a
    regular expression, "" for none. Beside the key `unless` a required one may be missing.
    `checked` is false where macOS stores any value for whichever program reads it. A system that
    does not have the key has no entry in `on`.
    """

    name: str
    kinds: frozenset[str]
    required: bool
    unless: str
    checked: bool
    allowed: tuple[object, ...] | None
    least: float | None
    greatest: float | None
    fewest: int | None
    most: int | None
    form: str
    on: Mapping[System, Support]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The keys of one dictionary; `other` describes any further key, None where none may be."""

    keys: Mapping[str, Key]
    other: Key | None


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """A payload or declaration type: where it exists, and the first level of its keys."""

    name: str
    on: Mapping[System, Support]
    level: Level


def united_levels(levels: Sequence[Level]) -> Level:
    """Return one level of several: a key is required only where all of them require it."""
    if len(levels) == 1:
        return levels[0]
    keys: dict[str, Key] = {}
    for name in {name: None for level in levels for name in level.keys}:
        found = [level.keys[name] for level in levels if name in level.keys]
        key = united_key(found)
        keys[name] = key if len(found) == len(levels) else replace(key, required=False)
    others = [level.other for level in levels if level.other is not None]
    return Level(MappingProxyType(keys), united_key(others) if others else None)


def united_key(keys: Sequence[Key]) -> Key:
    """Return a key that takes what any of `keys`, of one name, takes."""
    if len(keys) == 1:
        return keys[0]
    allowed = [key.allowed for key in keys if key.allowed is not None]
    forms = {key.form for key in keys}
    return replace(
        keys[0],
        kinds=frozenset().union(*(key.kinds for key in keys)),
        required=all(key.required for key in keys),
        allowed=sum(allowed, ()) if len(allowed) == len(keys) else None,
        least=_bound(min, [key.least for key in keys]),
        greatest=_bound(max, [key.greatest for key in keys]),
        fewest=_bound(min, [key.fewest for key in keys]),
        most=_bound(max, [key.most for key in keys]),
        form=forms.pop() if len(forms) == 1 else "",
        on=widest_support([key.on for key in keys]),
        entries=tuple(entry for key in keys for entry in key.entries),
    )


def widest_support(supports: Sequence[Mapping[System, Support]]) -> Mapping[System, Support]:
    """Return for each system what the most generous of `supports` says."""
    found: dict[System, Support] = {}
    for system in System:
        parts = [support[system] for support in supports if system in support]
        if parts:
            found[system] = Support(
                introduced=_bound(min, [part.introduced for part in parts]),
                deprecated=_bound(max, [part.deprecated for part in parts]),
                removed=_bound(max, [part.removed for part in parts]),
                multiple=any(part.multiple for part in parts),
                supervised=all(part.supervised for part in parts),
                in_user_enrollment=any(part.in_user_enrollment for part in parts),
                by_hand=any(part.by_hand for part in parts),
            )
    return MappingProxyType(found)


def _bound(choose: Callable[[Iterable[_T]], _T], bounds: Sequence[_T | None]) -> _T | None:
    """Return the bound of all, None where one has none."""
    stated = [bound for bound in bounds if bound is not None]
    return choose(stated) if len(stated) == len(bounds) else None
