"""Runs many inputs through the target and measures each: time, memory, and what it raised."""

from __future__ import annotations

import hashlib
import resource
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.fuzz.mutate import inputs
from tests.fuzz.samples import corpus_samples, own_jsons, own_plists
from tests.fuzz.target import inspect_bytes

LONGEST = 2.0
"""Seconds that one input may take."""
LARGEST = 300
"""Megabytes that the process may ever have in memory."""
_HANGING = 10.0
_REPORTED = 20


class HangingError(Exception):
    """An input took so long that it was given up."""


@dataclass(slots=True)
class Report:
    """What a run saw; `failures` have the kind of fault and the digest of the saved input."""

    inputs: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    peak: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take in what a worker saw beside this one."""
        self.inputs += other.inputs
        self.seconds = max(self.seconds, other.seconds)
        self.slowest = max(self.slowest, other.slowest)
        self.peak = max(self.peak, other.peak)
        self.failures += other.failures


def work(seed: str, count: int, seconds: float, save: Path, corpus: Path) -> Report:
    """Run mutations of all samples; what a worker process does."""
    groups = [own_plists(), own_jsons(), corpus_samples(corpus)]
    return run(inputs(groups, seed=seed), count=count, seconds=seconds, save=save)


def run(data: Iterable[bytes], *, count: int, seconds: float, save: Path) -> Report:
    """Run `count` inputs or for `seconds`, whichever ends first; failing ones go into `save`."""
    report = Report()
    start = time.perf_counter()
    for one in data:
        took, fault = _measured(one)
        report.inputs += 1
        report.slowest = max(report.slowest, took)
        peak = peak_memory()
        if peak > LARGEST >= report.peak:
            fault = fault or f"{peak} MB in memory"
        report.peak = max(report.peak, peak)
        if fault:
            report.failures.append((fault, _saved(one, save)))
        report.seconds = time.perf_counter() - start
        done = report.inputs >= count or report.seconds >= seconds
        if done or len(report.failures) >= _REPORTED:
            break
    return report


def peak_memory() -> int:
    """Return the most megabytes that this process ever had in memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts kilobytes, macOS bytes.
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _measured(data: bytes) -> tuple[float, str]:
    """Return the seconds that `data` took, and the fault, "" for none."""
    start = time.perf_counter()
    fault = ""
    try:
        with _alarm():
            inspect_bytes(data)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is a finding of the run)
        fault = f"{type(error).__name__}: {error}"[:200]
    took = time.perf_counter() - start
    if not fault and took > LONGEST:
        fault = f"{took:.1f} s"
    return took, fault


@contextmanager
def _alarm() -> Iterator[None]:
    def give_up(_signal: int, _frame: FrameType | None) -> None:
        message = f"no end after {_HANGING:.0f} s"
        raise HangingError(message)

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, _HANGING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _saved(data: bytes, folder: Path) -> str:
    digest = hashlib.sha256(data).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest).write_bytes(data)
    return digest
