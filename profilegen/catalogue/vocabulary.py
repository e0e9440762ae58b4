"""The words by which names of profiles speak of settings, from `vocabulary.toml`.

Words only; how a name is read, and what it then says, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from profilegen.catalogue.load import read_data


@dataclass(frozen=True, slots=True)
class Subject:
    """What a profile may be about; `power` is "" for a subject that reaches nothing but itself.

    `words` are phrases in lower case; a `*` at the end stands for any ending.
    """

    id: str
    payloads: tuple[str, ...]
    words: tuple[str, ...]
    power: str


@dataclass(frozen=True, slots=True)
class SpokenKey:
    """A key and the phrases for what it makes possible while it has the value `on`.

    A key that is `forced` makes something necessary instead.
    """

    key: str
    payloads: tuple[str, ...]
    on: bool
    forced: bool
    words: tuple[str, ...]


@cache
def subjects() -> tuple[Subject, ...]:
    """Return the subjects of profiles."""
    return tuple(
        Subject(row["id"], tuple(row["payloads"]), tuple(row["words"]), row.get("power", ""))
        for row in read_data("vocabulary.toml")["subject"]
    )


@cache
def umbrella_words() -> tuple[str, ...]:
    """Return the words of names that speak of no single subject."""
    return tuple(read_data("vocabulary.toml")["umbrella"]["words"])


@cache
def spoken_keys() -> tuple[SpokenKey, ...]:
    """Return the keys that names speak of."""
    return tuple(
        SpokenKey(
            row["key"],
            tuple(row["payloads"]),
            row["on"],
            row.get("forced", False),
            tuple(row["words"]),
        )
        for row in read_data("vocabulary.toml")["object"]
    )


@cache
def verbs() -> Mapping[str, frozenset[str]]:
    """Return the words around an object by what they do: `deny`, `denied`, `between` ..."""
    table = read_data("vocabulary.toml")["verbs"]
    return MappingProxyType({name: frozenset(words) for name, words in table.items()})
