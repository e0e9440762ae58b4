"""What tests of fleets share: a list of users in several chunks, and builds and releases for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.release.workers import chunks
from tests.support.command import Outcome, RunProfilegen
from tests.support.compared import Scene
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


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the releases that tests of a module compare."""
    return tmp_path_factory.mktemp("releases")


@pytest.fixture
def scene(store: Path, tmp_path: Path, call_profilegen: RunProfilegen) -> Scene:
    """Return what builds two releases, and compares them."""
    return Scene(store, tmp_path, call_profilegen)
