"""An end to waiting for a directory that has stopped talking.

OpenLDAP's library has limits of time for a connection and for an answer; in the midst of a TLS
handshake or record it reads without end (2.5 with GnuTLS), and it tells nobody its socket before
that. So the socket is looked for among those of this process, and shut down when the time is over:
whatever waits for it goes on at once.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from profilegen.errors import ServiceError
from profilegen.release.sources.ldap_url import LdapUrl

AGAIN = "Check host and port, and try again later."
_PORTS = {"ldap": 389, "ldaps": 636}
_FAMILIES = {socket.AF_INET, socket.AF_INET6}
_PAUSE = 0.2
_OPEN_FILES = Path("/dev/fd")


@contextmanager
def within(seconds: float, url: LdapUrl) -> Iterator[None]:
    """Cut this process off from the server of `url` when the block takes longer than that.

    Raises ServiceError then, in the place of what the block raises. A socket of this machine
    (`ldapi:`) is left alone: there is no TLS on it.
    """
    port = url.port or _PORTS.get(url.scheme, 0)
    over, cut = Event(), Event()

    def watch() -> None:
        if over.wait(seconds):
            return
        cut.set()
        while True:  # a host may have several addresses, which are tried in turn
            _shut_down(port)
            if over.wait(_PAUSE):
                return

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    except Exception:
        if not cut.is_set():
            raise
    finally:
        over.set()
        thread.join()
    if cut.is_set():
        message = f"{url.server}: the server does not answer"
        raise ServiceError(message, hint=AGAIN)


def _shut_down(port: int) -> None:
    """Shut down the connections of this process to `port` of whichever host."""
    for path in _OPEN_FILES.iterdir():
        with suppress(OSError):  # it was closed meanwhile, or leads nowhere
            # A copy: nobody else can close that, and have its number for something else.
            copy = os.dup(int(path.name))
            if not stat.S_ISSOCK(os.fstat(copy).st_mode):
                os.close(copy)
                continue
            with socket.socket(fileno=copy) as found:
                if found.family in _FAMILIES and found.getpeername()[1] == port:
                    found.shutdown(socket.SHUT_RDWR)
