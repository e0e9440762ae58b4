"""Signing identities in force now, in each of the places where profilegen finds a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from tests.support import pki
from tests.support.pki import Chain
from tests.support.softhsm import soft_token

KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "p256", "p384")


@dataclass(frozen=True, slots=True)
class Place:
    """An identity as `--identity` names it; `environment` is what it takes to find it."""

    uri: str
    environment: dict[str, str] = field(default_factory=dict)


@cache
def current_chain(kind: str, name: str = "Current") -> Chain:
    """Return a chain in force now, since not every verifier can be told another time.

    The keys of the CAs are of the family of the signer's key.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    issue = partial(
        pki.issue,
        start=now - timedelta(days=1),
        end=now + timedelta(days=365),
        # GnuPG wants digests as wide as the curve, also in certificates.
        digest=hashes.SHA384() if kind == "p384" else None,
    )
    family = "rsa-2048" if kind.startswith("rsa") else kind
    ca = [pki.ca(), pki.usage(key_cert_sign=True, crl_sign=True)]
    root = issue(f"{name} Root", kind=family, extensions=ca)
    middle = issue(f"{name} CA", root, kind=family, extensions=ca)
    usage = [pki.usage(digital_signature=True)]
    return Chain(root, middle, issue(f"{name} Signer", middle, kind=kind, extensions=usage))


def in_pem(folder: Path, chain: Chain, secret: str) -> Place:
    """Write `folder`/identity.pem, its key encrypted with `secret`."""
    encryption = BestAvailableEncryption(secret.encode())
    key = chain.leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    (folder / "identity.pem").write_bytes(key + chain.leaf.pem + chain.intermediate.pem)
    return Place(f"pem:{folder / 'identity.pem'}")


def in_pkcs12(folder: Path, chain: Chain, secret: str) -> Place:
    """Write `folder`/identity.p12, encrypted with `secret`."""
    bundle = pki.p12(chain.leaf, [chain.intermediate], passphrase=secret)
    (folder / "identity.p12").write_bytes(bundle)
    return Place(f"p12:{folder / 'identity.p12'}")


def in_token(folder: Path, chain: Chain, secret: str) -> Place:
    """Make a SoftHSM2 token below `folder` whose PIN is `secret`."""
    token = soft_token(folder / "token", pin=secret)
    token.add_chain(chain)
    return Place(token.uri(object="signer"), token.environment)


PLACES: Mapping[str, Callable[[Path, Chain, str], Place]] = {
    "pem": in_pem,
    "pkcs12": in_pkcs12,
    "token": in_token,
}
