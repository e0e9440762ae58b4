"""Findings as SARIF 2.1.0, for services that show them beside the code.

Follows the OASIS standard and what GitHub's code scanning demands beyond it: every result has a
file and a line, and a run has at most 25,000 results (docs/decisions/sarif.md).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from urllib.parse import quote

from profilegen import __version__
from profilegen.catalogue.rules import Rule, rules
from profilegen.findings import Severity
from profilegen.inspection.model import Inspection, Suppressed
from profilegen.report.lines import counted
from profilegen.report.sarif_rows import Row, rows_of

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MAX_RESULTS = 25_000
"""GitHub refuses a run with more results than that."""

_ROOT = "%SRCROOT%"
_MAX_DESCRIPTION = 1000
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
_PROBLEM_SEVERITY = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}


def sarif_document(inspection: Inspection, *, folder: PurePath | None = None) -> dict[str, object]:
    """Return the findings of `inspection` as a SARIF log with one run.

    Files below `folder`, the root of the repository, are named from there; without it, relative
    names stay as they are. What is found in the files of many people is one result, at the first of
    them: the standard has a result for each (3.27.12), of which no service takes as many as there
    are people. Beyond MAX_RESULTS the mildest results are left out, those that are
    switched off first, and a notification says how many.
    """
    rows = list(rows_of(inspection))
    kept = sorted(rows, key=_importance)[:MAX_RESULTS] if len(rows) > MAX_RESULTS else rows
    invocation: dict[str, object] = {"executionSuccessful": True}
    if len(kept) < len(rows):
        invocation["toolExecutionNotifications"] = [_left_out(len(rows) - len(kept))]
    run = {
        "tool": {"driver": _driver()},
        "invocations": [invocation],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(_results(kept, folder)),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _importance(row: Row) -> tuple[bool, int]:
    return row.suppressed is not None, list(Severity).index(row.finding.severity)


def _results(rows: Iterable[Row], folder: PurePath | None) -> Iterator[dict[str, object]]:
    indexes = {code: index for index, code in enumerate(rules())}
    seen: Counter[str] = Counter()
    for row in rows:
        location = _artifact_location(row.file, folder)
        users = row.users and _artifact_location(row.users, folder)["uri"]
        place = _fingerprint(row, users or location["uri"])
        seen[place] += 1
        yield _result(row, indexes[row.finding.rule], location, f"{place}:{seen[place]}")


def _result(
    row: Row, rule_index: int, artifact: dict[str, str], fingerprint: str
) -> dict[str, object]:
    finding = row.finding
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": row.line}}
    }
    inside = ": ".join(filter(None, (row.member, row.place)))
    if inside:
        name = _text(inside)
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "member"}]
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": str(finding.severity),
        "message": {"text": _message(row)},
        "locations": [location],
        "partialFingerprints": {"profilegenPlace/v1": fingerprint},
    }
    if row.files > 1:
        result["properties"] = {"files": row.files}
    if row.suppressed is not None:
        result["suppressions"] = [_suppression(row.suppressed)]
    return result


def _message(row: Row) -> str:
    # `](` would begin a link that the text of a stranger's file chose (SARIF 2.1.0, 3.11.6).
    others = (
        f"The same in {counted(row.files - 1, 'more file')} of people." if row.files > 1 else ""
    )
    said = " ".join(filter(None, (row.finding.message, row.finding.fix, others)))
    return _text(said).replace("](", "] (")


def _suppression(suppressed: Suppressed) -> dict[str, object]:
    because = f"{suppressed.because} " if suppressed.because else ""
    justification = _text(f"{because}({suppressed.by})")
    return {"kind": "external", "status": "accepted", "justification": justification}


def _artifact_location(name: str, folder: PurePath | None) -> dict[str, str]:
    """Return where a file is: from the root of the repository, else as it was named.

    A relative name that leads out of the folder stays relative, so that the log does not tell
    how somebody's machine is arranged.
    """
    path = PurePath(os.path.normpath(name))
    if folder is not None:
        # Of two paths from different starts, only the joined one says whether it is below.
        full = PurePath(os.path.normpath(folder / path))
        path = full.relative_to(folder) if full.is_relative_to(folder) else path
    uri = quote(path.as_posix().encode("utf-8", "surrogateescape"), safe="/")
    if path.is_absolute():
        return {"uri": f"file://{'' if uri.startswith('/') else '/'}{uri}"}
    return {"uri": uri} if uri.startswith("../") else {"uri": uri, "uriBaseId": _ROOT}


def _fingerprint(row: Row, uri: str) -> str:
    """Return what stays the same when lines move, and people come and go: rule, file and place."""
    parts = "\0".join((row.finding.rule, uri, _text(row.place)))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _text(text: str) -> str:
    """Return `text` without lone surrogates, which are no JSON."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _left_out(count: int) -> dict[str, object]:
    text = f"{count} results are left out, the mildest ones: a run takes {MAX_RESULTS}."
    return {"level": "warning", "message": {"text": text}}


def _driver() -> dict[str, object]:
    return {
        "name": "profilegen",
        "fullName": f"profilegen {__version__}",
        "version": __version__,
        "semanticVersion": __version__,
        "language": "en-US",
        # All of them, always: services compare the rules of two runs.
        "rules": [_descriptor(rule) for rule in rules().values()],
    }


def _descriptor(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        # With the family, since a name that only repeats the id would be no name.
        "name": "".join(word.capitalize() for word in (rule.family, *rule.code.split("-"))),
        "shortDescription": {"text": f"{rule.title.rstrip('.')}."},
        "fullDescription": {"text": _beginning(rule.about)},
        "help": {"text": _help(rule, "{}:"), "markdown": _help(rule, "**{}**")},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "tags": [rule.family],
            "problem.severity": _PROBLEM_SEVERITY[rule.severity],
        },
    }


def _beginning(about: str) -> str:
    """Return the first sentences of `about`, as many as a service shows: about 1000 characters."""
    text = ""
    for sentence in _SENTENCE_END.split(about):
        if text and len(text) + len(sentence) > _MAX_DESCRIPTION:
            break
        text = f"{text} {sentence}".lstrip()
    return text[: _MAX_DESCRIPTION + 1]


def _help(rule: Rule, heading: str) -> str:
    sources = "\n".join(f"- {source}" for source in rule.sources)
    return "\n\n".join(
        [
            rule.about,
            f"{heading.format('Fix')} {rule.fix}",
            f"{heading.format('Sources')}\n\n{sources}",
        ]
    )
