"""From the rows of a table to users: fields checked, ids unique, no row left out unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import repeat
from operator import itemgetter

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.fields import MAX_FIELD, FieldCheck, field_check, shown
from profilegen.release.sources.model import BadRow, Table, UsersError
from profilegen.release.sources.seen import SeenIds
from profilegen.render.user import UserRow

NAMING_COLUMNS = ("id", "email")
"""The columns that can name a user, the first that a source has does."""
_EMPTY = (
    "A row for each person; the first line of CSV names the columns: id,email,..., as do the names"
    " in the objects of JSON Lines."
)
_NOBODY = "{}: empty, and it names the user"
_MAX_NAMED = 400
_BLANKS = repeat(" ")
_COLUMNS = "Add the columns that the policy's user fields name."
_NO_NAME = "Add a column id; without one, a column email names people."


def people(
    table: Table,
    fields: Iterable[UserField],
    *,
    seen: SeenIds | None = None,
    faults_of: Callable[[UserRow], Sequence[str]] = lambda _: (),
) -> Iterator[UserRow | BadRow]:
    """Return an iterator over the rows of `table`: a user or a bad row for each, in order.

    `fields` are those that the policy declares or needs; a user has values for them in this order,
    an empty one where there is no such column. The column `id`, or without one `email`,
    is unique and names the user in file names and identifiers; `seen` gets to know these names.
    `faults_of` says what else is wrong with a user: values that do not fit where the policy puts
    them, a device that is not known.
    Raises UsersError when the table has no header or lacks a column; the iterator raises what
    reading on raises.
    """
    needed = tuple(fields)
    refuse_columns(table, needed)
    return _users(table, needed, SeenIds() if seen is None else seen, faults_of)


def refuse_columns(table: Table, needed: Sequence[UserField]) -> None:
    """Raise UsersError unless `table` has one column for each field and one that names people."""
    name, columns = table.name, table.columns
    if not any(columns):
        message = f"{name}: the list of users is empty"
        raise UsersError(message, hint=_EMPTY)
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        message = f"{name}: the column {twice[0]!r} occurs twice"
        raise UsersError(message, hint="Give every column a name of its own.")
    names = ", ".join(columns)
    has = f"it has {names if len(names) <= _MAX_NAMED else names[:_MAX_NAMED] + '…'}"
    if not set(NAMING_COLUMNS).intersection(columns):
        message = f"{name}: no column id, which names the person; {has}"
        raise UsersError(message, hint=_NO_NAME)
    missing = [item.name for item in needed if item.required and item.name not in columns]
    if missing:
        message = f"{name}: no column for {', '.join(missing)}; {has}"
        raise UsersError(message, hint=_COLUMNS)


def naming_field(columns: Sequence[str], needed: Iterable[UserField]) -> UserField:
    """Return the field that names users; one that the policy does not declare is a line of text."""
    name = next(column for column in NAMING_COLUMNS if column in columns)
    default = UserField(name, FieldKind.TEXT, required=False, pattern="")
    return next((item for item in needed if item.name == name), default)


def _users(
    table: Table,
    needed: tuple[UserField, ...],
    seen: SeenIds,
    faults_of: Callable[[UserRow], Sequence[str]],
) -> Iterator[UserRow | BadRow]:
    columns = table.columns
    width = len(columns)
    present = [item for item in needed if item.name in columns]
    absent = [place for place, item in enumerate(needed) if item.name not in columns]
    naming = naming_field(columns, needed)
    checks = [field_check(item) for item in present]
    pick = _picker([columns.index(item.name) for item in (*present, naming)])
    is_good = _quick_test(checks)

    def bad(number: int, faults: Iterable[str]) -> BadRow:
        place, message = table.place(), "; ".join(faults)
        return BadRow(number, f"{place}: {message}" if place else message)

    for number, found in table.rows:
        if isinstance(found, str) or len(found) != width:
            yield bad(number, [found if isinstance(found, str) else _ragged(found, width)])
            continue
        # Spreadsheets and people leave spaces at the ends; no field means them.
        values = [*map(str.strip, pick(found), _BLANKS)]
        good = is_good(values)
        user_id = values.pop()
        first = seen.claim(user_id, number)
        if first or not good:
            faults = _faults(checks, naming, values, user_id)
            if first:
                who = f"{shown(user_id)} is the user of row {first} already"
                faults.append(f"{naming.name}: {who}")
            elif faults:
                seen.give_back()
            if faults:
                yield bad(number, faults)
                continue
        for place in absent:
            values.insert(place, "")
        user = (user_id, *values)
        others = faults_of(user)
        if others:
            seen.give_back()
            yield bad(number, others)
            continue
        yield user


def _quick_test(checks: Sequence[FieldCheck]) -> Callable[[list[str]], bool]:
    """Return what says that the values of `checks`, and an id after them, are good without doubt.

    It is asked about every row, so it looks at all values at once where it can; where it says no,
    `_faults` tells.
    """
    tests = [(place, check.fits) for place, check in enumerate(checks) if check.fits is not None]
    required = [place for place, check in enumerate(checks) if check.field.required]

    def is_good(values: list[str]) -> bool:
        text = "".join(values)
        # No printable character is one that `check_line` refuses (a test tries all of them).
        if len(text) > MAX_FIELD or not text.isprintable():
            return False
        if "" in values and not (values[-1] and all(values[place] for place in required)):
            return False
        for place, fits in tests:  # noqa: SIM110 (a generator takes twice the time)
            if not fits(values[place]) and values[place]:
                return False
        return True

    return is_good


def _faults(
    checks: Sequence[FieldCheck], naming: UserField, values: Sequence[str], user_id: str
) -> list[str]:
    """Return all that is wrong with the values of a row and its id."""
    pairs = zip(checks, values, strict=True)
    others = [check.fault(value) for check, value in pairs if check.field != naming]
    own = field_check(naming).fault(user_id) if user_id else _NOBODY.format(naming.name)
    return [fault for fault in (*others, own) if fault]


def _picker(places: list[int]) -> Callable[[list[str]], Sequence[str]]:
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places)


def _ragged(found: list[str], width: int) -> str:
    count = "1 field" if len(found) == 1 else f"{len(found)} fields"
    return f"{count} instead of {width}"
