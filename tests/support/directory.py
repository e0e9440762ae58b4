"""A real directory for tests: OpenLDAP's slapd on a loopback port, with data and TLS of its own."""

from __future__ import annotations

import base64
import ipaddress
import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from tests.support import pki
from tests.support.tools import missing, require_tool

HOST = "127.0.0.1"
"""The name in the server's certificate. OpenLDAP's library never takes `localhost` for that."""
BASE = "dc=example,dc=com"
READER = f"cn=reader,{BASE}"
PASSWORD = "canary: swordfish"  # noqa: S105 - of this server alone
Entry = dict[str, str | bytes | list[str]]
"""Attributes with their values; the first is `dn`, the name."""
_SECONDS = 15
_SCHEMAS = Path("/etc/ldap/schema")
_MODULES = Path("/usr/lib/ldap")
# Active Directory's attribute, which OpenLDAP's own schemas have not (MS-ADA3 2.44).
_CONFIGURATION = """\
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID'
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.55555.1 NAME 'exampleAccount' SUP top AUXILIARY MAY objectGUID )
pidfile {folder}/slapd.pid
modulepath {modules}
moduleload back_mdb
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
TLSCACertificateFile {folder}/root.pem
sizelimit {limit}
database mdb
maxsize 67108864
suffix "{base}"
directory {folder}/data
rootdn "cn=admin,{base}"
access to dn.subtree="ou=secret,{base}" by dn.exact="{reader}" read by * none
access to attrs=userPassword by anonymous auth by * none
access to * by * read
"""


@dataclass(frozen=True, slots=True)
class Directory:
    """A running server: its two ports, its socket's folder, and the root of its certificate."""

    port: int
    tls_port: int
    folder: Path

    @property
    def ca(self) -> Path:
        """Return the file with the root."""
        return self.folder / "root.pem"

    @property
    def password_file(self) -> Path:
        """Return a file with the password of READER."""
        return self.folder / "password"

    def url(self, rest: str = f"{BASE}??sub?(objectClass=inetOrgPerson)") -> str:
        """Return an ldap: URL of this server; StartTLS is for the client to ask for."""
        return f"ldap://{HOST}:{self.port}/{rest}"

    def tls_url(self, rest: str = f"{BASE}??sub?(objectClass=inetOrgPerson)") -> str:
        """Return an ldaps: URL of this server."""
        return f"ldaps://{HOST}:{self.tls_port}/{rest}"

    def socket_url(self, rest: str = f"{BASE}??sub?(objectClass=inetOrgPerson)") -> str:
        """Return an ldapi: URL of this server."""
        return f"{self._socket}/{rest}"

    @property
    def _socket(self) -> str:
        return "ldapi://" + str(self.folder / "socket").replace("/", "%2F")

    @property
    def listeners(self) -> str:
        """Return where the server listens, as slapd takes it."""
        hosts = f"ldap://{HOST}:{self.port}/ ldaps://{HOST}:{self.tls_port}/"
        return f"{hosts} {self._socket}/"


def person(uid: str, **attributes: str | bytes | list[str]) -> Entry:
    """Return the entry of a person, who has `attributes` beside those that everybody has."""
    entry: Entry = {
        "dn": f"uid={uid},ou=people,{BASE}",
        "objectClass": ["inetOrgPerson", "exampleAccount"],
        "uid": uid,
        "cn": uid,
        "sn": uid,
    }
    return entry | attributes


@contextmanager
def directory(
    folder: Path,
    entries: Iterable[Entry],
    *,
    limit: str = "unlimited",
) -> Iterator[Directory]:
    """Give a running server with `entries` below BASE; `limit`: entries of an unpaged search.

    Without slapd as `require_tool`.
    """
    slapd, slapadd = require_tool("slapd"), require_tool("slapadd")
    if not (_MODULES / "back_mdb.so").exists():
        missing("back_mdb.so (Debian: slapd)")
    (folder / "data").mkdir(parents=True)
    server = Directory(_free_port(), _free_port(), folder)
    configuration = folder / "slapd.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            schemas=_SCHEMAS,
            modules=_MODULES,
            folder=folder,
            base=BASE,
            reader=READER,
            limit=limit,
        ),
        encoding="utf-8",
    )
    _write_certificates(folder)
    (folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    subprocess.run(
        [slapadd, "-q", "-f", configuration],
        input="".join(map(_ldif, (*_frame(), *entries))),
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [slapd, "-f", configuration, "-h", server.listeners, "-d", "0"], stderr=log
        )
        try:
            _await(process, server)
            yield server
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _frame() -> Iterator[Entry]:
    yield {"dn": BASE, "objectClass": ["organization", "dcObject"], "o": "Example", "dc": "example"}
    for name in ("people", "secret"):
        yield {"dn": f"ou={name},{BASE}", "objectClass": "organizationalUnit", "ou": name}
    yield {
        "dn": READER,
        "objectClass": ["organizationalRole", "simpleSecurityObject"],
        "cn": "reader",
        "userPassword": PASSWORD,
    }


def _ldif(entry: Entry) -> str:
    lines = []
    for name, given in entry.items():
        for value in given if isinstance(given, list) else [given]:
            content = value if isinstance(value, bytes) else value.encode()
            lines.append(f"{name}:: {base64.b64encode(content).decode()}\n")
    return "".join(lines) + "\n"


def _write_certificates(folder: Path) -> None:
    now = datetime.now(UTC)
    start, end = now - timedelta(days=1), now + timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    of_ca = [pki.ca(), pki.usage(key_cert_sign=True)]
    root = pki.issue("Directory Root", extensions=of_ca, start=start, end=end)
    of_server = [pki.usage(digital_signature=True), names]
    own = pki.issue("Directory", root, extensions=of_server, start=start, end=end)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "server.pem").write_bytes(own.pem)
    (folder / "server.key").write_bytes(own.key_pem)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], server: Directory) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, (server.folder / "log").read_text("utf-8")
        with socket.socket() as probe:
            if not probe.connect_ex((HOST, server.tls_port)):
                return
        time.sleep(0.02)
    message = f"slapd {process.pid} of {os.getpid()} does not listen"
    raise AssertionError(message)
