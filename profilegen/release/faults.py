"""Gather what is wrong with a release: all of it, but for a count where it is without end."""

from __future__ import annotations

from pathlib import Path

from profilegen.release.folder import ReleaseFault

MAX_FAULTS = 1_000
"""How many faults are told one by one: a folder of a million files may be missing as a whole."""


class Faults:
    """The faults of a release, in the order in which they were found."""

    def __init__(self, folder: Path) -> None:
        """Gather what is wrong with the release in `folder`."""
        self._folder = folder
        self._told: list[ReleaseFault] = []
        self._count = 0

    def add(self, path: str, sentence: str) -> None:
        """Note what is wrong with the file at `path`, relative to the release."""
        self.note(f"{self._folder / path}: {sentence}")

    def note(self, message: str) -> None:
        """Note a fault whose message has the path already."""
        self._count += 1
        if self._count <= MAX_FAULTS:
            self._told.append(ReleaseFault(message))

    def all(self) -> tuple[ReleaseFault, ...]:
        """Return the faults; a last one has the number of those that are not told."""
        more = self._count - len(self._told)
        if not more:
            return tuple(self._told)
        return (*self._told, ReleaseFault(f"{self._folder}: and {more} more faults"))
