"""Which files are inspected: those that are named, and every one below a folder that is named.

Links below a folder are not followed, so nothing outside it is reached and nothing twice; what is
no regular file is never opened, since reading it may wait for ever.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from profilegen.audit.document import MAX_BYTES

SIGNATURE_SUFFIX = ".p7s"
"""What a detached signature adds to the name of the file that it signs."""

TWINS = "unsigned"
"""The folder beside signed files that holds the same without a signature."""

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn"})
DOCUMENT_SUFFIXES = (".mobileconfig", ".plist", ".json", SIGNATURE_SUFFIX)
"""How the names of files end that are meant to be documents, in lower case."""
_MEGABYTE = 1024 * 1024
_CHECK_PATH = "Check the path and that you may read it."


@dataclass(frozen=True, slots=True)
class Source:
    """A file to inspect; `named` says that it was named itself and not only a folder above it.

    `root` is the folder that was named instead, None where that is not known.
    """

    path: Path
    named: bool
    root: Path | None = None

    @property
    def name(self) -> str:
        """Return the path as it was reached, for reports."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file was not read; `foreign` says that it is nothing that holds a document."""

    message: str
    hint: str
    foreign: bool = False


def each_source(paths: Sequence[Path]) -> Iterator[Source]:
    """Yield what `find_sources` returns; of one folder the files are not kept, be it ever so large.

    What is yielded depends on the folder as it is when its turn comes.
    """
    if len(paths) == 1:
        yield from _sources(paths[0])
    else:
        yield from find_sources(paths)


def find_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Return every file that `paths` lead to, each once, folders sorted and with all below them.

    Folders of version control are left out. A folder that cannot be listed stands for itself.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _sources(path):
            place = os.path.abspath(source.path)  # noqa: PTH100  (resolve() would follow links)
            known = found.get(place)
            if known is None:
                found[place] = source
            elif source.named and not known.named:
                found[place] = Source(known.path, named=True)
    return tuple(found.values())


def _sources(path: Path) -> Iterator[Source]:
    if path.is_dir():
        yield from (Source(file, named=False, root=path) for file in _below(path))
    else:
        yield Source(path, named=True)


def read_source(source: Source) -> bytes | Unread:
    """Return the content of a file of at most 32 MiB, or why it was not read; never raises."""
    try:
        # A link that somebody names is meant; one that only lies there leads anywhere.
        status = source.path.stat(follow_symlinks=source.named)
        if not stat.S_ISREG(status.st_mode):
            return _no_file(source.path, status.st_mode)
        if status.st_size > MAX_BYTES:
            return _too_large(source.path)
        with source.path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return Unread(f"cannot read the file: {error.strerror}", _CHECK_PATH)
    # The file may have grown meanwhile, and some systems report no size.
    return content if len(content) <= MAX_BYTES else _too_large(source.path)


def signature_beside(path: Path) -> Path | None:
    """Return where the detached signature of the file at `path` lies, None where there is none."""
    return regular(path.with_name(f"{path.name}{SIGNATURE_SUFFIX}"))


def signed_by(path: Path) -> Path | None:
    """Return the file beside `path` that the detached signature there signs, None if none is."""
    if path.suffix.lower() != SIGNATURE_SUFFIX:
        return None
    return regular(path.with_suffix(""))


def signed_beside(source: Source) -> Path | None:
    """Return the file that the one of `source` is the unsigned twin of, by its place, or None.

    Only a file that is inspected too has a twin that need not be told of.
    """
    folder = source.path.parent
    if source.named or folder.name != TWINS or source.root in {None, folder}:
        return None
    return regular(folder.parent / source.path.name)


def regular(path: Path) -> Path | None:
    """Return `path` where a plain file lies, no link, that may be asked about; None elsewhere."""
    try:
        status = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return path if stat.S_ISREG(status.st_mode) else None


def _below(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        try:
            is_folder = path == folder or stat.S_ISDIR(path.stat(follow_symlinks=False).st_mode)
            inside = sorted(os.listdir(path)) if is_folder else None  # noqa: PTH208  (only names)
        except OSError:
            inside = None
        if inside is None:
            yield path
        else:
            waiting += [path / name for name in reversed(inside) if name not in _VERSION_CONTROL]


def _no_file(path: Path, mode: int) -> Unread:
    if stat.S_ISDIR(mode):
        try:
            os.scandir(path).close()
        except OSError as error:
            return Unread(f"cannot read the folder: {error.strerror}", _CHECK_PATH)
    kind = "a symbolic link, and links are not followed" if stat.S_ISLNK(mode) else "no plain file"
    return Unread(f"it is {kind}", "Name the file itself.", foreign=True)


def _too_large(path: Path) -> Unread:
    foreign = path.suffix.lower() not in DOCUMENT_SUFFIXES
    message = f"it is larger than {MAX_BYTES // _MEGABYTE} MiB"
    return Unread(message, "No document for devices is that large.", foreign=foreign)
