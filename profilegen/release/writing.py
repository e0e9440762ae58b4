"""Sign what was built and write it into the folder of a release that is being made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from profilegen.release.manifest import (
    DETACHED,
    EMBEDDED,
    UNSIGNED,
    UNSIGNED_FOLDER,
    Contents,
    ReleasedFile,
    sha256,
)
from profilegen.release.sealing import Signer, seal
from profilegen.release.staging import write_file
from profilegen.render.artifact import Artifact, ArtifactKind
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


class Writer:
    """Signs artifacts and writes them into the folder of a release that is being built."""

    def __init__(self, stage: Path, signer: Signer | None, at: datetime) -> None:
        """Write into `stage`, signed by `signer`, if any, at the time `at` (UTC)."""
        self._stage = stage
        self._signer = signer
        self._at = at
        self.files: list[ReleasedFile] = []

    def write(self, artifacts: Iterable[Finished]) -> None:
        """Write every file of `artifacts`, signed where the release is."""
        for finished in artifacts:
            for item, content in self._signed(finished):
                write_file(self._stage / item.path, content)
                self.files.append(item)

    def finish(self, contents: Contents) -> None:
        """Write the manifest and what vouches for it."""
        for name, content in seal(contents, self._signer):
            write_file(self._stage / name, content)

    def _signed(self, finished: Finished) -> Iterator[tuple[ReleasedFile, bytes]]:
        """Yield the files of one artifact, each with its content."""
        artifact, signer = finished.artifact, self._signer
        path, content = artifact.path, artifact.content
        kind = str(artifact.kind)
        in_profile = artifact.kind is ArtifactKind.PROFILE
        if signer is None or (in_profile and finished.variables):
            yield _released(finished, path, kind, UNSIGNED, content)
        elif in_profile:
            signed = sign_embedded(content, signer.identity, signed_at=self._at)
            yield _released(finished, path, kind, EMBEDDED, signed)
            # Some services take the unsigned file only, and reviews need it: CMS does not diff.
            twin = path.parent / UNSIGNED_FOLDER / path.name
            yield _released(finished, twin, f"unsigned-{kind}", UNSIGNED, content)
        else:
            yield _released(finished, path, kind, DETACHED, content)
            beside = path.with_name(f"{path.name}.p7s")
            signature = self._detached(content, signer)
            yield _released(finished, beside, "signature", UNSIGNED, signature)

    def _detached(self, content: bytes, signer: Signer) -> bytes:
        return sign_detached(content, signer.identity, signed_at=self._at)


def _released(
    finished: Finished, path: PurePosixPath, kind: str, signature: str, content: bytes
) -> tuple[ReleasedFile, bytes]:
    artifact = finished.artifact
    item = ReleasedFile(
        path=str(path),
        kind=kind,
        target=artifact.target,
        user=artifact.user,
        signature=signature,
        size=len(content),
        sha256=sha256(content),
        encrypted_for=finished.encrypted_for,
        variables=finished.variables,
    )
    return item, content
