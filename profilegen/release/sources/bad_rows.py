"""What becomes of bad rows: counted, written down, a few of them kept for people to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from profilegen.errors import InputError
from profilegen.release.sources.model import BadRow
from profilegen.render.user import UserRow

KEPT = 100
"""Bad rows that are kept; a report has all of them."""


class FirstBadRowError(InputError):
    """A row is bad, and the caller wants nothing built then."""

    slug = "users"

    def __init__(self, name: str, row: BadRow) -> None:
        """Name the `row` of the list `name`."""
        super().__init__(
            f"{name}: row {row.row}: {row.message}",
            hint="Correct the row, or leave out --fail-fast to build for all others.",
        )


class BadRowReport:
    """The bad rows of the list `name`: `count` of them so far, beside `good` rows.

    `write` is given each of them at once. With `fail_fast` the first one is a FirstBadRowError.
    """

    def __init__(
        self,
        name: str,
        *,
        write: Callable[[BadRow], object] = lambda _: None,
        fail_fast: bool = False,
    ) -> None:
        """Begin with none."""
        self.name = name
        self.count = self.good = 0
        self.kept: list[BadRow] = []
        """The first KEPT of them."""
        self._write = write
        self._fail_fast = fail_fast

    def watch(self, rows: Iterable[UserRow | BadRow]) -> Iterator[UserRow | BadRow]:
        """Yield `rows`, of the bad ones the first KEPT only, so that memory does not grow."""
        for row in rows:
            if not isinstance(row, BadRow):
                self.good += 1
            elif not self.add(row):
                continue
            yield row

    def add(self, row: BadRow) -> bool:
        """Report a bad `row`; return whether it is one of those that are kept."""
        self.count += 1
        self._write(row)
        if self._fail_fast:
            raise FirstBadRowError(self.name, row)
        if self.count > KEPT:
            return False
        self.kept.append(row)
        return True
