"""Why a text cannot be read, with the line and column where it shows."""

from __future__ import annotations

_SHOWN = 40


class DamageError(ValueError):
    """A text is cut off, broken or breaks a limit; the message starts with the place if known."""

    def __init__(self, cause: str, *, line: int = 0, column: int = 0) -> None:
        """Keep `cause`, one line of plain words; `line` and `column` count from 1, 0 is unknown."""
        super().__init__(f"line {line}, column {column}: {cause}" if line else cause)


class ForeignError(ValueError):
    """A content is sound but nothing that devices take, or nothing of the kind at all."""


def quoted(text: str) -> str:
    """Return at most 40 characters of a stranger's `text` on one line, quoted and escaped."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
