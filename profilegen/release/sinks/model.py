"""What goes into a chunk of a fleet's release, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from profilegen.release.manifest import ReleasedFile

USERS_IN_CHUNK = 2_500
"""How many users a chunk holds; the last one holds fewer.

A constant, so that the bytes of a release depend on its users only, not on who made it how.
"""


class ArchiveKind(StrEnum):
    """The form of archives, by the suffix of their files."""

    TAR = "tar"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class Packing:
    """How users' files lie in a release: each by itself where `archive` is None.

    `compressed` archives are tar.gz, or zip with deflated members.
    """

    archive: ArchiveKind | None = None
    compressed: bool = False

    @property
    def suffix(self) -> str:
        """Return how the names of archives end, with the dot."""
        if self.archive is None:
            return ""
        zipped = self.compressed and self.archive is ArchiveKind.TAR
        return f".{self.archive}.gz" if zipped else f".{self.archive}"


class OutputFile(NamedTuple):
    """One file as it is written, signed where it is meant to be.

    `path` is relative to the release. That of a user's file, TARGET/users/..., is the artifact's,
    and the sink puts shards or archives into it. `kind` and `signature` are those of a manifest.
    The digests are in hexadecimal: that of `content`, "" where nobody needs it, and that of what it
    says without a signature inside. `since` is the SHA-256 of the manifest of the release that a
    signed file was taken over from.
    """

    path: str
    kind: str
    signature: str
    content: bytes
    sha256: str
    content_sha256: str
    encrypted_for: tuple[str, ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class IndexPart:
    """The part of a target's index that one chunk wrote: where, relative to the stage, and what.

    `kinds` counts its files by kind, `encrypted` the profiles that are encrypted, `size` is the
    sum of their bytes. `archive` is what the manifest says of the archive that holds them.
    """

    target: str
    path: str
    sha256: str
    kinds: Mapping[str, int]
    encrypted: int
    size: int
    archive: ReleasedFile | None = None


class Refused(NamedTuple):
    """A user for whom nothing is made: the id, why, and what is to be done about it."""

    user: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class ChunkDone:
    """A chunk that is whole on disk: small, and with a digest of all that it consists of.

    `number` counts from 0, `users` those who are served. Files in folders are vouched for by the
    digests in the parts of the index.
    """

    number: int
    users: int
    parts: tuple[IndexPart, ...] = field(default=())
    refused: tuple[Refused, ...] = ()
