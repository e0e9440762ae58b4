"""A Dask cluster on this machine, of processes of its own, for as long as a test needs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE = 60.0
_SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"
_WORKER = "from distributed.cli.dask_worker import main; main()"
BLIND = "from profilegen.release.workers import far; far.Probe.is_seen = lambda self: False; "
"""What lets workers believe that they do not see the stage, as on another machine."""
OLD = (
    "import importlib.metadata as m; known = m.version;"
    " m.version = lambda name: '0.0.1' if name == 'profilegen' else known(name); "
)
"""What gives workers another version of profilegen."""


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """The address of a scheduler, HOST:PORT, and the processes of the cluster."""

    place: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]

    @property
    def option(self) -> str:
        """Return the value of --workers."""
        return f"dask://{self.place}"


@contextmanager
def dask_cluster(folder: Path, *, first: str = "", workers: int = 2) -> Iterator[DaskCluster]:
    """Give a cluster whose processes have `folder` as their current one.

    `first` is what workers run before anything else. The scheduler tells its address in a file.
    """
    file = folder / "scheduler.json"
    started: list[subprocess.Popen[bytes]] = []

    def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-W", "ignore", "-c", code, "--host", "127.0.0.1"]
        process = subprocess.Popen(
            [*command, *arguments, "--scheduler-file", str(file), "--no-dashboard"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    try:
        scheduler = start(_SCHEDULER, "--port", "0")
        place = _place(file)
        crew = tuple(
            start(first + _WORKER, "--nthreads", "1", "--no-nanny") for _ in range(workers)
        )
        _await_workers(place, workers)
        yield DaskCluster(place, scheduler, crew)
    finally:
        for process in started:
            process.kill()
            process.wait()


def unused_port() -> int:
    """Return the number of a port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _place(file: Path) -> str:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            address: str = json.loads(file.read_text("utf-8"))["address"]
        except (OSError, ValueError):
            assert time.monotonic() < end, "the scheduler did not start"
            time.sleep(0.1)
            continue
        return address.removeprefix("tcp://")


def _await_workers(place: str, count: int) -> None:
    if not count:
        return
    code = (
        "import sys; from distributed import Client; c = Client(sys.argv[1], timeout=30);"
        " c.wait_for_workers(int(sys.argv[2]), timeout=60); c.close()"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, f"tcp://{place}", str(count)]
    subprocess.run(command, check=True, timeout=2 * _PATIENCE, capture_output=True)
