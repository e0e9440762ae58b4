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
from profilegen.release.resume.journal import Journal
from profilegen.release.resume.wholeness import is_whole
from profilegen.release.sealing import Signer
from profilegen.release.signed_files import FileSigner, Finished
from profilegen.release.sinks.chunk import ChunkWriter
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
        tell: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Write into `sink`, signed by `signer`, if any; `tell` gets the users done of a chunk."""
        self._sink = sink
        self._job = job
        self._tell = tell
        self._journal = Journal(sink.stage)
        # `show --content` takes the signature off a profile in an archive.
        self._signer = FileSigner(signer, job.at, twins=sink.packing.archive is None)
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
        noted = self._journal.noted(task.number)
        if noted is not None and noted.users_sha256 != digest:
            message = f"{task.described} of the list are not those of the interrupted build"
            raise ResumeError(message)
        if noted is not None and noted.done is not None and is_whole(self._sink.stage, noted.done):
            users = len(task.rows)
            return ChunkResult(noted.done, Tally(users, resumed=users, spent=Spent(task.read)))
        self._journal.begin(task.number, digest)
        result = self._made(task)
        self._journal.finish(digest, result.done)
        return result

    def _made(self, task: ChunkTask) -> ChunkResult:
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
        return ChunkResult(done, tally + Tally(spent=spent), readable, warnings)

    def _written(self, task: ChunkTask, writer: ChunkWriter) -> Tally:
        render = sign = write = 0.0
        served = signed = 0
        clock = time.perf_counter
        users = task.users()
        while batch := list(islice(users, _BATCH)):
            begun = clock()
            rendered = [item for user in batch for item in self._rendered(user)]
            rendering_done = clock()
            made = [(item, list(self._signer.files(item))) for item in rendered]
            signing_done = clock()
            for item, files in made:
                writer.add(item.artifact.target, item.artifact.user, files)
            render += rendering_done - begun
            sign += signing_done - rendering_done
            write += clock() - signing_done
            served += len(batch)
            self._tell(served)
            signed += sum(file.signature in _SIGNED for _, files in made for file in files)
        spent = Spent(render=render, sign=sign, write=write)
        return Tally(users=len(task.rows), signed=signed, spent=spent)

    def _rendered(self, user: User) -> Iterator[Finished]:
        for plan, target in self._targets:
            yield from finished(self._job, plan, target.artifacts(user))
