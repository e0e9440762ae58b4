"""Look up the signature that an earlier release has for the same content."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import PurePosixPath
from typing import NamedTuple

from profilegen.inspection.user_index import USERS_FOLDER
from profilegen.release.signed_files import Earlier, Finished
from profilegen.release.since.earlier import EarlierDamagedError, EarlierRelease, key_of
from profilegen.release.since.places import Form, Place, PlaceReader
from profilegen.render.artifact import ArtifactKind
from profilegen.signing.algorithms import STRONG_DIGESTS, digest_of

_SELECT = "SELECT content, digest, file, form, start, size, member FROM signed WHERE key = ?"


class Answer(NamedTuple):
    """What an earlier release has for an artifact: None where it is new or has changed."""

    earlier: Earlier | None
    known: bool


class Lookup:
    """The signed files of an earlier release; each process has its own."""

    def __init__(self, release: EarlierRelease) -> None:
        """Open the table of `release` for reading."""
        self._release = release
        self._reader = PlaceReader(release.folder)
        # A worker of a cluster may use it in several threads, one after the other.
        self._database = sqlite3.connect(
            f"{release.table.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )

    def answer(self, finished: Finished, sha256: bytes) -> Answer:
        """Return what there is for an artifact that is to be signed; `sha256` is of its content.

        An encrypted one is always new. Raises EarlierDamagedError when the earlier file is not
        the one that its index names.
        """
        users = PurePosixPath(finished.target, USERS_FOLDER)
        name = str(PurePosixPath(finished.path).relative_to(users))
        if finished.kind is not ArtifactKind.PROFILE:
            name += ".p7s"
        found = self._database.execute(_SELECT, (key_of(finished.target, name),)).fetchone()
        if found is None or finished.encrypted_for:
            return Answer(None, known=found is not None)
        content, digest, file, form, *rest = found
        if content != sha256:
            return Answer(None, known=True)
        signed = self._read(Place(file, Form(form), *rest), digest, finished)
        return Answer(Earlier(signed, self._release.manifest), known=True)

    def _read(self, place: Place, digest: bytes, finished: Finished) -> bytes:
        folder = self._release.name
        try:
            signed = self._reader.read(place)
        except (OSError, ValueError, KeyError) as error:
            raise EarlierDamagedError(folder, f"{place.file}: cannot be read") from error
        # A member has none: the digest of its archive was checked, when the build began.
        same = hashlib.sha256(signed).digest() == digest if digest else _signs(signed, finished)
        if not same:
            raise EarlierDamagedError(folder, f"{place.file}: changed since it was signed")
        return signed


def _signs(signed: bytes, finished: Finished) -> bool:
    """Whether a member is made for this content: its archive may have been replaced meanwhile."""
    content = finished.content
    if finished.kind is ArtifactKind.PROFILE:
        return content in signed
    return any(digest_of(content, digest=name) in signed for name in STRONG_DIGESTS)
