"""Verify a whole release: the manifest, every file it names, and that nothing was added.

The manifest's signature comes first, for nothing in a release means anything before it holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from profilegen.errors import VerificationError
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    MANIFEST,
    MANIFEST_SIGNATURE,
    STATEMENT,
    SUMS,
    UNSIGNED_FOLDER,
    Manifest,
    ManifestVersionError,
    ReleasedFile,
    read_manifest,
    sha256,
    sums_bytes,
)
from profilegen.release.statement import statement_faults
from profilegen.signing.certificates import short_name
from profilegen.signing.failures import UntrustedError
from profilegen.signing.trust import Trust
from profilegen.signing.verify import Verified, verify

_MAX_FILE = 64 * 1024 * 1024
_REASONS = {
    MANIFEST: ": nothing says what belongs to the release",
    MANIFEST_SIGNATURE: ": the release was built unsigned, or its signature was removed",
}
_HINT = "Do not use this release; build it again or get it again from where it was built."


class ReleaseError(VerificationError):
    """A release is not what was signed."""

    slug = "release"

    def __init__(self, faults: tuple[str, ...], *, hint: str = _HINT) -> None:
        """Keep every fault, one sentence each; there is at least one."""
        super().__init__(faults[0], hint=hint)
        self.faults = faults

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each fault, with what to do behind the last."""
        return (*((fault, "") for fault in self.faults[:-1]), (self.faults[-1], self.hint))


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """A release that holds: who signed it, what it says of itself, and how many files were read."""

    signature: Verified
    created: str
    policy: str
    files: int
    signatures: int


def is_release(path: Path) -> bool:
    """Whether `path` is a folder that says it is a release, be it one that has lost a file."""
    return path.is_dir() and any(
        (path / name).exists() for name in (MANIFEST, MANIFEST_SIGNATURE, SUMS)
    )


def verify_release(folder: Path, *, trust: Trust, at: datetime) -> VerifiedRelease:
    """Verify the release in `folder` against `trust` at the time `at` (UTC).

    Raises ReleaseError that names every file that is missing, added, changed or not signed by
    the signer of the manifest, and why; nothing in the folder is trusted before the manifest.
    Raises ManifestVersionError when another version of profilegen built the release.
    """
    content = _read(folder, MANIFEST)
    signature = _read(folder, MANIFEST_SIGNATURE)
    try:
        signed = verify(signature, trust=trust, content=content, at=at)
    except VerificationError as error:
        fault = f"{folder / MANIFEST_SIGNATURE}: {error.message}"
        # Who is trusted is for the person to say; what was changed is beyond mending.
        hint = error.hint if isinstance(error, UntrustedError) else _HINT
        raise ReleaseError((fault,), hint=hint) from error
    manifest = _manifest(folder, content)
    files = manifest.files
    faults = (
        *_listing_faults(folder, manifest),
        *_file_faults(folder, files, signed, trust=trust, at=at),
        *_statement_faults(folder, manifest, content, signed),
        *_sums_faults(folder, manifest),
    )
    if faults:
        raise ReleaseError(faults)
    return VerifiedRelease(
        signature=signed,
        created=manifest.created,
        policy=manifest.policy,
        files=len(_named(manifest)),
        signatures=1 + sum(item.signature in {EMBEDDED, DETACHED} for item in files),
    )


def added_files(folder: Path) -> tuple[str, ...]:
    """Return what lies in the release in `folder` although its manifest does not name it.

    Nothing is verified. A manifest that cannot be read names nothing to compare with: ().
    """
    try:
        manifest = read_manifest(_read(folder, MANIFEST))
    except (ValueError, ManifestVersionError, ReleaseError):
        return ()
    return tuple(sorted(_listing(folder)[0] - _named(manifest)))


def _named(manifest: Manifest) -> set[str]:
    return {item.path for item in manifest.files} | {MANIFEST, SUMS, *manifest.seals}


def _manifest(folder: Path, content: bytes) -> Manifest:
    """Read a manifest whose signature holds."""
    path = folder / MANIFEST
    try:
        return read_manifest(content)
    except ManifestVersionError as error:
        message = f"{path}: {error.message}"
        raise ManifestVersionError(message, hint=error.hint) from error
    except ValueError as error:
        raise ReleaseError((f"{path}: signed, but no manifest: {error}",)) from error


def _listing_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    named = _named(manifest)
    parents = {parent.as_posix() for path in named for parent in PurePosixPath(path).parents}
    found, folders = _listing(folder)
    for path in sorted(named - found):
        yield f"{folder / path}: missing: the manifest names it"
    for path in sorted(found - named):
        yield f"{folder / path}: added: the manifest does not name it"
    for path in sorted(folders - parents):
        yield f"{folder / path}: added: the manifest names no file in this folder"


def _listing(folder: Path) -> tuple[set[str], set[str]]:
    """Return all files, links included, and all folders, relative to the release."""
    found: set[str] = set()
    folders: set[str] = set()
    for root, inner, names in os.walk(folder):
        here = Path(root)
        links = {name for name in inner if (here / name).is_symlink()}
        found.update((here / name).relative_to(folder).as_posix() for name in (*names, *links))
        folders.update(
            (here / name).relative_to(folder).as_posix() for name in inner if name not in links
        )
    return found, folders


def _file_faults(
    folder: Path,
    files: tuple[ReleasedFile, ...],
    manifest: Verified,
    *,
    trust: Trust,
    at: datetime,
) -> Iterator[str]:
    for item in files:
        path = folder / item.path
        fault = _place_fault(path, item)
        if fault:
            yield f"{path}: {fault}"
        elif path.is_file():
            content = path.read_bytes()
            if sha256(content) != item.sha256:
                yield f"{path}: changed: its SHA-256 is not the one in the manifest"
            fault = _signature_fault(folder, item, content, manifest, trust=trust, at=at)
            if fault:
                yield f"{path}: {fault}"


def _place_fault(path: Path, item: ReleasedFile) -> str:
    """Return what stands in the place of a file that cannot be it, "" for a file or nothing."""
    if path.is_symlink():
        return "a link stands in the place of the file"
    if not path.exists():
        return ""  # said of the listing already
    if not path.is_file():
        return "something that is no file stands in its place"
    size = path.stat().st_size
    if size > max(item.size, _MAX_FILE):
        return f"changed: it has {size} bytes, the manifest says {item.size}"
    return ""


def _signature_fault(  # noqa: PLR0913  (one file with everything it is judged by)
    folder: Path,
    item: ReleasedFile,
    content: bytes,
    manifest: Verified,
    *,
    trust: Trust,
    at: datetime,
) -> str:
    """Return what is wrong with the signature of one file, "" when nothing is."""
    try:
        if item.signature == EMBEDDED:
            signed = verify(content, trust=trust, at=at)
        elif item.signature == DETACHED:
            if not (folder / f"{item.path}.p7s").is_file():
                return ""  # said already: the manifest names it
            signature = _read(folder, f"{item.path}.p7s")
            signed = verify(signature, trust=trust, content=content, at=at)
        else:
            return ""
    except VerificationError as error:
        return error.message
    if signed.fingerprint != manifest.fingerprint:
        return f"signed by {short_name(signed.signer.subject)}, not by the signer of the manifest"
    return "" if item.signature == DETACHED else _twin_fault(folder, item, signed)


def _twin_fault(folder: Path, item: ReleasedFile, signed: Verified) -> str:
    path = (folder / item.path).parent / UNSIGNED_FOLDER / Path(item.path).name
    if path.is_file() and path.read_bytes() != signed.content:
        return f"its content is not the file {UNSIGNED_FOLDER}/{path.name} beside it"
    return ""


def _statement_faults(
    folder: Path, manifest: Manifest, content: bytes, signed: Verified
) -> Iterator[str]:
    """Say what is wrong with the statement; a manifest of older versions names none."""
    path = folder / STATEMENT
    if STATEMENT not in manifest.seals or not (path.exists() or path.is_symlink()):
        return  # said of the listing already
    try:
        statement = _read(folder, STATEMENT)
    except ReleaseError as error:
        yield from error.faults
        return
    key = signed.signer.public_key()
    faults = statement_faults(statement, manifest=manifest, manifest_content=content, key=key)
    yield from (f"{path}: {fault}" for fault in faults)


def _sums_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    path = folder / SUMS
    if not path.exists() and not path.is_symlink():
        return  # said of the listing already
    digests = {item.path: item.sha256 for item in manifest.files}
    for name in (MANIFEST, *manifest.seals):
        if (folder / name).is_file():  # else said of the listing already
            digests[name] = sha256(_read(folder, name))
    try:
        listed = _read(folder, SUMS)
    except ReleaseError as error:
        yield from error.faults
        return
    if listed != sums_bytes(digests):
        yield f"{path}: changed: it does not list the digests of the manifest"


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    if path.is_symlink():
        raise ReleaseError((f"{path}: a link stands in the place of the file",))
    if not path.exists():
        raise ReleaseError((f"{path}: missing{_REASONS.get(name, '')}",))
    if not path.is_file():
        raise ReleaseError((f"{path}: something that is no file stands in its place",))
    if path.stat().st_size > _MAX_FILE:
        raise ReleaseError((f"{path}: larger than any file of a release",))
    return path.read_bytes()
