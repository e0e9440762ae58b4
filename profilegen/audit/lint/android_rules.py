"""Rules of the Android Management API that its schema does not state."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import (
    AndroidPolicy,
)
from profilegen.audit.model import Context
from profilegen.findings import Finding


def findings(document: AndroidPolicy, context: Context) -> Iterator[Finding]:
    """Yield what rules beyond the schema say against the policy."""
    yield from ()
