"""Servers that accept a connection and stop talking at a moment of their choice."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
_HELLO = b"\x16\x03\x03\x40\x00"
"""The header of a record of a TLS handshake with 16,384 bytes, which do not follow."""


def drip(connection: socket.socket) -> None:
    """Begin a TLS handshake, and send a byte of it every now and then."""
    connection.recv(4096)
    connection.sendall(_HELLO)
    while True:
        connection.sendall(b"\0")
        time.sleep(0.1)


def hold(connection: socket.socket) -> None:
    """Take what comes, and say nothing."""
    while connection.recv(4096):
        pass


def agree_to_tls(then: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """Return what answers StartTLS with success (RFC 4511, 4.14.2), and then does `then`."""

    def answer(connection: socket.socket) -> None:
        number = connection.recv(4096)[4]
        connection.sendall(bytes.fromhex(f"300c0201{number:02x}78070a010004000400"))
        then(connection)

    return answer


class Relay:
    """What hands bytes on to and from a server, but no more than `limit` bytes of its answers."""

    def __init__(self, port: int, limit: float) -> None:
        self._port = port
        self._limit = limit
        self.passed = 0

    def __call__(self, connection: socket.socket) -> None:
        with socket.create_connection((HOST, self._port)) as server:
            thread = threading.Thread(target=self._ask, args=(connection, server), daemon=True)
            thread.start()
            while self.passed < self._limit:
                content = server.recv(int(min(4096, self._limit - self.passed)))
                self.passed += len(content)
                if not content:
                    break
                connection.sendall(content)
            thread.join()

    @staticmethod
    def _ask(connection: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while content := connection.recv(4096):
                server.sendall(content)
            server.shutdown(socket.SHUT_WR)


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Give the port of a server that does `serve` with each connection, in a thread of its own."""
    with socket.create_server((HOST, 0)) as server:

        def talk(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=talk, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)  # or accept() would go on
