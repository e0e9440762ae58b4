"""Operating-system versions as people write them: `17`, `17.4`, `8.1.3`, `17 QPR1`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PATTERN = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(?: QPR([1-9]))?")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version that compares as its platform's vendor counts: 17 < 17 QPR1 < 17 QPR2 < 18."""

    major: int
    minor: int = 0
    patch: int = 0
    quarterly: int = 0

    def __str__(self) -> str:
        """Return the shortest spelling that `parse_version` reads back to the same value."""
        dotted = f"{self.major}"
        if self.minor or self.patch:
            dotted += f".{self.minor}"
        if self.patch:
            dotted += f".{self.patch}"
        return f"{dotted} QPR{self.quarterly}" if self.quarterly else dotted


def parse_version(text: str) -> Version:
    """Read `text` as a version; raise ValueError when it is not one."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        message = f"not a version: {text!r}"
        raise ValueError(message)
    major, minor, patch, quarterly = (int(part or 0) for part in match.groups())
    return Version(major, minor, patch, quarterly)
