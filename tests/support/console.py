"""Run the ```console blocks of a document and compare what they print with what it says.

A line that starts with `$ ` is typed into one shell, which all blocks of the document share; the
lines after it are the output expected, both streams together. `...` stands for any text, on a line
of its own for any lines. A command must end with 0, unless the next command is `echo $?`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from tests.support.command import run

_BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT = "$ "
_SHOW_STATUS = "echo $?"
_TIME = "1796083200"
"""SOURCE_DATE_EPOCH of all documents: 2026-12-01, so that what they print stays the same."""
_END = "@@ profilegen test: status "


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a document, the line it stands on, and the output the document promises."""

    line: int
    command: str
    expected: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that did something else than the document says."""

    step: Step
    status: int
    printed: str

    def __str__(self) -> str:
        """Return the step, the promise and the truth, for a test's message."""
        return (
            f"line {self.step.line}: $ {self.step.command}\n"
            f"--- the document says\n{self.step.expected}\n"
            f"--- it printed, and ended with {self.status}\n{self.printed}"
        )


def steps_in(document: str) -> tuple[Step, ...]:
    """Return the commands of all console blocks, in order."""
    steps: list[Step] = []
    for block in _BLOCK.finditer(document):
        first = document.count("\n", 0, block.start("body")) + 1
        for number, line in enumerate(block["body"].splitlines(), start=first):
            if line.startswith(_PROMPT):
                steps.append(Step(number, line.removeprefix(_PROMPT), ""))
                continue
            if not steps or steps[-1].line < first:
                message = f"line {number}: output without a command before it"
                raise ValueError(message)
            last = steps.pop()
            steps.append(Step(last.line, last.command, f"{last.expected}{line}\n"))
    return tuple(steps)


def matches(expected: str, printed: str) -> bool:
    """Say whether `printed` is `expected`, where `...` stands for anything.

    Spaces at the ends of lines do not count, since editors remove them.
    """
    any_lines = re.sub(r"^\.\.\.(\n|\Z)", "\0", _stripped(expected), flags=re.MULTILINE)
    pattern = re.escape(any_lines).replace(re.escape("\0"), r"(?:.*\n)*").replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, _stripped(printed)) is not None


def differences(steps: tuple[Step, ...], *, folder: Path, path: str) -> tuple[Difference, ...]:
    """Run `steps` in one shell in `folder`; return those that did not do what was said.

    `path` is the PATH on which `profilegen` is found.
    """
    script = "".join(
        # The subshell gives `echo $?` of the next step the status of this one.
        f'{step.command}\n_status=$?; printf "%s%s\\n" "{_END}" "$_status"; (exit "$_status")\n'
        for step in steps
    )
    environment = {"PATH": path, "SOURCE_DATE_EPOCH": _TIME, "COLUMNS": "100"}
    outcome = run("bash", "-c", f"exec 2>&1\n{script}", folder=folder, environment=environment)
    ends = re.compile(rf"{re.escape(_END)}(\d+)\n")
    parts = ends.split(outcome.stdout)
    found = list(zip(parts[0::2], map(int, parts[1::2]), strict=False))
    if len(found) != len(steps):
        message = f"the shell ended after {len(found)} of {len(steps)} commands:\n{outcome.stdout}"
        raise RuntimeError(message)
    followers = [step.command for step in steps[1:]]
    return tuple(
        Difference(step, status, printed)
        for step, (printed, status), follower in zip_longest(steps, found, followers)
        if not matches(step.expected, printed) or (status != 0 and follower != _SHOW_STATUS)
    )


def _stripped(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())
