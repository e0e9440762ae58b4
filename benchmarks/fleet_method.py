"""How the figures of benchmarks/fleet.py are made: ratios of what ran alternately, and their table.

Only ratios are firm: on a machine that others use too, the same loop varies by a factor of two. So
the two sides of a ratio alternate, each for a short while, every pair gives one ratio, and what is
printed is the median of them with the 5th and the 95th percentile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

SLICE = 0.02
"""Seconds that one side runs before it is the other's turn."""
_HEAD = ("", "ratio", "p5 - p95", "rounds", "required", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: all its ratios, the least that the median has to be, and what we would like.

    With `at_most`, `required` is the most that it may be. `note` is printed behind.
    """

    name: str
    ratios: tuple[float, ...]
    required: float
    goal: float | None = None
    note: str = ""
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """The median."""
        return median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether the median is what is required."""
        return self.ratio <= self.required if self.at_most else self.ratio >= self.required

    @property
    def spread(self) -> tuple[float, float]:
        """The 5th and the 95th percentile; of few rounds, the least and the greatest ratio."""
        cuts = quantiles(self.ratios, n=20, method="inclusive") if len(self.ratios) > 1 else None
        return (self.ratio, self.ratio) if cuts is None else (cuts[0], cuts[-1])


def alternating(
    ours: Callable[[], object], raw: Callable[[], object], *, each: int, pairs: int, step: int
) -> tuple[float, ...]:
    """Return how fast `ours` is in terms of `raw`, in `pairs` of slices: 1.0 is as fast.

    One call of `ours` does `each` times what one of `raw` does. The clock is asked after each of
    those, and once in `step` calls of `raw`. Which side begins changes from pair to pair.
    """
    ratios = []
    for number in range(pairs):
        sides = (ours, raw) if number % 2 else (raw, ours)
        spent = {side: _slice(side, step if side is raw else 1) for side in sides}
        ratios.append(each * spent[raw] / spent[ours])
    return tuple(ratios)


def table(figures: list[Figure]) -> str:
    """Return the figures as a table of text."""
    rows = [_HEAD, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = (
        "  ".join(
            cell.ljust(width) if column in {0, len(_HEAD) - 1} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _slice(body: Callable[[], object], step: int) -> float:
    """Return the seconds of one call, over a slice of them: of the processor, not of the clock.

    Where both sides only compute, that leaves out what other processes take in between.
    """
    count = 0
    begun = time.process_time()
    while (spent := time.process_time() - begun) < SLICE:
        for _ in range(step):
            body()
        count += step
    return spent / count


def _cells(figure: Figure) -> tuple[str, ...]:
    low, high = figure.spread
    verdict = "" if figure.holds else "MISSED"
    return (
        figure.name,
        _number(figure.ratio),
        f"{_number(low)} - {_number(high)}",
        str(len(figure.ratios)),
        f"{'<=' if figure.at_most else '>='} {figure.required:g}",
        "" if figure.goal is None else f"{figure.goal:g}",
        "  ".join(text for text in (verdict, figure.note) if text),
    )


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"  # noqa: PLR2004
