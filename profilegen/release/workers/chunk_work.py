"""What a worker does with a chunk: render, sign and write the files of its users."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

from profilegen.plan.model import TargetPlan
from profilegen.release.finishing import finished
from profilegen.release.job import Job
from profilegen.release.manifest import DETACHED, EMBEDDED
from profilegen.release.personal import user_places
from profilegen.release.resume.interrupted import ResumeError
from profilegen.release.resume.journal import Journal, Noted
from profilegen.release.resume.wholeness import is_whole
from profilegen.release.sealing import Signer
from profilegen.release.signed_files import ArtifactSigner, Finished
from profilegen.release.since.earlier import EarlierRelease
from profilegen.release.since.lookup import NOTHING, Answer, Lookup
from profilegen.release.sinks.chunk import ChunkWriter
from profilegen.release.sinks.model import ChunkDone
from profilegen.release.sinks.sink import Sink
from profilegen.release.splicing.splice import Spliced, splice_target
from profilegen.release.workers.chunks import ChunkResult, ChunkTask, Spent, Tally
from profilegen.render.user import User

_BATCH = 16
"""Users whose files pass through a step together: few enough to stay in the processor's cache, and
so many that asking for the time costs nothing."""

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

        `tell` is given the number of users that are done of a chunk.
        """
        self._sink = sink
        self._job = job
        self._tell = tell
        self._since = None if since is None else Lookup(since)
        self._journal = Journal(sink.stage)
        # `show --content` takes the signature off a profile in an archive.
        self._signer = ArtifactSigner(signer, job.at, twins=sink.packing.archive is None)
        self._warnings: list[str] = []
        self._targets: list[tuple[TargetPlan, Spliced]] = [
            (plan, splice_target(job, plan, warn=self._warnings.append))
            for plan in job.plans
            if user_places(job.policy, plan)
        ]

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
            if task.noted is not None or is_whole(stage, noted.done):
                return _resumed(task, noted, noted.done)
        self._journal.begin(task.number, digest)
        result = self._made(task, digest)
        self._journal.finish(digest, result.done, result.tally.kept)
        return result

    def _made(self, task: ChunkTask, digest: str) -> ChunkResult:
        writer = self._sink.chunk(task.number)
        try:
            tally = self._written(task, writer)
            for _, target in self._targets:
                target.finish()
            start = time.perf_counter()
            done = writer.close()
        except BaseException:
            writer.abandon()
            raise
        spent = Spent(task.read, write=time.perf_counter() - start)
        warnings, self._warnings[:] = tuple(self._warnings), []
        readable = {plan.target.id: target.readable for plan, target in self._targets}
        return ChunkResult(done, tally + Tally(spent=spent), digest, readable, warnings)

    def _written(self, task: ChunkTask, writer: ChunkWriter) -> Tally:
        tally = Tally()
        clock = time.perf_counter
        users = task.users()
        while batch := list(islice(users, _BATCH)):
            begun = clock()
            rendered = [list(self._rendered(user)) for user in batch]
            rendering_done = clock()
            found = [self._earlier(items) for items in rendered]
            made = [
                (item, list(self._signer.files(item, earlier=answer.earlier)))
                for items, answers in zip(rendered, found, strict=True)
                for item, answer in zip(items, answers, strict=True)
            ]
            signing_done = clock()
            for item, files in made:
                writer.add(item.target, item.user, files)
            tally += Tally(
                users=len(batch),
                signed=sum(file.signature in _SIGNED for _, files in made for file in files),
                spent=Spent(
                    render=rendering_done - begun,
                    sign=signing_done - rendering_done,
                    write=clock() - signing_done,
                ),
            )
            if self._since is not None:
                tally += _taken_over(found)
            self._tell(tally.users)
        return tally

    def _earlier(self, items: list[Finished]) -> list[Answer]:
        """Return what the earlier release has for the artifacts of one user."""
        if self._since is None:
            return [NOTHING] * len(items)
        return [self._since.answer(item) for item in items]

    def _rendered(self, user: User) -> Iterator[Finished]:
        for plan, target in self._targets:
            yield from finished(self._job, plan, user.id, target.files(user))


def _resumed(task: ChunkTask, noted: Noted, done: ChunkDone) -> ChunkResult:
    users = len(task.rows)
    tally = Tally(users=users, resumed=users, spent=Spent(task.read), **noted.counts)
    return ChunkResult(done, tally, noted.users_sha256)


def _taken_over(found: list[list[Answer]]) -> Tally:
    """Return what was taken over, for a list of each user's artifacts."""
    kept = sum(answer.earlier is not None for answers in found for answer in answers)
    return Tally(
        signed=-kept,
        taken_over=kept,
        unchanged=sum(all(answer.earlier for answer in answers) for answers in found),
        added=sum(not any(answer.known for answer in answers) for answers in found),
    )
