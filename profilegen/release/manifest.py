"""What a release says of itself: release.json and SHA256SUMS.

`release.json` (schema profilegen.release/1) names every file of the release with its digest; its
detached signature is what a release is verified by. Files of users are named by the index of their
target, which the manifest names. SHA256SUMS says the same of every file, the manifest included, for
those who have only sha256sum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from profilegen import __version__
from profilegen.catalogue.load import revision
from profilegen.inspection.user_index import INDEX_KIND
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target

SCHEMA = "profilegen.release/1"
MANIFEST = "release.json"
MANIFEST_SIGNATURE = "release.json.p7s"
MANIFEST_STAMP = "release.json.p7s.tsr"
STATEMENT = "release.intoto.jsonl"
SUMS = "SHA256SUMS"
UNSIGNED_FOLDER = "unsigned"
TWIN_PREFIX = "unsigned-"
"""What stands before the kind of a signed profile's unsigned twin."""
# How a file of a release is signed: inside its own CMS, by FILE.p7s beside it, or not at all.
EMBEDDED, DETACHED, UNSIGNED = "embedded", "detached", "none"


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """One file of a release; `signature` is embedded, detached (FILE.p7s beside it) or none.

    `encrypted_for` has the SHA-256 fingerprints of the device certificates that its payloads are
    encrypted for, sorted; none for a file that anybody can read. `variables` is the id of the MDM
    service whose placeholders stand in the file, "" for none. An index names `entries` files of
    users, which the manifest does not name itself.
    """

    path: str
    kind: str
    target: str
    signature: str
    size: int
    sha256: str
    encrypted_for: tuple[str, ...] = ()
    variables: str = ""
    entries: int = 0


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file beside the policy that a release was built from; `name` is the one it was given by.

    `role` is certificate, template or users. `sha256` is that of its bytes, in hexadecimal.
    """

    role: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """The policy a release was built from: as a value, and as the file it was read from.

    `inputs` are the other files that decide what is in the release, and `options` what else the
    caller asked for, by the name of the option; no secrets are in it.
    """

    policy: Policy
    name: str
    content: bytes
    inputs: tuple[InputFile, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a release was built from and holds, once all files for devices are written."""

    source: Source
    plans: tuple[TargetPlan, ...]
    files: tuple[ReleasedFile, ...]
    created: datetime


@dataclass(frozen=True, slots=True)
class SignerRecord:
    """Who signed a release: names as RFC 4514 text, SHA-256 fingerprints in hexadecimal.

    `rotated_from` is the fingerprint of the identity whose place this one took on purpose, "" if
    there is none.
    """

    subject: str
    fingerprint: str
    not_after: datetime
    chain: tuple[str, ...]
    rotated_from: str = ""


def manifest_bytes(
    contents: Contents, *, signer: SignerRecord | None, seals: Iterable[str]
) -> bytes:
    """Return release.json; the same input gives the same bytes.

    `seals` names the files that will vouch for it, so that none of them can be taken away.
    """
    policy = contents.source.policy
    document = {
        "schema": SCHEMA,
        "tool": {"name": "profilegen", "version": __version__, "catalogue": revision()},
        "created": utc_text(contents.created),
        "policy": {"file": contents.source.name, "sha256": sha256(contents.source.content)},
        "organization": {
            "name": policy.organization.name,
            "identifier": policy.organization.identifier,
        },
        "identity": None if signer is None else _signer(signer),
        "targets": [_target(plan) for plan in contents.plans],
        "seals": list(seals),
        "files": [_file(item) for item in sorted(contents.files, key=lambda item: item.path)],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; it is not kept whole. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def utc_text(moment: datetime) -> str:
    """Return a time in UTC, whole seconds, in the form of RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _signer(signer: SignerRecord) -> dict[str, Any]:
    return {
        "subject": signer.subject,
        "fingerprint": signer.fingerprint,
        "not_after": utc_text(signer.not_after),
        "chain": list(signer.chain),
        **({"rotated_from": signer.rotated_from} if signer.rotated_from else {}),
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
        "signature": item.signature,
        "size": item.size,
        "sha256": item.sha256,
        **({"encrypted_for": list(item.encrypted_for)} if item.encrypted_for else {}),
        **({"variables": item.variables} if item.variables else {}),
        **({"entries": item.entries} if item.kind == INDEX_KIND else {}),
    }
