"""What reading and checking the people of a list costs, in terms of Python's CSV reader alone.

Method: a list of four fields (id, e-mail, name, department) is written to a temporary file. It is
read by `csv.reader` alone and by profilegen alternately, so that both meet the same load of the
machine; each pair gives a ratio, and the median of the ratios is the result. profilegen decodes,
digests, checks every field, and refuses an id that came before. Prints the peak of memory for a
short and a long list, too, each read in a process of its own. Exits with 1 above a limit.
"""

from __future__ import annotations

import csv
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.open import open_users
from profilegen.release.sources.source import UserSource
from profilegen.render.user import User

PAIRS = 15
ROWS = 20_000
LIMIT = 14.0
SHORT, LONG = 20_000, 1_000_000
MOST_MEGABYTES = 96
FIELDS = (
    UserField("id", FieldKind.TEXT, required=True, pattern=""),
    UserField("email", FieldKind.EMAIL, required=True, pattern=""),
    UserField("name", FieldKind.TEXT, required=True, pattern=""),
    UserField("department", FieldKind.TEXT, required=False, pattern=""),
)


def lines(count: int) -> Iterator[str]:
    """Yield a list of `count` people."""
    yield "id,email,name,department\n"
    for number in range(count):
        yield f"u{number},person.{number}@example.com,Zoë Müller {number},Sales {number % 50}\n"


def read_plainly(path: Path) -> float:
    """Return the seconds per row of csv.reader alone."""
    start = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as stream:
        count = sum(1 for _ in csv.reader(stream))
    return (time.perf_counter() - start) / count


def read_people(path: Path) -> float:
    """Return the seconds per row of profilegen."""
    start = time.perf_counter()
    opened = open_users(UserSource(str(path)), FIELDS, standard_input=io.BytesIO)
    count = sum(isinstance(row, User) for row in opened.rows)
    opened.input()
    return (time.perf_counter() - start) / count


def peak(path: Path) -> float:
    """Return the megabytes that a process takes which reads the list at `path`."""
    command = (sys.executable, __file__, str(path))
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (ourselves)
    return float(done.stdout)


def main() -> int:
    """Measure, print, and return the exit code."""
    if len(sys.argv) > 1:
        read_people(Path(sys.argv[1]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "users.csv")
        path.write_text("".join(lines(ROWS)), encoding="utf-8")
        pairs = [(read_plainly(path), read_people(path)) for _ in range(PAIRS)]
        ratio = median(ours / plain for plain, ours in pairs)
        plain, ours = (median(times) * 1e6 for times in zip(*pairs, strict=True))
        peaks = []
        for count in (SHORT, LONG):
            with path.open("w", encoding="utf-8") as stream:
                stream.writelines(lines(count))
            peaks.append(peak(path))
    print(f"csv.reader alone    {plain:6.2f} us a row (median of {PAIRS})")
    print(f"profilegen          {ours:6.2f} us a row")
    print(f"ratio               {ratio:6.2f}    (median of the pairs; limit {LIMIT:g})")
    print(f"peak of memory      {peaks[0]:6.0f} MB for {SHORT} rows")
    print(f"                    {peaks[1]:6.0f} MB for {LONG} rows (limit {MOST_MEGABYTES})")
    return 0 if ratio <= LIMIT and peaks[1] <= MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
