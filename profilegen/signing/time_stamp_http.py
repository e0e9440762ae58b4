"""Carry a request to an authority of time stamps and its answer back (RFC 3161 section 3.4).

One POST, bounded in time and size: nothing is tried again and no redirect is followed, so that one
release is one request to the URL that was given. Proxies are those of the environment.
"""

from __future__ import annotations

import http.client
import queue
import re
import socket
import ssl
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Final

from profilegen.errors import UsageError
from profilegen.signing.certificates import printable
from profilegen.signing.time_stamp_failures import StampServiceError

MAX_ANSWER: Final = 256 * 1024
"""Bytes of an answer that is read; usual are three to eight thousand."""

SECONDS: Final = 20.0
"""How long an authority may take in all, from the look-up of its name to the last byte."""

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_SCHEMES = frozenset({"http", "https"})
_UNUSABLE = re.compile(r"[^!-~]")  # blanks, control characters, and what is to be %-encoded
_LATER = "Try again later; nothing was written."
_CHECK_URL = "Check the URL of --timestamp."
_NETWORK = "Check the network and the proxies (http_proxy, https_proxy, no_proxy), or try again."
_ROOT = "Name its root in SSL_CERT_FILE, if it is the server that you expect."
_CUT = "the connection was cut in the middle of the answer"
_TOO_LATE = "no answer within {seconds:g} seconds"
# The first that fits counts: all but the last kind of those of the system are kinds of OSError.
_FAILURES: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((TimeoutError,), _TOO_LATE, _LATER),
    ((socket.gaierror,), "no such host: {reason}", _NETWORK),
    ((ssl.SSLCertVerificationError,), "its TLS certificate is not accepted: {reason}", _ROOT),
    ((ssl.SSLError,), "TLS failed: {reason}", _CHECK_URL),
    ((ConnectionRefusedError,), "the connection was refused", _NETWORK),
    ((http.client.IncompleteRead, ConnectionError), _CUT, _LATER),
    ((OSError,), "{reason}", _NETWORK),
    ((Exception,), "the answer is not HTTP", _CHECK_URL),
)


def check_url(url: str) -> None:
    """Raise UsageError when `url` cannot be one of an authority; nothing is connected to.

    A user name or password in it is refused: everybody on the machine can read the arguments of a
    process.
    """
    if _UNUSABLE.search(url) or not _has_host(url):
        message = f"{shown(url)} is no URL of a time-stamp authority"
        raise UsageError(message, hint="Give one with http:// or https:// and a host.")
    if "@" in url:
        message = (
            f"the URL of the time-stamp authority {shown(url)} has a user name in it,"
            " or an @ that is not written as %40"
        )
        hint = "Leave name and password out: the arguments of a process can be read by everybody."
        raise UsageError(message, hint=hint)


def _has_host(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def shown(url: str) -> str:
    """Return `url` for messages: without user, password and query, which may hold secrets."""
    scheme = url.partition("://")[0] if "://" in url else ""
    try:
        parts = urllib.parse.urlsplit(url)
        _ = parts.port
    except ValueError:
        return printable(f"{scheme}://...")
    # An @ elsewhere may be the end of a password that was not %-encoded.
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return printable(f"{scheme}://...")
    host = parts.netloc.rpartition("@")[2]
    return printable(f"{scheme}://{host}{parts.path}" if scheme else parts.path) or "''"


def post(url: str, query: bytes, *, seconds: float = SECONDS) -> bytes:
    """Return the body of the answer of the authority at `url` to `query`.

    Raises StampServiceError for whatever goes wrong on the way, after `seconds` at the latest.
    """
    outcome: queue.SimpleQueue[bytes | StampServiceError] = queue.SimpleQueue()
    # A thread, since no time-out of a socket bounds the look-up of a name, nor an answer that
    # comes in drops. It ends by itself, soon after, and keeps no process from ending.
    worker = threading.Thread(
        target=lambda: outcome.put(_outcome(url, query, seconds)), name="time-stamp", daemon=True
    )
    worker.start()
    try:
        answer = outcome.get(timeout=seconds)
    except queue.Empty:
        raise _failure(url, TimeoutError(), seconds) from None
    if isinstance(answer, StampServiceError):
        raise answer
    return answer


def _outcome(url: str, query: bytes, seconds: float) -> bytes | StampServiceError:
    try:
        return _exchange(url, query, seconds)
    except StampServiceError as error:
        return error
    except (OSError, http.client.HTTPException, ValueError) as error:
        return _failure(url, error, seconds)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes every redirect an HTTPError: a POST may not become a GET, nor https become http."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _exchange(url: str, query: bytes, seconds: float) -> bytes:
    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "profilegen"}
    request = urllib.request.Request(url, query, headers, method="POST")  # noqa: S310 - by check_url
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as response:
        body: bytes = response.read(MAX_ANSWER + 1)
        _check_type(url, response.headers)
        _check_length(url, response.headers, len(body))
    return body


def _check_type(url: str, headers: http.client.HTTPMessage) -> None:
    # Pages of proxies and portals come with 200 too. No type at all passes: the bytes decide.
    if "Content-Type" in headers and headers.get_content_type() != _REPLY:
        kind = printable(headers.get_content_type())
        message = f"{shown(url)}: answered with {kind}, not with {_REPLY}"
        raise StampServiceError(message, hint=_CHECK_URL)


def _check_length(url: str, headers: http.client.HTTPMessage, length: int) -> None:
    if length > MAX_ANSWER:
        message = f"{shown(url)}: the answer is larger than {MAX_ANSWER} bytes"
        raise StampServiceError(message, hint=_CHECK_URL)
    declared = headers.get("Content-Length", "")
    if declared.isascii() and declared.isdecimal() and length < int(declared):
        raise _cut(url)


def _failure(url: str, error: Exception, seconds: float) -> StampServiceError:
    """Return in words what went wrong; `error` may be the cause that urllib wrapped."""
    if isinstance(error, urllib.error.HTTPError):
        with error:
            return _http_failure(url, error)
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return _failure(url, error.reason, seconds)
    words, hint = next((said, hint) for kinds, said, hint in _FAILURES if isinstance(error, kinds))
    reason = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    message = words.format(reason=printable(reason), seconds=seconds)
    return StampServiceError(f"{shown(url)}: {message}", hint=hint)


def _http_failure(url: str, error: urllib.error.HTTPError) -> StampServiceError:
    message = f"{shown(url)}: answered HTTP {error.code} {printable(str(error.reason))}".rstrip()
    location = error.headers.get("Location")
    if location and error.code // 100 == http.HTTPStatus.MULTIPLE_CHOICES // 100:
        target = shown(urllib.parse.urljoin(url, location))
        return StampServiceError(message, hint=f"No redirect is followed; it leads to {target}.")
    server = error.code >= http.HTTPStatus.INTERNAL_SERVER_ERROR
    return StampServiceError(message, hint=_LATER if server else _CHECK_URL)


def _cut(url: str) -> StampServiceError:
    return StampServiceError(f"{shown(url)}: {_CUT}", hint=_LATER)
