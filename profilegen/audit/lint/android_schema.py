"""What Google's discovery document says against an Android policy."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import (
    AndroidPolicy,
)
from profilegen.audit.model import Context
from profilegen.findings import Finding


def findings(document: AndroidPolicy, context: Context) -> Iterator[Finding]:
    """Yield what the schema says against the policy."""
    yield from ()
