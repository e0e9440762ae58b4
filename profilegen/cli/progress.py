"""How far a long job is, on standard error: a counter for a person, a line a minute for a log."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from profilegen.cli.output import note

_EVERY = 0.2
_EVERY_IN_A_LOG = 60.0
_SPAN = 30.0
"""Seconds that a rate is the mean of."""
_SURE_AFTER = 2.0
_CLEAR_LINE = "\r\x1b[K"
_MINUTE, _HOUR = 60, 3600


@contextmanager
def progress(
    what: str,
    *,
    expected: Callable[[], float] = lambda: 0.0,
    failures: Callable[[], str] = lambda: "",
) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many of `what` are done, and shows it from time to time.

    `expected` tells how many there will be in the end, 0 where that is not known; `failures`
    what went wrong, in a few words, "" for nothing.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("quiet"):
        yield lambda _: None
        return
    on_terminal = sys.stderr.isatty()
    interval = _EVERY if on_terminal else _EVERY_IN_A_LOG
    shown = time.monotonic()
    rate = _Rate(shown)

    def tell(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < interval:
            return
        shown = now
        rate.note(now, done)
        parts = (f"{done:,} {what}", *rate.words(expected()), failures())
        text = ", ".join(part for part in parts if part)
        if on_terminal:
            click.echo(f"{_CLEAR_LINE}{text}", err=True, nl=False)
        else:
            note(f"{text} done" if text == parts[0] else text)

    try:
        yield tell
    finally:
        if on_terminal:
            click.echo(_CLEAR_LINE, err=True, nl=False)


class _Rate:
    """How fast it goes, of late."""

    def __init__(self, begun: float) -> None:
        self._begun = begun
        self._seen = deque([(begun, 0)])

    def note(self, now: float, done: int) -> None:
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _SPAN:  # noqa: PLR2004 (two ends)
            self._seen.popleft()

    def words(self, expected: float) -> Iterator[str]:
        """Yield the rate and the time left, once they can be told."""
        (first, before), (last, done) = self._seen[0], self._seen[-1]
        if last - self._begun < _SURE_AFTER or done <= before:
            return
        rate = (done - before) / (last - first)
        yield f"{rate:,.0f}/s" if rate >= 1 else f"{rate * _MINUTE:.1f} a minute"
        if expected:
            yield f"{duration(max(0.0, expected - done) / rate)} left"


def duration(seconds: float) -> str:
    """Return a time in words: 40 s, 12 min, 3 h 05 min."""
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"
