"""Read what commands are given: the rim where files become bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from profilegen.errors import InputError, UsageError
from profilegen.plan.model import Plan, TargetPlan
from profilegen.policy.load import load_policy
from profilegen.policy.model import Policy

MAX_INPUT = 64 * 1024 * 1024
"""Bytes of a file that is read; more than that no profile, policy or manifest has."""


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
