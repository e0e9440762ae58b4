"""Bad rows of a list of users, as people get them: in a file, and in the error at the end."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

from profilegen.cli.users import UsersOptions
from profilegen.errors import CheckError, InputError, UsageError
from profilegen.release.sources.bad_rows import BadRowReport
from profilegen.release.sources.model import BadRow

_COLUMNS = ("row", "message")
_HEADER = (",".join(_COLUMNS) + "\n").encode()


class BadRowsError(CheckError):
    """Some rows of the list of users are bad; everybody else's files were built."""

    slug = "users"

    def __init__(self, name: str, rows: Sequence[BadRow], *, count: int, report: str = "") -> None:
        """Keep the first `rows` of `count` in the list `name`; `report` names a file with all."""
        left = "1 row was" if count == 1 else f"{count:,} rows were"
        where = f"; {report} tells which and why" if report else ""
        hint = "Correct what is wrong and build again; the release holds all other users."
        if not report and count > len(rows):
            where = f"; the first {len(rows)} are shown"
            hint = f"Use --bad-rows FILE for all of them. {hint}"
        super().__init__(f"{name}: {left} left out{where}", hint=hint)
        # Who is refused is told later than rows that were read behind.
        told = () if report else sorted(rows, key=attrgetter("row"))
        self.lines = tuple(f"{name}: row {row.row}: {row.message}" for row in told)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each row that is kept, and one that says what to do."""
        return (*((line, "") for line in self.lines), (self.message, self.hint))


@contextmanager
def bad_row_report(options: UsersOptions, name: str, output: Path) -> Iterator[BadRowReport]:
    """Give a report on the list `name` that writes to the file of --bad-rows, if there is one.

    Raises UsageError for a file inside the folder `output`, which a build replaces, and for a file
    that is there and no such report; InputError for one that cannot be written.
    """
    path = options.bad_rows
    if path is None:
        yield BadRowReport(name, fail_fast=options.fail_fast)
        return
    if path.resolve().is_relative_to(output.resolve()):
        message = f"--bad-rows {path}: in the folder of the release, which is replaced"
        raise UsageError(message, hint="Name a file beside it.")
    with _writable(path):
        _refuse_other(path)
        # Line by line, so that the rows so far are there if the build breaks off.
        stream = path.open("w", encoding="utf-8", newline="", buffering=1)
    with stream:
        writer = csv.writer(stream, lineterminator="\n")

        def write(*values: object) -> None:
            with _writable(path):
                writer.writerow(values)

        write(*_COLUMNS)
        yield BadRowReport(
            name,
            write=lambda row: write(row.row, row.message),
            fail_fast=options.fail_fast,
        )


def _refuse_other(path: Path) -> None:
    """Raise UsageError for a file that is no report of bad rows: it would be lost."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        begin = stream.readline(len(_HEADER))
    if begin not in {b"", _HEADER}:
        message = f"--bad-rows {path}: there is a file, and it is no report of bad rows"
        raise UsageError(message, hint="Name another file; this one would be overwritten.")


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"--bad-rows {path}: cannot write the file: {error.strerror}"
        raise InputError(message, hint="Check the path and that you may write there.") from error
