"""Go through the files of users that the indexes of a release name, one at a time.

Nothing is verified here, and nothing kept: a release may hold millions of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path, PurePosixPath

from profilegen.inspection.user_index import ARCHIVE_KIND, INDEX_KIND, IndexEntry, open_index
from profilegen.release.folder import walk_files
from profilegen.release.listing import Mismatch, compare_paths
from profilegen.release.manifest import ReleasedFile


def indexes_of(files: Iterable[ReleasedFile]) -> tuple[ReleasedFile, ...]:
    """Return the indexes among the files that a manifest names, sorted by path."""
    found = (item for item in files if item.kind == INDEX_KIND)
    return tuple(sorted(found, key=lambda item: item.path))


def archives_of(files: Iterable[ReleasedFile]) -> dict[str, ReleasedFile]:
    """Return the archives among the files that a manifest names, by path."""
    return {item.path: item for item in files if item.kind == ARCHIVE_KIND}


def users_folder(index: ReleasedFile) -> str:
    """Return the folder of the files that an index names, relative to the release."""
    return str(PurePosixPath(index.path).parent)


def index_entries(folder: Path, index: ReleasedFile) -> Iterator[IndexEntry]:
    """Yield the entries of an index of the release in `folder`; raises as `open_index` does."""
    return open_index(folder / index.path, folder=users_folder(index))


def indexed_files(folder: Path, files: Iterable[ReleasedFile]) -> Iterator[IndexEntry]:
    """Yield the entries of users' files that lie by themselves, in the order of the indexes."""
    for index in indexes_of(files):
        # All files of an index lie in archives, or none: a million rows are not read for nothing.
        yield from takewhile(lambda entry: not entry.member, index_entries(folder, index))


def compare_users_folder(
    folder: Path, index: ReleasedFile, files: Iterable[ReleasedFile]
) -> Mismatch:
    """Compare what lies in the folder of `index` with what it and the manifest's `files` name.

    A folder that holds nothing counts as added; its path ends with a slash. Raises as `open_index`
    does.
    """
    below = users_folder(index)
    own = [item.path for item in files if item.path.startswith(f"{below}/")]

    def named() -> Iterator[str]:
        yield from own
        yield from (item.file for item in index_entries(folder, index) if not item.member)

    found = compare_paths(named, lambda: walk_files(folder, below))
    empty = {path for path in found.added if path.endswith("/")}
    # A folder may be empty because the files that are named in it are missing.
    for path in named() if empty else ():
        empty.difference_update(f"{parent}/" for parent in PurePosixPath(path).parents)
    added = (path for path in found.added if not path.endswith("/") or path in empty)
    return replace(found, added=tuple(added))
