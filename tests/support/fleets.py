"""Lists of users in several chunks, and builds of them, for tests of fleets.

As a script, `python -m tests.support.fleets ARGUMENTS...` is `profilegen` with chunks of SIZE
users.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from profilegen.cli.main import main
from profilegen.release.workers import chunks, cluster
from tests.support.command import Outcome
from tests.support.releases import EPOCH, PERSONAL, write_identity

Build = Callable[..., Outcome]
"""What builds for users.csv with the arguments given."""

SIZE = 20
ENVIRONMENT = {"SOURCE_DATE_EPOCH": EPOCH}
_ROOT = Path(__file__).resolve().parent.parent.parent


def users_csv(numbers: Iterable[int], domain: str = "example.com") -> str:
    """Return a list of users; the same number is the same user."""
    rows = (f"user{number:04},user{number:04}@{domain}\n" for number in numbers)
    return "id,email\n" + "".join(rows)


def write_fleet(folder: Path, *, users: int = 90) -> None:
    """Write policy.yaml, users.csv and the development identity into `folder`."""
    write_identity(folder / "certs")
    (folder / "policy.yaml").write_text(PERSONAL, "utf-8")
    (folder / "users.csv").write_text(users_csv(range(users)), "utf-8")


def start_build(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Begin `profilegen build policy.yaml --users users.csv ARGUMENTS` in a process group."""
    command = ("build", "policy.yaml", "--users", "users.csv", *arguments)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.fleets", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(_ROOT), **ENVIRONMENT, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def small_chunks() -> None:
    """Let chunks have SIZE users in this process, which is where they are made."""
    vars(chunks)["USERS_IN_CHUNK"] = SIZE
    vars(cluster)["_PATIENCE"] = 2.0  # seconds until a cluster counts as lost


if __name__ == "__main__":
    small_chunks()
    main()
