"""Files of users and sinks for the tests here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from profilegen.release.sinks.model import ArchiveKind, OutputFile, Packing
from profilegen.release.sinks.sink import Sink

CREATED = datetime(2025, 12, 1, 12, 30, 15, tzinfo=UTC)
PACKINGS = (
    Packing(),
    Packing(ArchiveKind.TAR),
    Packing(ArchiveKind.TAR, compressed=True),
    Packing(ArchiveKind.ZIP),
    Packing(ArchiveKind.ZIP, compressed=True),
)
ARCHIVES = PACKINGS[1:]


def words(packing: Packing) -> str:
    """Return a packing as the name of a test's case."""
    return f"{packing.archive or 'folders'}{'-compressed' if packing.compressed else ''}"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def output(name: str, content: bytes, *, target: str = "phone", since: str = "") -> OutputFile:
    """Return a profile of a user, with a content that is said to be signed."""
    path = f"{target}/users/{name}"
    inner = digest(b"inner" + content)
    return OutputFile(
        path, "profile", "embedded", content, digest(content), inner, ("ab" * 32,), since
    )


def sink(stage: Path, packing: Packing | None = None) -> Sink:
    return Sink(stage, packing or Packing(), CREATED)
