"""Builds for a list of users that are killed at a moment and gone on with, beside undisturbed ones.

`python -m tests.support.killed_fleet --moments 50` does it at 50 random moments, one after the
other in each phase of a build, and by the clock with chunks of full size. It prints a line for each
and ends with 1 when a build that went on differs from one that nobody disturbed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command import Outcome
from tests.support.fleets import BUILD, start, users_csv, write_fleet
from tests.support.releases import EPOCH
from tests.support.small_chunks import EVENT, STEPS

MAIN, WORKER = "MainProcess", "SpawnProcess-1"
PHASES = ("start-up", "in a chunk", "between chunks", "joining", "sealing", "publishing")
"""What a build does, in this order, but that chunks take turns with what is between them."""
_SECONDS = 300
Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """What happens to a build: `action` before the step `number` of `process` (small_chunks.py)."""

    process: str
    number: int
    action: str

    def __str__(self) -> str:
        return f"{self.action} at step {self.number} of {self.process}"

    @property
    def variables(self) -> dict[str, str]:
        return {EVENT: f"{self.process} {self.number} {self.action}"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """A policy, a list of users and an identity in `folder`, and how a release is built of them."""

    folder: Path
    arguments: tuple[str, ...]
    chunk: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *more: str, **environment: str) -> subprocess.Popen[str]:
        """Start a build."""
        variables = dict(self.environment) | environment
        return start(self.folder, *self.arguments, *more, chunk=self.chunk, environment=variables)

    def build(self, *more: str, **environment: str) -> Outcome:
        """Build, and return what came of it; a signal is its negative number."""
        return ended(self.start(*more, **environment))

    def undisturbed(self, created: str = EPOCH) -> Digests:
        """Return the release that a build at the time `created` makes, which is taken away."""
        self.clear()
        done = self.build(SOURCE_DATE_EPOCH=created)
        assert done.exit_code == 0, done.stderr
        made = digests(self.folder / "dist")
        self.clear()
        return made

    def steps(self) -> dict[str, list[str]]:
        """Return the steps of each process of an undisturbed build."""
        log = self.folder / "steps"
        self.clear()
        done = self.build(**{STEPS: str(log), "SOURCE_DATE_EPOCH": EPOCH})
        assert done.exit_code == 0, done.stderr
        found = {}
        for path in self.folder.glob("steps.*"):
            found[path.suffix[1:]] = path.read_text(encoding="utf-8").splitlines()
            path.unlink()
        self.clear()
        return found

    def clear(self) -> None:
        """Take away every release and what was begun of one."""
        for path in (self.folder / "dist", *self.folder.glob(".dist*")):
            shutil.rmtree(path, ignore_errors=True)

    def finished_files(self) -> dict[str, tuple[int, int]]:
        """Return inode and time of the users' files that an interrupted build has done with.

        There are none once the release has taken its place.
        """
        stage = self.folder / ".dist.partial"
        found = {}
        for path in self.folder.glob(".dist.*/.journal/chunks/*.json"):
            done = json.loads(path.read_text(encoding="utf-8"))["done"]
            for part in [] if done is None else done["parts"]:
                for file, digest in _files_of(self.folder, part):
                    if _digest(stage / file) == digest:
                        status = (stage / file).stat()
                        found[file] = (status.st_ino, status.st_mtime_ns)
        return found


def _files_of(folder: Path, part: Mapping[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    if part["archive"]:
        yield part["archive"]["path"], part["archive"]["sha256"]
        return
    for path in folder.glob(f".dist.*/{part['path']}"):
        with path.open(encoding="utf-8", newline="") as lines:
            for cells in csv.reader(lines):
                yield cells[1], cells[6]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def fleet(
    folder: Path, *options: str, users: str = "", chunk: int = 40, identity: str = ""
) -> Fleet:
    """Return a fleet in the new `folder`: 300 users, or those of the list `users`."""
    signer = write_fleet(folder, users=300)
    if users:
        (folder / "users.csv").write_text(users, encoding="utf-8")
    return Fleet(folder, (*BUILD, "--identity", identity or signer.uri, *options), chunk)


def ended(process: subprocess.Popen[str]) -> Outcome:
    """Wait for the end of a build, and of its workers: they have its streams open."""
    out, err = process.communicate(timeout=_SECONDS)
    return Outcome(process.returncode, out, err)


def digests(folder: Path) -> Digests:
    """Return the digest of every file below `folder`; empty when there is none."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def phases(steps: Sequence[str]) -> list[str]:
    """Return the phase of a build that each step belongs to."""
    sealed = max(number for number, step in enumerate(steps) if "/SHA256SUMS" in step)
    found: list[str] = []
    for number, step in enumerate(steps):
        if number > sealed:
            found.append("publishing")
        elif "/release." in step or "/SHA256SUMS" in step:
            found.append("sealing")
        elif "users/index.csv" in step:
            found.append("joining")
        elif "/.journal/chunks" in step:
            found.append("between chunks")
        else:
            found.append("in a chunk" if "between chunks" in found else "start-up")
    return found


def in_phase(steps: Sequence[str], phase: str) -> list[int]:
    """Return the numbers of the steps of a build in `phase`."""
    return [number for number, found in enumerate(phases(steps)) if found == phase]


@dataclass(frozen=True, slots=True)
class Left:
    """What a build left that was disturbed: its outcome, the release in its place, what is done."""

    outcome: Outcome
    release: Digests
    created: str
    finished: Mapping[str, tuple[int, int]]


def left_by(fleet: Fleet, outcome: Outcome) -> Left:
    """Return what is there after a build that ended in some way."""
    job = fleet.folder / ".dist.partial" / ".journal" / "job.json"
    created = json.loads(job.read_bytes())["time of the build"] if job.exists() else ""
    return Left(outcome, digests(fleet.folder / "dist"), created, fleet.finished_files())


def resumed(fleet: Fleet, left: Left, **environment: str) -> Digests:
    """Go on with a build; return the release.

    Fails unless that ends well and leaves nothing else, and no file that was done is made again.
    """
    done = fleet.build("--resume", **environment)
    assert done.exit_code == 0, done.stderr
    for file, status in left.finished.items():
        found = (fleet.folder / "dist" / file).stat()
        assert (found.st_ino, found.st_mtime_ns) == status, f"{file} was made again"
    assert [path.name for path in fleet.folder.glob(".dist*")] == []
    return digests(fleet.folder / "dist")


def main(arguments: Sequence[str]) -> int:
    """Disturb builds as `arguments` say, print what became of each, return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.support.killed_fleet")
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", default="fleet")
    parser.add_argument("--users", type=int, default=3_000, help="of the builds by the clock")
    options = parser.parse_args(arguments)
    chance = random.Random(options.seed)  # noqa: S311 - moments, no secrets
    ways = [("--archive", "tar"), (), ("--archive", "zip", "--workers", "2"), ("--workers", "2")]
    moments = [*range(options.moments)]
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        for place, way in enumerate(ways):
            own = moments[place :: len(ways)]
            small = fleet(Path(name, f"small{place}"), *way)
            large = fleet(
                Path(name, f"large{place}"),
                *way,
                users=users_csv(range(options.users)),
                chunk=1_000,
            )
            for said, is_good in _disturbed(small, large, len(own), chance):
                failed += not is_good
                sys.stdout.write(f"{' '.join(way) or 'folders'}: {said}\n")
                sys.stdout.flush()
    sys.stdout.write(f"{options.moments} moments, {failed} failed\n")
    return 1 if failed else 0


def _disturbed(
    small: Fleet, large: Fleet, count: int, chance: random.Random
) -> Iterator[tuple[str, bool]]:
    """Disturb builds `count` times, by step and by the clock in turn; yield what became of each."""
    expected = {id(one): one.undisturbed() for one in (small, large)}
    steps = small.steps()
    seconds = _duration(large)
    for number in range(count):
        by_clock = number % 2
        one = large if by_clock else small
        one.clear()
        action = chance.choice(("SIGKILL", "SIGKILL", "SIGINT", "SIGTERM"))
        if by_clock:
            moment = chance.uniform(0.1, 1.05) * seconds
            said, outcome = f"{action} after {moment:.2f} s", _struck(one, moment, action)
        else:
            event = _random_event(steps, PHASES[number // 2 % len(PHASES)], action, chance)
            said, outcome = str(event), one.build(SOURCE_DATE_EPOCH=EPOCH, **event.variables)
        left = left_by(one, outcome)
        state = "published" if left.release else f"{len(left.finished)} files done"
        said += f": ended with {outcome.exit_code}, {state}"
        try:
            is_good = left.release in ({}, expected[id(one)])
            is_good &= resumed(one, left, SOURCE_DATE_EPOCH=EPOCH) == expected[id(one)]
        except AssertionError as error:
            said, is_good = f"{said}: {error}", False
        yield f"{said}: {'the same' if is_good else 'DIFFERENT'}", is_good


def _duration(fleet: Fleet) -> float:
    begun = time.monotonic()
    fleet.undisturbed()
    return time.monotonic() - begun


def _random_event(
    steps: Mapping[str, Sequence[str]], phase: str, action: str, chance: random.Random
) -> Event:
    """Return an event in a phase; chunks are the business of a worker where there are some."""
    if WORKER in steps and phase in {"in a chunk", "between chunks"}:
        whom = chance.choice(("", "parent-"))
        return Event(WORKER, chance.randrange(len(steps[WORKER])), f"{whom}{action}")
    return Event(MAIN, chance.choice(in_phase(steps[MAIN], phase)), action)


def _struck(fleet: Fleet, moment: float, action: str) -> Outcome:
    """Build, and send a signal when `moment` seconds are over: Ctrl-C goes to all processes."""
    process = fleet.start(SOURCE_DATE_EPOCH=EPOCH)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        if action == "SIGINT":
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.Signals[action])
    return ended(process)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
