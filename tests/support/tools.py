"""Programs of the machine that tests compare profilegen with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Say whether this run must be complete: where CI is set, nothing is skipped."""
    return bool(os.environ.get("CI"))


def require_tool(name: str) -> Path:
    """Return the path of the program `name`; without it, fail in CI and skip the test elsewhere.

    The Debian package of each name stands in `.ci/run`; a repository test compares the two.
    """
    found = shutil.which(name)
    return Path(found) if found is not None else missing(name)


def missing(name: str) -> NoReturn:
    """End the test for lack of the program `name`: fail it in CI, skip it elsewhere."""
    reason = f"{name} is not installed"
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)
