"""Lines for people: 100 columns, plain words, and no control character of a stranger."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 100


def wrapped(text: str, *, first: str = "", rest: str | None = None) -> list[str]:
    """Return `text` as lines that begin with `first` and then with `rest`, or `first` again.

    A word that is longer than a line, mostly the name of a file, stays whole to be copied.
    """
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """Return `text` with `?` for whatever would move the cursor or end the line."""
    return "".join(c if c.isprintable() else "?" for c in text)


def counted(count: int, noun: str) -> str:
    """Return `count` with its noun: `1 file`, `2 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def limited(names: Sequence[str], most: int) -> str:
    """Return the first `most` of `names`, and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"
