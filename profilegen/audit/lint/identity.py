"""Identifiers and UUIDs: inside one profile, and of files beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profilegen.audit.document import (
    Document,
    Profile,
)
from profilegen.findings import Finding


def findings(document: Profile) -> Iterator[Finding]:
    """Yield what is wrong with the identifiers of one profile."""
    yield from ()


def findings_beside(documents: Sequence[Document]) -> Iterator[tuple[int, Finding]]:
    """Yield what files beside each other share by mistake, with the index of the document."""
    yield from ()
