"""A stranger's text or number, made fit for a message."""

from __future__ import annotations

_LONGEST = 80
_LARGEST = 10**30


def shown(value: str | float) -> str:
    """Return `value` in quotes, escaped and at most 80 characters of it; numbers as they are."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}...")
    return "a very large number" if abs(value) > _LARGEST else f"{value}"
