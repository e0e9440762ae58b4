"""A finding: one thing wrong in a file, with the place where it stands and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; the members stand from worst to mildest."""

    ERROR = "error"
    """A device or server refuses it, or it does something else than it says."""
    WARNING = "warning"
    """It works, but less than its author will think, or not everywhere."""
    NOTE = "note"
    """Worth knowing; nothing has to change."""

    def reaches(self, level: Severity) -> bool:
        """Say whether this is at least as bad as `level`."""
        order = list(Severity)
        return order.index(self) <= order.index(level)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a file.

    `rule` is the rule's code. `where` is a place as `profilegen.places` writes it, "" for the
    whole file. `message` says what is wrong, `fix` what to do, each in one or two sentences.
    """

    rule: str
    severity: Severity
    where: str
    message: str
    fix: str
