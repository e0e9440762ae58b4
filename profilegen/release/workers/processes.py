"""Worker processes on this machine.

Not `concurrent.futures`: its workers outlive a parent that is killed, it loses the exception with
which a worker fails to start, and it takes all tasks at once. Processes are spawned, never forked:
a fork would share the sessions of tokens and the locks of libraries.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from profilegen.errors import ServiceError
from profilegen.release.workers.child import DONE, READY, serve
from profilegen.release.workers.interface import R, Start, T
from profilegen.release.workers.relay import Failure, error_of

_AHEAD = 2
"""Tasks that a worker has at once: one in work, one to go on with."""

_WINDOW = 4
"""How many tasks for each worker may be begun beyond the oldest that is not done."""

_PATIENCE = 10.0
_UNSEEN = object()


def nothing() -> None:
    """Do nothing before a worker is opened."""


class WorkerLostError(ServiceError):
    """A worker process ended before its work was done."""

    slug = "worker-lost"

    def __init__(self, code: int | None) -> None:
        """Keep how it ended: an exit code, or minus the number of a signal."""
        self.code = code
        super().__init__(
            f"a worker process {_ending(code)} before its work was done",
            hint="Run it again with --resume: what is finished is kept. Fewer --workers need less "
            "memory.",
        )


class Processes:
    """`count` processes; each calls `first` before anything else."""

    def __init__(self, count: int, first: Callable[[], None] = nothing) -> None:
        """Start nothing yet. `first` is pickled by its name."""
        self._count = count
        self._first = first

    def results(self, start: Start[T, R], tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the results in order; see `Crew.results`. Raises WorkerLostError beside others."""
        with _started(self._count, self._first, start) as workers:
            yield from _in_order(workers, tasks)
            for worker in workers:
                worker.leave()


class _Worker:
    """One process, and the numbers of the tasks that it has, in its order."""

    def __init__(self, first: Callable[[], None], start: Callable[[], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        # Duplex: at both ends the other's death is the end of the stream.
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=serve, args=(theirs, first, start), daemon=True
        )
        self.numbers: deque[int] = deque()
        self.is_dismissed = False
        try:
            self.process.start()
        finally:
            theirs.close()

    def give(self, number: int, task: object) -> None:
        try:
            self.connection.send(task)
        except OSError as error:
            self._raise_last_words(error)
        self.numbers.append(number)

    def take(self) -> Iterator[tuple[int, Any]]:
        """Yield the result that has come with its number, nothing where it was another message."""
        try:
            message, value = self.connection.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if isinstance(value, Failure):
            raise error_of(value)
        if message != READY:
            yield self.numbers.popleft(), value

    def dismiss(self) -> None:
        """Say that there are no more tasks; what the process has is done before it leaves."""
        if not self.is_dismissed:
            self.is_dismissed = True
            with suppress(OSError):
                self.connection.send(DONE)

    def leave(self) -> None:
        """Wait for a dismissed process, which has closed what it had open when it ends."""
        self.process.join(_PATIENCE)

    def end(self) -> None:
        """Let the process end now, however busy it is."""
        self.connection.close()
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()

    def _raise_last_words(self, error: OSError) -> None:
        """Raise what a worker that is gone said last, if anything."""
        with suppress(EOFError, OSError):
            while self.connection.poll():
                _, value = self.connection.recv()
                if isinstance(value, Failure):
                    raise error_of(value) from error
        raise self._lost() from error

    def _lost(self) -> WorkerLostError:
        self.process.join(_PATIENCE)
        return WorkerLostError(self.process.exitcode)


@contextmanager
def _started(
    count: int, first: Callable[[], None], start: Callable[[], Any]
) -> Iterator[list[_Worker]]:
    """Give `count` workers; none of them is left when the block ends."""
    workers: list[_Worker] = []
    try:
        with _no_interrupts():  # which workers ignore as soon as they can; the parent ends them
            while len(workers) < count:
                workers.append(_Worker(first, start))
        yield workers
    finally:
        for worker in workers:
            worker.end()


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Hold SIGINT back; processes that are made in the block begin with it held back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _in_order(workers: list[_Worker], tasks: Iterable[Any]) -> Iterator[Any]:
    source = enumerate(tasks)
    early: dict[int, Any] = {}
    begun = done = 0
    more = True
    by_connection: dict[Connection, _Worker] = {worker.connection: worker for worker in workers}
    while True:
        while more and begun - done < _WINDOW * len(workers):
            worker = min(workers, key=lambda worker: len(worker.numbers))
            if len(worker.numbers) >= _AHEAD:
                break
            number, task = next(source, (begun, _UNSEEN))
            more = task is not _UNSEEN
            if more:
                worker.give(number, task)
                begun += 1
        if not more:
            for worker in workers:  # the first to be done closes its things while others work
                worker.dismiss()
            if begun == done:
                return
        for ready in wait([worker.connection for worker in workers if worker.numbers]):
            early.update(by_connection[ready].take())  # type: ignore[index] # of what was given
        while done in early:
            yield early.pop(done)
            done += 1


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"was killed ({signal.Signals(-code).name})"
    return f"ended with exit code {code}"
