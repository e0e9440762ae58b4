"""Real PKCS#11 tokens for tests: SoftHSM2, each in a folder of its own.

SoftHSM2 reads its configuration once a process. A test that starts profilegen as a process gives it
`environment`; one that calls it in this process uses `loaded()`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.support import pki, tools

PIN = "4711-canary"
"""The PIN of user and security officer of every token that is given no other."""
MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_WRITER = Path(__file__).with_name("softhsm_writer.py")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key for a token; `mechanisms`: all that it may be used with, by PKCS#11's names."""

    key: PrivateKeyTypes
    label: str
    id: bytes
    mechanisms: tuple[str, ...] = ()
    sign: bool = True
    always_authenticate: bool = False
    public: bool = False
    """Whether the public key is stored too, as tokens do that make keys themselves."""


@dataclass(frozen=True, slots=True)
class TokenCertificate:
    """A certificate for a token; the one of a key has the key's `id`."""

    certificate: x509.Certificate
    label: str
    id: bytes = b""


@dataclass(frozen=True, slots=True)
class SoftToken:
    """A token that exists: its library, its folder, its name and its PIN."""

    module: Path
    folder: Path
    label: str
    pin: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which a process finds module and token."""
        configuration = str(self.folder / "softhsm2.conf")
        return {"SOFTHSM2_CONF": configuration, "PKCS11_MODULE_PATH": str(self.module)}

    @property
    def pin_file(self) -> Path:
        """Return a file that holds the PIN."""
        path = self.folder / "pin"
        path.write_text(self.pin + "\n", encoding="utf-8")
        path.chmod(0o600)
        return path

    def uri(self, **attributes: str | bytes) -> str:
        """Return the RFC 7512 URI of an object of this token: `uri(object="signer", id=b"1")`."""
        parts = {"token": self.label} | attributes
        escaped = (f"{name}={quote(value, safe='')}" for name, value in parts.items())
        return "pkcs11:" + ";".join(escaped)

    def add(self, *objects: TokenKey | TokenCertificate, new: bool = False) -> None:
        """Store `objects`, in a process of its own; `new`: make the token first."""
        order = {
            "module": str(self.module),
            "label": self.label,
            "pin": self.pin,
            "new": new,
            "objects": [described for one in objects for described in _described(one)],
        }
        done = subprocess.run(
            [sys.executable, str(_WRITER)],
            input=json.dumps(order),
            env=os.environ | self.environment,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=60,
        )
        assert done.returncode == 0, done.stderr

    def add_chain(self, chain: pki.Chain, *, label: str = "signer", id: bytes = b"\x01") -> None:  # noqa: A002 - as PKCS#11
        """Store the key, the certificate and the intermediate of `chain`."""
        self.add(
            TokenKey(chain.leaf.key, label, id),
            TokenCertificate(chain.leaf.certificate, label, id),
            TokenCertificate(chain.intermediate.certificate, "issuer", b"issuer of " + id),
        )

    @contextmanager
    def loaded(self) -> Iterator[None]:
        """Let this process find the token, and forget library and token afterwards."""
        with loaded_module(self.environment):
            yield


@contextmanager
def loaded_module(environment: Mapping[str, str]) -> Iterator[None]:
    """Set `environment`, which names a module, and have it start anew inside the block."""
    module = environment["PKCS11_MODULE_PATH"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        pkcs11.unload(module)
        try:
            yield
        finally:
            pkcs11.unload(module)


def soft_token(folder: Path, *, label: str = "Release keys", pin: str = PIN) -> SoftToken:
    """Return a new token in `folder`, which may hold others; without SoftHSM2 as `require_tool`."""
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    settings = (
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    (folder / "softhsm2.conf").write_text(settings, encoding="utf-8")
    token = SoftToken(soft_module(), folder, label, pin)
    token.add(new=True)
    return token


def soft_module() -> Path:
    """Return the path of SoftHSM2's library."""
    found = next((path for path in map(Path, MODULES) if path.exists()), None)
    return tools.missing("libsofthsm2.so (Debian: softhsm2)") if found is None else found


def _described(one: TokenKey | TokenCertificate) -> Sequence[dict[str, Any]]:
    named = {"label": one.label, "id": one.id.hex()}
    if isinstance(one, TokenCertificate):
        der = one.certificate.public_bytes(Encoding.DER)
        return [{"kind": "certificate", "der": der.hex()} | named]
    der = one.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    named["family"] = "rsa" if isinstance(one.key, rsa.RSAPrivateKey) else "ec"
    private = named | {
        "kind": "private",
        "der": der.hex(),
        "sign": one.sign,
        "always_authenticate": one.always_authenticate,
        "mechanisms": list(one.mechanisms),
    }
    if not one.public:
        return [private]
    is_rsa = named["family"] == "rsa"
    form = PublicFormat.PKCS1 if is_rsa else PublicFormat.SubjectPublicKeyInfo
    public = named | {
        "kind": "public",
        "der": one.key.public_key().public_bytes(Encoding.DER, form).hex(),
    }
    return [private, public]
