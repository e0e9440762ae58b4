"""Look at the folder of a release without trusting anything in it: links, devices, large files."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from profilegen.errors import VerificationError
from profilegen.release.manifest import MANIFEST, MANIFEST_SIGNATURE

MAX_FILE = 64 * 1024 * 1024
_HINT = "Do not use this release; build it again or get it again from where it was built."
_REASONS = {
    MANIFEST: ": nothing says what belongs to the release",
    MANIFEST_SIGNATURE: ": the release was built unsigned, or its signature was removed",
}


class ReleaseFault(VerificationError):  # noqa: N818  (one of many, and gathered more than raised)
    """One thing in which a release is not what was signed; the message starts with the path."""

    slug = "release"

    def __init__(self, message: str, *, hint: str = _HINT) -> None:
        """Keep `message`, and what to do, which is the same for whatever was changed."""
        super().__init__(message, hint=hint)


def read_file(folder: Path, name: str, *, size: int = MAX_FILE) -> bytes:
    """Return the content of a file of the release in `folder`.

    Raises ReleaseFault when it is missing, larger than `size` bytes, or no file but a link, say.
    """
    path = folder / name
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        message = f"{path}: missing{_REASONS.get(name, '')}"
        raise ReleaseFault(message) from error
    if other := other_than_file(status):
        message = f"{path}: {other}"
        raise ReleaseFault(message)
    if status.st_size > size:
        message = f"{path}: larger than any file of a release"
        raise ReleaseFault(message)
    return path.read_bytes()


def other_than_file(status: os.stat_result) -> str:
    """Return what stands in the place of a file, by its `lstat`; "" for a file."""
    if stat.S_ISLNK(status.st_mode):
        return "a link stands in the place of the file"
    return "" if stat.S_ISREG(status.st_mode) else "something that is no file stands in its place"


def list_folder(folder: Path, *, without: Collection[str] = ()) -> tuple[set[str], set[str]]:
    """Return all files, links included, and all folders, relative to the release.

    What is in the folders of the relative paths `without` is left out; they themselves are not.
    """
    found: set[str] = set()
    folders: set[str] = set()
    for root, inner, names in os.walk(folder):
        here = Path(root)
        links = {name for name in inner if (here / name).is_symlink()}
        found.update((here / name).relative_to(folder).as_posix() for name in (*names, *links))
        below = {name: (here / name).relative_to(folder).as_posix() for name in inner}
        folders.update(path for name, path in below.items() if name not in links)
        inner[:] = [name for name in inner if below[name] not in without]
    return found, folders


def walk_files(folder: Path, below: str) -> Iterator[str]:
    """Yield the path of every file below a folder of the release, relative to the release.

    Links count as files; of a folder that holds nothing the path ends with a slash. Nothing is
    kept, however many there are.
    """
    with os.scandir(folder / below) as entries:
        empty = True
        for entry in entries:
            empty = False
            path = f"{below}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from walk_files(folder, path)
            else:
                yield path
        if empty:
            yield f"{below}/"
