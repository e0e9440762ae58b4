"""The files that are compared: versions of one file, and who signed them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from profilegen.audit.document import Document
from profilegen.audit.model import Context


class MatchedBy(StrEnum):
    """What makes two files versions of one file."""

    IDENTIFIER = "identifier"
    PATH = "path"
    ALONE = "alone"
    """Each is the only file of its side, or the only Android policy that is left there."""


@dataclass(frozen=True, slots=True)
class SignedBy:
    """A signer; `fingerprint` is the SHA-256 of the certificate, `key` of its public key.

    Both are hexadecimal, and "" where they are not known.
    """

    name: str
    fingerprint: str
    key: str = ""

    def has_key_of(self, other: SignedBy) -> bool | None:
        """Say whether both have one key, None where that is not known."""
        return self.key == other.key if self.key and other.key else None


@dataclass(frozen=True, slots=True)
class Version:
    """One file of one side; `path` is relative to it, `signer` None for an unsigned file.

    `context` is how the devices are managed that get this file, None where nobody says it. `name`
    is what the file keeps where its path may change though the file stays, "" for its path.
    """

    path: str
    document: Document
    signer: SignedBy | None = None
    context: Context | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of one file."""

    old: Version
    new: Version
    by: MatchedBy
