"""Rows from CSV (RFC 4180) and its relatives: other delimiters, as spreadsheets write them."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from profilegen.release.sources.model import Row, Table, UsersError
from profilegen.release.sources.reading import MAX_LINE, TOO_LONG, Lines, NotTextError

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between fields, the likeliest first."""
_SEPARATOR_LINE = "sep="
_HEADER = "the header"
# What Python's reader says where a quoted field never ends, or not within the limit.
_OPEN_ENDS = ("unexpected end of data", "field larger than field limit")


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    quote: str

    def reader(self, lines: Iterable[str], *, strict: bool = True) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=strict)


def csv_table(lines: Lines, name: str, *, known: Collection[str], delimiter: str = "") -> Table:
    """Return the rows of CSV text below its header, the first line that is not blank.

    Excel's line `sep=;` before it names the delimiter. Without that or a given `delimiter` it is
    the one by which the header has the most columns of `known`, then the most columns.
    Quotes are double ones, or single ones where the header begins with one.
    A row that is no CSV is taken up again on the line after the one where it began, so that a quote
    that is never closed costs one row. Raises UsersError for a header that is no CSV, and where the
    bytes of the header, or later of a row, are no text.
    """
    feed = _Feed(lines)
    try:
        first = feed.next_filled()
        if first.lower().startswith(_SEPARATOR_LINE):
            delimiter = delimiter or first[len(_SEPARATOR_LINE) :].rstrip("\r\n")[:1]
            first = feed.next_filled()
    except NotTextError as error:
        raise error.within(_HEADER) from error
    feed.back([first])
    dialect = _dialect(first, known, (delimiter,) if delimiter else DELIMITERS)
    # No line alone reaches the limit. It is the process's own, so it is never lowered for others.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE))
    columns: list[str] = []
    rows = _rows(feed, dialect, columns)
    _, header = next(rows, (0, []))
    if isinstance(header, str):
        message = f"{name}: {_HEADER}: {header}"
        raise UsersError(message, hint="Quote fields that hold delimiters or quotes.")
    columns += (column.strip() for column in header)
    return Table(name, tuple(columns), rows)


class _Feed:
    """Lines that can be given back."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.recent: list[str] = []
        """The lines given out since the caller emptied this."""

    def __iter__(self) -> Iterator[str]:
        recent, again = self.recent, self._again
        while True:
            while again:
                recent.append(again.popleft())
                yield recent[-1]
            for line in self._lines:
                recent.append(line)
                yield line
                if again:
                    break
            else:
                return

    def next_filled(self) -> str:
        for line in self:
            if line.strip():
                return line
        return ""

    def back(self, lines: Iterable[str]) -> None:
        self._again.extendleft(reversed([line for line in lines if line]))


def _rows(feed: _Feed, dialect: _Dialect, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the rows with their numbers, 0 for the header; blank lines count and are left out.

    `columns` are the names that the header has, for messages.
    """
    number = 0
    recent, lines = feed.recent, feed.lines
    while True:
        reader = dialect.reader(feed)
        cuts = lines.cuts
        recent.clear()
        try:
            for row in reader:
                if lines.cuts != cuts:
                    cuts = lines.cuts
                    yield number, TOO_LONG
                elif row:
                    yield number, row
                number += 1
                recent.clear()
        except csv.Error as error:
            begin, *rest = recent
            yield number, TOO_LONG if lines.cuts != cuts else _fault(begin, dialect, error)
            number += 1
            feed.back(rest)
        except NotTextError as error:
            fields = _fields("".join((*recent, error.before)), dialect)
            column = "".join(f": {name}" for name in columns[fields - 1 : fields] if name)
            raise error.within(f"row {number}{column}" if number else _HEADER) from error
        else:
            return


def _fault(begin: str, dialect: _Dialect, error: csv.Error) -> str:
    """Return what is wrong with the row whose first line is `begin`."""
    if not str(error).startswith(_OPEN_ENDS):
        return f"not CSV: {error}"
    return f"not CSV: the quote in field {_fields(begin, dialect)} is not closed"


def _fields(begin: str, dialect: _Dialect) -> int:
    """Return how many fields a row has begun, of which `begin` is known; 1 at its beginning."""
    lines = begin.splitlines(keepends=True)
    return len(next(dialect.reader(lines, strict=False), [])) or 1


def _dialect(header: str, known: Collection[str], delimiters: Iterable[str]) -> _Dialect:
    def likeliness(dialect: _Dialect) -> tuple[int, int]:
        try:
            names = next(dialect.reader([header], strict=False), [])
        except csv.Error:
            return (0, 0)
        return sum(name.strip() in known for name in names), len(names)

    quote = "'" if header.startswith("'") else '"'
    candidates = [_Dialect(one, quote) for one in delimiters]
    return max(candidates, key=likeliness)  # the first of equals
