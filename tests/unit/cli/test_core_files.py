"""A crashed profilegen leaves no core file."""

from __future__ import annotations

import ctypes
import resource
import sys
from pathlib import Path

import pytest

from profilegen.cli.core_files import forbid_core_files
from tests.support.command import run

# A process of its own: the limit is for good.
_RUN = """
import ctypes, resource, sys
_, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
sys.argv = ["profilegen", "channels"]
from profilegen.cli.root import run
assert run() == 0
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is a call of Linux")
def test_a_command_forbids_core_files_by_the_limit_and_by_the_flag(tmp_path: Path) -> None:
    done = run(sys.executable, "-c", _RUN, folder=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["0 0"], done.stderr


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_each_system_is_asked_for_what_it_can(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    class Library:
        def __init__(self, name: None) -> None:
            del name

        def prctl(self, *arguments: int) -> None:
            assert arguments == (4, 0, 0, 0, 0)
            asked.append("flag")

    def limit(which: int, limits: tuple[int, int]) -> None:
        assert (which, limits[0]) == (resource.RLIMIT_CORE, 0)
        asked.append("limit")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", Library)
    monkeypatch.setattr(resource, "setrlimit", limit)
    forbid_core_files()
    expected = {"linux": ["limit", "flag"], "darwin": ["limit"], "win32": []}
    assert asked == expected[platform]


def test_a_python_without_ctypes_starts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(sys.modules, "ctypes", None)
    monkeypatch.setattr(resource, "setrlimit", lambda which, _limits: asked.append(which))
    forbid_core_files()
    assert asked == [resource.RLIMIT_CORE]
