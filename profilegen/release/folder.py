"""Look at the folder of a release without trusting anything in it: links, devices, large files."""

from __future__ import annotations

import os
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


def read_file(folder: Path, name: str) -> bytes:
    """Return the content of a file of the release in `folder`.

    Raises ReleaseFault when it is missing, larger than MAX_FILE, or no file but a link, say.
    """
    path = folder / name
    if path.is_symlink():
        message = f"{path}: a link stands in the place of the file"
        raise ReleaseFault(message)
    if not path.exists():
        message = f"{path}: missing{_REASONS.get(name, '')}"
        raise ReleaseFault(message)
    if not path.is_file():
        message = f"{path}: something that is no file stands in its place"
        raise ReleaseFault(message)
    if path.stat().st_size > MAX_FILE:
        message = f"{path}: larger than any file of a release"
        raise ReleaseFault(message)
    return path.read_bytes()


def list_folder(folder: Path) -> tuple[set[str], set[str]]:
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
