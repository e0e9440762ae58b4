"""How fast fleets are built, in terms of the key, of plain writing, and of what else people use.

`python benchmarks/fleet.py [--only NAME] [--rounds N] [--million] [--folder DIR]`, or `make bench`.
docs/performance.md says how it is measured. Exits with 1 when a figure is not what is required.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import fleet_core
import fleet_memory
import fleet_tools
import fleet_workers
from fleet_method import Figure, table

_Measure = Callable[[Path, int], Iterator[Figure]]
MEASURES: dict[str, tuple[_Measure, int]] = {
    "one-process": (lambda folder, n: fleet_core.one_process(folder, pairs=n), 200),
    "token": (lambda folder, n: fleet_core.token(folder, pairs=n), 100),
    "tools": (lambda folder, n: fleet_tools.tools(folder, rounds=n), 15),
    "archives": (lambda folder, n: fleet_workers.archives(folder, rounds=n), 7),
    "writers": (lambda folder, n: fleet_workers.writers(folder, rounds=n), 5),
    "cluster": (lambda folder, n: fleet_workers.cluster(folder, rounds=n), 5),
    "memory": (lambda folder, _: fleet_memory.flat(folder), 1),
}
"""What is measured, by name, and in how many rounds."""


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=MEASURES, action="append", help="may be repeated")
    parser.add_argument("--rounds", type=int, help="instead of each one's own number")
    parser.add_argument(
        "--million", action="store_true", help="memory for 1,000,000 people: 10 GB, minutes"
    )
    parser.add_argument("--folder", type=Path, help="where to write, instead of the temporary one")
    options = parser.parse_args()
    # Else processes and folders would be left behind.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    measures = dict(MEASURES)
    if options.million:
        million = fleet_memory.MILLION
        measures["memory"] = (lambda folder, _: fleet_memory.flat(folder, long=million), 1)
    figures: list[Figure] = []
    for name in options.only or (["memory"] if options.million else measures):
        measure, rounds = measures[name]
        print(f"{name} ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="fleet-", dir=options.folder) as folder:
            figures += measure(Path(folder), options.rounds or rounds)
    print(table(figures))
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
