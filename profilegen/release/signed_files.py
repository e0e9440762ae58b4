"""The files that an artifact becomes: signed, with its signature beside it, or as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from profilegen.inspection.user_index import SIGNATURE_KIND
from profilegen.release.manifest import DETACHED, EMBEDDED, TWIN_PREFIX, UNSIGNED, UNSIGNED_FOLDER
from profilegen.release.sealing import Signer
from profilegen.release.sinks.model import OutputFile
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.signing.batch import BatchSigner, batch_signer
from profilegen.signing.cms import sign_detached, sign_embedded


@dataclass(frozen=True, slots=True)
class Finished:
    """An artifact as devices get it, but for its signature.

    `encrypted_for` has the fingerprints of the certificates that its payloads are encrypted for.
    `variables` is the id of the MDM service that has to fill in values, "" for none: a signature
    inside a profile would not survive that.
    """

    artifact: Artifact
    encrypted_for: tuple[str, ...] = ()
    variables: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier release has for an artifact with the same content and the same signer.

    `signed` is the signed profile, or the detached signature; `since` the SHA-256 of the manifest
    of that release.
    """

    signed: bytes
    since: str


class FileSigner:
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
        artifact = finished.artifact
        path, kind, content = artifact.path, str(artifact.kind), artifact.content
        digest, readers = _sha256(content), finished.encrypted_for
        in_profile = artifact.kind is ArtifactKind.PROFILE
        if self._signer is None or (in_profile and finished.variables):
            yield OutputFile(str(path), kind, UNSIGNED, content, digest, digest, readers)
            return
        since = "" if earlier is None else earlier.since
        signed = self._signature(artifact, self._signer) if earlier is None else earlier.signed
        seal = (signed, _sha256(signed), digest, readers, since)
        if in_profile:
            yield OutputFile(str(path), kind, EMBEDDED, *seal)
            if self._twins:
                twin = str(path.parent / UNSIGNED_FOLDER / path.name)
                yield OutputFile(
                    twin, f"{TWIN_PREFIX}{kind}", UNSIGNED, content, digest, digest, readers
                )
        else:
            yield OutputFile(str(path), kind, DETACHED, content, digest, digest, readers)
            yield OutputFile(f"{path}.p7s", SIGNATURE_KIND, UNSIGNED, *seal)

    def _signature(self, artifact: Artifact, signer: Signer) -> bytes:
        """Return the signed profile, or the signature of what is none."""
        embeds = artifact.kind is ArtifactKind.PROFILE
        if artifact.user:
            sign = self._batch.sign_embedded if embeds else self._batch.sign_detached
            return sign(artifact.content)
        sign_once = sign_embedded if embeds else sign_detached
        return sign_once(artifact.content, signer.identity, signed_at=self._at)

    @cached_property
    def _batch(self) -> BatchSigner:
        """Return what signs the files of many users; it is made only where there are some."""
        signer = cast("Signer", self._signer)
        return batch_signer(signer.identity, signed_at=self._at)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
