"""Rules of managed mail that no schema states; each family of them has a module of its own."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.document import Declaration, Profile
from profilegen.audit.lint import (
    accounts,
    claims,
    effects,
    neighbours,
    references,
    restrictions,
    statements,
)
from profilegen.audit.lint.payloads import payloads
from profilegen.audit.model import Context
from profilegen.findings import Finding


def findings(document: Profile | Declaration, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the boundary that the document draws."""
    inner = payloads(document)
    yield from effects.findings(inner, context)
    for payload in inner:
        yield from accounts.server_findings(payload)
    if isinstance(document, Profile):
        if not document.opened:
            yield from accounts.secret_findings(inner)
        yield from references.findings(inner)
        yield from restrictions.findings(inner)
        yield from claims.findings(document, inner)
        yield from statements.findings(document, inner)
        yield from neighbours.compare(tuple(neighbours.neighbours(document)))
