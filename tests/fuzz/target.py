"""The one function that is fuzzed: everything that an audit does with the bytes of a file."""

from __future__ import annotations

import zlib

from profilegen.audit.document import AndroidPolicy, Document, DocumentError, read_document
from profilegen.audit.flows import Context, flows
from profilegen.audit.lint.lint import lint, lint_beside, lint_device
from profilegen.audit.positions import lines_of
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.findings import Finding
from profilegen.versions import parse_version

NAMES = ("mail.mobileconfig", "org.example.mail.plist", "policy.json")


def inspect_bytes(data: bytes) -> None:
    """Read, lint and audit `data` for every enrollment or mode, and find lines of the findings.

    Raises nothing for any bytes. The file's name, which decides between kinds, follows from them.
    """
    name = NAMES[zlib.crc32(data) % len(NAMES)]
    try:
        document = read_document(name, data)
    except DocumentError as error:
        _check_text(error.message)
        return
    found: list[Finding] = []
    for context in _contexts(document):
        found += lint(document, context)
        found += lint_device([document, document], context)
        for flow in flows([document], context):
            _check_text(flow.reason)
    found += [finding for _, finding in lint_beside([document, document])]
    for finding in found:
        _check_text(finding.message)
    places = {finding.where for finding in found}
    lines = lines_of(data, places)
    if lines:
        assert lines.keys() == places
        assert min(lines.values()) > 0


def _contexts(document: Document) -> list[Context]:
    ios, android = parse_version("17"), parse_version("14")
    if isinstance(document, AndroidPolicy):
        return [Context(Enrollment.DEVICE, mode, ios, android) for mode in Mode]
    return [Context(kind, Mode.WORK_PROFILE, ios, android) for kind in Enrollment]


def _check_text(text: str) -> None:
    """Hold that `text` can be printed: it is UTF-8 on one line, and short."""
    text.encode("utf-8")
    assert "\n" not in text
    assert len(text) < 2_000, len(text)
