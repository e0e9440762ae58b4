"""All findings of one document, of several files beside each other, and of one device.

Each module of this package holds one family of rules; here they are only called.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
)
from profilegen.audit.lint import (
    android_rules,
    android_schema,
    app_configuration,
    apple_schema,
    containment,
    device,
    identity,
)
from profilegen.audit.model import Context
from profilegen.catalogue.rules import found as rule_found
from profilegen.findings import Finding
from profilegen.places import ROOT

MAX_FINDINGS = 5000
"""How many findings of one document are told; more were made to exhaust their reader."""


def lint(document: Document, context: Context) -> tuple[Finding, ...]:
    """Return what is wrong in `document` alone, on a device as `context` says.

    After MAX_FINDINGS one more, an error, says that the document was not judged to its end.
    """
    found = (*document.problems, *islice(_of_its_kind(document, context), MAX_FINDINGS + 1))
    if len(found) <= MAX_FINDINGS:
        return found
    message = f"It has more than {MAX_FINDINGS} findings; it was not judged to its end."
    return (*found[:MAX_FINDINGS], rule_found("too-many-findings", ROOT, message))


def lint_beside(documents: Sequence[Document]) -> tuple[tuple[int, Finding], ...]:
    """Return what is wrong in files that lie together, each with the index of its document.

    That the files are for one device is not said here: signed and unsigned twins may lie together.
    """
    return tuple(identity.findings_beside(documents))


def lint_device(documents: Sequence[Document], context: Context) -> tuple[Finding, ...]:
    """Return what is wrong when one device gets all of `documents`; their own findings not again.

    The place of such a finding starts with the name of a document.
    """
    return tuple(device.findings(documents, context))


def _of_its_kind(document: Document, context: Context) -> Iterator[Finding]:
    match document:
        case Profile():
            yield from apple_schema.profile_findings(document, context)
            yield from identity.findings(document)
            yield from containment.findings(document, context)
        case Declaration():
            yield from apple_schema.declaration_findings(document, context)
            yield from containment.findings(document, context)
        case AndroidPolicy():
            yield from android_schema.findings(document, context)
            yield from android_rules.findings(document, context)
        case AppConfiguration():
            yield from app_configuration.findings(document)
        case _:
            pass
