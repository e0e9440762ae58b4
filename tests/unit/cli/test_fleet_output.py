"""What is told of a list of users: rates of the work that was done, and nothing of none."""

from __future__ import annotations

import pytest

from profilegen.cli.fleet_output import fleet_document, tell_fleet
from profilegen.release.build import Built
from profilegen.release.workers.chunks import Spent, Tally


def built(tally: Tally, *, size: int = 3_200_000) -> Built:
    return Built(files={}, users=tally.users, bad_rows=(), size=size, tally=tally)


def test_a_rate_is_that_of_the_users_of_this_build(capsys: pytest.CaptureFixture[str]) -> None:
    spent = Spent(read=1, render=1, sign=6, write=2)
    half_done = built(Tally(users=4_000, resumed=2_000, spent=spent))
    tell_fleet(half_done, seconds=10.0)
    assert capsys.readouterr().err == (
        "4,000 users in 10 s (200/s), 3.2 MB. 2,000 of them were done by the build that was"
        " interrupted. Work: read 10%, render 10%, sign 60%, write 20%.\n"
    )
    document = fleet_document(half_done, seconds=10.0)
    assert document is not None
    assert (document["users_per_second"], document["resumed_users"]) == (200.0, 2_000)


def test_all_was_done_before(capsys: pytest.CaptureFixture[str]) -> None:
    tell_fleet(built(Tally(users=5, resumed=5)), seconds=1.0)
    assert capsys.readouterr().err == (
        "5 users in 1 s, 3.2 MB. 5 of them were done by the build that was interrupted.\n"
    )


def test_a_list_that_no_target_needs_is_not_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    tell_fleet(built(Tally(users=5_000), size=0), seconds=1.0)
    assert capsys.readouterr().err == ""
