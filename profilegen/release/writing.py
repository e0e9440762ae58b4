"""Write what was built into the folder of a release that is being made, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from profilegen.release.manifest import Contents, ReleasedFile
from profilegen.release.sealing import Signer, seal
from profilegen.release.signed_files import FileSigner, Finished
from profilegen.release.sinks.chunk import ChunkWriter
from profilegen.release.sinks.model import ChunkDone, Packing
from profilegen.release.sinks.sink import Sink
from profilegen.release.staging import write_file
from profilegen.render.artifact import ArtifactKind


class Writer:
    """Signs artifacts and writes them into the folder of a release that is being built.

    `kinds` counts the files by kind, `encrypted` the profiles that are, and `files` has those that
    all users share: users' files are in the chunks.
    """

    def __init__(
        self, stage: Path, signer: Signer | None, at: datetime, packing: Packing | None = None
    ) -> None:
        """Write into `stage`, signed by `signer`, if any, at the time `at` (UTC)."""
        packing = packing or Packing()
        self._stage = stage
        self._signer = signer
        self._sink = Sink(stage, packing, at)
        self._shared = FileSigner(signer, at)
        # `show --content` takes the signature off a profile in an archive.
        self._personal = FileSigner(signer, at, twins=packing.archive is None)
        self._chunk: ChunkWriter | None = None
        self._chunks: list[ChunkDone] = []
        self.files: list[ReleasedFile] = []
        self.kinds: Counter[str] = Counter()
        self.encrypted = 0

    def write(self, artifacts: Iterable[Finished]) -> None:
        """Write every file of `artifacts`, signed where the release is.

        All artifacts of a user come one after the other.
        """
        for finished in artifacts:
            if finished.artifact.user:
                self._write_personal(finished)
            else:
                self._write_shared(finished)

    def end_users(self) -> None:
        """Write the indexes of all users' files, once there are no more users."""
        self._end_chunk()
        self.files += self._sink.finish(self._chunks)
        self._sink.clean()
        for part in (part for chunk in self._chunks for part in chunk.parts):
            self.kinds.update(part.kinds)
            self.encrypted += part.encrypted

    def finish(self, contents: Contents) -> None:
        """Write the manifest and what vouches for it."""
        for name, content in seal(contents, self._signer):
            write_file(self._stage / name, content)

    def _write_shared(self, finished: Finished) -> None:
        target, variables = finished.artifact.target, finished.variables
        for file in self._shared.files(finished):
            write_file(self._stage / file.path, file.content)
            self.kinds[file.kind] += 1
            self.encrypted += bool(file.encrypted_for) and file.kind == ArtifactKind.PROFILE
            released = ReleasedFile(
                *(file.path, file.kind, target, file.signature, len(file.content), file.sha256),
                encrypted_for=file.encrypted_for,
                variables=variables,
            )
            self.files.append(released)

    def _write_personal(self, finished: Finished) -> None:
        target, user = finished.artifact.target, finished.artifact.user
        if self._chunk is not None and self._chunk.is_full_for(user):
            self._end_chunk()
        if self._chunk is None:
            self._chunk = self._sink.chunk(len(self._chunks))
        self._chunk.add(target, user, self._personal.files(finished))

    def _end_chunk(self) -> None:
        if self._chunk is not None:
            self._chunks.append(self._chunk.close())
            self._chunk = None
