"""The findings of an inspection as SARIF lists them, those of many people's files once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from profilegen.findings import Finding
from profilegen.inspection.model import Inspected, Inspection, Suppressed
from profilegen.report.audit_alike import wording

_AFTER_NAME = ": .["


@dataclass(slots=True)
class Row:
    """One result: a finding with its file, its place and line there, and who switched it off.

    `member` is the file in the archive `file`, "" where it is none. `files` counts the people's
    files that have the same finding, and `users` is the folder of these, "" for other files.
    """

    finding: Finding
    file: str
    place: str
    line: int
    suppressed: Suppressed | None
    member: str = ""
    users: str = ""
    files: int = 1


def rows_of(inspection: Inspection) -> Iterator[Row]:
    """Yield every finding, in the order of the files."""
    people: dict[tuple[object, ...], Row] = {}
    for file in inspection.files:
        for finding, suppressed in _all_of(file.findings, file.suppressed):
            row = _row(finding, file, finding.where, suppressed)
            if row.users:
                first = people.setdefault(_key(row), row)
                if first is not row:
                    first.files += 1
                    continue
            yield row
    device = inspection.device
    if device is not None and inspection.files:
        named = _names(inspection.files)
        for finding, suppressed in _all_of(device.findings, device.suppressed):
            owner, place = _named_in(finding.where, named) or (inspection.files[0], finding.where)
            yield _row(finding, owner, place, suppressed)


def _key(row: Row) -> tuple[object, ...]:
    off = row.suppressed and (row.suppressed.by, row.suppressed.because)
    return row.users, wording(row.finding, masked=True), off


def _all_of(
    findings: Iterable[Finding], suppressed: Iterable[Suppressed]
) -> Iterator[tuple[Finding, Suppressed | None]]:
    yield from ((finding, None) for finding in findings)
    yield from ((item.finding, item) for item in suppressed)


def _row(finding: Finding, file: Inspected, place: str, suppressed: Suppressed | None) -> Row:
    # A finding about the whole file, and all of a binary one, stand at its beginning: without a
    # line, GitHub does not show them.
    origin = file.origin
    start = f"{origin.archive}: "
    member = file.name.removeprefix(start) if file.name.startswith(start) else ""
    line = 1 if member else file.lines.get(place, 1)
    name = origin.archive or file.name
    return Row(finding, name, place, line, suppressed, member, origin.users)


def _names(files: Iterable[Inspected]) -> list[tuple[str, Inspected]]:
    """Return the names that places may call `files` by, longest first."""
    names = [(name, file) for file in files for name in {file.name, PurePath(file.name).name}]
    return sorted(names, key=lambda named: -len(named[0]))


def _named_in(where: str, names: Iterable[tuple[str, Inspected]]) -> tuple[Inspected, str] | None:
    """Return the file whose name `where` starts with and the place in it, None if none is named."""
    for name, file in names:
        rest = where.removeprefix(name)
        if where.startswith(name) and (not rest or rest[0] in _AFTER_NAME):
            return file, rest.lstrip(": .")
    return None
