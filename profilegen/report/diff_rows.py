"""Rows of a comparison for people: equal ones once, under all the files that have them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from profilegen.audit.diff.model import AccountChange, FileDifference, Part
from profilegen.audit.model import EVERY_ACCOUNT
from profilegen.report.lines import limited

_NAMED = 2
Row = TypeVar("Row", bound=Hashable)
Owner = tuple[str, str]
"""An account, "" where it matters not, and the file that it is about, "" for the device."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that differs, with the name it is called by: "" where it needs none."""

    name: str
    found: FileDifference

    def short(self, identifier: str) -> str:
        """Return `identifier` without the file's own in front of it.

        So the same part of files for one user each has one name.
        """
        for own in (self.found.new_identifier, self.found.old_identifier):
            if own and identifier.startswith(f"{own}."):
                return identifier.removeprefix(f"{own}.")
        return identifier

    def part(self, part: Part) -> str:
        """Return how people call a payload, or the file itself."""
        if part.type and part.identifier:
            return f"{part.type} ({self.short(part.identifier)})"
        return part.type or self.short(part.identifier) or self.found.kind

    def account(self, item: AccountChange) -> str:
        """Return how people call an account, with its type."""
        return f"{self.short(item.name)} ({item.type})"


def together(
    rows: Iterable[tuple[Row, Owner]],
) -> list[tuple[tuple[Owner, ...], list[Row]]]:
    """Return the rows under those whose they are, each row once, in the order of appearance."""
    by_row: dict[Row, dict[Owner, None]] = {}
    for row, owner in rows:
        by_row.setdefault(row, {})[owner] = None
    by_owners: dict[tuple[Owner, ...], list[Row]] = {}
    for row, owners in by_row.items():
        by_owners.setdefault(tuple(owners), []).append(row)
    return list(by_owners.items())


def owners_of(owners: Sequence[Owner]) -> str:
    """Return the accounts that rows are about, and the files, the first of each by name."""
    names = ["every account" if name == EVERY_ACCOUNT else name for name, _ in owners]
    return f"{_listed(names)}{within(files_of(owners))}"


def files_of(owners: Sequence[Owner]) -> str:
    """Return the files that rows are about, the first by name."""
    return _listed([name for _, name in owners if name])


def _listed(names: Sequence[str]) -> str:
    return limited(list(dict.fromkeys(names)), _NAMED)


def within(name: str) -> str:
    """Return what stands behind a row that is about the file `name`, "" for none."""
    return f" in {name}" if name else ""
