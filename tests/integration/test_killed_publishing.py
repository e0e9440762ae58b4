"""Whatever moment of publishing a build is killed in: it is published, or nothing of it is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.command import run


@pytest.mark.parametrize("way", ["first", "replaced", "moving"])
def test_a_build_that_is_killed_while_it_is_published_goes_on(
    way: str, tmp_path: Path, checkout: Path
) -> None:
    script = checkout / "tests" / "support" / "killed_publishing.py"
    done = run(sys.executable, script, tmp_path, way, folder=checkout)
    assert done.exit_code == 0, done.stderr
    left = json.loads(done.stdout)
    assert {row["code"] for row in left[:-1]} == {-9}
    assert (left[-1]["code"], left[-1]["state"]) == (0, "published")
    assert {row["state"] for row in left} == {"whole", "published"}
    assert all(row["stands"] for row in left)
    going_on = [row for row in left if row["state"] == "whole"]
    assert {row["again"] for row in going_on} == {0, -9}
    assert {row["then"] for row in going_on} == {"whole", "published"}
    assert {row["last"] for row in going_on if row["then"] == "whole"} == {0}
    assert {row["end"] for row in going_on} == {"published"}
    # Before, between and after what is set aside, and before the folders change names.
    assert len({row["step"] for row in going_on if row["aside"]}) >= 5
    assert len([row for row in going_on if row["again"]]) >= 50
