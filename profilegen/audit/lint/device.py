"""What goes wrong only when one device gets several files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profilegen.audit.document import (
    Document,
)
from profilegen.audit.model import Context
from profilegen.findings import Finding


def findings(documents: Sequence[Document], context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the documents together."""
    yield from ()
