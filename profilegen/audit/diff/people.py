"""People in a comparison: whose files differ alike, and who is there on one side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Personal:
    """The people whose files for a target differ alike, at least one, each by the id in the list.

    `moved` says that they are on one side only, and not just this file of theirs.
    """

    target: str
    users: Sequence[str]
    moved: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """Who is only in OLD, who only in NEW, and who is in both with files that differ.

    `strangers` are the targets that people on both sides have files for, but nobody in both.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    strangers: tuple[str, ...] = ()
