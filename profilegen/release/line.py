"""Who signs the releases of one line, and whether that is another identity than before.

A device refuses the update of a profile that was installed by hand when another identity signed
it; over MDM it takes it (Apple DTS on replacing signed profiles). A renewed certificate is another
identity, be its key the same or not. A release line is known by the identifier of its policy's
organization, from which the identifiers of its profiles are made.

Nothing is verified here: what a release says of itself is enough for a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from profilegen.audit.diff.versions import SignedBy
from profilegen.errors import VerificationError
from profilegen.release.manifest import MANIFEST, MANIFEST_SIGNATURE, SCHEMA
from profilegen.release.sealing import Signer
from profilegen.signing.certificates import key_fingerprint, printable
from profilegen.signing.signed_file import MAX_SIGNED, inspect_signed
from profilegen.signing.strict_json import load_strict_json

_MAX_MANIFEST = 64 * 1024 * 1024
_SCHEMAS = SCHEMA.rpartition("/")[0] + "/"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class KnownFrom(StrEnum):
    """What says who should sign."""

    RELEASE = "release"
    """The release whose place the new one takes."""
    PIN = "pin"
    """The configuration."""


@dataclass(frozen=True, slots=True)
class LastRelease:
    """What a release says of its signer, None for an unsigned one.

    `rotated_from` is the SHA-256 fingerprint of the identity whose place the signer took on
    purpose, "" if there is none.
    """

    signer: SignedBy | None
    rotated_from: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A release line: its last release, None if there is none, and its pinned fingerprint or ""."""

    identifier: str
    last: LastRelease | None
    pin: str = ""


@dataclass(frozen=True, slots=True)
class SignerChange:
    """Another identity signs than the `old` one; `new` is None for an unsigned release.

    A pinned identity has no name, and its key is not known.
    """

    known_from: KnownFrom
    old: SignedBy
    new: SignedBy | None


def last_release(folder: Path) -> LastRelease | None:
    """Return what the release in `folder` says of its signer, None if there is no release.

    A manifest that does not say it as ours do names nobody, so it counts as none.
    """
    try:
        return _said(load_strict_json(_start(folder / MANIFEST, _MAX_MANIFEST)), folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def signed_by(signer: Signer) -> SignedBy:
    """Return who `signer` is, in the terms in which signers are compared."""
    key = key_fingerprint(signer.identity.leaf)
    return SignedBy(signer.record.subject, signer.record.fingerprint, key)


def signer_changes(line: Line, new: SignedBy | None) -> tuple[SignerChange, ...]:
    """Return the identities of `line`, the last one and the pinned one, that are not `new`.

    A first signature changes nothing: devices take a signed profile in place of an unsigned one.
    """
    known: list[tuple[KnownFrom, SignedBy]] = []
    if line.last is not None and line.last.signer is not None:
        known.append((KnownFrom.RELEASE, line.last.signer))
    if line.pin:
        known.append((KnownFrom.PIN, SignedBy("", line.pin)))
    return tuple(
        SignerChange(known_from, old, new)
        for known_from, old in known
        if new is None or new.fingerprint != old.fingerprint
    )


def rotated_from(line: Line, new: SignedBy) -> str:
    """Return the fingerprint of the identity whose place `new` takes on purpose, "" if none.

    A build that is repeated says what the first one said.
    """
    changes = signer_changes(line, new)
    if changes:
        return changes[0].old.fingerprint
    return "" if line.last is None else line.last.rotated_from


def _said(document: object, folder: Path) -> LastRelease:
    """Return what a manifest says; raise ValueError, KeyError or TypeError where it does not."""
    if not isinstance(document, dict) or not str(document["schema"]).startswith(_SCHEMAS):
        raise TypeError
    identity = document["identity"]
    if identity is None:
        return LastRelease(None)
    fingerprint = _fingerprint(identity["fingerprint"])
    earlier = identity.get("rotated_from")
    return LastRelease(
        SignedBy(printable(str(identity["subject"])), fingerprint, _key(folder, fingerprint)),
        "" if earlier is None else _fingerprint(earlier),
    )


def _fingerprint(value: object) -> str:
    if not isinstance(value, str) or _FINGERPRINT.fullmatch(value) is None:
        raise ValueError
    return value


def _key(folder: Path, fingerprint: str) -> str:
    """Return the fingerprint of the key behind a certificate's, "" where it cannot be told."""
    try:
        signed = inspect_signed(_start(folder / MANIFEST_SIGNATURE, MAX_SIGNED))
    except (OSError, VerificationError):
        return ""
    for signer in signed.signers:
        if signer.certificate is not None and signer.fingerprint == fingerprint:
            return key_fingerprint(signer.certificate)
    return ""


def _start(path: Path, size: int) -> bytes:
    """Return the content of a file, cut behind `size` bytes: then it is none of ours."""
    with path.open("rb") as stream:
        return stream.read(size)
