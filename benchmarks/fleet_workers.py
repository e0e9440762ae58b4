"""Two workers, from a CSV file to a release, against two processes that only sign or only write.

A round is: the raw pair, the build, the raw pair again; its ratio is that of the build's rate and
the mean of the two raw rates. The rate of a build counts from the moment when two chunks are done
for each worker, since starting Python and cutting templates take a second however long the list is,
until the release is in its place, with its indexes, its manifest and its signatures.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fleet_material import Key, make_job, make_key, read_list, write_list
from fleet_method import Figure
from fleet_raw import raw_pair, signing, writing_files

from profilegen.release.build import build_release
from profilegen.release.fleet import Fleet, Workforce
from profilegen.release.sinks.model import USERS_IN_CHUNK, ArchiveKind, Packing
from profilegen.release.workers.chunks import Tally
from profilegen.release.workers.cluster import Cluster
from profilegen.release.workers.interface import Crew
from profilegen.release.workers.processes import Processes
from profilegen.signing.algorithms import KeyKind
from tests.support.cluster import dask_cluster

WORKERS = 2
PEOPLE = {KeyKind.RSA_2048: 160_000, KeyKind.P256: 200_000}
"""So many that the last chunk, which only one worker does, is no more of it than of a fleet."""
_REQUIRED = {KeyKind.RSA_2048: 0.88, KeyKind.P256: 0.50}
_WARM = 2 * WORKERS * USERS_IN_CHUNK
_MEMORY = Path("/dev/shm")  # noqa: S108  (a file system, not a file)
_TAR, _FILES = Packing(ArchiveKind.TAR), Packing()


def archives(folder: Path, *, rounds: int) -> Iterator[Figure]:
    """Yield what two workers do with tar archives, against two raw signing processes.

    On disk, and in a file system in memory, which shows what is the disk's share.
    """
    for kind, people in PEOPLE.items():
        key = make_key(kind, folder)
        users = write_list(folder / f"{kind}.csv", people)
        with raw_pair(signing, WORKERS, key.uri) as raw:
            for where, place in _places(folder):
                with tempfile.TemporaryDirectory(dir=place) as release:

                    def ours(key: Key = key, users: Path = users, at: str = release) -> float:
                        return build(key, users, Path(at), _TAR)

                    ratios = tuple(_round(raw, people // 4, ours) for _ in range(rounds))
                yield Figure(f"2 workers, tar {where}, {kind}", ratios, _REQUIRED[kind])


def writers(folder: Path, *, rounds: int) -> Iterator[Figure]:
    """Yield what two workers do with a file per person on this disk, against two plain writers.

    Those write the same bytes under the same names, and have them on disk after each chunk, as the
    build does.
    """
    key, people = make_key(KeyKind.P256, folder), 40_000
    users = write_list(folder / "users.csv", people)
    build(key, users, folder, _FILES, keep=True)
    with raw_pair(writing_files, WORKERS, folder / "release", folder / "plain") as raw:
        # The build has them when its rate begins to count.
        shards = [path.relative_to(folder / "release") for path in _folders(folder / "release")]
        shutil.rmtree(folder / "release")

        def plain(count: int) -> float:
            for shard in shards:
                (folder / "plain" / shard).mkdir(parents=True)
            rate = raw(count)
            shutil.rmtree(folder / "plain")
            os.sync()  # what deleting leaves to the disk is nobody's work
            return rate

        def ours() -> float:
            rate = build(key, users, folder, _FILES)
            os.sync()
            return rate

        ratios = tuple(_round(plain, people - _WARM, ours) for _ in range(rounds))
    yield Figure("2 workers, files on disk, p256, against plain writers", ratios, 0.9)


def cluster(folder: Path, *, rounds: int) -> Iterator[Figure]:
    """Yield what a local Dask cluster of two workers does, against our own two processes."""
    with dask_cluster(folder, workers=WORKERS) as dask:
        for kind, people in PEOPLE.items():
            key = make_key(kind, folder)
            users = write_list(folder / f"{kind}.csv", people)

            def processes(_count: int, key: Key = key, users: Path = users) -> float:
                return build(key, users, folder, _TAR)

            def ours(key: Key = key, users: Path = users) -> float:
                return build(key, users, folder, _TAR, crew=Cluster(dask.place))

            ratios = tuple(_round(processes, people, ours) for _ in range(rounds))
            yield Figure(f"Dask, 2 workers, {kind}, against processes", ratios, 0.60)


def build(  # noqa: PLR0913  (what to build, and how)
    key: Key,
    users: Path,
    folder: Path,
    packing: Packing,
    *,
    crew: Crew | None = None,
    keep: bool = False,
) -> float:
    """Return the people per second of a build into `folder`, once its workers are warm.

    What it built is removed again, unless it is to `keep`.
    """
    job = make_job()
    place = folder / "release"
    opened = read_list(users, job)
    warm: list[tuple[float, int]] = []

    def tell(tally: Tally) -> None:
        if not warm and tally.users >= _WARM:
            warm.append((time.perf_counter(), tally.users))

    workforce = Workforce(crew or Processes(WORKERS), key.recipe(job))
    fleet = Fleet(opened.fields, opened.rows, opened.input, workforce, warn=print)
    built = build_release(job, place, signer=key.signer(), fleet=fleet, packing=packing, tell=tell)
    begun, before = warm[0]
    rate = (built.users - before) / (time.perf_counter() - begun)
    if not keep:
        shutil.rmtree(place)
    return rate


def _folders(release: Path) -> Iterator[Path]:
    """Yield the folders that hold nothing but files."""
    for folder, folders, _ in os.walk(release):
        if not folders:
            yield Path(folder)


def _places(folder: Path) -> Iterator[tuple[str, Path]]:
    yield "on disk", folder
    if _MEMORY.is_dir():
        yield "in memory", _MEMORY


def _round(raw: Callable[[int], float], count: int, ours: Callable[[], float]) -> float:
    """Return the ratio of one round; all rates are people per second."""
    before = raw(count)
    rate = ours()
    return rate / ((before + raw(count)) / 2)
