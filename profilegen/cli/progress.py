"""How far a long job is, on standard error: a counter for a person, a line a minute for a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from profilegen.cli.output import note

_EVERY = 0.2
_EVERY_IN_A_LOG = 60.0
_CLEAR_LINE = "\r\x1b[K"


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many of `what` are done, and shows it from time to time."""
    context = click.get_current_context(silent=True)
    if context is not None and context.params.get("quiet"):
        yield lambda _: None
        return
    on_terminal = sys.stderr.isatty()
    interval = _EVERY if on_terminal else _EVERY_IN_A_LOG
    shown = time.monotonic()

    def tell(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < interval:
            return
        shown = now
        if on_terminal:
            click.echo(f"{_CLEAR_LINE}{done} {what}", err=True, nl=False)
        else:
            note(f"{done} {what} done")

    try:
        yield tell
    finally:
        if on_terminal:
            click.echo(_CLEAR_LINE, err=True, nl=False)
