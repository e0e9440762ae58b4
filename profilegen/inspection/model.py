"""What an inspection of files finds, as reports print it; nothing here knows how it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.model import Flow
from profilegen.findings import Finding

OTHER = "other"
"""The kind of a file that is no document for devices."""
UNKNOWN = "unknown"
"""The kind of a file that cannot be read."""
SIGNATURE = "signature"
"""The kind of a detached signature."""
TWIN = "twin"
"""The kind of a file that a signed one beside it holds byte for byte."""

NO_DOCUMENTS = frozenset({OTHER, UNKNOWN, SIGNATURE, TWIN})
"""The kinds of files without a document of their own."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file of a release comes from; "" for what is not so.

    `users` is the folder of the users' files that it is one of, and `archive` the archive there
    that it is a member of. `manifest` is the file that says how the devices of `target` are
    managed.
    """

    users: str = ""
    archive: str = ""
    manifest: str = ""
    target: str = ""


NOWHERE = Origin()
"""The origin of a file that is of no release."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the manifest of a release says of a target: values by the options that they stand for.

    `signed` says who vouches for the manifest, for people.
    """

    manifest: str
    signed: str
    target: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signer:
    """One signer of a file; `state` is `intact`, `broken` or `unchecked`, `reason` says why.

    `fingerprint` is the SHA-256 of the certificate, lower-case hexadecimal, "" where the
    certificate is not in the file. Times are ISO 8601 in UTC, None where the file has none.
    """

    name: str
    issuer: str
    fingerprint: str
    key: str
    digest: str
    algorithm: str
    not_before: str | None
    not_after: str | None
    signed_at: str | None
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a file: the first signer in short, and all signers.

    `state` is `intact` when all signers are, `broken` when one is, else `unchecked`. Whether
    anybody trusts the signers is not said here.
    """

    state: str
    signer: str
    fingerprint: str
    signers: tuple[Signer, ...] = ()


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that somebody switched off: `by` says where, `because` why, "" if not said."""

    finding: Finding
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """One file with what was found in it; `signature` is None for an unsigned file.

    `kind` is the word of `audit.document.kind_of`, or one of the three above. `findings` stand most
    severe first. `lines` has the line, from 1, of places of findings where the content is text.
    """

    name: str
    kind: str
    signature: Signature | None
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    flows: Sequence[Flow]
    lines: Mapping[str, int]
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class Device:
    """All files taken together as one device gets them."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """Every file of one run; `assumed` has the options that were not given and what was taken.

    `stated` is what manifests say instead, and `unused` why others were not believed, a sentence
    each.
    """

    files: tuple[Inspected, ...]
    device: Device | None
    assumed: Mapping[str, str]
    stated: tuple[Stated, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Inspected | Device, ...]:
        """Return everything that has findings: the files, then the device if one was asked for."""
        return self.files if self.device is None else (*self.files, self.device)
