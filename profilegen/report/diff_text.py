"""A comparison for people: what opens first, then accounts, identity and settings, 100 columns.

What several files have in common is said once, for all of them. Texts of files are a stranger's:
no control character reaches a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from profilegen.audit.diff.model import (
    Difference,
    Fate,
    IdentityChange,
    Motion,
    Movement,
)
from profilegen.findings import Severity
from profilegen.inspection.comparing import Comparison, different_facts
from profilegen.report.diff_people import name_of, people_lines, people_summary
from profilegen.report.diff_rows import (
    File,
    Owner,
    files_of,
    owners_of,
    together,
    within,
)
from profilegen.report.diff_words import causes, changed, moved
from profilegen.report.lines import wrapped

_LISTED = 20
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
_SIGNS = ("+ ", "- ", "~ ")


def diff_text(comparison: Comparison) -> str:
    """Return `comparison` as text."""
    lines = [line for section in _sections(comparison) for line in (*section, "") if section]
    return "\n".join([*lines, *wrapped(_summary(comparison.difference), rest="")])


def _sections(comparison: Comparison) -> Iterator[list[str]]:
    difference = comparison.difference
    alone = comparison.old.kind == comparison.new.kind == "file"
    files = [
        File("" if alone and file.old and file.new else name_of(file), file)
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
    difference: Difference, files: Iterable[File], motion: Motion
) -> Iterator[tuple[Movement, Owner]]:
    if difference.device is not None:
        rows = [(item, (item.account, "")) for item in difference.device]
    else:
        rows = [
            (item, (file.short(item.account), file.name))
            for file in files
            for item in file.found.movements
        ]
    return (row for row in rows if row[0].motion is motion)


def _movements(found: Iterable[tuple[Movement, Owner]]) -> Iterator[str]:
    """Yield the channels that move, under the accounts and files for which they do.

    Channels that one and the same setting moves stand together.
    """
    for owners, rows in together((_row(item), owner) for item, owner in found):
        yield f"  {owners_of(owners)}"
        channels: dict[tuple[str, str], list[str]] = {}
        for channel, way, why in rows:
            channels.setdefault((way, why), []).append(channel)
        for (way, why), names in channels.items():
            yield f"    {', '.join(names)} {way}"
            if why:
                yield f"      {why}"


def _row(item: Movement) -> tuple[str, str, str]:
    return item.channel, moved(item), causes(item)


def _recreated(files: Iterable[File]) -> Iterator[str]:
    rows = [
        (
            (file.account(item), tuple(reason.message for reason in item.reasons)),
            ("", file.name),
        )
        for file in files
        for item in file.found.accounts
        if item.fate is Fate.RECREATED
    ]
    if rows:
        yield f"  {_RECREATED}"
    for owners, found in together(rows):
        for name, reasons in found:
            yield f"  ! {name}{within(files_of(owners))}"
            yield from (f"      since {reason}" for reason in reasons)


def _accounts(files: Iterable[File]) -> Iterator[str]:
    rows = (
        ((f"{_FATES[item.fate]} {file.account(item)}: {_WORDS[item.fate]}", item.notes), owner)
        for file in files
        for item in file.found.accounts
        if item.fate is not Fate.RECREATED
        for owner in [("", file.name)]
    )
    for owners, found in together(rows):
        for line, notes in found:
            yield f"  {line}{within(files_of(owners))}"
            yield from (f"      {note}" for note in notes)


def _one_sided(files: Iterable[File]) -> Iterator[str]:
    """Yield the files that only one side has; of very many the first."""
    sides: dict[tuple[str, str, str], list[str]] = {}
    for file in files:
        found, personal = file.found, file.found.personal
        if (found.old and found.new) or (personal is not None and personal.moved):
            continue
        row = ("-", found.kind, "only in OLD") if found.old else ("+", found.kind, "only in NEW")
        sides.setdefault(row, []).append(file.name)
    for (mark, kind, where), names in sides.items():
        yield from (f"  {mark} {name} ({kind}): {where}" for name in names[:_LISTED])
        if len(names) > _LISTED:
            yield f"  {mark} {len(names) - _LISTED:,} more ({kind}): {where}"


def _identity(files: Iterable[File]) -> Iterator[str]:
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
    for owners, found in together(rows):
        where = files_of(owners)
        if where:
            yield f"  {where}"
        indent = " " * (4 if where else 2)
        for line in found:
            yield f"{indent}{line}"
            pairs = dict.fromkeys(values[line])
            if len(pairs) == 1:
                yield from (f"{indent}    {old or 'none'} -> {new or 'none'}" for old, new in pairs)


def _identity_line(item: IdentityChange, file: File) -> str:
    mark = "!" if item.severity is Severity.WARNING else "~"
    named = item.part.type or item.part.identifier
    return f"{mark} {f'{file.part(item.part)}: ' if named else ''}{item.message}"


def _settings(files: Iterable[File]) -> Iterator[str]:
    """Yield the settings payload by payload; equal ones of several files once."""
    rows = []
    for file in files:
        blocks: dict[str, list[str]] = {}
        for change in file.found.settings:
            blocks.setdefault(file.part(change.part), []).append(changed(change))
        rows += [((title, tuple(lines)), ("", file.name)) for title, lines in blocks.items()]
    for owners, found in together(rows):
        for title, lines in found:
            yield f"  {title}{within(files_of(owners))}"
            yield from (f"    {line}" for line in lines)


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
