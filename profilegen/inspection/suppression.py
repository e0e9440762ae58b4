"""Findings that somebody switched off, by rule, for all files or for some, with the reason."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from profilegen.findings import Finding
from profilegen.inspection.model import Suppressed

_WILDCARDS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")


@dataclass(frozen=True, slots=True)
class Files:
    """The files below `root` whose path from there fits `pattern`, as `pattern_of` makes it."""

    root: Path
    pattern: re.Pattern[str]

    def __contains__(self, name: str) -> bool:
        """Say whether the file called `name`, a path from the current folder, is one of them."""
        path = Path(os.path.abspath(name))  # noqa: PTH100  (resolve() would follow links)
        if not path.is_relative_to(self.root):
            return False
        return self.pattern.fullmatch(path.relative_to(self.root).as_posix()) is not None


@dataclass(frozen=True, slots=True)
class Silence:
    """Rules that are switched off: all but these if `others`; None for `files` means every file.

    `by` says where somebody asked for it, `because` why.
    """

    rules: frozenset[str]
    by: str
    because: str = ""
    files: Files | None = None
    others: bool = False

    def covers(self, finding: Finding, name: str) -> bool:
        """Say whether it switches off `finding` of the file `name`, "" for the whole device."""
        listed = finding.rule in self.rules
        if listed is self.others:
            return False
        return self.files is None or (name != "" and name in self.files)


def pattern_of(glob: str) -> re.Pattern[str]:
    """Return what the paths that `glob` names match; `*` stays in a folder, `**` does not."""
    parts = _PARTS.findall(glob)
    text = "".join(_WILDCARDS.get(part) or re.escape(part) for part in parts)
    return re.compile(text, re.DOTALL)


def split(
    findings: Iterable[Finding], name: str, silences: Sequence[Silence]
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """Return what stays of the findings of the file `name`, and what is switched off."""
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in findings:
        for silence in silences:
            if silence.covers(finding, name):
                suppressed.append(Suppressed(finding, silence.by, silence.because))
                break
        else:
            kept.append(finding)
    return tuple(kept), tuple(suppressed)
