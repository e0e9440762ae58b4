"""Users for whom nothing can be made: told as bad rows are, and everybody else is served."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from profilegen.release.resume.journal import Journal
from tests.support.command import RunProfilegen
from tests.support.fleets import BUILD, SIZE, users_csv
from tests.support.releases import snapshot

_TEMPLATE = """\
{% extends "builtin/ios/profile.mobileconfig.j2" %}
{% block wording %}
{% if IDS %}{{ nobody }}{% endif %}
{{ super() }}
{% endblock %}
"""
_REASON = "template templates/ios/profile.mobileconfig.j2, line 3: 'nobody' is undefined"
_ROWS = (3, 4, 8, 46, 50)
"""Rows of users who are refused; that of row 1 is user0000."""
_OWN = ("--templates", "templates")


def refuse(fleet: Path, condition: str) -> None:
    template = fleet / "templates" / "ios" / "profile.mobileconfig.j2"
    template.parent.mkdir(parents=True)
    template.write_text(_TEMPLATE.replace("IDS", condition), "utf-8")


def stop_at(call: int, stop: Callable[..., None]) -> Callable[..., None]:
    """Return a function whose `call`-th call is one of `stop`."""
    calls = count(1)
    return lambda *given: stop(*given) if next(calls) == call else None


@pytest.fixture
def some(fleet: Path) -> Path:
    """Return the folder of a policy of whose ninety users some are refused."""
    ids = [f".user{row - 1:04}" for row in _ROWS]
    refuse(fleet, " or ".join(f"'{user}' in profile.identifier" for user in ids))
    return fleet


@pytest.mark.parametrize("packing", [(), ("--archive", "tar")], ids=["folders", "archives"])
def test_the_others_are_served(
    packing: tuple[str, ...], some: Path, call_profilegen: RunProfilegen
) -> None:
    rows = users_csv(range(60)).splitlines()
    rows[30] = "nobody,"
    (some / "users.csv").write_text("\n".join(rows) + "\n", "utf-8")
    told = [
        call_profilegen(*BUILD, *_OWN, "-o", workers, "--workers", workers, *packing)
        for workers in ("1", "2")
    ]
    for done in told:
        assert done.exit_code == 1
        assert "for 54 users" in done.stdout
    # A worker is given the whole path of templates.
    assert told[0].stderr == told[1].stderr.replace(f"{some}/", "")
    expected = [f"error: users.csv: row {row}: {_REASON}" for row in _ROWS]
    lines = [line for line in told[0].stderr.splitlines() if line.startswith("error: users.csv: r")]
    assert [lines[:3], lines[4:]] == [expected[:3], expected[3:]]
    assert "row 30" in lines[3]
    assert snapshot(some / "1") == snapshot(some / "2")
    assert call_profilegen("verify", "1").exit_code == 0
    index = (some / "1" / "phone" / "users" / "index.csv").read_text("utf-8")
    assert "user0001" in index
    assert "user0002" not in index


def test_the_report_and_json_have_them(some: Path, call_profilegen: RunProfilegen) -> None:
    report = some / "bad.csv"
    done = call_profilegen(*BUILD, *_OWN, "--bad-rows", report, "--format", "json")
    assert done.exit_code == 1
    with report.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert sorted(int(row["row"]) for row in found) == [*_ROWS]
    assert {row["message"] for row in found} == {_REASON}
    assert json.loads(done.stdout)["bad_rows"] == [
        {"row": int(row["row"]), "message": row["message"]} for row in found
    ]


def test_an_interrupted_build_still_tells_them(
    some: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = call_profilegen(*BUILD, *_OWN, "-o", "whole")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("profilegen.release.writing.Writer.end_users", stop)
        call_profilegen(*BUILD, *_OWN)
    done = call_profilegen(*BUILD, *_OWN, "--resume", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["fleet"]["resumed_users"]) == (1, 85)
    assert [line for line in done.stderr.splitlines() if "row" in line] == [
        line for line in whole.stderr.splitlines() if "row" in line
    ]
    assert snapshot(some / "dist") == snapshot(some / "whole")


def test_the_first_is_enough_with_fail_fast(some: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen(*BUILD, *_OWN, "--fail-fast")
    error, hint = done.stderr.splitlines()[-2:]
    assert (done.exit_code, error) == (3, f"error: users.csv: row 3: {_REASON}")
    assert hint.startswith("hint: Correct the row, or leave out --fail-fast")
    assert not (some / "dist").exists()


@pytest.mark.parametrize("users", [1, 40, 60, 130])
def test_nobody_can_be_served(users: int, fleet: Path, call_profilegen: RunProfilegen) -> None:
    refuse(fleet, "true")
    (fleet / "users.csv").write_text(users_csv(range(users)), "utf-8")
    done = call_profilegen(*BUILD, *_OWN)
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        3,
        [
            f"error: {_REASON}",
            "hint: Mend the template; docs/templates.md lists what templates are given.",
        ],
    )
    assert not (fleet / "dist").exists()


def test_who_stops_at_the_beginning_goes_on_behind_it(
    fleet: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever begins in the midst of a list, as workers and --resume do, serves the others."""
    monkeypatch.setattr("profilegen.release.workers.making.IN_VAIN", SIZE // 2)
    first = range(SIZE, 2 * SIZE)  # of the second chunk
    refuse(fleet, " or ".join(f"'.user{each:04}' in profile.identifier" for each in first))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "begin", stop_at(2, stop))
        call_profilegen(*BUILD, *_OWN)
    done = call_profilegen(*BUILD, *_OWN, "--resume", "--format", "json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["users"], found["fleet"]["resumed_users"]) == (1, 90 - SIZE, SIZE)
    assert call_profilegen("verify", "dist").exit_code == 0


def test_nothing_more_is_begun_when_the_first_are_refused(
    fleet: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profilegen.release.workers.making.IN_VAIN", SIZE // 2)
    refuse(fleet, " or ".join(f"'.user{each:04}' in profile.identifier" for each in range(SIZE)))
    begun: list[int] = []
    begin = Journal.begin

    def noted(journal: Journal, number: int, digest: str) -> None:
        begun.append(number)
        begin(journal, number, digest)

    monkeypatch.setattr(Journal, "begin", noted)
    done = call_profilegen(*BUILD, *_OWN)
    assert (done.exit_code, done.stderr.splitlines()[-2]) == (3, f"error: {_REASON}")
    assert begun == [0]
