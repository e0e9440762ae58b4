"""The main job: from a plan to a signed release on disk.

Every artifact is rendered, read back, audited and compared with the plan before it is signed; the
folder changes places with the release before it only when everything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from profilegen.release.finishing import finisher
from profilegen.release.fleet import Fleet, Served, serve_users
from profilegen.release.job import Job
from profilegen.release.manifest import Contents
from profilegen.release.personal import user_places
from profilegen.release.proven import proven
from profilegen.release.resume.interrupted import facts_of, resumable
from profilegen.release.sealing import Signer
from profilegen.release.since.earlier import earlier_manifest
from profilegen.release.sinks.model import Packing
from profilegen.release.sinks.sink import Sink
from profilegen.release.sources.model import BadRow
from profilegen.release.splicing.learning import as_files
from profilegen.release.workers.chunks import Tally
from profilegen.release.writing import Writer
from profilegen.render.artifact import ArtifactKind


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: the number of files by kind, users served, and rows left out.

    `encrypted` is the number of profiles that are; `readable` has a sentence for each secret, of
    the first user that has it, that was allowed to be in a file in the clear. `size` is the sum of
    all bytes of users' files, `tally` what was done for users. `removed` users of the release whose
    signatures were kept are not served any more; None where there is no such release.
    """

    files: Mapping[str, int]
    users: int
    bad_rows: tuple[BadRow, ...]
    encrypted: int = 0
    readable: tuple[str, ...] = ()
    filled_in: tuple[tuple[str, str], ...] = ()
    size: int = 0
    tally: Tally = field(default_factory=Tally)
    removed: int | None = None


def build_release(  # noqa: PLR0913 (what to build, for whom, where to, and who is told)
    job: Job,
    folder: Path,
    *,
    signer: Signer | None,
    fleet: Fleet | None = None,
    packing: Packing | None = None,
    resume: bool = False,
    tell: Callable[[Tally], None] = lambda _: None,
) -> Built:
    """Build the release of `job` into `folder`, in the place of an earlier one.

    What `refuse_impossible` says against it was asked before, when no key was touched yet.
    `signer` is None for an unsigned release; `fleet` is None when there is no list of users.
    `packing` says how users' files lie in the release. With `resume` a build that was interrupted
    is gone on with, if there is one. `tell` is told from time to time what was done for users.
    Raises what `serve_users` and `resumable` do, and ProofError when the files would not keep the
    plan; `folder` stays as it was then.
    """
    packing = packing or Packing()
    since = "" if fleet is None else earlier_manifest(fleet.since, signer)
    facts = facts_of(job, signer, packing, since=since)
    readable: dict[str, tuple[str, ...]] = {}
    served = Served()
    with resumable(folder, facts, resume=resume) as stage:
        sink = Sink(stage, packing, job.at)
        writer = Writer(sink, signer, job.at)
        for plan in job.plans:
            if not user_places(job.policy, plan):
                shared = proven(job, plan, None)
                writer.write(finisher(job, plan)("", as_files(shared.artifacts)))
                readable[plan.target.id] = shared.readable
        if fleet is not None:
            served = serve_users(fleet, job, signer, sink, tell=tell)
        readable |= served.readable
        writer.end_users(served.chunks)
        source = job.source
        if fleet is not None:
            source = replace(source, inputs=(*source.inputs, fleet.input()))
        writer.finish(Contents(source, job.plans, tuple(writer.files), job.at))
    return Built(
        files=writer.kinds,
        users=served.tally.users,
        bad_rows=served.bad_rows,
        encrypted=writer.encrypted,
        readable=tuple(s for plan in job.plans for s in readable.get(plan.target.id, ())),
        filled_in=tuple(
            dict.fromkeys(
                (item.target, item.variables)
                for item in writer.files
                if item.variables and item.kind == ArtifactKind.PROFILE
            )
        ),
        size=sum(part.size for chunk in served.chunks for part in chunk.parts),
        tally=served.tally,
        removed=served.removed if since else None,
    )
