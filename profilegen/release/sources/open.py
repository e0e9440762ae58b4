"""Open a source of users by what it is called: a file, standard input, or a directory."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import BinaryIO

from profilegen.errors import UsageError
from profilegen.policy.model import FieldKind, UserField
from profilegen.release.manifest import InputFile
from profilegen.release.sources.csv_table import csv_table
from profilegen.release.sources.directory import ANYBODY, Access, open_directory
from profilegen.release.sources.json_lines import json_lines_table
from profilegen.release.sources.ldap_url import is_ldap_url, parse_ldap_url
from profilegen.release.sources.model import BadRow, Table, UsersError
from profilegen.release.sources.parquet import parquet_table
from profilegen.release.sources.people import NAMING_COLUMNS, people, refuse_columns
from profilegen.release.sources.reading import DigestedStream, Lines, unreadable
from profilegen.render.user import UserRow

STANDARD_INPUT = "-"
_ROLE = "users"


class Format(StrEnum):
    """How a file of users is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".parquet": Format.PARQUET,
}


@dataclass(frozen=True, slots=True)
class UserSource:
    """Where users come from: `name` is a path, `-` for standard input, or an LDAP URL.

    What is left out is found out. `attributes` tells from which attribute of a directory a field
    comes, where their names differ.
    """

    name: str
    format: Format | None = None
    encoding: str = ""
    delimiter: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    access: Access = ANYBODY

    @property
    def options(self) -> tuple[str, ...]:
        """The options that were given for it."""
        given = {
            "--users-format": self.format is not None,
            "--users-encoding": bool(self.encoding),
            "--csv-delimiter": bool(self.delimiter),
            "--ldap-map": bool(self.attributes),
            "--ldap-bind-dn": bool(self.access.bind_dn),
            "--ldap-ca": self.access.ca is not None,
            "--ldap-no-tls": not self.access.tls,
        }
        return tuple(option for option, is_given in given.items() if is_given)

    @property
    def is_directory(self) -> bool:
        """Whether people are searched in a directory."""
        return is_ldap_url(self.name)

    @property
    def shown_name(self) -> str:
        """What messages call the source."""
        return "standard input" if self.name == STANDARD_INPUT else self.name

    @property
    def short_name(self) -> str:
        """What a release calls the source: a file without its folder, a URL in full."""
        return self.shown_name if self.is_directory else Path(self.shown_name).name

    @property
    def file_format(self) -> Format:
        """The format given, or told by the name; whatever has another name is CSV."""
        return self.format or _SUFFIXES.get(Path(self.name).suffix.lower(), Format.CSV)


@dataclass(frozen=True, slots=True)
class OpenUsers:
    """The rows of a source, read as they are asked for, and what is known once all are read.

    Rows of users have values of `fields`, in this order. `input` tells the source with its digest:
    of a file or standard input the SHA-256 of the bytes, of a directory that of the entries as they
    came, each as a line of JSON: [DN, [VALUE, ...]]. `passed_over` is the number of references to
    other servers. `share` tells how much of the source is read, from 0 to 1, 0 where that is not
    known.
    """

    fields: tuple[str, ...]
    rows: Iterator[UserRow | BadRow]
    input: Callable[[], InputFile]
    passed_over: Callable[[], int] = lambda: 0
    share: Callable[[], float] = lambda: 0.0


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
    needed = tuple(fields)
    _refuse_options(source)
    if source.is_directory:
        return _directory(source, needed, faults_of)
    if source.file_format is Format.PARQUET:
        return _parquet(source, needed, faults_of)
    size = 0
    if source.name == STANDARD_INPUT:
        stream = DigestedStream(standard_input(), shared=True)
    else:
        file = _opened(Path(source.name))
        size = os.fstat(file.fileno()).st_size
        stream = DigestedStream(file)
    table = _text_table(source, Lines(source.shown_name, stream, source.encoding), needed)
    rows = people(table, needed, faults_of=faults_of)
    share = partial(_share, stream, size)
    return OpenUsers(_names(needed), rows, _teller(source, stream.hexdigest), share=share)


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


def _parquet(
    source: UserSource, needed: tuple[UserField, ...], faults_of: Callable[[UserRow], Sequence[str]]
) -> OpenUsers:
    path = Path(source.name)
    with _opened(path) as stream:
        if not stream.seekable():
            message = f"{path}: Parquet is read from its end, and this is a stream"
            raise UsersError(message, hint="Store it as a file first.")
        before = _state(path)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    table = parquet_table(path, fields=needed)

    def rows() -> Iterator[UserRow | BadRow]:
        yield from people(table, needed, faults_of=faults_of)
        if _state(path) != before:  # then the digest is not that of what was read
            message = f"{path}: the file changed while it was read"
            raise UsersError(message, hint="Build again when nobody writes it.")

    refuse_columns(table, needed)
    return OpenUsers(_names(needed), rows(), _teller(source, lambda: digest))


def _refuse_options(source: UserSource) -> None:
    """Raise UsageError for an option that says nothing about this kind of source."""
    wrong = [option for option in source.options if option not in _options_of(source)]
    if wrong:
        message = f"{wrong[0]} says nothing about --users {source.name}"
        raise UsageError(message, hint="Leave it out.")
    if source.name == STANDARD_INPUT and source.format is Format.PARQUET:
        message = "--users -: Parquet is read from its end, and standard input is a stream"
        raise UsageError(message, hint="Name a file.")


def _options_of(source: UserSource) -> frozenset[str]:
    if source.is_directory:
        return frozenset({"--ldap-map", "--ldap-bind-dn", "--ldap-ca", "--ldap-no-tls"})
    text = {"--users-format", "--users-encoding"}
    return {
        Format.CSV: frozenset({*text, "--csv-delimiter"}),
        Format.JSON_LINES: frozenset(text),
        Format.PARQUET: frozenset({"--users-format"}),
    }[source.file_format]


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
    source: UserSource,
    needed: tuple[UserField, ...],
    faults_of: Callable[[UserRow], Sequence[str]],
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
        people(directory.table, needed, faults_of=faults_of),
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
