"""Find the signed files of an earlier release, once its manifest holds and is our own signer's."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

from profilegen.errors import UsageError, VerificationError
from profilegen.inspection.user_index import SIGNATURE_KIND, USERS_FOLDER, IndexEntry
from profilegen.release.folder import ReleaseFault, read_file
from profilegen.release.manifest import (
    EMBEDDED,
    MANIFEST,
    MANIFEST_SIGNATURE,
    ReleasedFile,
    file_sha256,
    sha256,
)
from profilegen.release.manifest_reading import Manifest, ManifestVersionError, read_manifest
from profilegen.release.sealing import Signer
from profilegen.release.since.places import Form, Place, places_in
from profilegen.release.user_files import archives_of, index_entries, indexes_of
from profilegen.release.whole_files import failures_of
from profilegen.signing.integrity import State
from profilegen.signing.signed_file import inspect_signed

_KEY_BYTES = 16
_TABLE = """CREATE TABLE signed (
    key BLOB, content BLOB, digest BLOB, file TEXT, form INTEGER, start INTEGER, size INTEGER,
    member TEXT)"""
_INSERT = "INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_INDEX = "CREATE INDEX by_key ON signed (key)"
_HINT = "Name a release that this identity signed, or leave --since out."
_NO_RELEASE = "Name the folder of an earlier release, or leave --since out."
_UNSIGNED = "Name a release that is signed, or leave --since out."
_INTERMEDIATES = "Give those that it has with --certificates, or leave --since out."
_BROKEN = "Name a release that `profilegen verify` finds valid, or leave --since out."


class SinceError(UsageError):
    """Nothing can be taken over from the release that --since names."""

    slug = "since"

    def __init__(self, folder: Path, why: str, *, hint: str = _HINT) -> None:
        """Say `why`."""
        super().__init__(f"--since {folder}: {why}", hint=hint)


class EarlierDamagedError(VerificationError):
    """The release that --since names is not what was signed."""

    slug = "since"

    def __init__(self, folder: Path, what: str) -> None:
        """Say `what` does not hold."""
        super().__init__(f"--since {folder}: {what}", hint=_BROKEN)


@dataclass(frozen=True, slots=True)
class EarlierRelease:
    """A release whose manifest holds, and where its signed files are told: small and picklable.

    `table` is a database of SQLite, since a million places do not belong into memory. `users` is
    the number of users in the release, `manifest` the SHA-256 of its manifest. `name` is what the
    folder was called, for messages.
    """

    name: Path
    folder: Path
    table: Path
    manifest: str
    users: int


def refuse_no_release(folder: Path) -> None:
    """Raise SinceError unless a signed release seems to be in `folder`; no signature is checked."""
    if not folder.exists():
        raise SinceError(folder, "there is no such folder", hint=_NO_RELEASE)
    if not folder.is_dir():
        raise SinceError(folder, "this is no folder", hint=_NO_RELEASE)
    if not (folder / MANIFEST).exists():
        raise SinceError(folder, f"no release is in it: {MANIFEST} is missing", hint=_NO_RELEASE)
    if not (folder / MANIFEST_SIGNATURE).exists():
        why = f"the release is not signed: {MANIFEST_SIGNATURE} is missing"
        raise SinceError(folder, why, hint=_UNSIGNED)


def vouched_manifest(folder: Path, signer: Signer) -> tuple[Manifest, str]:
    """Return the manifest of the release in `folder`, which `signer` signed, and its SHA-256.

    Its signature is checked with the signer's own certificate; the same intermediates have to
    stand in the files. Raises SinceError where there is no signed release, and for one of somebody
    else, EarlierDamagedError where the signature does not hold.
    """
    refuse_no_release(folder)
    try:
        content = read_file(folder, MANIFEST)
        signed = inspect_signed(read_file(folder, MANIFEST_SIGNATURE), content=content)
        manifest = read_manifest(content)
        identity = json.loads(content)["identity"]
    except ReleaseFault as error:
        raise SinceError(folder, error.message) from error
    except (VerificationError, ManifestVersionError, ValueError) as error:
        raise EarlierDamagedError(folder, f"{MANIFEST}: {error}") from error
    own = [one for one in signed.signers if one.fingerprint == signer.record.fingerprint]
    if not own or identity is None:
        raise SinceError(folder, "another identity signed it, so no signature of it can be kept")
    if tuple(identity["chain"]) != signer.record.chain:
        why = "it was signed with other intermediates, so no signature of it can be kept"
        raise SinceError(folder, why, hint=_INTERMEDIATES)
    if own[0].verdict.state is not State.INTACT:
        raise EarlierDamagedError(folder, f"{MANIFEST}: its signature does not hold")
    return manifest, sha256(content)


def earlier_manifest(folder: Path | None, signer: Signer | None) -> str:
    """Return the SHA-256 of the manifest of a release that `signer` signed, "" where none is given.

    Raises as `vouched_manifest` does.
    """
    if folder is None or signer is None:
        return ""
    return vouched_manifest(folder, signer)[1]


def open_earlier(folder: Path, table: Path, signer: Signer) -> EarlierRelease:
    """Return the release in `folder`, with the places of its signed files in the new file `table`.

    Memory does not grow with the number of users. Raises as `vouched_manifest` does, and
    EarlierDamagedError for an index or archive that is not the one that the manifest names.
    """
    manifest, digest = vouched_manifest(folder, signer)
    with failures_of(table):
        table.parent.mkdir(parents=True, exist_ok=True)
        table.unlink(missing_ok=True)
    with closing(sqlite3.connect(table)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(_TABLE)
        counted: list[int] = []
        archives = archives_of(manifest.files)
        for index in indexes_of(manifest.files):
            database.executemany(_INSERT, _rows(folder, index, archives, counted))
        database.execute(_INDEX)
        database.commit()
    return EarlierRelease(folder, folder.absolute(), table, digest, max(counted, default=0))


def key_of(target: str, name: str) -> bytes:
    """Return what a signed file is found by; `name` is its path below TARGET/users, unsharded."""
    return hashlib.blake2b(f"{target}/{name}".encode(), digest_size=_KEY_BYTES).digest()


def _rows(
    folder: Path, index: ReleasedFile, archives: Mapping[str, ReleasedFile], counted: list[int]
) -> Iterator[tuple[object, ...]]:
    """Yield what the table has of an index; add the number of its users to `counted`.

    `archives` are those of the manifest, by path.
    """
    _refuse_changed(folder, index)
    entries = index_entries(folder, index)
    for file, group in groupby(_counting(entries, counted), key=lambda entry: entry.file):
        places: dict[str, Place] = {}
        for number, entry in enumerate(group):
            if entry.member and not number:
                places = _places(folder, archives.get(file))
            if entry.signature != EMBEDDED and entry.kind != SIGNATURE_KIND:
                continue
            place = places.get(entry.member, Place(file, Form.AMONG_OTHERS, member=entry.member))
            if not entry.member:
                place = Place(file)
            yield (
                key_of(index.target, _name(index.target, entry)),
                bytes.fromhex(entry.content_sha256),
                bytes.fromhex(entry.sha256),
                *place,
            )


def _counting(entries: Iterable[IndexEntry], counted: list[int]) -> Iterator[IndexEntry]:
    users, last = 0, None
    for entry in entries:
        if entry.user != last:
            users, last = users + 1, entry.user
        yield entry
    counted.append(users)


def _places(folder: Path, archive: ReleasedFile | None) -> dict[str, Place]:
    if archive is None:
        message = "an index names an archive, and the manifest does not"
        raise EarlierDamagedError(folder, message)
    _refuse_changed(folder, archive)
    try:
        return dict(places_in(folder, archive.path))
    except (OSError, ValueError) as error:
        message = f"{archive.path}: no archive that can be read"
        raise EarlierDamagedError(folder, message) from error


def _refuse_changed(folder: Path, item: ReleasedFile) -> None:
    """Raise EarlierDamagedError unless a file is the one that the manifest names."""
    try:
        digest = file_sha256(folder / item.path)
    except OSError as error:
        raise EarlierDamagedError(folder, f"{item.path}: cannot be read") from error
    if digest != item.sha256:
        raise EarlierDamagedError(folder, f"{item.path}: changed since it was signed")


def _name(target: str, entry: IndexEntry) -> str:
    """Return the path of a file below TARGET/users without its shard."""
    if entry.member:
        return entry.member
    inner = PurePosixPath(entry.file).relative_to(f"{target}/{USERS_FOLDER}")
    return "/".join(inner.parts[1:])
