"""Judge opened files: what is wrong with each, beside each other and on one device, and the flows.

Calls lint, flows and the judgement of signatures; sorts and switches off what they find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from profilegen.audit.flows import flows
from profilegen.audit.lint.lint import lint, lint_device
from profilegen.audit.model import Context
from profilegen.audit.positions import lines_of
from profilegen.findings import Finding, Severity
from profilegen.inspection.keeping import Keeper
from profilegen.inspection.model import NO_DOCUMENTS, Device, Inspected, Inspection
from profilegen.inspection.neighbours import Neighbours
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


@dataclass(frozen=True, slots=True)
class _Found:
    """A file with the lines of its findings, and of what others may have as well."""

    file: Inspected
    lines: Mapping[str, int]


def inspect_files(files: Iterable[Opened], question: Question) -> Inspection:
    """Return what is found in each of `files`, in their order, and in them beside each other.

    `files` are taken one at a time, and only what is found in them is kept.
    """
    keeper, neighbours = Keeper(), Neighbours()
    found: list[_Found] = []
    for number, file in enumerate(files):
        labels = () if file.document is None else neighbours.add(number, file.document)
        findings = list(_own_findings(file, question))
        places = {finding.where for finding in findings if finding.where}
        lines = lines_of(file.content, places.union(labels))
        kept = keeper.kept(_inspected(file, findings, question, lines))
        found.append(_Found(kept, keeper.kept_lines(lines)))
    for number, finding in neighbours.findings():
        found[number] = _with(found[number], finding, question)
    inspected = tuple(one.file for one in found)
    return Inspection(inspected, None, _assumed(inspected, question))


def inspect_device(files: Iterable[Opened], question: Question) -> Device:
    """Return what follows when one device gets all `files`; their own findings not again."""
    with_documents = [file for file in files if file.document]
    documents = [file.document for file in with_documents if file.document]
    contexts = {file.context or question.context for file in with_documents}
    # Of several targets no device gets the files of all, unless somebody means just that.
    context = contexts.pop() if len(contexts) == 1 else question.context
    findings = sorted(lint_device(documents, context), key=_rank)
    kept, suppressed = split(findings, "", question.silences)
    return Device(kept, suppressed, flows(documents, context))


def _assumed(files: Iterable[Inspected], question: Question) -> Mapping[str, str]:
    """Return what was assumed: nothing where a manifest says of every document how it is used."""
    documents = [file for file in files if file.kind not in NO_DOCUMENTS]
    said = bool(documents) and all(file.origin.target for file in documents)
    return {} if said else question.assumed or {}


def _own_findings(file: Opened, question: Question) -> Iterator[Finding]:
    yield from file.findings
    if file.signed is not None:
        yield from signature_findings(file.signed, at=question.at, soon_days=question.soon_days)
    if file.document is not None:
        yield from lint(file.document, file.context or question.context)


def _inspected(
    file: Opened, findings: Sequence[Finding], question: Question, lines: Mapping[str, int]
) -> Inspected:
    context = file.context or question.context
    empty = Inspected(
        name=file.name,
        kind=file.kind,
        signature=None if file.signed is None else signature_of(file.signed),
        findings=(),
        suppressed=(),
        flows=() if file.document is None else flows((file.document,), context),
        lines={},
        origin=file.origin,
    )
    return _judged(empty, findings, question, lines)


def _with(found: _Found, finding: Finding, question: Question) -> _Found:
    """Return a file with one finding more."""
    file = found.file
    findings = (*file.findings, *(one.finding for one in file.suppressed), finding)
    return replace(found, file=_judged(file, findings, question, found.lines))


def _judged(
    file: Inspected, findings: Sequence[Finding], question: Question, lines: Mapping[str, int]
) -> Inspected:
    """Return `file` with `findings`, in their order, as far as nobody switched them off."""
    ordered = sorted(findings, key=lambda finding: _rank_in_file(finding, lines))
    kept, suppressed = split(ordered, file.name, question.silences)
    places = {finding.where for finding in ordered}
    told = {place: line for place, line in lines.items() if place in places}
    return replace(file, findings=kept, suppressed=suppressed, lines=told)


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
