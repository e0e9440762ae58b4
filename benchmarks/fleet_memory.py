"""How much memory the processes of a build take at their peak, and a build for a million people.

`profilegen build --workers 2 --archive tar` runs as a user runs it. Each of its processes is looked
at five times a second: Linux keeps the peak (VmHWM in proc(5)), so nothing is missed but the last
moment.
"""

from __future__ import annotations

import csv
import hashlib
import random
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from fleet_material import POLICY, Key, make_key, write_list
from fleet_method import Figure

from profilegen.signing.algorithms import KeyKind

SHORT, LONG, MILLION = 20_000, 200_000, 1_000_000
MEGABYTES = 128
VERIFIED = 1_000
_LOOK_SECONDS = 0.2


def flat(folder: Path, *, long: int = LONG) -> Iterator[Figure]:
    """Yield how the peak grows with the list, and the peak of the greatest process."""
    key = make_key(KeyKind.P256, folder)
    peaks = []
    for people in (SHORT, long):
        begun = time.perf_counter()
        peaks.append(_peak(_build(key, folder, people)))
        print(f"{people:,} people: {time.perf_counter() - begun:.0f} s, {peaks[-1]:.0f} MB at most")
    growth = (peaks[1] / peaks[0],)
    yield Figure(f"peak memory, {long:,} rows against {SHORT:,}", growth, 1.10, at_most=True)
    yield Figure("peak memory of a process, MB", (peaks[1],), MEGABYTES, at_most=True)
    if long == MILLION:
        yield _verified(key, folder / str(long) / "release")


def _build(key: Key, folder: Path, people: int) -> subprocess.Popen[bytes]:
    place = folder / str(people)
    place.mkdir()
    users = write_list(place / "users.csv", people)
    command = (
        *(sys.executable, "-m", "profilegen", "build", str(POLICY), "--users", str(users)),
        *("--workers", "2", "--archive", "tar", "--identity", key.uri, "--quiet"),
        *("-o", str(place / "release")),
    )
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603


def _peak(process: subprocess.Popen[bytes]) -> float:
    """Return the megabytes that the greatest of a process and its children took, once it ended."""
    greatest = 0
    while process.poll() is None:
        for number in (process.pid, *_children(process.pid)):
            greatest = max(greatest, _high_water(number))
        time.sleep(_LOOK_SECONDS)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return greatest / 1024


def _children(number: int) -> list[int]:
    try:
        text = Path(f"/proc/{number}/task/{number}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _high_water(number: int) -> int:
    """Return the peak of a process in kilobytes, 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{number}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def _verified(key: Key, release: Path) -> Figure:
    """Return how many of VERIFIED random profiles openssl finds signed and as the index says."""
    index = release / "phones" / "users" / "index.csv"
    chosen = frozenset(random.sample(range(MILLION), VERIFIED))
    with index.open(encoding="utf-8", newline="") as lines:
        rows = [row for number, row in enumerate(csv.DictReader(lines)) if number in chosen]
    good = 0
    for archive, members in groupby(rows, key=itemgetter("file")):
        with tarfile.open(release / archive) as opened:
            for row in members:
                member = opened.extractfile(row["member"])
                content = b"" if member is None else member.read()
                signed = _verified_content(key, content)
                good += hashlib.sha256(signed).hexdigest() == row["content_sha256"]
    return Figure("verified by openssl, of 1,000 at random", (good / VERIFIED,), 1.0)


def _verified_content(key: Key, content: bytes) -> bytes:
    """Return what is signed in a profile, by openssl; nothing where the signature does not hold."""
    command = (
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any"),
        *("-CAfile", str(key.folder / "root.pem")),
    )
    done = subprocess.run(command, input=content, capture_output=True, check=False)  # noqa: S603
    return b"" if done.returncode else done.stdout
