"""Lists of users in several chunks, and builds of them, for tests of fleets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.support.command import Outcome, clean_environment
from tests.support.releases import EPOCH, PERSONAL, Signing, write_identity
from tests.support.small_chunks import CHUNK, PATIENCE

Build = Callable[..., Outcome]
"""What builds for users.csv with the arguments given."""

SIZE = 20
ENVIRONMENT = {"SOURCE_DATE_EPOCH": EPOCH}
SCRIPT = Path(__file__).with_name("small_chunks.py")
BUILD = ("build", "policy.yaml", "--users", "users.csv")
_PATIENCE = "2"


def users_csv(numbers: Iterable[int], domain: str = "example.com") -> str:
    """Return a list of users; the same number is the same user."""
    rows = (f"user{number:04},user{number:04}@{domain}\n" for number in numbers)
    return "id,email\n" + "".join(rows)


def write_fleet(folder: Path, *, users: int = 90) -> Signing:
    """Write policy.yaml, users.csv and the development identity, which it returns, to `folder`."""
    identity = write_identity(folder / "certs")
    (folder / "policy.yaml").write_text(PERSONAL, "utf-8")
    (folder / "users.csv").write_text(users_csv(range(users)), "utf-8")
    return identity


def start(
    folder: Path, *arguments: str, chunk: int, environment: Mapping[str, str]
) -> subprocess.Popen[str]:
    """Begin `profilegen ARGUMENTS`, with `chunk` users in a chunk, in a process group."""
    variables = {CHUNK: str(chunk), "PYTHONPATH": str(SCRIPT.parents[2])}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=folder,
        env=clean_environment(folder) | variables | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def start_build(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Begin `profilegen build policy.yaml --users users.csv ARGUMENTS` with chunks of SIZE."""
    environment = ENVIRONMENT | {PATIENCE: _PATIENCE}
    return start(folder, *BUILD, *arguments, chunk=SIZE, environment=environment)
