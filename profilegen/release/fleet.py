"""The files of all users of a list, by workers of any kind."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from profilegen.release.job import Job
from profilegen.release.manifest import InputFile
from profilegen.release.personal import user_places
from profilegen.release.recipe import Recipe, open_job, open_signer_of
from profilegen.release.refusals import NobodyServedError, NoUsersError
from profilegen.release.resume.interrupted import refuse_shorter_list
from profilegen.release.resume.journal import JOURNAL_FOLDER, Journal
from profilegen.release.sealing import Signer
from profilegen.release.since.earlier import EarlierRelease, open_earlier
from profilegen.release.sinks.model import ChunkDone, Refused
from profilegen.release.sinks.sink import Sink
from profilegen.release.sources.model import BadRow
from profilegen.release.workers.chunk_work import ChunkWork
from profilegen.release.workers.chunks import ChunkResult, ChunkTask, Tally, chunked
from profilegen.release.workers.far import (
    FarWork,
    NearWork,
    Probe,
    brought_home,
    refuse_far_since,
    with_notes,
)
from profilegen.release.workers.interface import Crew, Here, Start
from profilegen.render.user import UserRow

_TABLE = "since.sqlite"


@dataclass(frozen=True, slots=True)
class Workforce:
    """Who serves users: this process where there is no `recipe`, else `crew`, which makes it.

    `may_be_far` says that the crew may not see the files of this machine.
    """

    crew: Crew = field(default_factory=Here)
    recipe: Recipe | None = None
    may_be_far: bool = False


@dataclass(frozen=True, slots=True)
class Fleet:
    """Whom to build for: the rows of a list, what list it is once they are read, and by whom.

    Rows of users have values of `fields`, in this order, which are all that the policy needs.
    `since` is a release whose signatures are kept for what has not changed. `warn` is told what
    people should know about how their files are made, `refuse` that nothing can be made for a user:
    it gives the row, or None where enough are kept.
    """

    fields: tuple[str, ...]
    rows: Iterable[UserRow | BadRow]
    input: Callable[[], InputFile]
    workforce: Workforce = field(default_factory=Workforce)
    since: Path | None = None
    warn: Callable[[str], None] = lambda _: None
    refuse: Callable[[Refused], BadRow | None] = lambda each: BadRow(0, each.reason)


@dataclass(frozen=True, slots=True)
class Served:
    """What became of all users: chunks in order, rows left out, and what is readable by target.

    `removed` users of an earlier release are not in the list any more.
    """

    chunks: tuple[ChunkDone, ...] = ()
    bad_rows: tuple[BadRow, ...] = ()
    tally: Tally = field(default_factory=Tally)
    readable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removed: int = 0


@dataclass(frozen=True, slots=True)
class WorkerStart:
    """Opens a worker in another process: what it is made of has names only, so it can travel."""

    recipe: Recipe
    sink: Sink
    probe: Probe
    since: EarlierRelease | None = None
    may_be_far: bool = False

    def __call__(self) -> Callable[[ChunkTask], ChunkResult]:
        """Return the opened worker; raises what opening the job and its key raises."""
        job = open_job(self.recipe, os.environ)
        key = self.recipe.key
        signer = None if key is None else open_signer_of(key, os.environ, at=job.at)
        if self.may_be_far and self.probe.is_seen():
            return NearWork(job, signer, self.sink, since=self.since)
        if self.probe.is_seen():
            return ChunkWork(job, signer, self.sink, since=self.since)
        if self.since is not None:
            refuse_far_since()
        return FarWork(job, signer, self.sink)


def serve_users(
    fleet: Fleet,
    job: Job,
    signer: Signer | None,
    sink: Sink,
    *,
    tell: Callable[[Tally], None],
) -> Served:
    """Write the files of every user of `fleet` into `sink`.

    `tell` is told what was done so far, again and again. Users whose files would be refused are
    refused themselves; NobodyServedError is raised when all are, NoUsersError when there are
    targets with users' files and nobody to make them for, besides what reading the list and signing
    raise, and ServiceError when a worker is lost.
    """
    served = _Serving(fleet)
    users = served.good()
    if not any(user_places(job.policy, plan) for plan in job.plans):
        served.tally = Tally(users=sum(1 for _ in users))
        return served.ended(None)
    since = _earlier(fleet, signer, sink)
    if fleet.workforce.recipe is None:
        start: Start[ChunkTask, ChunkResult] = partial(
            ChunkWork,
            *(job, signer, sink),
            since=since,
            tell=lambda users: tell(served.tally + Tally(users=users)),
        )
    else:
        probe = Probe(sink.stage, secrets.token_hex())
        probe.lay()
        far = fleet.workforce.may_be_far
        start = WorkerStart(fleet.workforce.recipe, sink, probe, since, far)
    journal = Journal(sink.stage)
    tasks = chunked(users, fleet.fields)
    if fleet.workforce.may_be_far:
        tasks = with_notes(tasks, journal, job.encryption)
    with closing(fleet.workforce.crew.results(start, tasks)) as results:
        for each in results:
            served.add(brought_home(each, journal) if each.is_elsewhere else each)
            tell(served.tally)
    served.refuse_nobody()
    refuse_shorter_list(sink.stage, len(served.chunks))
    return served.ended(since)


class _Serving:
    """What became of the users of `fleet` so far."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._bad_rows: list[BadRow] = []
        self._readable: dict[str, tuple[str, ...]] = {}
        self._refused: Refused | None = None
        self._warned: set[str] = set()
        self.chunks: list[ChunkDone] = []
        self.tally = Tally()

    def good(self) -> Iterator[UserRow]:
        """Yield the users among the rows; the others are bad rows."""
        for row in self._fleet.rows:
            if isinstance(row, BadRow):
                self._bad_rows.append(row)
            else:
                yield row

    def add(self, result: ChunkResult) -> None:
        """Add a chunk, and tell what people should know of it."""
        self.chunks.append(result.done)
        self.tally += result.tally
        for refused in result.done.refused:
            self._refused = self._refused or refused
            row = self._fleet.refuse(refused)
            if row is not None:
                self._bad_rows.append(row)
        for target, sentences in result.readable.items():
            if sentences:
                self._readable.setdefault(target, sentences)
        for warning in result.warnings:
            if warning not in self._warned:  # each worker finds it out for itself
                self._warned.add(warning)
                self._fleet.warn(warning)

    def refuse_nobody(self) -> None:
        """Raise NobodyServedError or NoUsersError when nobody was served."""
        if not self.tally.users and self._refused is not None:
            raise NobodyServedError(self._refused)
        if not self.tally.users:
            raise NoUsersError(tuple(self._bad_rows))

    def ended(self, since: EarlierRelease | None) -> Served:
        """Return what became of all; `since` is the release whose signatures were kept."""
        tally = self.tally
        removed = 0 if since is None else since.users - (tally.users - tally.added)
        return Served(tuple(self.chunks), tuple(self._bad_rows), tally, self._readable, removed)


def _earlier(fleet: Fleet, signer: Signer | None, sink: Sink) -> EarlierRelease | None:
    if fleet.since is None or signer is None:
        return None
    return open_earlier(fleet.since, sink.stage / JOURNAL_FOLDER / _TABLE, signer)
