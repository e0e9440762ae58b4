"""Open a source of users by what it is called: a file, standard input, or a directory."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from profilegen.errors import UsageError
from profilegen.policy.model import FieldKind, UserField
from profilegen.release.manifest import InputFile
from profilegen.release.sources.columns import doubtful_columns, likely_columns_named
from profilegen.release.sources.csv_table import csv_table
from profilegen.release.sources.directory import open_directory
from profilegen.release.sources.json_lines import json_lines_table
from profilegen.release.sources.ldap_url import parse_ldap_url
from profilegen.release.sources.model import BadRow, Table, UsersError
from profilegen.release.sources.parquet import parquet_table
from profilegen.release.sources.people import NAMING_COLUMNS, people, refuse_columns
from profilegen.release.sources.reading import DigestedStream, Lines, unreadable
from profilegen.release.sources.seen import SeenIds
from profilegen.release.sources.source import (
    STANDARD_INPUT,
    Format,
    UserSource,
    refuse_options,
)
from profilegen.render.user import UserRow

_ROLE = "users"
_PeopleOf = Callable[[Table], Iterator[UserRow | BadRow]]


@dataclass(frozen=True, slots=True)
class OpenUsers:
    """The rows of a source, read as they are asked for, and what is known once all are read.

    Rows of users have values of `fields`, in this order. `input` tells the source with its digest:
    of a file or standard input the SHA-256 of the bytes, of a directory that of the entries as they
    came, each as a line of JSON: [DN, [VALUE, ...]]. `passed_over` is the number of references to
    other servers. `share` tells how much of the source is read, from 0 to 1, 0 where that is not
    known. `doubts` are sentences on columns that are likely meant for fields, and are not theirs.
    `row_of` gives the row of a user by the id, 0 where none was read.
    """

    fields: tuple[str, ...]
    rows: Iterator[UserRow | BadRow]
    input: Callable[[], InputFile]
    passed_over: Callable[[], int] = lambda: 0
    share: Callable[[], float] = lambda: 0.0
    doubts: tuple[str, ...] = ()
    row_of: Callable[[str], int] = lambda _: 0


def open_users(
    source: UserSource,
    fields: Iterable[UserField],
    *,
    faults_of: Callable[[UserRow], Sequence[str]] = lambda _: (),
    standard_input: Callable[[], BinaryIO],
) -> OpenUsers:
    """Return the users of `source`, who have `fields`; memory does not grow with their number.

    The header, or the first page of a directory, is read at once. Raises UsageError for options
    that do not fit the source, UsersError for what cannot be read or lacks a column, ServiceError
    for a directory that cannot be reached; so does reading on.
    """
    needed, seen = tuple(fields), SeenIds()
    people_of = partial(people, fields=needed, seen=seen, faults_of=faults_of)
    refuse_options(source)
    if source.is_directory:
        return replace(_directory(source, needed, people_of), row_of=seen.row_of)
    if source.file_format is Format.PARQUET:
        return replace(_parquet(source, needed, people_of), row_of=seen.row_of)
    stream, size = _stream(source, standard_input)
    try:
        table = _text_table(source, Lines(source.shown_name, stream, source.encoding), needed)
        with likely_columns_named(table, needed):
            rows = people_of(table)
    except BaseException:
        stream.close()
        raise
    return OpenUsers(
        _names(needed),
        rows,
        _teller(source, stream.hexdigest),
        share=partial(_share, stream, size),
        doubts=doubtful_columns(table, needed),
        row_of=seen.row_of,
    )


def _stream(
    source: UserSource, standard_input: Callable[[], BinaryIO]
) -> tuple[DigestedStream, int]:
    """Return the bytes of a file or of standard input, and how many there are, 0 if unknown."""
    if source.name == STANDARD_INPUT:
        return DigestedStream(standard_input(), shared=True), 0
    file = _opened(Path(source.name))
    return DigestedStream(file), os.fstat(file.fileno()).st_size


def _names(fields: Iterable[UserField]) -> tuple[str, ...]:
    return tuple(item.name for item in fields)


def _share(stream: DigestedStream, size: int) -> float:
    return min(1.0, stream.passed / size) if size else 0.0


def _text_table(source: UserSource, lines: Lines, needed: tuple[UserField, ...]) -> Table:
    names = [item.name for item in needed]
    if source.file_format is Format.JSON_LINES:
        return json_lines_table(lines, source.shown_name, fields=names)
    known = {*names, *NAMING_COLUMNS}
    return csv_table(lines, source.shown_name, known=known, delimiter=source.delimiter)


def _parquet(source: UserSource, needed: tuple[UserField, ...], people_of: _PeopleOf) -> OpenUsers:
    path = Path(source.name)
    with _opened(path) as stream:
        if not stream.seekable():
            message = f"{path}: Parquet is read from its end, and this is a stream"
            raise UsersError(message, hint="Store it as a file first.")
        before = _state(path)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    table = parquet_table(path, fields=needed)

    def rows() -> Iterator[UserRow | BadRow]:
        yield from people_of(table)
        if _state(path) != before:  # then the digest is not that of what was read
            message = f"{path}: the file changed while it was read"
            raise UsersError(message, hint="Build again when nobody writes it.")

    with likely_columns_named(table, needed):
        refuse_columns(table, needed)
    doubts = doubtful_columns(table, needed)
    return OpenUsers(_names(needed), rows(), _teller(source, lambda: digest), doubts=doubts)


def _teller(source: UserSource, digest: Callable[[], str]) -> Callable[[], InputFile]:
    return lambda: InputFile(_ROLE, source.short_name, digest())


def _opened(path: Path) -> io.FileIO:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise unreadable(str(path), error) from error


def _state(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _directory(
    source: UserSource, needed: tuple[UserField, ...], people_of: _PeopleOf
) -> OpenUsers:
    url = parse_ldap_url(source.name)
    fields = _named_fields(source, needed)
    attributes = {item.name: source.attributes.get(item.name, item.name) for item in fields}
    unknown = sorted(set(source.attributes).difference(attributes))
    if unknown:
        message = f"--ldap-map {unknown[0]}={source.attributes[unknown[0]]}: no such field"
        raise UsageError(message, hint=f"The fields are {', '.join(attributes)}.")
    listed = {name.lower() for name in url.attributes}
    missing = [name for name in attributes.values() if listed and name.lower() not in listed]
    if missing:
        message = f"--users: the LDAP URL does not list the attribute {missing[0]}"
        raise UsageError(message, hint="List all attributes in the URL, or none.")
    directory = open_directory(url, source.access, fields=fields, attributes=attributes)
    return OpenUsers(
        _names(needed),
        people_of(directory.table),
        _teller(source, directory.hexdigest),
        lambda: directory.references,
    )


def _named_fields(source: UserSource, needed: tuple[UserField, ...]) -> tuple[UserField, ...]:
    """Return `needed` with the field that names people, which is `id` where it is known."""
    names = {item.name for item in needed}
    if "id" in source.attributes and "id" not in names:
        return (UserField("id", FieldKind.TEXT, required=True, pattern=""), *needed)
    if not names.intersection(NAMING_COLUMNS):
        message = "--users: nothing says which attribute names the person"
        raise UsageError(message, hint="Add --ldap-map id=ATTRIBUTE, such as id=uid.")
    return needed
