"""An authority that cannot be asked, or does not answer: exit code 6, and what to do about it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography import x509

from profilegen.errors import UsageError
from profilegen.signing.time_stamp import check_url
from profilegen.signing.time_stamp_failures import StampServiceError
from profilegen.signing.time_stamp_http import MAX_ANSWER, post, shown
from tests.support import authority, pki
from tests.support.authority import Answer, serve

QUERY = b"a query"
LATER = "Try again later; nothing was written."
CHECK = "Check the URL of --timestamp."
NETWORK = "Check the network and the proxies (http_proxy, https_proxy, no_proxy), or try again."


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def refused(url: str, *, seconds: float = 10) -> tuple[str, str]:
    """Expect that `url` gives nothing; return the message without the URL, and the hint."""
    with pytest.raises(StampServiceError) as caught:
        post(url, QUERY, seconds=seconds)
    error = caught.value
    assert (error.exit_code, error.slug) == (6, "time-stamp-service")
    assert error.message.startswith(f"{shown(url)}: ")
    return error.message.removeprefix(f"{shown(url)}: "), error.hint


def test_the_answer_comes_as_it_was_sent() -> None:
    with serve(lambda query: Answer(query[::-1])) as server:
        assert post(server.url, QUERY) == QUERY[::-1]
        assert server.queries == [QUERY]


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (Answer(status=500), "answered HTTP 500 Internal Server Error", LATER),
        (Answer(status=404), "answered HTTP 404 Not Found", CHECK),
        (
            Answer(headers={"Content-Type": "text/html; charset=utf-8"}, body=b"<html>"),
            "answered with text/html, not with application/timestamp-reply",
            CHECK,
        ),
        (
            Answer(body=bytes(1000), declared=2000),
            "the connection was cut in the middle of the answer",
            LATER,
        ),
        (
            Answer(body=bytes(MAX_ANSWER + 1)),
            f"the answer is larger than {MAX_ANSWER} bytes",
            CHECK,
        ),
        (
            Answer(body=bytes(9), declared=10**12),
            "the connection was cut in the middle of the answer",
            LATER,
        ),
    ],
    ids=["500", "404", "type", "cut", "large", "endless"],
)
def test_a_bad_answer(answer: Answer, message: str, hint: str) -> None:
    with serve(lambda _: answer) as server:
        assert refused(server.url) == (message, hint)
        assert len(server.queries) == 1


def test_an_answer_without_a_type_is_judged_by_its_bytes() -> None:
    with serve(lambda _: Answer(b"abc", headers={})) as server:
        assert post(server.url, QUERY) == b"abc"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with serve(lambda _: Answer(b"elsewhere")) as other:
        headers = {"Location": f"{other.url}?key=secret"}
        with serve(lambda _: Answer(status=status, headers=headers)) as server:
            message, hint = refused(server.url)
        assert message.startswith(f"answered HTTP {status} ")
        assert hint == f"No redirect is followed; it leads to {other.url}."
        assert other.queries == []


def test_nobody_listens() -> None:
    assert refused(authority.unused_url()) == ("the connection was refused", NETWORK)


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    message, hint = refused("http://time.invalid/tsa")
    assert (message, hint) == ("no such host: Name or service not known", NETWORK)


def test_a_look_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def hang(*_: object, **__: object) -> None:
        ended.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    assert refused("http://time.invalid/tsa", seconds=0.2) == (
        "no answer within 0.2 seconds",
        LATER,
    )
    ended.set()


@contextmanager
def _dripping() -> Iterator[str]:
    """Give the URL of an authority whose every byte is in time, but not all of them."""
    with serve(lambda _: Answer(bytes(1000), drops=0.05)) as server:
        yield server.url


@pytest.mark.parametrize("start", [authority.silent, _dripping], ids=["silent", "dripping"])
def test_time_is_bounded(start: Callable[[], ExitStack]) -> None:
    with start() as url:
        began = time.monotonic()
        assert refused(str(url), seconds=0.5) == ("no answer within 0.5 seconds", LATER)
        assert 0.4 < time.monotonic() - began < 5


@contextmanager
def _raw(answer: bytes) -> Iterator[str]:
    """Give the URL of a server that sends `answer` to whoever connects and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one() -> None:
            connection, _ = server.accept()
            with connection:
                while QUERY not in connection.recv(65536):
                    pass
                connection.sendall(answer)

        thread = threading.Thread(target=serve_one, daemon=True)
        thread.start()
        yield f"http://localhost:{server.getsockname()[1]}/tsa"
        thread.join(10)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", "the connection was cut in the middle of the answer"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "the connection was cut in the middle of the answer",
        ),
        (b"SSH-2.0-OpenSSH\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 two\r\n\r\n", "the answer is not HTTP"),
    ],
    ids=["nothing", "chunk", "ssh", "status"],
)
def test_what_is_not_http(answer: bytes, message: str) -> None:
    with _raw(answer) as url:
        assert refused(url)[0] == message


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    issued = authority.issue("localhost", extensions=[name, pki.ca()])
    with serve(Answer, tls=issued) as server:
        message, hint = refused(server.url)
        assert message == "its TLS certificate is not accepted: self-signed certificate"
        assert hint == "Name its root in SSL_CERT_FILE, if it is the server that you expect."
        (tmp_path / "root.pem").write_bytes(issued.pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
        assert post(server.url, QUERY) == QUERY


def test_tls_where_there_is_none() -> None:
    with _raw(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        with socket.create_connection(("localhost", int(url.split(":")[2].split("/")[0]))) as own:
            own.sendall(QUERY)
        with serve() as server:
            message, hint = refused(server.url.replace("http:", "https:"))
    assert (message.split(":")[0], hint) == ("TLS failed", CHECK)


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(Answer) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert post("http://time.example.com/tsa", QUERY) == QUERY
        assert proxy.queries == [QUERY]


@pytest.mark.parametrize(
    "url",
    ["http://time.example.com", "https://time.example.com:8080/tsa?policy=1", "http://[::1]/"],
)
def test_urls(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("", "''"),
        ("time.example.com", "time.example.com"),
        ("ftp://time.example.com/tsa", "ftp://time.example.com/tsa"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://", "http://"),
        ("http:///tsa", "http:///tsa"),
        ("http://time.example.com:port/", "http://..."),
        ("http://[::1/", "http://..."),
        ("http://time.example.com/a b", "http://time.example.com/a b"),
        ("http://time.example.com/\x1b[31m", "http://time.example.com/?[31m"),
        ("http://zeit.example.com/ä", "http://zeit.example.com/ä"),
    ],
)
def test_what_is_no_url(url: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert caught.value.message == f"{named} is no URL of a time-stamp authority"
    assert caught.value.hint == "Give one with http:// or https:// and a host."


@pytest.mark.parametrize(
    "password", ["canary", "can%40ary", "can/ary", "can?ary", "1/ary", "can#ary"]
)
def test_no_message_has_a_password(password: str) -> None:
    url = f"https://anna:{password}@time.example.com/tsa?key=canary"
    with pytest.raises(UsageError) as caught:
        check_url(url)
    assert "can" not in caught.value.message
    assert "anna" not in caught.value.message
    assert "ary" not in caught.value.message


def test_a_user_name_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        check_url("https://anna:canary@time.example.com:8080/tsa?key=canary")
    assert caught.value.message == (
        "the URL of the time-stamp authority https://time.example.com:8080/tsa"
        " has a user name in it, or an @ that is not written as %40"
    )
    assert caught.value.hint == (
        "Leave name and password out: the arguments of a process can be read by everybody."
    )
