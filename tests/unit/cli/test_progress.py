from __future__ import annotations

import io
import sys

import pytest

from profilegen.cli import progress as module
from profilegen.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_sees_a_counter_that_is_cleared_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(module, "_EVERY", 0.0)
    with progress("users") as tell:
        tell(1)
        tell(2)
    assert "\x1b[K1 users" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[K2 users\r\x1b[K")


def test_a_log_gets_whole_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_EVERY_IN_A_LOG", 0.0)
    with progress("users") as tell:
        tell(7)
    assert capsys.readouterr().err == "7 users done\n"


def test_a_short_job_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("users") as tell:
        tell(1)
    assert capsys.readouterr().err == ""
