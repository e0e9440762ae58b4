"""LDAP URLs (RFC 4516): which server, and which entries of it are people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from profilegen.errors import UsageError

SCHEMES = ("ldap", "ldaps", "ldapi")
_EXAMPLE = "Write ldaps://HOST/BASE??sub?(FILTER); a ? in a part is written %3F (RFC 4516)."
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PARTS = ("attributes", "scope", "filter", "extensions")


class Scope(StrEnum):
    """How far below its base a search goes (RFC 4511, section 4.5.1.2)."""

    BASE = "base"
    ONE = "one"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class LdapUrl:
    """A search: `server` is what a client connects to, `attributes` are none when all may be used.

    `host` is "" for a socket of this machine, `port` 0 for the one of the scheme.
    """

    text: str
    scheme: str
    server: str
    host: str
    port: int
    base: str
    attributes: tuple[str, ...]
    scope: Scope
    filter: str


def is_ldap_url(text: str) -> bool:
    """Say whether `text` is meant as an LDAP URL."""
    return text.partition("://")[0].lower() in SCHEMES and "://" in text


def parse_ldap_url(text: str) -> LdapUrl:
    """Return the search that `text` names.

    RFC 4516 leaves the base out of the scope `base`; a list of people is below one, so the default
    is `sub` here. Raises UsageError for what is no LDAP URL, and for one with a password in it.
    """
    scheme, _, rest = text.partition("://")
    scheme = scheme.lower()
    authority, _, path = rest.partition("/")
    if "@" in authority and scheme != "ldapi":
        message = "--users: the LDAP URL holds a user name or password, which others can read"
        raise UsageError(message, hint="Use --ldap-bind-dn and --ldap-password-file.")
    base, *found = path.split("?")
    if len(found) > len(_PARTS):
        raise _no_url(text, "more than four ? after the base")
    attributes, scope, search, extensions = (*found, *[""] * (len(_PARTS) - len(found)))
    if extensions:
        raise _no_url(text, f"extensions are not supported: {extensions}")
    names = tuple(unquote(name) for name in attributes.split(",") if name not in {"", "*"})
    wrong = [name for name in names if not _ATTRIBUTE.fullmatch(name)]
    if wrong:
        raise _no_url(text, f"no name of an attribute: {wrong[0]}")
    if scope.lower() not in {"", *Scope}:
        raise _no_url(text, f"the scope is base, one or sub, not {scope}")
    server, host, port = _server(text, scheme, authority)
    return LdapUrl(
        text=text,
        scheme=scheme,
        server=server,
        host=host,
        port=port,
        base=_decoded(text, base),
        attributes=names,
        scope=Scope(scope.lower() or Scope.SUB),
        filter=_decoded(text, search) or "(objectClass=*)",
    )


def _server(text: str, scheme: str, authority: str) -> tuple[str, str, int]:
    if scheme == "ldapi":
        return f"ldapi://{authority}", "", 0
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _no_url(text, f"no host and port: {authority}") from error
    if not host:
        raise _no_url(text, "it names no host")
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{f':{port}' if port else ''}", host, port or 0


def _decoded(text: str, part: str) -> str:
    try:
        found = unquote(part, errors="strict")
    except UnicodeDecodeError as error:
        raise _no_url(text, "its % escapes are not UTF-8") from error
    if "\0" in found:
        raise _no_url(text, "it holds a NUL")
    return found


def _no_url(text: str, why: str) -> UsageError:
    return UsageError(f"--users {text}: not a usable LDAP URL: {why}", hint=_EXAMPLE)
