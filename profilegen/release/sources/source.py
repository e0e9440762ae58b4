"""What a source of users is called, and how it is to be read: nothing is opened here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from profilegen.errors import UsageError
from profilegen.release.sources.directory import ANYBODY, Access
from profilegen.release.sources.ldap_url import is_ldap_url

STANDARD_INPUT = "-"


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


def refuse_options(source: UserSource) -> None:
    """Raise UsageError for an option of `source` that says nothing about its kind."""
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
