"""What runs in a worker process: tasks come in, results go out, until the parent is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any

from profilegen.release.workers.relay import failure_of

READY, RESULT = "ready", "result"
DONE = None
"""What the parent sends in the place of a task when there are no more."""

_ORPHANED = 71


def serve(
    connection: Connection, first: Callable[[], None], start: Callable[[], Callable[[Any], Any]]
) -> None:
    """Open a worker with `start` and do the tasks that come over `connection`.

    Sends (READY, None), then (RESULT, value) for each task. A Failure in the place of the value is
    the last message.
    """
    # Ctrl-C reaches the whole group of processes; the parent decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    tasks: SimpleQueue[Any] = SimpleQueue()
    # A thread, so that the parent is never kept waiting, and its death ends this process at once.
    Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    try:
        first()
        work = start()
        connection.send((READY, None))
        while (task := tasks.get()) is not DONE:
            connection.send((RESULT, work(task)))
    except Exception as error:  # noqa: BLE001  (it is raised again in the parent)
        with suppress(OSError):  # the parent is gone
            connection.send((RESULT, failure_of(error)))


def _receive(connection: Connection, tasks: SimpleQueue[Any]) -> None:
    try:
        while True:  # beyond DONE, for what was given before it may be still in work
            tasks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(_ORPHANED)
