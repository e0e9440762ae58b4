"""What a release says of itself: release.json and SHA256SUMS.

`release.json` (schema profilegen.release/1) names every file of the release with its digest; its
detached signature is what a release is verified by. SHA256SUMS says the same of every file, the
manifest included, for those who have only sha256sum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from profilegen import __version__
from profilegen.catalogue.load import revision
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import IosTarget, Policy, Target

SCHEMA = "profilegen.release/1"
MANIFEST = "release.json"
MANIFEST_SIGNATURE = "release.json.p7s"
SUMS = "SHA256SUMS"
UNSIGNED_FOLDER = "unsigned"
# How a file of a release is signed: inside its own CMS, by FILE.p7s beside it, or not at all.
EMBEDDED, DETACHED, UNSIGNED = "embedded", "detached", "none"


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """One file of a release; `signature` is embedded, detached (FILE.p7s beside it) or none."""

    path: str
    kind: str
    target: str
    user: str
    signature: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """The policy a release was built from: as a value, and as the file it was read from."""

    policy: Policy
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SignerRecord:
    """Who signed a release: names as RFC 4514 text, SHA-256 fingerprints in hexadecimal."""

    subject: str
    fingerprint: str
    not_after: datetime
    chain: tuple[str, ...]


def manifest_bytes(
    source: Source,
    plans: Iterable[TargetPlan],
    files: Iterable[ReleasedFile],
    *,
    signer: SignerRecord | None,
    created: datetime,
) -> bytes:
    """Return release.json; the same input gives the same bytes."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "profilegen", "version": __version__, "catalogue": revision()},
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "policy": {"file": source.name, "sha256": sha256(source.content)},
        "organization": {
            "name": source.policy.organization.name,
            "identifier": source.policy.organization.identifier,
        },
        "identity": None if signer is None else _signer(signer),
        "targets": [_target(plan) for plan in plans],
        "files": [_file(item) for item in sorted(files, key=lambda item: item.path)],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def sums_bytes(digests: Mapping[str, str]) -> bytes:
    """Return SHA256SUMS for files by path, in the form that `sha256sum --check` reads."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _signer(signer: SignerRecord) -> dict[str, Any]:
    return {
        "subject": signer.subject,
        "fingerprint": signer.fingerprint,
        "not_after": signer.not_after.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "chain": list(signer.chain),
    }


def _target(plan: TargetPlan) -> dict[str, Any]:
    target = plan.target
    return {
        "id": target.id,
        "platform": str(target.platform),
        **_management(target),
        "minimum_os": str(target.minimum_os),
        "accounts": [{"account": item.account, "by": item.by} for item in plan.placements],
    }


def _management(target: Target) -> dict[str, str]:
    if isinstance(target, IosTarget):
        return {"enrollment": str(target.enrollment)}
    return {"mode": str(target.mode)}


def _file(item: ReleasedFile) -> dict[str, Any]:
    return {
        "path": item.path,
        "kind": item.kind,
        "target": item.target,
        "user": item.user,
        "signature": item.signature,
        "size": item.size,
        "sha256": item.sha256,
    }
