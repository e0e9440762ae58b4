"""What tests of fleets share: a list of users in several chunks, and builds for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.release.workers import chunks
from tests.support.command import Outcome, RunProfilegen
from tests.support.fleets import BUILD, ENVIRONMENT, SIZE, Build, write_fleet


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a policy and a list of 90 users, which are five chunks."""
    monkeypatch.setattr(chunks, "USERS_IN_CHUNK", SIZE)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    write_fleet(tmp_path)
    return tmp_path


@pytest.fixture
def build(call_profilegen: RunProfilegen) -> Build:
    """Return a function that builds for users.csv."""

    def call(*arguments: str | Path) -> Outcome:
        return call_profilegen(*BUILD, *arguments)

    return call
