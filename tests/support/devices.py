"""Devices for tests: identities with RSA keys that profiles can be encrypted for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.support import pki

END = datetime(2036, 1, 1, tzinfo=UTC)
"""Far enough away for whenever the tests run."""


@cache
def device(name: str, kind: str = "rsa-2048") -> pki.Issued:
    """Return the identity of a device; the same one each time."""
    usage = pki.usage(digital_signature=True, key_encipherment=True)
    issuer = pki.chain().intermediate
    return pki.issue(name, issuer, kind=kind, owner=f"device {name}", end=END, extensions=[usage])


def write_devices(folder: Path, *names: str) -> None:
    """Write the certificate of each device into `folder`, as NAME.pem."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.pem").write_bytes(device(name).pem)


def write_key(folder: Path, name: str) -> str:
    """Write the key of a device with its certificate and return its URI."""
    path = folder / f"{name}.key.pem"
    path.write_bytes(device(name).key_pem + device(name).pem)
    return f"pem:{path}"
