"""The end of a report on many files: how many of what kind, what was found in how many, where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import shorten

from profilegen.catalogue.rules import rules
from profilegen.findings import Severity
from profilegen.inspection.model import Inspected
from profilegen.report.audit_alike import Alike, alike
from profilegen.report.audit_findings import Paint
from profilegen.report.lines import WIDTH, counted, wrapped

_WORST_FILES = 20
_SEVERITY = 9
_RULE = 28
_COUNTS = 17
_TITLE = WIDTH - 2 - _SEVERITY - _RULE - _COUNTS - 2


def summary_lines(files: Sequence[Inspected], paint: Paint) -> Iterator[str]:
    """Yield the tables: files by kind, findings by rule, and the files with most errors."""
    yield f"Summary of {counted(len(files), 'file')}"
    kinds = Counter(file.kind for file in files)
    said = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
    yield from wrapped(said, first="  ")
    yield from _rules(files, paint)
    yield from _worst(files)


def _rules(files: Sequence[Inspected], paint: Paint) -> Iterator[str]:
    findings = Counter((f.severity, f.rule) for file in files for f in file.findings)
    places = Counter(key for file in files for key in {(f.severity, f.rule) for f in file.findings})
    order = list(Severity)
    ranked = sorted(findings, key=lambda key: (order.index(key[0]), -findings[key], key[1]))
    if ranked:
        yield ""
        yield f"{'Findings by rule':<{2 + _SEVERITY + _RULE}} findings   files"
    for severity, rule in ranked:
        found, within = findings[severity, rule], places[severity, rule]
        word = f"{paint(severity, severity)}{' ' * (_SEVERITY - len(severity))}"
        title = shorten(rules()[rule].title, _TITLE, placeholder=" ...")
        yield f"  {word}{rule:<{_RULE}}{found:>9,}{within:>8,}  {title}"


def _worst(files: Sequence[Inspected]) -> Iterator[str]:
    wrong = [file for file in files if any(_errors(file))]
    if wrong:
        yield ""
        yield f"Files with errors ({len(wrong):,})"
    # Of people's files those that are alike are one line; they are the same errors.
    groups = [*alike(file for file in wrong if file.origin.users)]
    groups += [Alike(file, [file.name]) for file in wrong if not file.origin.users]
    order = {id(file): number for number, file in enumerate(wrong)}
    ranked = sorted(groups, key=lambda group: (-_count(group.first), order[id(group.first)]))
    for group in ranked[:_WORST_FILES]:
        errors = Counter(_errors(group.first))
        said = ", ".join(f"{count} {rule}" for rule, count in errors.most_common())
        yield from wrapped(f"{group.called}: {said}", first="  ", rest="    ")
    left = sum(group.count for group in ranked[_WORST_FILES:])
    if left:
        yield f"  and {left:,} more"


def _count(file: Inspected) -> int:
    return sum(1 for _ in _errors(file))


def _errors(file: Inspected) -> Iterator[str]:
    return (f.rule for f in file.findings if f.severity is Severity.ERROR)
