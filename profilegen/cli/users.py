"""The options of `--users`: where people come from, how it is read, what becomes of bad rows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from profilegen.errors import SigningError, UsageError
from profilegen.release.sources.directory import Access
from profilegen.release.sources.ldap_url import is_ldap_url, parse_ldap_url
from profilegen.release.sources.source import Format, UserSource
from profilegen.secrets import Secret
from profilegen.signing.passphrase import passphrase_in

_R = TypeVar("_R")
_DELIMITERS = {"tab": "\t", "\\t": "\t"}
_NO_DELIMITERS = "\"'\r\n\0"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class UsersOptions:
    """The values of the options: `source` is None without --users."""

    source: UserSource | None
    bad_rows: Path | None
    fail_fast: bool


def users_options(function: Callable[..., _R]) -> Callable[..., _R]:
    """Add `--users` and what belongs to it; `function` gets all as `users`, a UsersOptions."""

    @wraps(function)
    def wrapped(  # noqa: PLR0913 (one parameter for each option)
        *arguments: Any,  # noqa: ANN401 (what click gives the command)
        users: str | None,
        users_format: str | None,
        users_encoding: str | None,
        csv_delimiter: str | None,
        ldap_map: tuple[str, ...],
        ldap_bind_dn: str | None,
        ldap_password_file: Path | None,
        ldap_password_env: str | None,
        ldap_ca: Path | None,
        ldap_no_tls: bool,
        bad_rows: Path | None,
        fail_fast: bool,
        **others: Any,  # noqa: ANN401
    ) -> _R:
        password = _password(ldap_bind_dn, ldap_password_file, ldap_password_env)
        source = UserSource(
            name=users or "",
            format=Format(users_format) if users_format else None,
            encoding=users_encoding or "",
            delimiter=_delimiter(csv_delimiter),
            attributes=_attributes(ldap_map),
            access=Access(ldap_bind_dn or "", password, ldap_ca, tls=not ldap_no_tls),
        )
        _refuse(source, users=users, bad_rows=bad_rows, fail_fast=fail_fast)
        chosen = UsersOptions(source if users else None, bad_rows, fail_fast)
        return function(*arguments, users=chosen, **others)

    decorated: Callable[..., _R] = wrapped
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option(
        "--users",
        metavar="SOURCE",
        help=(
            "Build files for each of these users: a CSV, JSON Lines or Parquet file, - for standard"
            " input, or an LDAP URL."
        ),
    ),
    click.option(
        "--users-format",
        type=click.Choice([str(one) for one in Format]),
        help="What --users is written in, where its name does not tell.",
    ),
    click.option(
        "--users-encoding",
        metavar="NAME",
        help="Encoding of the list, such as cp1252; else UTF-8, or UTF-16 with its mark.",
    ),
    click.option(
        "--csv-delimiter",
        metavar="CHAR",
        help="What separates the columns, or tab; else the header tells: , ; tab or |.",
    ),
    click.option(
        "--bad-rows",
        type=_FILE,
        metavar="FILE",
        help="Write the rows that are left out, and why, as CSV.",
    ),
    click.option(
        "--fail-fast", is_flag=True, help="Stop at the first bad row and change no release."
    ),
    click.option(
        "--ldap-map",
        multiple=True,
        metavar="FIELD=ATTRIBUTE",
        help="Attribute of a field, repeatable; else they have the same name.",
    ),
    click.option("--ldap-bind-dn", metavar="DN", help="Who logs in to the directory."),
    click.option(
        "--ldap-password-file",
        type=_FILE,
        metavar="FILE",
        help="File whose first line is the password of --ldap-bind-dn.",
    ),
    click.option(
        "--ldap-password-env",
        metavar="NAME",
        help="Environment variable that holds the password of --ldap-bind-dn.",
    ),
    click.option(
        "--ldap-ca",
        type=_FILE,
        metavar="FILE",
        help="Certificates of the CAs that a directory's certificate may come from (PEM).",
    ),
    click.option("--ldap-no-tls", is_flag=True, help="Search without TLS; not with a password."),
)


def standard_input() -> BinaryIO:
    """Return the bytes of standard input; raise UsageError when a person would have to type it."""
    if sys.stdin.isatty():
        message = "--users -: standard input is a terminal"
        raise UsageError(message, hint="Pipe a list of users into it.")
    return sys.stdin.buffer


def _refuse(
    source: UserSource, *, users: str | None, bad_rows: Path | None, fail_fast: bool
) -> None:
    """Raise UsageError for options that no list, or no password, should have."""
    given = {"--bad-rows": bad_rows is not None, "--fail-fast": fail_fast}
    if not users:
        alone = [name for name, is_given in given.items() if is_given] or source.options
        if alone:
            message = f"{alone[0]} is for a list of users"
            raise UsageError(message, hint="Add --users SOURCE, or leave it out.")
        return
    if source.access.bind_dn and not source.access.tls and is_ldap_url(source.name):
        url = parse_ldap_url(source.name)
        if url.scheme == "ldap" and url.host not in _LOCAL:
            message = "--ldap-no-tls: the password would go over the network for all to read"
            raise UsageError(message, hint="Leave it out, or search without --ldap-bind-dn.")


def _delimiter(text: str | None) -> str:
    found = _DELIMITERS.get(text or "", text or "")
    if text is not None and (len(found) != 1 or found in _NO_DELIMITERS):
        message = f"--csv-delimiter {text!a}: not one character that can stand between fields"
        raise UsageError(message, hint="Use , ; | tab, or another single character.")
    return found


def _attributes(pairs: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, attribute = pair.partition("=")
        if not (name and equals and attribute):
            message = f"--ldap-map {pair}: not of the form FIELD=ATTRIBUTE"
            raise UsageError(message, hint="Write --ldap-map email=mail.")
        if name in found:
            message = f"--ldap-map {pair}: the field {name} has an attribute already"
            raise UsageError(message, hint="Give every field one attribute.")
        found[name] = attribute
    return found


def _password(
    dn: str | None, file: Path | None, variable: str | None
) -> Callable[[], Secret] | None:
    """Return what gets the password of `dn`, None when nobody logs in; see `passphrase_source`."""
    if dn is None:
        if file is not None or variable is not None:
            option = "--ldap-password-env" if file is None else "--ldap-password-file"
            message = f"{option} is for a name that --ldap-bind-dn gives"
            raise UsageError(message, hint="Add --ldap-bind-dn DN, or leave it out.")
        return None
    if file is not None and variable is not None:
        message = "--ldap-password-file and --ldap-password-env exclude each other"
        raise UsageError(message, hint="Give one of them.")
    return lambda: _filled(_read_password(dn, file, variable), dn)


def _read_password(dn: str, file: Path | None, variable: str | None) -> Secret:
    if file is not None:
        try:
            return passphrase_in(file)
        except SigningError as error:
            message = f"--ldap-password-file {file}: no password can be read from it"
            raise UsageError(message, hint="Put the password on its first line.") from error
    if variable is not None:
        return Secret(os.environ.get(variable, ""))
    if not sys.stdin.isatty():
        message = f"--ldap-bind-dn {dn}: there is no terminal to ask for the password"
        hint = "Use --ldap-password-file or --ldap-password-env."
        raise UsageError(message, hint=hint)
    return Secret(click.prompt("Password of the directory", hide_input=True, err=True))


def _filled(password: Secret, dn: str) -> Secret:
    # A name with an empty password logs in as nobody, and looks like success (RFC 4513, 5.1.2).
    if not password.reveal():
        message = f"--ldap-bind-dn {dn}: the password is empty"
        raise UsageError(message, hint="Check the file or variable that it comes from.")
    return password
