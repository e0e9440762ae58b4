"""Write what all users share, the indexes of users' files, and what seals a release."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from profilegen.release.manifest import Contents, ReleasedFile, sha256
from profilegen.release.sealing import Signer, seal
from profilegen.release.signed_files import ArtifactSigner, Finished
from profilegen.release.sinks.model import ChunkDone
from profilegen.release.sinks.sink import Sink
from profilegen.release.sums import write_sums
from profilegen.release.whole_files import write_file
from profilegen.render.artifact import ArtifactKind


class Writer:
    """Signs what all users share, and joins it with the chunks of users' files.

    `kinds` counts the files by kind, `encrypted` the profiles that are; `files` is what the
    manifest names.
    """

    def __init__(self, sink: Sink, signer: Signer | None, at: datetime) -> None:
        """Write into the stage of `sink`, signed by `signer`, if any, at the time `at` (UTC)."""
        self._sink = sink
        self._signer = signer
        self._shared = ArtifactSigner(signer, at)
        self.files: list[ReleasedFile] = []
        self.kinds: Counter[str] = Counter()
        self.encrypted = 0

    def write(self, artifacts: Iterable[Finished]) -> None:
        """Write every file of `artifacts`, which all users share."""
        for finished in artifacts:
            target, variables = finished.target, finished.variables
            for file in self._shared.files(finished):
                write_file(self._sink.stage / file.path, file.content)
                self.kinds[file.kind] += 1
                self.encrypted += bool(file.encrypted_for) and file.kind == ArtifactKind.PROFILE
                released = ReleasedFile(
                    *(file.path, file.kind, target, file.signature, len(file.content), file.sha256),
                    encrypted_for=file.encrypted_for,
                    variables=variables,
                )
                self.files.append(released)

    def end_users(self, chunks: Sequence[ChunkDone]) -> None:
        """Write the indexes of all users' files; `chunks` are all there are, in order."""
        self.files += self._sink.finish(chunks)
        for part in (part for chunk in chunks for part in chunk.parts):
            self.kinds.update(part.kinds)
            self.encrypted += part.encrypted

    def finish(self, contents: Contents) -> None:
        """Write the manifest and what vouches for it."""
        seals: dict[str, str] = {}
        for name, content in seal(contents, self._signer):
            seals[name] = sha256(content)
            write_file(self._sink.stage / name, content)
        write_sums(self._sink.stage, contents.files, seals)
