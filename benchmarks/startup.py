"""How long `profilegen --help` takes, in terms of an empty Python program.

Method: the two commands run alternately, so that both meet the same load of the machine; each pair
gives a ratio, and the median of the ratios is the result. Both start the same interpreter, both
have run once before, so that the bytecode of all modules is there. `profilegen` is the installed
command beside that interpreter. Exits with 1 above the limit.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

PAIRS = 25
LIMIT = 5.0
EMPTY = (sys.executable, "-c", "pass")
HELP = (str(Path(sys.executable).with_name("profilegen")), "--help")


def seconds(command: tuple[str, ...]) -> float:
    """Return the wall-clock time of `command`."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (the two above)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and return the exit code."""
    for command in (EMPTY, HELP):
        seconds(command)
    pairs = [(seconds(EMPTY), seconds(HELP)) for _ in range(PAIRS)]
    ratio = median(help_time / empty_time for empty_time, help_time in pairs)
    empty, helped = (median(times) * 1000 for times in zip(*pairs, strict=True))
    print(f"python -c pass      {empty:6.1f} ms (median of {PAIRS})")
    print(f"profilegen --help   {helped:6.1f} ms")
    print(f"ratio               {ratio:6.2f}    (median of the pairs; limit {LIMIT:g})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
