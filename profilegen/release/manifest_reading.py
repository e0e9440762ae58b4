"""Read a manifest, which anybody may have written: its form, and names that stay in the release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from profilegen.errors import InputError
from profilegen.inspection.user_index import ARCHIVE_KIND, INDEX_KIND, index_path
from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    MANIFEST,
    MANIFEST_SIGNATURE,
    MANIFEST_STAMP,
    SCHEMA,
    STATEMENT,
    SUMS,
    UNSIGNED,
    ReleasedFile,
)
from profilegen.signing.strict_json import load_strict_json

_SIGNATURES = frozenset({EMBEDDED, DETACHED, UNSIGNED})
# What may seal a release. A manifest without the list is of a version that knew the signature only.
_SEALS = frozenset({MANIFEST_SIGNATURE, MANIFEST_STAMP, STATEMENT})
_OWN = _SEALS | {MANIFEST, SUMS}
_SCHEMA_NAME = SCHEMA.rpartition("/")[0] + "/"


class ManifestVersionError(InputError):
    """Another version of profilegen wrote the manifest."""

    slug = "manifest-version"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `verify` needs of a manifest; `created` and `policy`, a file name, are for people.

    `seals` are the files that vouch for the manifest, none for an unsigned release.
    """

    created: str
    policy: str
    policy_sha256: str
    files: tuple[ReleasedFile, ...]
    seals: tuple[str, ...]


def read_manifest(content: bytes) -> Manifest:
    """Return what release.json says, once its signature holds.

    A signature says who wrote it, not that it is a manifest: anything that the same signer signed
    can stand in its place. Raises ValueError for what is none and for a path that leads out of the
    release, ManifestVersionError for a manifest of another version.
    """
    document: Any = load_strict_json(content)
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, str) or not schema.startswith(_SCHEMA_NAME):
        message = f"it has no schema {SCHEMA}"
        raise ValueError(message)
    if schema != SCHEMA:
        message = f"its schema {schema!a} is not {SCHEMA}"
        raise ManifestVersionError(
            message, hint="Verify it with the version of profilegen that built it."
        )
    try:
        files = tuple(_read_file(item) for item in document["files"])
        seals = tuple(document.get("seals", (MANIFEST_SIGNATURE,)))
        known = _SEALS.issuperset(seals) and len({*seals}) == len(seals)
        policy = document["policy"]
        manifest = Manifest(
            created=str(document["created"]),
            policy=str(policy["file"]),
            policy_sha256=str(policy["sha256"]),
            files=files,
            seals=seals,
        )
    except (KeyError, TypeError) as error:
        message = f"a part of it is missing or of the wrong type: {error}"
        raise ValueError(message) from error
    if len({item.path for item in files}) != len(files):
        message = "it names a file twice"
        raise ValueError(message)
    if not known:
        message = f"it names seals that are unknown: {seals!a}"
        raise ValueError(message)
    return manifest


def _read_file(item: dict[str, object]) -> ReleasedFile:
    path, signature, size = item["path"], item["signature"], item["size"]
    if not isinstance(path, str) or not _is_inside(path):
        message = f"it names a path that is none of a release: {path!a}"
        raise ValueError(message)
    if signature not in _SIGNATURES or not isinstance(size, int):
        message = f"it does not say how large {path!a} is and how it is signed"
        raise ValueError(message)
    readers = item.get("encrypted_for", [])
    if not isinstance(readers, list) or not all(isinstance(one, str) for one in readers):
        message = f"it does not say for which certificates {path!a} is encrypted"
        raise ValueError(message)
    return ReleasedFile(
        path=path,
        kind=str(item["kind"]),
        target=str(item["target"]),
        signature=str(signature),
        size=size,
        sha256=str(item["sha256"]),
        encrypted_for=tuple(readers),
        variables=str(item.get("variables", "")),
        entries=_entries(item),
    )


def _entries(item: dict[str, object]) -> int:
    """Return how many files an index names, 0 for any other file."""
    path, kind = PurePosixPath(str(item["path"])), item["kind"]
    index = PurePosixPath(index_path(str(item["target"])))
    entries = item["entries"] if kind == INDEX_KIND else 0
    misplaced = (kind == INDEX_KIND and path != index) or (
        kind == ARCHIVE_KIND and path.parent != index.parent
    )
    if misplaced or not isinstance(entries, int):
        message = f"{str(path)!a} is no {kind} of the target that it is named for"
        raise ValueError(message)
    return entries


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    inside = str(parts) == path and not parts.is_absolute() and ".." not in parts.parts
    # SHA256SUMS has a path a line, in UTF-8; no file can have a name with NUL.
    listed = path.encode(errors="ignore").decode() == path and not {"\n", "\0"} & {*path}
    return inside and listed and path not in _OWN
