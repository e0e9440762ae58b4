"""Open the two sides of a comparison: files, folders, or releases by what their manifest names.

Whether a signature or a release holds is not asked here, and nobody is trusted: `verify` does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from profilegen.audit.diff.model import Difference, SignedBy, Version
from profilegen.audit.flows import Context
from profilegen.errors import InputError
from profilegen.inspection.files import (
    DOCUMENT_SUFFIXES,
    Source,
    find_sources,
)
from profilegen.inspection.model import UNKNOWN
from profilegen.inspection.opening import Opened, open_source
from profilegen.inspection.released_files import released_documents
from profilegen.inspection.stated import stated_contexts, stated_facts, stated_manifest
from profilegen.signing.certificates import key_fingerprint
from profilegen.signing.decrypt import DeviceKey
from profilegen.signing.signed_file import SignedFile

MANIFEST = "release.json"
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
    if (path / MANIFEST).is_file():
        return _release(path, asked)
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


def _release(folder: Path, asked: Asked) -> Side:
    manifest = _manifest(folder / MANIFEST)
    contexts = stated_contexts(manifest, asked.context, asked.assumed)
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
    return Side(str(folder), "release", tuple(versions), stated_facts(manifest), ())


def _manifest(path: Path) -> Mapping[str, object]:
    try:
        return stated_manifest(path)
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableSideError(
            [(f"{path}: no manifest of a release: {reason}", _VERIFY)]
        ) from error
