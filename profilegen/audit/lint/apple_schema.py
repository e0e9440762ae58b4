"""What Apple's schema says against a profile or a declaration."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import (
    Declaration,
    Profile,
)
from profilegen.audit.model import Context
from profilegen.findings import Finding


def profile_findings(document: Profile, context: Context) -> Iterator[Finding]:
    """Yield what the schema says against the profile and its payloads."""
    yield from ()


def declaration_findings(document: Declaration, context: Context) -> Iterator[Finding]:
    """Yield what the schema says against the declaration."""
    yield from ()
