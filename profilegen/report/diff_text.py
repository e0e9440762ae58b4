"""A comparison for people: what opens first, then accounts, identity and settings, 100 columns.

What several files have in common is said once, for all of them. Texts of files are a stranger's:
no control character reaches a terminal.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from profilegen.audit.diff.model import (
    AccountChange,
    Difference,
    Fate,
    FileDifference,
    IdentityChange,
    Motion,
    Movement,
    Part,
)
from profilegen.audit.model import EVERY_ACCOUNT
from profilegen.findings import Severity
from profilegen.inspection.comparing import Comparison, different_facts
from profilegen.report.diff_people import name_of, people_lines, people_summary
from profilegen.report.diff_words import causes, changed, moved
from profilegen.report.lines import limited, wrapped

_NAMED = 2
_MOTIONS = {
    Motion.OPENS: "Opens",
    Motion.MAY_OPEN: "May open",
    Motion.CLOSES: "Closes",
    Motion.MAY_CLOSE: "May close",
}
_WORDS = {
    Fate.ADDED: "added",
    Fate.REMOVED: "removed",
    Fate.UPDATED: "updated in place",
}
_FATES = {Fate.ADDED: "+", Fate.REMOVED: "-", Fate.UPDATED: "~"}
_RECREATED = (
    "A device removes these accounts and sets them up anew: mail is loaded again, and what only "
    "the device had of them is lost."
)
_Row = TypeVar("_Row", bound=Hashable)
_Owner = tuple[str, str]
"""An account, "" where it matters not, and the file that it is about, "" for the device."""

_SIGNS = ("+ ", "- ", "~ ")


def diff_text(comparison: Comparison) -> str:
    """Return `comparison` as text."""
    lines = [line for section in _sections(comparison) for line in (*section, "") if section]
    return "\n".join([*lines, *wrapped(_summary(comparison.difference), rest="")])


@dataclass(frozen=True, slots=True)
class _File:
    """A file that differs, with the name it is called by: "" where it needs none."""

    name: str
    found: FileDifference

    def short(self, identifier: str) -> str:
        """Return `identifier` without the file's own in front of it.

        So the same part of files for one user each has one name.
        """
        for own in (self.found.new_identifier, self.found.old_identifier):
            if own and identifier.startswith(f"{own}."):
                return identifier.removeprefix(f"{own}.")
        return identifier

    def part(self, part: Part) -> str:
        """Return how people call a payload, or the file itself."""
        if part.type and part.identifier:
            return f"{part.type} ({self.short(part.identifier)})"
        return part.type or self.short(part.identifier) or self.found.kind


def _sections(comparison: Comparison) -> Iterator[list[str]]:
    difference = comparison.difference
    alone = comparison.old.kind == comparison.new.kind == "file"
    files = [
        _File("" if alone and file.old and file.new else name_of(file), file)
        for file in difference.files
    ]
    for motion, title in _MOTIONS.items():
        yield _titled(title, _movements(_moving(difference, files, motion)))
    yield _titled("Accounts removed and set up anew", _recreated(files))
    yield _titled("Accounts", _accounts(files))
    yield _titled("People", people_lines(difference))
    yield _titled("Files", _one_sided(files))
    yield _titled("Identity", _identity(files))
    yield _titled("Settings", _settings(files))
    facts = different_facts(comparison.old, comparison.new)
    yield _titled(
        "Release",
        (f"  {fact.name}: {fact.old or 'none'} -> {fact.new or 'none'}" for fact in facts),
    )
    if not difference.is_empty:
        yield list(_assumed(comparison.assumed))


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    found = [part for line in lines for part in _folded(line)]
    return [title, *found] if found else []


def _folded(line: str) -> list[str]:
    text = line.lstrip(" ")
    indent = line[: len(line) - len(text)]
    # The sign stays beside its key, however long that is.
    sign = text[:2] if text[:2] in _SIGNS else ""
    return wrapped(text.removeprefix(sign), first=f"{indent}{sign}", rest=f"{indent}    ")


def _moving(
    difference: Difference, files: Iterable[_File], motion: Motion
) -> Iterator[tuple[Movement, _Owner]]:
    if difference.device is not None:
        rows = [(item, (item.account, "")) for item in difference.device]
    else:
        rows = [
            (item, (file.short(item.account), file.name))
            for file in files
            for item in file.found.movements
        ]
    return (row for row in rows if row[0].motion is motion)


def _movements(found: Iterable[tuple[Movement, _Owner]]) -> Iterator[str]:
    """Yield the channels that move, under the accounts and files for which they do.

    Channels that one and the same setting moves stand together.
    """
    for owners, rows in _together((_row(item), owner) for item, owner in found):
        yield f"  {_owners(owners)}"
        channels: dict[tuple[str, str], list[str]] = {}
        for channel, way, why in rows:
            channels.setdefault((way, why), []).append(channel)
        for (way, why), names in channels.items():
            yield f"    {', '.join(names)} {way}"
            if why:
                yield f"      {why}"


def _row(item: Movement) -> tuple[str, str, str]:
    return item.channel, moved(item), causes(item)


def _recreated(files: Iterable[_File]) -> Iterator[str]:
    rows = [
        ((_account(item, file), tuple(reason.message for reason in item.reasons)), ("", file.name))
        for file in files
        for item in file.found.accounts
        if item.fate is Fate.RECREATED
    ]
    if rows:
        yield f"  {_RECREATED}"
    for owners, found in _together(rows):
        for name, reasons in found:
            yield f"  ! {name}{_in(_files(owners))}"
            yield from (f"      since {reason}" for reason in reasons)


def _accounts(files: Iterable[_File]) -> Iterator[str]:
    rows = (
        ((f"{_FATES[item.fate]} {_account(item, file)}: {_WORDS[item.fate]}", item.notes), owner)
        for file in files
        for item in file.found.accounts
        if item.fate is not Fate.RECREATED
        for owner in [("", file.name)]
    )
    for owners, found in _together(rows):
        for line, notes in found:
            yield f"  {line}{_in(_files(owners))}"
            yield from (f"      {note}" for note in notes)


def _account(item: AccountChange, file: _File) -> str:
    return f"{file.short(item.name)} ({item.type})"


def _one_sided(files: Iterable[_File]) -> Iterator[str]:
    for file in files:
        personal = file.found.personal
        if personal is not None and personal.moved:
            continue
        if not file.found.new:
            yield f"  - {file.name} ({file.found.kind}): only in OLD"
        elif not file.found.old:
            yield f"  + {file.name} ({file.found.kind}): only in NEW"


def _identity(files: Iterable[_File]) -> Iterator[str]:
    """Yield what changed, with the old and the new value where that is of one file."""
    values: dict[str, list[tuple[str, str]]] = {}
    rows = []
    for file in files:
        for item in file.found.identity:
            line = _identity_line(item, file)
            rows.append((line, ("", file.name)))
            values.setdefault(line, []).append((item.old, item.new))
            if item.varies:
                values[line].append(("", ""))
    for owners, found in _together(rows):
        where = _files(owners)
        if where:
            yield f"  {where}"
        indent = " " * (4 if where else 2)
        for line in found:
            yield f"{indent}{line}"
            pairs = dict.fromkeys(values[line])
            if len(pairs) == 1:
                yield from (f"{indent}    {old or 'none'} -> {new or 'none'}" for old, new in pairs)


def _identity_line(item: IdentityChange, file: _File) -> str:
    mark = "!" if item.severity is Severity.WARNING else "~"
    named = item.part.type or item.part.identifier
    return f"{mark} {f'{file.part(item.part)}: ' if named else ''}{item.message}"


def _settings(files: Iterable[_File]) -> Iterator[str]:
    """Yield the settings payload by payload; equal ones of several files once."""
    rows = []
    for file in files:
        blocks: dict[str, list[str]] = {}
        for change in file.found.settings:
            blocks.setdefault(file.part(change.part), []).append(changed(change))
        rows += [((title, tuple(lines)), ("", file.name)) for title, lines in blocks.items()]
    for owners, found in _together(rows):
        for title, lines in found:
            yield f"  {title}{_in(_files(owners))}"
            yield from (f"    {line}" for line in lines)


def _together(
    rows: Iterable[tuple[_Row, _Owner]],
) -> list[tuple[tuple[_Owner, ...], list[_Row]]]:
    """Return the rows under those whose they are, each row once, in the order of appearance."""
    by_row: dict[_Row, dict[_Owner, None]] = {}
    for row, owner in rows:
        by_row.setdefault(row, {})[owner] = None
    by_owners: dict[tuple[_Owner, ...], list[_Row]] = {}
    for row, owners in by_row.items():
        by_owners.setdefault(tuple(owners), []).append(row)
    return list(by_owners.items())


def _owners(owners: Sequence[_Owner]) -> str:
    names = ["every account" if name == EVERY_ACCOUNT else name for name, _ in owners]
    return f"{_listed(names)}{_in(_files(owners))}"


def _files(owners: Sequence[_Owner]) -> str:
    return _listed([name for _, name in owners if name])


def _listed(names: Sequence[str]) -> str:
    return limited(list(dict.fromkeys(names)), _NAMED)


def _in(name: str) -> str:
    return f" in {name}" if name else ""


def _assumed(assumed: Mapping[str, str]) -> Iterator[str]:
    if assumed:
        said = ", ".join(f"{option} {value}" for option, value in assumed.items())
        yield from wrapped(f"Assumed, since not given: {said}.")


def _summary(difference: Difference) -> str:
    same = _count(difference.same, "file is", "files are")
    missed = f"{_count(difference.missed, 'file', 'files')} could not be compared"
    if difference.is_empty:
        but = f", {missed}" * bool(difference.missed)
        return f"No difference: {same} the same{but}."
    motions = difference.motions
    anew = difference.fates(Fate.RECREATED)
    settings = sum(file.count * len(file.settings) for file in difference.files)
    parts = [
        people_summary(difference.people),
        _count(motions[Motion.OPENS], "flow opens", "flows open"),
        f"{motions[Motion.MAY_OPEN]:,} may open" * bool(motions[Motion.MAY_OPEN]),
        f"{motions[Motion.CLOSES]:,} close" * bool(motions[Motion.CLOSES]),
        f"{_count(anew, 'account is', 'accounts are')} set up anew" * bool(anew),
        _count(settings, "setting differs", "settings differ") * bool(settings),
        f"{same} the same" * bool(difference.same),
        missed * bool(difference.missed),
    ]
    return f"{', '.join(part for part in parts if part)}."


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"
