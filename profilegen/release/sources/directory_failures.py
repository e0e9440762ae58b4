"""What went wrong between us and a directory, as an error with the fitting exit code."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from profilegen.errors import ProfilegenError, ServiceError, UsageError
from profilegen.release.sources.directory_deadline import AGAIN
from profilegen.release.sources.ldap_url import LdapUrl

# Names of python-ldap's exceptions, one for each result code of RFC 4511 (appendix A) and of the
# library: what the caller got wrong, with what to do.
_WRONG_USAGE = {
    "FILTER_ERROR": ("the filter is not valid", "Correct the filter of the URL (RFC 4515)."),
    "INVALID_DN_SYNTAX": ("a name is not valid", "Correct the base of the URL or --ldap-bind-dn."),
    "NO_SUCH_OBJECT": ("there is no such base", "Correct the base of the URL."),
    "REFERRAL": ("the base is on another server", "Name the server that has it."),
    "INVALID_CREDENTIALS": (
        "the server refuses the name or the password",
        "Check --ldap-bind-dn and the password.",
    ),
    "INAPPROPRIATE_AUTH": (
        "the server refuses this way to log in",
        "Use --ldap-bind-dn with a password.",
    ),
    "INSUFFICIENT_ACCESS": (
        "this user may not search there",
        "Use --ldap-bind-dn with a user that may.",
    ),
    "STRONG_AUTH_REQUIRED": (
        "the server wants a login or TLS",
        "Use --ldap-bind-dn, and leave out --ldap-no-tls.",
    ),
    "CONFIDENTIALITY_REQUIRED": ("the server wants TLS", "Leave out --ldap-no-tls."),
    "UNAVAILABLE_CRITICAL_EXTENSION": (
        "the server gives no results in pages",
        "Export the people to CSV with the tools of the server.",
    ),
}
_LIMITS = {
    "SIZELIMIT_EXCEEDED": "the server's limit of entries ended the search",
    "TIMELIMIT_EXCEEDED": "the server's limit of time ended the search",
    "ADMINLIMIT_EXCEEDED": "a limit of the server ended the search",
}
_FEWER = "Narrow base or filter, or have the limit raised; a part of the people is no list."
# What OpenLDAP's library says of errors of GnuTLS that it does not know.
_UNKNOWN = "(unknown error code)"
_PORTS = {"ldaps": 636}
_PROBE_SECONDS = 5


@contextmanager
def told(ldap: Any, url: LdapUrl) -> Iterator[None]:  # noqa: ANN401 (ldap has no types)
    """Turn an error of python-ldap inside the block into ours; no password is in either."""
    try:
        yield
    except ldap.LDAPError as error:
        raise _failure(error, url) from None


def _failure(error: Exception, url: LdapUrl) -> ProfilegenError:
    kind = type(error).__name__
    details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    info = str(details.get("info") or "").strip()
    if info == _UNKNOWN:
        info = ""
    more = f" ({info:.200})" if info else ""
    if kind in _WRONG_USAGE:
        what, hint = _WRONG_USAGE[kind]
        return UsageError(f"{url.server}: {what}{more}", hint=hint)
    if kind in _LIMITS:
        return ServiceError(f"{url.server}: {_LIMITS[kind]}{more}", hint=_FEWER)
    if kind == "CONNECT_ERROR" or (kind == "SERVER_DOWN" and _listens(url)):
        message = f"{url.server}: no verified TLS with the server{more}"
        hint = "Name the host that its certificate is for, and its CA with --ldap-ca."
        return ServiceError(message, hint=hint)
    if kind == "SERVER_DOWN":
        return ServiceError(f"{url.server}: the server cannot be reached", hint=AGAIN)
    if kind == "TIMEOUT":
        return ServiceError(f"{url.server}: the server does not answer", hint=AGAIN)
    description = str(details.get("desc") or kind)
    return ServiceError(f"{url.server}: {description}{more}", hint=AGAIN)


def _listens(url: LdapUrl) -> bool:
    """Say whether a server of `ldaps:` is there, so that what went wrong is TLS.

    OpenLDAP's library says of both that it cannot contact the server.
    """
    if url.scheme not in _PORTS:
        return False
    try:
        with socket.create_connection((url.host, url.port or _PORTS[url.scheme]), _PROBE_SECONDS):
            return True
    except OSError:
        return False
