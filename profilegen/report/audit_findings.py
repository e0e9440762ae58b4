"""The findings of one file for people: by rule, most severe first, what repeats itself folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from profilegen.findings import Finding, Severity
from profilegen.report.lines import counted, limited, wrapped

Paint = Callable[[Severity, str], str]
"""Gives the word of a severity its colour."""

_SEVERITY = 8
_MESSAGES = 4
_PLACES = 3
_WHOLE_FILE = "the whole file"


def plain(severity: Severity, text: str) -> str:
    """Return `text` as it is: the paint for files and pipes."""
    del severity
    return text


def finding_lines(
    findings: Sequence[Finding], lines: Mapping[str, int], paint: Paint
) -> Iterator[str]:
    """Yield what was found, rule by rule in the order of `findings`; `lines` is by place."""
    by_rule: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault((finding.severity, finding.rule), []).append(finding)
    for (severity, rule), members in by_rule.items():
        yield from _rule(severity, rule, _by_message(members), lines, paint)


def place_text(where: str, lines: Mapping[str, int]) -> str:
    """Return a place for people, with its line where one is known."""
    line = lines.get(where)
    place = where or _WHOLE_FILE
    return f"{place} (line {line})" if line and where else place


def _by_message(findings: Sequence[Finding]) -> dict[tuple[str, str], list[str]]:
    """Return the places by message and fix."""
    found: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        found.setdefault((finding.message, finding.fix), []).append(finding.where)
    return found


def _rule(
    severity: Severity,
    rule: str,
    messages: Mapping[tuple[str, str], Sequence[str]],
    lines: Mapping[str, int],
    paint: Paint,
) -> Iterator[str]:
    count = sum(map(len, messages.values()))
    title = f"{rule} ({counted(count, 'place')})" if count > 1 else rule
    yield f"  {paint(severity, severity)}{' ' * (_SEVERITY - len(severity))}{title}"
    shown = list(messages.items())[:_MESSAGES]
    fixes = {fix for (_, fix), _ in shown}
    for (message, fix), places in shown:
        where = limited([place_text(place, lines) for place in places], _PLACES)
        said = message if where == _WHOLE_FILE else f"{where}: {message}"
        yield from wrapped(said, first="    ", rest="      ")
        if len(fixes) > 1:
            yield from _fix(fix)
    left = [place for places in list(messages.values())[_MESSAGES:] for place in places]
    if left:
        where = limited([place_text(place, lines) for place in left], _PLACES)
        more = f"and {counted(len(left), 'more place')}: {where}"
        yield from wrapped(more, first="    ", rest="      ")
    if len(fixes) == 1:
        yield from _fix(*fixes)


def _fix(fix: str) -> Iterator[str]:
    if fix:
        yield from wrapped(f"Fix: {fix}", first="    ", rest="         ")
