"""Open the two sides of a comparison: files, folders, or releases by what their manifest names.

Whether a signature or a release holds is not asked here, and nobody is trusted: `verify` does that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from profilegen.audit.diff.versions import Version
from profilegen.audit.document import kind_of
from profilegen.audit.flows import Context
from profilegen.errors import InputError
from profilegen.inspection.files import (
    DOCUMENT_SUFFIXES,
    TWINS,
    Source,
    find_sources,
)
from profilegen.inspection.model import UNKNOWN
from profilegen.inspection.opened_versions import version_of
from profilegen.inspection.opening import Opened, open_source
from profilegen.inspection.people_index import Fleet, fleet_of
from profilegen.inspection.released_files import Released, personal_documents, shared_documents
from profilegen.inspection.released_people import ReleasedPeople
from profilegen.inspection.stated import MANIFEST, stated_contexts, stated_facts, stated_manifest
from profilegen.inspection.unreadable import VERIFY, UnreadableSideError
from profilegen.inspection.user_index import USERS_FOLDER
from profilegen.signing.decrypt import DeviceKey

_HINT = "Give two files, two folders or two releases."


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    `kind` is file, folder or release, `files` how many files it has.
    `facts` are what a release says of itself, by name, None for what is no release. `skipped` are
    files that were left out and why, a sentence each.
    """

    name: str
    kind: str
    files: int
    facts: Mapping[str, str] | None
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """How devices are managed, as far as options say it, and the key of one of them.

    `assumed` has the options that were not given, each with the value that `context` took for it.
    """

    context: Context
    assumed: Mapping[str, str] = field(default_factory=dict)
    key: DeviceKey | None = None


@dataclass(frozen=True, slots=True)
class OpenedSide:
    """A side with the files that were opened, and what is named of people in a release."""

    path: Path
    kind: str
    versions: tuple[Version, ...]
    facts: Mapping[str, str] | None = None
    skipped: tuple[str, ...] = ()
    fleet: Fleet | None = None
    contexts: Mapping[str, Context] = field(default_factory=dict)

    @property
    def says_context(self) -> bool:
        """Whether it is said of each file how its devices are managed."""
        targets = () if self.fleet is None else self.fleet.indexes
        said = all(version.context for version in self.versions)
        return said and all(target in self.contexts for target in targets)

    @property
    def is_of_many(self) -> bool:
        """Whether files of several people were opened, with `with_people`."""
        targets = () if self.fleet is None else self.fleet.indexes
        personal = Counter(
            (target, kind_of(version.document))
            for target in targets
            for version in self.versions
            if version.name.startswith(f"{target}/{USERS_FOLDER}/")
        )
        return any(number > 1 for number in personal.values())

    def side(self, people: int = 0) -> Side:
        """Return what reports say of this side; `people` is how many more files it has."""
        files = len(self.versions) + people
        return Side(str(self.path), self.kind, files, self.facts, self.skipped)

    def people(self, asked: Asked) -> ReleasedPeople:
        """Return the files of people of a release."""
        if self.fleet is None:
            message = f"{self.path} is no release"
            raise TypeError(message)
        return ReleasedPeople(self.fleet, self.contexts, asked.key)


def open_side(path: Path, asked: Asked) -> OpenedSide:
    """Return the files at `path`, a file, a folder or a release, without those of its people.

    Raises UnreadableSideError, with all files that cannot be read, and InputError where there is
    nothing to compare.
    """
    if not path.is_dir():
        return OpenedSide(path, "file", (_only(path, asked),))
    if (path / MANIFEST).is_file():
        return _release(path, asked)
    return _folder(path, asked)


def _only(path: Path, asked: Asked) -> Version:
    opened = open_source(Source(path, named=True), key=asked.key)
    version = version_of(opened, path.name)
    if version is None:
        raise UnreadableSideError([_fault(opened)])
    return version


def _folder(folder: Path, asked: Asked) -> OpenedSide:
    versions: list[Version] = []
    faults: list[tuple[str, str]] = []
    skipped: list[str] = []
    for source in find_sources([folder]):
        opened = open_source(source, key=asked.key)
        version = version_of(opened, source.path.relative_to(folder).as_posix())
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
    return OpenedSide(folder, "folder", _without_twins(versions), skipped=tuple(skipped))


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
    return str(parts.parent.parent / parts.name) if parts.parent.name == TWINS else ""


def _release(folder: Path, asked: Asked) -> OpenedSide:
    manifest = _manifest(folder / MANIFEST)
    contexts = stated_contexts(manifest, asked.context, asked.assumed)
    found = shared_documents(folder, manifest, key=asked.key)
    versions = _released(folder, found, contexts)
    fleet = fleet_of(folder, manifest)
    return OpenedSide(folder, "release", versions, stated_facts(manifest), (), fleet, contexts)


def with_people(opened: OpenedSide, asked: Asked) -> OpenedSide:
    """Return a side with the files of people of a release opened too. Raises as `open_side`."""
    if opened.fleet is None:
        return opened
    found = personal_documents(opened.fleet, key=asked.key)
    personal = _released(opened.path, found, opened.contexts)
    return replace(opened, versions=(*opened.versions, *personal))


def _released(
    folder: Path, files: Iterable[Released], contexts: Mapping[str, Context]
) -> tuple[Version, ...]:
    versions: list[Version] = []
    faults: list[tuple[str, str]] = []
    for file in files:
        if file.opened is None:
            faults.append((f"{folder / file.path}: {file.fault}", VERIFY))
            continue
        version = version_of(file.opened, file.path)
        if version is None:
            faults.append(_fault(file.opened))
        else:
            context = contexts.get(file.target)
            versions.append(replace(version, name=file.name, context=context))
    if faults:
        raise UnreadableSideError(faults)
    return tuple(versions)


def _manifest(path: Path) -> Mapping[str, object]:
    try:
        return stated_manifest(path)
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableSideError(
            [(f"{path}: no manifest of a release: {reason}", VERIFY)]
        ) from error
