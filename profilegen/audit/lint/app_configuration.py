"""What is wrong in a managed configuration of a mail app."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import (
    AppConfiguration,
)
from profilegen.findings import Finding


def findings(document: AppConfiguration) -> Iterator[Finding]:
    """Yield what is wrong in the managed configuration of an iOS app."""
    yield from ()
