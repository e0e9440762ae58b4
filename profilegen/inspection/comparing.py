"""Open the two sides of a comparison: files, folders, or releases by what their manifest names.

Whether a signature or a release holds is not asked here, and nobody is trusted: `verify` does that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import cast

from profilegen.audit.diff.model import Difference, SignedBy, Version
from profilegen.audit.flows import Context
from profilegen.audit.nesting import check_json_nesting
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.errors import InputError
from profilegen.inspection.files import (
    DOCUMENT_SUFFIXES,
    Source,
    Unread,
    find_sources,
    read_source,
)
from profilegen.inspection.model import UNKNOWN
from profilegen.inspection.opening import Opened, open_source
from profilegen.inspection.released_files import released_documents
from profilegen.signing.certificates import key_fingerprint
from profilegen.signing.decrypt import DeviceKey
from profilegen.signing.signed_file import SignedFile
from profilegen.versions import parse_version

MANIFEST = "release.json"
_SCHEMA = "profilegen.release/1"
_TWINS = "unsigned"
_HINT = "Give two files, two folders or two releases."
_VERIFY = "`profilegen verify` says what is wrong with the release."


class UnreadableSideError(InputError):
    """Files of a side cannot be read, so what differs cannot be said."""

    slug = "unreadable"

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """Keep every fault with what to do about it; there is at least one."""
        super().__init__(faults[0][0], hint=faults[0][1])
        self._faults = tuple(faults)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return every file that cannot be read."""
        return self._faults


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    `kind` is file, folder or release.
    `facts` are what a release says of itself, by name, None for what is no release. `skipped` are
    files that were left out and why, a sentence each.
    """

    name: str
    kind: str
    versions: tuple[Version, ...]
    facts: Mapping[str, str] | None
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that two releases say differently of themselves; "" where one says nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides with what differs; `assumed` has the options that were not given, with values.

    `rotation` says that another signer is meant.
    """

    old: Side
    new: Side
    difference: Difference
    assumed: Mapping[str, str]
    rotation: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """How devices are managed, as far as options say it, and the key of one of them.

    `assumed` has the options that were not given, each with the value that `context` took for it.
    """

    context: Context
    assumed: Mapping[str, str] = field(default_factory=dict)
    key: DeviceKey | None = None


def open_side(path: Path, asked: Asked) -> Side:
    """Return the files at `path`, a file, a folder or a release.

    A release says how its targets are managed; that counts where options do not say it. Raises
    UnreadableSideError, with all files that cannot be read, and InputError where there is nothing
    to compare.
    """
    if not path.is_dir():
        return Side(str(path), "file", (_only(path, asked),), None, ())
    manifest = path / MANIFEST
    if manifest.is_file():
        return _release(path, _manifest(manifest), asked)
    return _folder(path, asked)


def different_facts(old: Side, new: Side) -> tuple[Fact, ...]:
    """Return what the two say differently of themselves, () unless both are releases."""
    if old.facts is None or new.facts is None:
        return ()
    names = dict.fromkeys((*old.facts, *new.facts))
    found = (Fact(name, old.facts.get(name, ""), new.facts.get(name, "")) for name in names)
    return tuple(fact for fact in found if fact.old != fact.new)


def _only(path: Path, asked: Asked) -> Version:
    opened = open_source(Source(path, named=True), key=asked.key)
    version = _version(opened, path.name)
    if version is None:
        raise UnreadableSideError([_fault(opened)])
    return version


def _folder(folder: Path, asked: Asked) -> Side:
    versions: list[Version] = []
    faults: list[tuple[str, str]] = []
    skipped: list[str] = []
    for source in find_sources([folder]):
        opened = open_source(source, key=asked.key)
        version = _version(opened, source.path.relative_to(folder).as_posix())
        if version is not None:
            versions.append(version)
        elif opened.kind == UNKNOWN:
            faults.append(_fault(opened))
        elif opened.error is not None and opened.name.lower().endswith(DOCUMENT_SUFFIXES):
            skipped.append(opened.error.message)
    if faults:
        raise UnreadableSideError(faults)
    if not versions:
        message = f"{folder}: there is no document for devices in this folder"
        raise InputError(message, hint=_HINT)
    return Side(str(folder), "folder", _without_twins(versions), None, tuple(skipped))


def _version(opened: Opened, path: str) -> Version | None:
    if opened.document is None:
        return None
    return Version(path, opened.document, _signer(opened.signed))


def _fault(opened: Opened) -> tuple[str, str]:
    """Return what is wrong with a file that has no document, and what to do about it."""
    if opened.error is None:
        return f"{opened.name}: a signature, and not the file that it signs", _HINT
    return opened.error.message, opened.error.hint


def _without_twins(versions: Sequence[Version]) -> tuple[Version, ...]:
    """Return `versions` without those that lie in `unsigned/` beside their signed file."""
    paths = {version.path for version in versions}
    return tuple(version for version in versions if _signed_twin(version.path) not in paths)


def _signed_twin(path: str) -> str:
    parts = PurePosixPath(path)
    return str(parts.parent.parent / parts.name) if parts.parent.name == _TWINS else ""


def _signer(signed: SignedFile | None) -> SignedBy | None:
    """Return the first signer, None where there is none; whether its signature holds is open."""
    if signed is None or not signed.signers:
        return None
    first = signed.signers[0]
    if first.certificate is None:
        return SignedBy("a signer whose certificate is not included", "")
    return SignedBy(first.name, first.fingerprint, key_fingerprint(first.certificate))


def _manifest(path: Path) -> Mapping[str, object]:
    """Return what release.json says. Raises UnreadableSideError when it is no manifest."""
    data = read_source(Source(path, named=True))
    try:
        if isinstance(data, Unread):
            raise ValueError(data.message)  # noqa: TRY004, TRY301  (one way out for all faults)
        check_json_nesting(data)
        value: object = json.loads(data)
        if not isinstance(value, dict) or value.get("schema") != _SCHEMA:
            message = f"it has no schema {_SCHEMA}"
            raise ValueError(message)  # noqa: TRY301  (one way out for all faults)
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableSideError(
            [(f"{path}: no manifest of a release: {reason}", _VERIFY)]
        ) from error
    return cast("Mapping[str, object]", value)


def _release(folder: Path, manifest: Mapping[str, object], asked: Asked) -> Side:
    contexts = _contexts(manifest, asked)
    versions: list[Version] = []
    faults: list[tuple[str, str]] = []
    for file in released_documents(folder, manifest, key=asked.key):
        if file.opened is None:
            faults.append((f"{folder / file.path}: {file.fault}", _VERIFY))
            continue
        version = _version(file.opened, file.path)
        if version is None:
            faults.append(_fault(file.opened))
        else:
            context = contexts.get(file.target)
            versions.append(replace(version, name=file.name, context=context))
    if faults:
        raise UnreadableSideError(faults)
    return Side(str(folder), "release", tuple(versions), _facts(manifest), ())


def _contexts(manifest: Mapping[str, object], asked: Asked) -> dict[str, Context]:
    """Return how the devices of each target are managed, what options say first.

    What a manifest says in other words than ours counts as not said.
    """
    found: dict[str, Context] = {}
    for target in _tables(manifest.get("targets")):
        changes: dict[str, object] = {}
        try:
            if "--enrollment" in asked.assumed and "enrollment" in target:
                changes["enrollment"] = Enrollment(str(target["enrollment"]))
            if "--mode" in asked.assumed and "mode" in target:
                changes["mode"] = Mode(str(target["mode"]))
            platform = target.get("platform")
            if "--os" in asked.assumed and platform in {"ios", "android"}:
                changes[str(platform)] = parse_version(str(target.get("minimum_os")))
        except ValueError:
            continue
        found[str(target.get("id"))] = replace(asked.context, **changes)  # type: ignore[arg-type]  # by name
    return found


def _facts(manifest: Mapping[str, object]) -> dict[str, str]:
    """Return what a release says of itself, for people to compare."""
    found = {
        name: _text(manifest, *keys)
        for name, keys in {
            "policy": ("policy", "file"),
            "policy SHA-256": ("policy", "sha256"),
            "organization": ("organization", "identifier"),
            "profilegen": ("tool", "version"),
            "catalogue": ("tool", "catalogue"),
            "created": ("created",),
            "signer": ("identity", "subject"),
            "signer SHA-256": ("identity", "fingerprint"),
            "rotated from": ("identity", "rotated_from"),
        }.items()
    }
    for target in _tables(manifest.get("targets")):
        said = (_text(target, key) for key in ("platform", "enrollment", "mode", "minimum_os"))
        found[f"target {_text(target, 'id')}"] = " ".join(filter(None, said))
    return found


def _text(table: Mapping[str, object], *keys: str) -> str:
    value: object = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
