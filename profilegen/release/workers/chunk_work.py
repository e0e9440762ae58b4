"""What a worker does with a chunk: render, sign and write the files of its users."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence

from profilegen.release.job import Job
from profilegen.release.manifest import DETACHED, EMBEDDED
from profilegen.release.resume.interrupted import ResumeError
from profilegen.release.resume.journal import Journal, Noted
from profilegen.release.resume.wholeness import is_whole
from profilegen.release.sealing import Signer
from profilegen.release.signed_files import ArtifactSigner, Finished
from profilegen.release.since.earlier import EarlierRelease
from profilegen.release.since.lookup import Answer, Lookup
from profilegen.release.sinks.chunk import ChunkWriter
from profilegen.release.sinks.model import ChunkDone, Refused
from profilegen.release.sinks.sink import Sink
from profilegen.release.workers.chunks import ChunkResult, ChunkTask, Spent, Tally
from profilegen.release.workers.making import Maker

USERS_IN_BATCH = 32
"""Users whose files pass through a step together.

So few that their files stay in the processor's cache, and so many that a step is warm."""

_SIGNED = frozenset({EMBEDDED, DETACHED})


class ChunkWork:
    """An opened worker: does one chunk after the other, and learns from each for the next."""

    def __init__(
        self,
        job: Job,
        signer: Signer | None,
        sink: Sink,
        *,
        since: EarlierRelease | None = None,
        tell: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Write into `sink`, signed by `signer`, if any, but for what the release `since` has.

        `tell` is given the number of users that are served of a chunk.
        """
        self._sink = sink
        self._tell = tell
        self._since = None if since is None else Lookup(since)
        self._journal = Journal(sink.stage)
        self._signer = ArtifactSigner(signer, job.at, packed=sink.packing.archive is not None)
        self._encryption = job.encryption
        self._maker = Maker(job)

    def __call__(self, task: ChunkTask) -> ChunkResult:
        """Return what became of a chunk, once it is on disk and in the journal.

        A chunk that an interrupted build finished is looked at, and made again unless it is whole.
        Raises ResumeError when it had other users, UsageError when the file system fails, and
        what rendering and signing raise.
        """
        digest = task.sha256()
        noted = task.noted or self._journal.noted(task.number)
        if noted is not None and noted.users_sha256 != digest:
            message = f"{task.described} of the list are not those of the interrupted build"
            raise ResumeError(message)
        if noted is not None and noted.done is not None:
            stage = self._sink.stage
            if task.noted is not None or is_whole(stage, noted.done, self._encryption):
                return _resumed(task, noted, noted.done)
        self._journal.begin(task.number, digest)
        result = self._made(task, digest)
        self._journal.finish(digest, result.done, result.tally.kept)
        return result

    def _made(self, task: ChunkTask, digest: str) -> ChunkResult:
        writer = self._sink.chunk(task.number)
        try:
            tally, refused = self._written(task, writer)
            self._maker.finish()
            start = time.perf_counter()
            done = writer.close(tally.users, refused)
        except BaseException:
            writer.abandon()
            raise
        spent = Spent(task.read, write=time.perf_counter() - start)
        return ChunkResult(
            *(done, tally + Tally(spent=spent), digest),
            readable=self._maker.readable,
            warnings=self._maker.new_warnings(),
        )

    def _written(self, task: ChunkTask, writer: ChunkWriter) -> tuple[Tally, list[Refused]]:
        tally, all_refused = Tally(), list[Refused]()
        clock = time.perf_counter
        users = task.rows()
        self._maker.begin(task.number)
        for start in range(0, len(users), USERS_IN_BATCH):
            rows = users[start : start + USERS_IN_BATCH]
            begun = clock()
            artifacts, refused = self._maker.artifacts(task.fields, rows)
            rendering_done = clock()
            digests = [hashlib.sha256(item.content).digest() for item in artifacts]
            digesting_done = clock()
            answers = self._earlier(artifacts, digests)
            proving_done = clock()
            earlier = {place: each.earlier for place, each in answers.items() if each.earlier}
            made = self._signer.files_of(artifacts, digests, earlier)
            signing_done = clock()
            for item, files in zip(artifacts, made, strict=True):
                writer.add(item.target, item.user, files)
            tally += Tally(
                users=len(rows) - len(refused),
                signed=sum(file.signature in _SIGNED for files in made for file in files),
                spent=Spent(
                    render=rendering_done - begun,
                    prove=proving_done - digesting_done,
                    sign=signing_done - proving_done + digesting_done - rendering_done,
                    write=clock() - signing_done,
                ),
            )
            all_refused += refused
            if self._since is not None:
                tally += _taken_over(artifacts, answers)
            self._tell(tally.users)
        return tally, all_refused

    def _earlier(
        self, artifacts: Sequence[Finished], digests: Sequence[bytes]
    ) -> dict[int, Answer]:
        """Return what the earlier release has for each artifact, by its place."""
        if self._since is None:
            return {}
        return dict(enumerate(map(self._since.answer, artifacts, digests)))


def _resumed(task: ChunkTask, noted: Noted, done: ChunkDone) -> ChunkResult:
    tally = Tally(users=done.users, resumed=done.users, spent=Spent(task.read), **noted.counts)
    return ChunkResult(done, tally, noted.users_sha256)


def _taken_over(artifacts: Sequence[Finished], answers: Mapping[int, Answer]) -> Tally:
    """Return what was taken over: `answers` has what the earlier release knows, by place."""
    of_users: dict[str, list[Answer]] = {}
    for place, item in enumerate(artifacts):
        of_users.setdefault(item.user, []).append(answers[place])
    found = of_users.values()
    kept = sum(answer.earlier is not None for answers in found for answer in answers)
    return Tally(
        signed=-kept,
        taken_over=kept,
        unchanged=sum(all(answer.earlier for answer in answers) for answers in found),
        added=sum(not any(answer.known for answer in answers) for answers in found),
    )
