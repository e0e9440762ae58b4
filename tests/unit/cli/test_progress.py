from __future__ import annotations

import io
import sys
import time

import pytest

from profilegen.cli import progress as module
from profilegen.cli.progress import duration, progress


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


def test_a_log_tells_rate_failures_and_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 10.0, 70.0, 75.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    with progress("users", expected=lambda: 700_000.0, failures=lambda: "3 bad rows") as tell:
        tell(1_000)  # too early for a line
        tell(70_000)
        tell(71_000)
    # Users that are read already, or in work, are not done.
    assert capsys.readouterr().err == "70,000 users, 1,000/s, 10 min left, 3 bad rows\n"


def test_a_rate_is_that_of_late(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 61.0, 122.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    with progress("users") as tell:
        tell(61)
        tell(71)
    assert capsys.readouterr().err == "61 users, 1/s\n71 users, 9.8 a minute\n"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (11_100, "3 h 05 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
