"""The small interface behind which workers of every kind are alike."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[T], R]
"""Does one task; an opened worker."""

Start = Callable[[], Callable[[T], R]]
"""Opens a worker. It is pickled, so it holds names: of files, of keys, never what they name."""


class Crew(Protocol):
    """Workers of one kind, ready to be started."""

    def results(self, start: Start[T, R], tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the result of each task, in their order.

        `tasks` is read as workers come free, so that few tasks and results are in memory at once.
        Raises what a worker raises, with the same exit code and reports, and ServiceError for a
        worker that is lost; no worker goes on after that, or when the iterator is closed.
        """
        ...


class Here:
    """This process does all the work."""

    def results(self, start: Start[T, R], tasks: Iterable[T]) -> Generator[R, None, None]:
        """Yield the result of each task, one after the other."""
        yield from map(start(), tasks)
