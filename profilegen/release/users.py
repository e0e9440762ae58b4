"""Read the people that a release is built for from a CSV file, row by row.

A bad row is a value beside the good ones, with its number and what is wrong with it, so that one
slip in a list does not stop everybody else's profile.
"""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from profilegen.errors import InputError
from profilegen.policy.model import FieldKind, UserField
from profilegen.render.text import check_line
from profilegen.render.user import User

_EMAIL = re.compile(r"[^@\s\x00-\x1f\"<>(),:;\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAX_FIELD = 4096
_SHOWN = 80
_COLUMNS = "Add the columns that the policy's user fields name."
_NO_NAME = "Add a column id; without one, a column email names people."
_COMMAS = "Separate the columns with commas, not with semicolons."
_NAMING_COLUMNS = ("id", "email")


class UsersError(InputError):
    """A list of users cannot be read at all."""

    slug = "users"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that no artifact is made for; `row` counts data rows from 1."""

    row: int
    message: str


def read_users(
    name: str,
    content: bytes,
    *,
    fields: Iterable[UserField],
    faults_of: Callable[[User], Iterable[str]] = lambda _: (),
) -> Iterator[User | BadRow]:
    """Return an iterator over the rows of a CSV file: a user or a bad row for each, in order.

    The first row names the columns; `fields` are those that the policy declares or needs. The
    column `id`, or without one `email`, is unique and names the user in file names and identifiers.
    `faults_of` says what else is wrong with a user: values that do not fit where the policy puts
    them, a device that is not known.
    Raises UsersError when the file is not UTF-8, has no header or lacks a column; the iterator
    raises it for a row that is no CSV.
    """
    needed = tuple(fields)
    # A field of any length is a fault of its row, not of the file. The limit is the process's own,
    # so it is never lowered for others.
    csv.field_size_limit(max(csv.field_size_limit(), len(content) + 1))
    reader = csv.reader(io.StringIO(_text(name, content), newline=""), strict=True)
    columns = _header(name, reader, needed)
    return _users(name, reader, columns, needed, faults_of)


def _users(
    name: str,
    reader: Iterator[list[str]],
    columns: list[str],
    needed: tuple[UserField, ...],
    faults_of: Callable[[User], Iterable[str]],
) -> Iterator[User | BadRow]:
    naming = next(column for column in _NAMING_COLUMNS if column in columns)
    seen: dict[str, int] = {}
    for number, found in _rows(name, reader, first=1):
        if not found:
            continue
        # Spreadsheets and people leave spaces at the ends; no field means them.
        values = [value.strip(" ") for value in found]
        if len(values) != len(columns):
            count = "1 field" if len(values) == 1 else f"{len(values)} fields"
            yield BadRow(number, f"{count} instead of {len(columns)}")
            continue
        row = dict(zip(columns, values, strict=True))
        user = _user(number, row, needed, naming, seen)
        faults = () if isinstance(user, BadRow) else tuple(faults_of(user))
        if not isinstance(user, BadRow) and not faults:
            seen[user.id] = number
        yield BadRow(number, "; ".join(faults)) if faults else user


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{name}: the list of users is not UTF-8 (byte {error.start})"
        raise UsersError(message, hint="Save it as UTF-8.") from error


def _header(name: str, reader: Iterator[list[str]], needed: Iterable[UserField]) -> list[str]:
    _, found = next(_rows(name, reader, first=0), (0, []))
    columns = [column.strip() for column in found]
    if not any(columns):
        message = f"{name}: the list of users is empty"
        raise UsersError(message, hint="The first line names the columns: id,email,...")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        message = f"{name}: the column {twice[0]!r} occurs twice"
        raise UsersError(message, hint="Give every column a name of its own.")
    if not set(_NAMING_COLUMNS).intersection(columns):
        message = f"{name}: no column id, which names the person; it has {', '.join(columns)}"
        raise UsersError(message, hint=_hint(columns, _NO_NAME))
    missing = [item.name for item in needed if item.required and item.name not in columns]
    if missing:
        message = f"{name}: no column for {', '.join(missing)}; it has {', '.join(columns)}"
        raise UsersError(message, hint=_hint(columns, _COLUMNS))
    return columns


def _hint(columns: Iterable[str], otherwise: str) -> str:
    """Return what to do about columns that are not there: a list may be separated otherwise."""
    return _COMMAS if any(";" in column for column in columns) else otherwise


def _rows(name: str, reader: Iterator[list[str]], *, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the rest of the rows with their numbers, from `first`; the header has 0."""
    number = first
    try:
        for row in reader:
            yield number, row
            number += 1
    except csv.Error as error:
        message = f"{name}: row {number}: not CSV: {error}"
        raise UsersError(message, hint="Quote fields that hold commas or quotes.") from error


def _user(
    number: int,
    row: Mapping[str, str],
    needed: tuple[UserField, ...],
    naming: str,
    seen: dict[str, int],
) -> User | BadRow:
    user_id = row[naming]
    faults = [fault for item in needed if (fault := _fault(item, row.get(item.name, "")))]
    if naming not in {item.name for item in needed}:
        faults += [f"{naming}: {fault}" for fault in (_text_fault(user_id),) if fault]
    if not user_id:
        faults.append(f"{naming}: empty, and it names the user")
    if user_id in seen:
        faults.append(f"{naming}: {_shown(user_id)} is the user of row {seen[user_id]} already")
    if faults:
        return BadRow(number, "; ".join(faults))
    return User(user_id, {item.name: row.get(item.name, "") for item in needed})


def _fault(field: UserField, value: str) -> str:
    """Return what is wrong with `value`, "" when nothing is."""
    if not value:
        return f"{field.name}: empty" if field.required else ""
    if fault := _text_fault(value):
        return f"{field.name}: {fault}"
    if not _is_kind(field.kind, value):
        return f"{field.name}: not a valid {field.kind}: {_shown(value)}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"{field.name}: does not match {field.pattern}: {_shown(value)}"
    return ""


def _text_fault(value: str) -> str:
    if len(value) > _MAX_FIELD:
        return f"longer than {_MAX_FIELD} characters"
    return "" if _is_line(value) else "holds a control character or line break"


def _shown(value: str) -> str:
    """Return a value for a message, cut where nobody would read on."""
    return repr(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…")


def _is_line(value: str) -> bool:
    try:
        check_line(value, "")
    except InputError:
        return False
    return True


def _is_kind(kind: FieldKind, value: str) -> bool:
    match kind:
        case FieldKind.EMAIL:
            return _EMAIL.fullmatch(value) is not None
        case FieldKind.INTEGER:
            return re.fullmatch(r"-?[0-9]{1,18}", value) is not None
        case FieldKind.UUID:
            return _is_uuid(value)
        case FieldKind.TEXT:
            return True


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False
