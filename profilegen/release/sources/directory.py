"""Rows from a directory: a paged LDAP search (RFC 4511, RFC 2696); needs python-ldap.

The connection is verified TLS unless the caller says otherwise; referrals are not followed, since
they would take the password, and the people, to servers that nobody named.
"""

from __future__ import annotations

import hashlib
import json
import ssl
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profilegen.errors import UsageError
from profilegen.extras import extra
from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.directory_deadline import within
from profilegen.release.sources.directory_failures import told
from profilegen.release.sources.ldap_url import LdapUrl, Scope
from profilegen.release.sources.model import Row, Table
from profilegen.secrets import Secret

PAGE = 500
"""Entries of one answer; Active Directory gives 1000 at most."""
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60
_UUID_BYTES = 16
_SCOPES = {Scope.BASE: 0, Scope.ONE: 1, Scope.SUB: 2}  # RFC 4511, section 4.5.1.2

Entry = tuple[str, Mapping[str, list[bytes]]]
"""A name and its attributes."""
Page = list[tuple[str | None, Any]]
"""Entries, and references to other servers, which have no name."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to get into a directory: as whom, and whose certificate its server may show.

    `bind_dn` is "" for anybody. `ca` is a PEM file; without it the certificate authorities count
    that the OpenLDAP library of the machine is configured with.
    """

    bind_dn: str = ""
    password: Callable[[], Secret] | None = None
    ca: Path | None = None
    tls: bool = True


ANYBODY = Access()
"""Verified TLS, and no name."""


class Directory:
    """A search under way."""

    def __init__(
        self,
        search: Search,
        first: Page,
        fields: Sequence[UserField],
        attributes: Mapping[str, str],
    ) -> None:
        """Go on with `search` after its page `first`; `attributes` is by the names of `fields`."""
        self._search = search
        self._fields = fields
        self._attributes = attributes
        self._digest = hashlib.sha256()
        self._dn = ""
        self.references = 0
        """How many references to other servers were passed over."""
        columns = tuple(item.name for item in fields)
        self.table = Table(search.url.text, columns, self._rows(first), lambda: self._dn)

    def hexdigest(self) -> str:
        """Return the SHA-256 of the entries so far, each as a line of JSON: [DN, VALUES]."""
        return self._digest.hexdigest()

    def _rows(self, first: Page) -> Iterator[tuple[int, Row]]:
        for number, (dn, values) in enumerate(self._entries(first), start=1):
            self._dn = dn
            row = _row(values, self._fields, self._attributes)
            line = json.dumps([dn, row], separators=(",", ":"))
            self._digest.update(line.encode() + b"\n")
            yield number, row

    def _entries(self, first: Page) -> Iterator[Entry]:
        page = first
        while True:
            for dn, values in page:
                if dn is None:
                    self.references += 1
                else:
                    yield dn, values
            if not self._search.more:
                return
            page = self._search.page()


def open_directory(
    url: LdapUrl, access: Access, *, fields: Sequence[UserField], attributes: Mapping[str, str]
) -> Directory:
    """Return the people that `url` finds; `attributes` tells the attribute of each of `fields`.

    The connection is made, and the first page read, at once. Attributes have one value or none.
    Values are text, and for a field of the kind uuid the 16 bytes that Active Directory has
    (MS-DTYP 2.3.4.2). Raises UsageError when the server refuses what was asked, ServiceError when
    it cannot be reached or breaks off; so does reading on.
    """
    if access.ca is not None:
        _check_ca(access.ca)
    with extra("ldap", needs="LDAP as a list of users needs python-ldap", error=UsageError):
        import ldap  # noqa: PLC0415 (an extra)
    search = Search(ldap, url, access, sorted({*attributes.values()}))
    return Directory(search, search.page(), fields, attributes)


def _check_ca(path: Path) -> None:
    """Raise UsageError unless certificates can be read from the file at `path`."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one
        reason = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        message = f"--ldap-ca {path}: cannot read certificates: {reason}"
        raise UsageError(message, hint="Name a file of certificates in PEM.") from error


def _connected(ldap: Any, url: LdapUrl, access: Access) -> Any:  # noqa: ANN401 (ldap has no types)
    connection = ldap.initialize(url.server)
    options = {
        ldap.OPT_PROTOCOL_VERSION: ldap.VERSION3,
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_NETWORK_TIMEOUT: _CONNECT_SECONDS,
        ldap.OPT_TIMEOUT: _ANSWER_SECONDS,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
        ldap.OPT_X_TLS_PROTOCOL_MIN: ldap.OPT_X_TLS_PROTOCOL_TLS1_2,
    }
    if access.ca is not None:
        options[ldap.OPT_X_TLS_CACERTFILE] = str(access.ca)
    for option, value in options.items():
        connection.set_option(option, value)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)  # only now do the TLS options count
    if access.tls and url.scheme == "ldap":
        with within(_CONNECT_SECONDS + _ANSWER_SECONDS, url):
            connection.start_tls_s()
    password = "" if access.password is None else access.password().reveal()
    with within(_CONNECT_SECONDS + _ANSWER_SECONDS, url):  # ldaps: connects only now
        connection.simple_bind_s(access.bind_dn, password)
    return connection


class Search:
    """A paged search: each call of `page` gives the next entries and references."""

    def __init__(self, ldap: Any, url: LdapUrl, access: Access, attributes: list[str]) -> None:  # noqa: ANN401 (ldap has no types)
        """Connect to the server; raise UsageError or ServiceError when it does not let us in."""
        from ldap.controls import SimplePagedResultsControl  # noqa: PLC0415 (an extra)

        self._ldap = ldap
        self._attributes = attributes
        self._control = SimplePagedResultsControl(criticality=True, size=PAGE, cookie="")
        self.url = url
        self.more = True
        """Whether there are further pages."""
        with told(ldap, url):
            self._connection = _connected(ldap, url, access)

    def page(self) -> Page:
        """Return the next page; raise UsageError or ServiceError when there is none to have."""
        # The library ends an answer that is late by itself, if it is at the start of a record.
        with told(self._ldap, self.url), within(_CONNECT_SECONDS + _ANSWER_SECONDS, self.url):
            message = self._connection.search_ext(
                self.url.base,
                _SCOPES[self.url.scope],
                self.url.filter,
                self._attributes,
                serverctrls=[self._control],
                timeout=_ANSWER_SECONDS,
            )
            found: Page
            _, found, _, controls = self._connection.result3(message, timeout=_ANSWER_SECONDS)
        kind = self._control.controlType
        self._control.cookie = next((one.cookie for one in controls if one.controlType == kind), "")
        self.more = bool(self._control.cookie)
        if not self.more:
            self._connection.unbind_s()
        return found


def _row(
    values: Mapping[str, list[bytes]], fields: Sequence[UserField], attributes: Mapping[str, str]
) -> Row:
    """Return the values of `fields` in an entry, whose names of attributes differ in case."""
    found = {name.lower(): value for name, value in values.items()}
    row, faults = [], []
    for item in fields:
        attribute = attributes[item.name]
        given = found.get(attribute.lower(), [])
        text = _text(given[0], item.kind) if given else ""
        if len(given) > 1:
            faults.append(f"{item.name}: {attribute} has {len(given)} values")
        elif text is None:
            faults.append(f"{item.name}: {attribute} is no UTF-8 text")
        else:
            row.append(text)
    return "; ".join(faults) if faults else row


def _text(value: bytes, kind: FieldKind) -> str | None:
    if kind is FieldKind.UUID and len(value) == _UUID_BYTES:
        return str(uuid.UUID(bytes_le=value))
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None
