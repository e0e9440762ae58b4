"""The guard that keeps tests from the network: sockets reach this machine only."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest


class NetworkUsedError(RuntimeError):
    """A test tried to reach another machine."""


def _is_loopback(host: object) -> bool:
    if host in {None, "", "localhost", b"localhost"}:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _check(address: object) -> None:
    # Unix sockets have a path instead of a (host, port, ...) tuple.
    if isinstance(address, tuple) and not _is_loopback(address[0]):
        message = f"tests must not use the network: {address[0]}"
        raise NetworkUsedError(message)


def _guarded(original: Callable[..., Any], *, position: int) -> Callable[..., Any]:
    """Wrap a method of socket whose argument `position`, counted from the end, is an address."""

    def method(self: socket.socket, *arguments: Any) -> Any:  # noqa: ANN401 - as the original
        _check(arguments[position])
        return original(self, *arguments)

    return method


def forbid_network(patch: pytest.MonkeyPatch) -> None:
    """Make every socket of this process refuse addresses and names of other machines."""
    resolve = socket.getaddrinfo

    def guarded_resolve(host: object, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        _check((host,))
        return resolve(host, *arguments, **options)  # type: ignore[arg-type] # passed on as it came

    patch.setattr(socket, "getaddrinfo", guarded_resolve)
    patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect, position=-1))
    patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex, position=-1))
    patch.setattr(socket.socket, "sendto", _guarded(socket.socket.sendto, position=-1))
