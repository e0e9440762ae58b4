"""What a user changes in a file, and files cut into constants and slots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from profilegen.render.artifact import ArtifactKind


class Source(StrEnum):
    """What the text in a slot is made from, all of it of one user."""

    FIELD = "field"
    ID = "id"
    FILE = "file"
    PART = "part"
    UUID = "uuid"
    DECLARATION = "declaration"
    TOKEN = "token"  # noqa: S105  (a ServerToken is a digest)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for text of a user.

    `role` says which: the name of a field, kind and name of a UUID, the name of a declaration, or
    the number of a server token; it is empty for the others.
    """

    source: Source
    role: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pieces:
    """Content that was cut: slots stand between constants, which are one more than slots."""

    constants: tuple[bytes, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class CutFile:
    """An artifact that was cut; `path` is the constant text on both sides of the user's file name.

    `token` is what a server token in it is the digest of, where there is one.
    """

    kind: ArtifactKind
    path: tuple[str, str]
    content: Pieces
    token: Pieces | None


def cut(content: bytes, marks: Mapping[str, Slot]) -> Pieces:
    """Return `content` cut at each of the texts that `marks` gives slots for, in ASCII."""
    parts = pattern_of(marks).split(content.decode())
    slots = tuple(marks[text] for text in parts[1::2])
    return Pieces(tuple(text.encode() for text in parts[::2]), slots)


def pattern_of(marks: Mapping[str, Slot]) -> re.Pattern[str]:
    """Return the pattern that finds every mark, as its one group."""
    longest_first: Sequence[str] = sorted(marks, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})")
