"""The files that an artifact becomes: signed, with its signature beside it, or as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple, cast

from profilegen.inspection.user_index import SIGNATURE_KIND
from profilegen.release.manifest import DETACHED, EMBEDDED, TWIN_PREFIX, UNSIGNED, UNSIGNED_FOLDER
from profilegen.release.sealing import Signer
from profilegen.release.sinks.model import OutputFile
from profilegen.render.artifact import ArtifactKind
from profilegen.signing.batch import BatchSigner, batch_signer
from profilegen.signing.cms import sign_detached, sign_embedded


class Finished(NamedTuple):
    """A file for devices as they get it, but for its signature; `user` is "" for one of all users.

    `path` is relative to the release, in POSIX form.
    `encrypted_for` has the fingerprints of the certificates that its payloads are encrypted for.
    `variables` is the id of the MDM service that has to fill in values, "" for none: a signature
    inside a profile would not survive that.
    """

    kind: ArtifactKind
    target: str
    user: str
    path: str
    content: bytes
    encrypted_for: tuple[str, ...] = ()
    variables: str = ""


class Earlier(NamedTuple):
    """What an earlier release has for an artifact with the same content and the same signer.

    `signed` is the signed profile, or the detached signature; `since` the SHA-256 of the manifest
    of that release.
    """

    signed: bytes
    since: str


class ArtifactSigner:
    """Makes the files of artifacts, signed by one identity at one time."""

    def __init__(self, signer: Signer | None, at: datetime, *, twins: bool = True) -> None:
        """Sign by `signer`, if any, at the time `at` (UTC).

        `twins` asks for the unsigned profile beside a signed one: some services take that only, and
        reviews need it, since CMS does not diff.
        """
        self._signer = signer
        self._at = at
        self._twins = twins

    def files(self, finished: Finished, *, earlier: Earlier | None = None) -> Iterator[OutputFile]:
        """Yield the files of one artifact, that for devices first.

        What `earlier` has is not signed again. Raises what signing does.
        """
        path, kind, content = finished.path, finished.kind.value, finished.content
        in_profile, readers = finished.kind is ArtifactKind.PROFILE, finished.encrypted_for
        sha256 = hashlib.sha256(content)
        digest = sha256.hexdigest()
        if self._signer is None or (in_profile and finished.variables):
            yield OutputFile(path, kind, UNSIGNED, content, digest, digest, readers)
            return
        since = "" if earlier is None else earlier.since
        if earlier is None:
            signed = self._signature(finished, self._signer, sha256.digest())
        else:
            signed = earlier.signed
        seal = (signed, hashlib.sha256(signed).hexdigest(), digest, readers, since)
        if in_profile:
            yield OutputFile(path, kind, EMBEDDED, *seal)
            if self._twins:
                place = PurePosixPath(path)
                twin = str(place.parent / UNSIGNED_FOLDER / place.name)
                yield OutputFile(
                    twin, f"{TWIN_PREFIX}{kind}", UNSIGNED, content, digest, digest, readers
                )
        else:
            yield OutputFile(path, kind, DETACHED, content, digest, digest, readers)
            yield OutputFile(f"{path}.p7s", SIGNATURE_KIND, UNSIGNED, *seal)

    def _signature(self, finished: Finished, signer: Signer, sha256: bytes) -> bytes:
        """Return the signed profile, or the signature of what is none."""
        embeds = finished.kind is ArtifactKind.PROFILE
        if finished.user:
            sign = self._batch.sign_embedded if embeds else self._batch.sign_detached
            return sign(finished.content, sha256=sha256)
        sign_once = sign_embedded if embeds else sign_detached
        return sign_once(finished.content, signer.identity, signed_at=self._at)

    @cached_property
    def _batch(self) -> BatchSigner:
        """Return what signs the files of many users; it is made only where there are some."""
        signer = cast("Signer", self._signer)
        return batch_signer(signer.identity, signed_at=self._at)
