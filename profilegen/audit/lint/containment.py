"""Rules of managed mail that no schema states."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import (
    Declaration,
    Profile,
)
from profilegen.audit.model import Context
from profilegen.findings import Finding


def findings(document: Profile | Declaration, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the boundary that the document draws."""
    yield from ()
