"""Start profilegen the way a person does: another process, another folder, a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_SECONDS = 300
"""How long a command may take; one that hangs fails its test instead of the whole run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished process left: its exit code and its two streams as text."""

    exit_code: int
    stdout: str
    stderr: str


class RunProfilegen(Protocol):
    """The type of the fixtures `run_profilegen` and `call_profilegen`."""

    def __call__(
        self,
        *arguments: str | Path,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
    ) -> Outcome:
        """Run `profilegen ARGUMENTS`, with `environment` added to the one there is."""


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment without this machine's language, time zone and settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}


def run(
    *command: str | Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
) -> Outcome:
    """Run `command` in `folder`, with `environment` added to the clean one."""
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=folder,
        env=clean_environment(folder) | dict(environment or {}),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run_profilegen_in(
    folder: Path,
    *arguments: str | Path,
    environment: Mapping[str, str] | None = None,
    stdin: str = "",
) -> Outcome:
    """Run `profilegen ARGUMENTS` in `folder` as a process of its own."""
    command = (sys.executable, "-m", "profilegen", *arguments)
    return run(*command, folder=folder, environment=environment, stdin=stdin)
