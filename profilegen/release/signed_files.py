"""The files that an artifact becomes: signed, with its signature beside it, or as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
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

    @property
    def is_left_to_service(self) -> bool:
        """Whether an MDM service has to change the file, so that no signature can be inside."""
        return bool(self.variables) and self.kind is ArtifactKind.PROFILE


class Earlier(NamedTuple):
    """What an earlier release has for an artifact with the same content and the same signer.

    `signed` is the signed profile, or the detached signature; `since` the SHA-256 of the manifest
    of that release.
    """

    signed: bytes
    since: str


class ArtifactSigner:
    """Makes the files of artifacts, signed by one identity at one time."""

    def __init__(self, signer: Signer | None, at: datetime, *, packed: bool = False) -> None:
        """Sign by `signer`, if any, at the time `at` (UTC).

        Beside a signed profile lies the unsigned one: some services take that only, and reviews
        need it, since CMS does not diff. Files that are `packed` into archives have none, since
        `show --content` takes the signature off, and no digest of what is signed: that of the
        archive vouches for it.
        """
        self._signer = signer
        self._at = at
        self._packed = packed

    def files(self, finished: Finished) -> tuple[OutputFile, ...]:
        """Return the files of an artifact of all users, that for devices first.

        Raises what signing does.
        """
        signed = None
        if self._signer is not None and not finished.is_left_to_service:
            sign = sign_embedded if finished.kind is ArtifactKind.PROFILE else sign_detached
            signed = sign(finished.content, self._signer.identity, signed_at=self._at)
        return self._made(finished, hashlib.sha256(finished.content).hexdigest(), signed, "")

    def files_of(
        self,
        artifacts: Sequence[Finished],
        digests: Sequence[bytes],
        earlier: Mapping[int, Earlier],
    ) -> list[tuple[OutputFile, ...]]:
        """Return the files of each of `artifacts`, which are of single users; raises as `files`.

        `digests` are the SHA-256 of their contents. What `earlier` has for an artifact, by its
        place, is not signed again.
        """
        signed = {place: item.signed for place, item in earlier.items()}
        if self._signer is not None:
            signed |= self._signatures(artifacts, digests, signed)
        return [
            self._made(
                *(item, digest.hex(), signed.get(place)),
                earlier[place].since if place in earlier else "",
            )
            for place, (item, digest) in enumerate(zip(artifacts, digests, strict=True))
        ]

    def _signatures(
        self,
        artifacts: Sequence[Finished],
        digests: Sequence[bytes],
        signed: Collection[int],
    ) -> Iterator[tuple[int, bytes]]:
        """Yield the signed profile, or the signature of what is none, by its place."""
        embedded: list[int] = []
        detached: list[int] = []
        for place, item in enumerate(artifacts):
            if place not in signed and not item.is_left_to_service:
                (embedded if item.kind is ArtifactKind.PROFILE else detached).append(place)
        for places, sign in (
            (embedded, self._batch.sign_embedded),
            (detached, self._batch.sign_detached),
        ):
            contents = [artifacts[place].content for place in places]
            yield from zip(
                places, sign(contents, sha256=[digests[place] for place in places]), strict=True
            )

    def _made(
        self, finished: Finished, digest: str, signed: bytes | None, since: str
    ) -> tuple[OutputFile, ...]:
        """Return the files of an artifact: `digest` is that of its content, in hexadecimal."""
        path, kind, content = finished.path, finished.kind.value, finished.content
        readers = finished.encrypted_for
        if signed is None:
            return (OutputFile(path, kind, UNSIGNED, content, digest, digest, readers),)
        sha256 = "" if self._packed else hashlib.sha256(signed).hexdigest()
        seal = (signed, sha256, digest, readers, since)
        if finished.kind is not ArtifactKind.PROFILE:
            plain = OutputFile(path, kind, DETACHED, content, digest, digest, readers)
            return plain, OutputFile(f"{path}.p7s", SIGNATURE_KIND, UNSIGNED, *seal)
        profile = OutputFile(path, kind, EMBEDDED, *seal)
        if self._packed:
            return (profile,)
        folder, _, name = path.rpartition("/")
        twin = f"{folder}/{UNSIGNED_FOLDER}/{name}"
        unsigned = OutputFile(
            twin, f"{TWIN_PREFIX}{kind}", UNSIGNED, content, digest, digest, readers
        )
        return profile, unsigned

    @cached_property
    def _batch(self) -> BatchSigner:
        """Return what signs the files of many users; it is made only where there are some."""
        signer = cast("Signer", self._signer)
        return batch_signer(signer.identity, signed_at=self._at)
