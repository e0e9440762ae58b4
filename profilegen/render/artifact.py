"""A file for devices, as bytes with a place inside the release; not written and not signed yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


class ArtifactKind(StrEnum):
    """What an artifact is to the device or to its management service."""

    PROFILE = "profile"
    POLICY = "android-policy"
    DECLARATION = "declaration"
    APP_CONFIGURATION = "app-configuration"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a target, for one user or, where `user` is "", for all of them.

    `path` is relative to the release. `content` is canonical: an XML property list with sorted
    keys, or JSON in the form of RFC 8785.
    """

    kind: ArtifactKind
    target: str
    user: str
    path: PurePosixPath
    content: bytes
