"""An authority of time stamps on this machine: openssl signs, a loopback server answers.

Its certificates are in force from 2020 to 2100, so that tests may move the clock.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support import pki
from tests.support.pki import Issued
from tests.support.tools import require_tool

REPLY = "application/timestamp-reply"
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
FOR_STAMPS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])

_CONFIG = """\
[tsa]
default_tsa = config
[config]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = ca.pem
signer_digest = {digest}
digests = sha1, sha256, sha384, sha512
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
accuracy = secs:1, millisecs:500, microsecs:100
ordering = no
tsa_name = yes
ess_cert_id_chain = {chain}
ess_cert_id_alg = {ess}
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificates of an authority: root, the CA below it, and the one that stamps."""

    root: Issued
    ca: Issued
    stamper: Issued


@cache
def authority(kind: str = "p256", name: str = "Time") -> Authority:
    """Return the authority whose key is of `kind`; the same one each time."""
    usage = pki.usage(key_cert_sign=True, crl_sign=True)
    root = issue(f"{name} Root", extensions=[pki.ca(), usage])
    ca = issue(f"{name} CA", root, extensions=[pki.ca(0), usage])
    return Authority(root, ca, stamper(ca, f"{name} Authority", kind=kind))


def stamper(ca: Issued, name: str = "Time Authority", *, kind: str = "p256") -> Issued:
    """Return the certificate of an authority below `ca`."""
    extensions = [pki.usage(digital_signature=True), FOR_STAMPS]
    return issue(name, ca, kind=kind, extensions=extensions)


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    kind: str = "p256",
    extensions: pki.Extensions = (),
) -> Issued:
    """Return a certificate that is in force whenever the tests run."""
    return pki.issue(name, issuer, kind=kind, start=START, end=END, extensions=extensions)


def openssl_reply(
    query: bytes,
    *,
    by: Authority | None = None,
    digest: str = "sha256",
    ess: str = "sha256",
    whole_chain: bool = False,
) -> bytes:
    """Return the TimeStampResp of `openssl ts` to `query`.

    `digest` is the one of the signature and `ess` the one that names the authority's certificate,
    and those above it where `whole_chain` is set.
    """
    chosen = by or authority()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chain = "yes" if whole_chain else "no"
        config = _CONFIG.format(digest=digest, ess=ess, chain=chain)
        (folder / "tsa.cnf").write_text(config, encoding="utf-8")
        (folder / "tsa.pem").write_bytes(chosen.stamper.pem)
        (folder / "tsa.key").write_bytes(chosen.stamper.key_pem)
        (folder / "ca.pem").write_bytes(chosen.ca.pem)
        (folder / "query.tsq").write_bytes(query)
        command = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "out"]
        subprocess.run(
            [str(require_tool("openssl")), *command], check=True, cwd=folder, capture_output=True
        )
        return (folder / "out").read_bytes()


def query_for(imprint: bytes, *, digest: str = "sha256", nonce: int | None = 1) -> bytes:
    """Return a request for a stamp of something whose digest is `imprint`."""
    wanted = {"hash_algorithm": {"algorithm": digest}, "hashed_message": imprint}
    fields = {"version": "v1", "message_imprint": wanted, "cert_req": True}
    if nonce is not None:
        fields["nonce"] = nonce
    encoded: bytes = tsp.TimeStampReq(fields).dump()
    return encoded


@dataclass(slots=True)
class Answer:
    """What a server sends; `declared` is the length it promises, `drops` the pause after a byte."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": REPLY})
    declared: int | None = None
    drops: float | None = None


Reply = Callable[[bytes], Answer]
"""Gets a request: the bytes of the query."""


def granted(query: bytes) -> Answer:
    """Answer as an authority does."""
    return Answer(openssl_reply(query))


@dataclass(frozen=True, slots=True)
class Server:
    """A running authority: its URL and the queries that it got."""

    url: str
    queries: list[bytes]


@contextmanager
def serve(reply: Reply = granted, *, tls: Issued | None = None) -> Iterator[Server]:
    """Run an authority that answers with `reply`, as https with the certificate `tls`."""
    queries: list[bytes] = []
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            queries.append(query)
            self._send(reply(query))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.declared is None else answer.declared
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if answer.drops is None:
                self.wfile.write(answer.body)
                return
            for byte in answer.body:
                if ended.wait(answer.drops):
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Say nothing: clients of these tests go away in the middle."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if tls is not None:
            scheme = "https"
            server.socket = _with_tls(server.socket, tls)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Server(f"{scheme}://localhost:{server.server_port}/tsa", queries)
        finally:
            ended.set()
            server.shutdown()
            thread.join()


@contextmanager
def silent() -> Iterator[str]:
    """Give the URL of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://localhost:{server.getsockname()[1]}/tsa"


def unused_url() -> str:
    """Return a URL at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://localhost:{server.getsockname()[1]}/tsa"


def _with_tls(plain: socket.socket, issued: Issued) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(issued.key_pem + issued.pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context.wrap_socket(plain, server_side=True)
