"""Read what commands are given: the rim where files become bytes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from profilegen.errors import InputError, UsageError
from profilegen.plan.model import Plan, TargetPlan
from profilegen.policy.load import load_policy
from profilegen.policy.model import Policy

MAX_INPUT = 64 * 1024 * 1024
"""Bytes of a file that is read; more than that no profile, policy or manifest has."""

STREAM = Path("-")
"""What stands for standard input in the place of a file."""
STREAM_NAME = "standard input"


class InputPath(click.Path):
    """A path that is not empty: `"$UNSET"` of a shell would mean the current folder."""

    def __init__(self) -> None:
        """Take any path, there or not."""
        super().__init__(path_type=Path)

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """Return the path; raise UsageError for an empty one."""
        if not os.fspath(value):
            message = "a path is empty"
            raise UsageError(message, hint="Check the variable that should hold it.")
        return super().convert(value, param, ctx)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A loaded policy with the bytes it was read from and the folder its paths start at."""

    policy: Policy
    name: str
    folder: Path
    content: bytes


def read_policy(path: Path) -> PolicyFile:
    """Return the policy in the file at `path`; raise InputError when there is none."""
    content = read_bytes(path)
    return PolicyFile(load_policy(str(path), content), path.name, path.parent, content)


def read_bytes(path: Path) -> bytes:
    """Return the content of the file at `path`, at most MAX_INPUT bytes of it.

    Raises InputError when the file is missing, is no file, cannot be read or is larger.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_INPUT + 1)
    except OSError as error:
        message = f"{path}: cannot read the file: {error.strerror}"
        raise InputError(message, hint="Check the path and that you may read it.") from error
    if len(content) > MAX_INPUT:
        message = f"{path}: the file is larger than {MAX_INPUT // 1024 // 1024} MiB"
        raise InputError(message, hint="No profile, policy or manifest is that large.")
    return content


def read_input(path: Path) -> bytes:
    """Return the content of the file at `path`, or of standard input for STREAM.

    Raises InputError as `read_bytes`, and UsageError where standard input is a terminal.
    """
    return read_stream() if path == STREAM else read_bytes(path)


def input_name(path: Path) -> Path:
    """Return how the output names what `read_input` reads."""
    return Path(STREAM_NAME) if path == STREAM else path


def read_stream() -> bytes:
    """Return what standard input holds, at most MAX_INPUT bytes.

    Raises InputError for nothing at all, for more and for what cannot be read, and UsageError for a
    terminal.
    """
    refuse_terminal()
    try:
        content = sys.stdin.buffer.read(MAX_INPUT + 1)
    except OSError as error:
        message = f"{STREAM_NAME}: cannot be read: {error.strerror}"
        raise InputError(message, hint="Check what is piped into it.") from error
    if not content:
        message = f"{STREAM_NAME}: nothing came"
        raise InputError(message, hint="Check the command that should write it.")
    if len(content) > MAX_INPUT:
        message = f"{STREAM_NAME}: more than {MAX_INPUT // 1024 // 1024} MiB"
        raise InputError(message, hint="No profile, policy or manifest is that large.")
    return content


def refuse_terminal() -> None:
    """Raise UsageError where standard input is a terminal: nobody types a signed file."""
    if sys.stdin.isatty():
        message = "- reads standard input, which is a terminal"
        raise UsageError(message, hint="Pipe a file into it, or name the file.")


def chosen_targets(plan: Plan, target: str) -> tuple[TargetPlan, ...]:
    """Return all targets of `plan`, or the one named; raise UsageError when there is no such."""
    if not target:
        return plan.targets
    found = tuple(item for item in plan.targets if item.target.id == target)
    if not found:
        known = ", ".join(item.target.id for item in plan.targets)
        message = f"--target {target}: the policy has no such target"
        raise UsageError(message, hint=f"Its targets are: {known}.")
    return found
