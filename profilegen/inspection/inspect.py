"""Judge opened files: what is wrong with each, beside each other and on one device, and the flows.

Calls lint, flows and the judgement of signatures; sorts and switches off what they find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from profilegen.audit.flows import flows
from profilegen.audit.lint.lint import lint, lint_beside, lint_device
from profilegen.audit.model import Context
from profilegen.audit.positions import lines_of
from profilegen.findings import Finding, Severity
from profilegen.inspection.model import Device, Inspected, Inspection
from profilegen.inspection.opening import Opened
from profilegen.inspection.signatures import signature_findings, signature_of
from profilegen.inspection.suppression import Silence, split
from profilegen.signing.identity_rules import SOON_DAYS

_DIGITS = re.compile(r"([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of files: for which devices, at what time, and what nobody wants to hear.

    `assumed` has the options that were not given and what was taken. A certificate that expires
    within `soon_days` days of `at` expires soon.
    """

    context: Context
    at: datetime
    soon_days: int = SOON_DAYS
    silences: Sequence[Silence] = ()
    assumed: Mapping[str, str] | None = None


def inspect_files(files: Iterable[Opened], question: Question) -> Inspection:
    """Return what is found in each of `files`, in their order, and in them beside each other."""
    judged = [(file, list(_own_findings(file, question))) for file in files]
    with_documents = [(file.document, findings) for file, findings in judged if file.document]
    for index, finding in lint_beside([document for document, _ in with_documents]):
        with_documents[index][1].append(finding)
    inspected = tuple(_inspected(file, findings, question) for file, findings in judged)
    return Inspection(inspected, None, question.assumed or {})


def inspect_device(files: Iterable[Opened], question: Question) -> Device:
    """Return what follows when one device gets all `files`; their own findings not again."""
    documents = [file.document for file in files if file.document]
    findings = sorted(lint_device(documents, question.context), key=_rank)
    kept, suppressed = split(findings, "", question.silences)
    return Device(kept, suppressed, flows(documents, question.context))


def _own_findings(file: Opened, question: Question) -> Iterator[Finding]:
    yield from file.findings
    if file.signed is not None:
        yield from signature_findings(file.signed, at=question.at, soon_days=question.soon_days)
    if file.document is not None:
        yield from lint(file.document, question.context)


def _inspected(file: Opened, findings: Sequence[Finding], question: Question) -> Inspected:
    lines = lines_of(file.content, {finding.where for finding in findings if finding.where})
    ordered = sorted(findings, key=lambda finding: _rank_in_file(finding, lines))
    kept, suppressed = split(ordered, file.name, question.silences)
    return Inspected(
        name=file.name,
        kind=file.kind,
        signature=None if file.signed is None else signature_of(file.signed),
        findings=kept,
        suppressed=suppressed,
        flows=() if file.document is None else flows((file.document,), question.context),
        lines=lines,
    )


def _rank_in_file(
    finding: Finding, lines: Mapping[str, int]
) -> tuple[int, int, list[tuple[int, str]]]:
    severity, place = _rank(finding)
    return severity, lines.get(finding.where, 0), place


def _rank(finding: Finding) -> tuple[int, list[tuple[int, str]]]:
    """Return what findings are sorted by: severity, then the place with numbers as numbers."""
    parts = _DIGITS.split(finding.where)
    place = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return list(Severity).index(finding.severity), place
