"""What is wrong in a policy file: each fault with its place, and the error that holds them all.

Knows how a place and a hint are written; knows nothing of YAML or of the policy's fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from profilegen.errors import InputError

Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60
_LONGEST_LIST = 12


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text; line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at a path of a document; `position` where the path alone does not say."""

    path: Path
    message: str
    hint: str
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault with the file and the place it stands at; `path` is in words: accounts[0].server."""

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str

    def __str__(self) -> str:
        """Return the line that people read and editors jump by."""
        place = f"{self.file}:{self.line}:{self.column}: "
        return f"{place}{self.path}: {self.message}" if self.path else place + self.message


class PolicyError(InputError):
    """A policy file that is wrong in one or more places."""

    slug = "policy"

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep `problems`, at least one, in the order of the file."""
        super().__init__(str(problems[0]), hint=problems[0].hint)
        self.problems = tuple(problems)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return (line, hint) of each problem."""
        return tuple((str(problem), problem.hint) for problem in self.problems)


def path_text(path: Path) -> str:
    """Return `path` as people write it: accounts[0].channels."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _BARE_KEY.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{clip(step)}]"
    return text


def clip(text: str) -> str:
    """Return `text` in double quotes, on one line and of bounded length."""
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    return json.dumps(shown, ensure_ascii=not shown.isprintable())


def suggestion(name: str, valid: Iterable[str], *, otherwise: str) -> str:
    """Return a hint with the valid name nearest to `name`, or `otherwise` when none is near."""
    folded = {candidate.casefold(): candidate for candidate in valid}
    near = get_close_matches(name.casefold()[:_LONGEST_SHOWN], folded, n=1)
    return f'Did you mean "{folded[near[0]]}"?' if near else otherwise


def listing(names: Iterable[str]) -> str:
    """Return `names` for a sentence, cut where a list is too long to read."""
    shown = list(names)
    if len(shown) > _LONGEST_LIST:
        return ", ".join(shown[:_LONGEST_LIST]) + ", ..."
    return ", ".join(shown) or "none"
