"""Workers of an existing Dask cluster, which may be other machines.

Each of them opens the key by its URI, which must mean the same key there.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, get_ident
from typing import Any

from profilegen import __version__
from profilegen.errors import ServiceError, UsageError
from profilegen.extras import extra
from profilegen.release.workers.interface import R, Start, T
from profilegen.release.workers.relay import Failure, error_of, failure_of

SCHEME = "dask://"
_AHEAD = 2
"""Tasks that a thread of the cluster has at once: one in work, one to go on with."""
_CONNECT_SECONDS = 10
_PATIENCE = 30.0
"""Seconds without a scheduler or without a worker after which the cluster counts as lost."""
_LOOK_SECONDS = 1.0
_NO_WORKER = "no worker is left in the cluster"
_DIED = "worker after worker of the cluster died"
_GONE = "the connection to the cluster was lost"
_RESUME = "Run it again when the cluster is back."


class ClusterError(ServiceError):
    """The cluster cannot be reached, or was lost in the middle."""

    slug = "cluster"


class OtherVersionError(UsageError):
    """A worker of the cluster has another version of profilegen, or none."""

    slug = "cluster-version"

    def __init__(self, worker: str, version: str | None) -> None:
        """Name the address of the `worker` and the `version` that it has, None for none."""
        has = "cannot import profilegen" if version is None else f"has profilegen {version}"
        super().__init__(
            f"--workers: the worker {worker} {has}, and this is {__version__}",
            hint="Install the same version wherever the cluster has workers.",
        )


class Cluster:
    """The workers of the cluster whose scheduler is at `place`, HOST:PORT."""

    def __init__(self, place: str) -> None:
        """Connect to nothing yet."""
        self._place = place

    def results(self, start: Start[T, R], tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the results in order; see `Crew.results`.

        Raises UsageError when Dask is not installed and for workers of another version,
        ClusterError when no scheduler answers, when there are no workers and when they are lost.
        """
        token = secrets.token_hex()
        with _connected(self._place) as client:
            threads = _threads(client, self._place)
            waiting: deque[Any] = deque()
            for task in tasks:
                # Threads may be added later: this is how many tasks are bounded by.
                while len(waiting) >= _AHEAD * threads:
                    yield self._result(client, waiting.popleft())
                waiting.append(client.submit(work_on, token, start, task, pure=False))
            while waiting:
                yield self._result(client, waiting.popleft())

    def _result(self, client: Any, future: Any) -> Any:  # noqa: ANN401 (Dask has no types)
        """Return the result of a task; raise what the worker raised, or ClusterError."""
        from distributed import KilledWorker  # noqa: PLC0415 (an extra)

        seen = time.monotonic()
        while True:
            try:
                found = future.result(timeout=_LOOK_SECONDS)
            except TimeoutError:
                if _is_alive(client):
                    seen = time.monotonic()
                elif time.monotonic() - seen > _PATIENCE:
                    raise self._lost(_NO_WORKER) from None
                continue
            except KilledWorker as error:
                raise self._lost(_DIED) from error
            except Exception as error:
                raise self._lost(_GONE) from error
            if isinstance(found, Failure):
                raise error_of(found)
            return found

    def _lost(self, why: str) -> ClusterError:
        return ClusterError(f"{SCHEME}{self._place}: {why}", hint=_RESUME)


_opened: dict[tuple[str, int], Callable[[Any], Any]] = {}
_lock = Lock()


def work_on(token: str, start: Start[T, R], task: T) -> R | Failure:
    """Do a task, in a worker of the cluster; each of its threads opens a worker of its own.

    What was opened for a run, which `token` is of, is kept until another one begins.
    """
    mine = (token, get_ident())
    try:
        with _lock:
            for other in [key for key in _opened if key[0] != token]:
                del _opened[other]
            work = _opened.get(mine)
        if work is None:
            work = _opened[mine] = start()
        return work(task)
    except Exception as error:  # noqa: BLE001 (it is raised again where the task came from)
        return failure_of(error)


@contextmanager
def _connected(place: str) -> Iterator[Any]:
    with extra("dask", needs=f"--workers {SCHEME}{place}: needs Dask", error=UsageError):
        import dask.config  # noqa: PLC0415 (an extra)
        from distributed import Client  # noqa: PLC0415
    encrypted = dask.config.get("distributed.comm.tls.ca-file", None)
    address = f"{'tls' if encrypted else 'tcp'}://{place}"
    # For good: what is left of a lost connection complains when it is collected, and errors of ours
    # have said it all. Nothing here logs but Dask.
    logging.disable(logging.CRITICAL)
    try:
        client: Any = Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECT_SECONDS, set_as_default=False
        )
    except (OSError, TimeoutError, ValueError) as error:
        message = f"{SCHEME}{place}: no Dask scheduler answers"
        hint = "Check the address, and that the cluster runs with the same version of Dask."
        raise ClusterError(message, hint=hint) from error
    try:
        yield client
    finally:
        with suppress(Exception):  # it may be gone; there is nothing to lose any more
            client.close(timeout=_LOOK_SECONDS)


def _threads(client: Any, place: str) -> int:  # noqa: ANN401 (Dask has no types)
    """Return how many tasks the cluster does at once, all of them by our own version."""
    threads: int = sum(client.nthreads().values())
    if not threads:
        message = f"{SCHEME}{place}: the cluster has no workers"
        raise ClusterError(message, hint="Start some with `dask worker HOST:PORT`.")
    versions = client.get_versions(packages=["profilegen"])
    for worker, found in sorted(versions["workers"].items()):
        version = found["packages"].get("profilegen")
        if version != __version__:
            raise OtherVersionError(worker, version)
    return threads


def _is_alive(client: Any) -> bool:  # noqa: ANN401 (Dask has no types)
    """Say whether there is a scheduler, and a worker that it knows."""
    try:
        return client.status == "running" and bool(client.scheduler_info()["workers"])
    except Exception:  # noqa: BLE001 (whatever it is, it is no cluster)
        return False
