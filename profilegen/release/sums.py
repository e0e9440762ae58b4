"""SHA256SUMS: the digest of every file of a release, in the form that `sha256sum --check` reads.

First the files that the manifest names and what vouches for it, sorted by path; then the files of
users, in the order of their indexes. It is written and compared line by line, whatever its length.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from profilegen.release.manifest import SUMS, ReleasedFile
from profilegen.release.user_files import indexed_files
from profilegen.release.whole_files import failures_of


def write_sums(folder: Path, files: Iterable[ReleasedFile], seals: Mapping[str, str]) -> None:
    """Write SHA256SUMS of the release in `folder` and have it on disk.

    `files` are those that the manifest names, `seals` the digests of the manifest and of what
    vouches for it. Raises UsageError when it cannot be written.
    """
    path = folder / SUMS
    with failures_of(path), path.open("wb") as stream:
        stream.writelines(_lines(folder, files, seals))
        stream.flush()
        os.fsync(stream.fileno())


def same_sums(folder: Path, files: Iterable[ReleasedFile], seals: Mapping[str, str]) -> bool:
    """Whether SHA256SUMS is what `write_sums` writes.

    Raises ValueError for an index that is none, and OSError when a file cannot be read.
    """
    with (folder / SUMS).open("rb") as stream:
        expected = _lines(folder, files, seals)
        return all(stream.read(len(line)) == line for line in expected) and not stream.read(1)


def _lines(
    folder: Path, files: Iterable[ReleasedFile], seals: Mapping[str, str]
) -> Iterator[bytes]:
    listed = tuple(files)
    digests = {item.path: item.sha256 for item in listed} | dict(seals)
    for path in sorted(digests):
        yield _line(digests[path], path)
    for entry in indexed_files(folder, listed):
        yield _line(entry.sha256, entry.file)


def _line(digest: str, path: str) -> bytes:
    return f"{digest}  {path}\n".encode()
