"""What is told of a list of users: rates of the work that was done, and nothing of none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from profilegen.cli.fleet_output import fleet_document, size_on_disk, tell_fleet
from profilegen.release.build import Built
from profilegen.release.sinks.model import ArchiveKind, Packing
from profilegen.release.workers.chunks import Spent, Tally


def built(tally: Tally, *, size: int = 3_200_000, removed: int | None = None) -> Built:
    return Built(files={}, users=tally.users, bad_rows=(), size=size, tally=tally, removed=removed)


def test_a_rate_is_that_of_the_users_of_this_build(capsys: pytest.CaptureFixture[str]) -> None:
    spent = Spent(read=1, render=1, sign=6, write=2)
    half_done = built(Tally(users=4_000, resumed=2_000, spent=spent))
    tell_fleet(half_done, seconds=10.0)
    assert capsys.readouterr().err == (
        "4,000 users in 10 s (200/s), files of 3.2 MB. 2,000 of them were done by the build that"
        " was interrupted. Work: read 10%, render 10%, sign 60%, write 20%.\n"
    )
    document = fleet_document(half_done, seconds=10.0)
    assert document is not None
    assert (document["users_per_second"], document["resumed_users"]) == (200.0, 2_000)


def test_all_was_done_before(capsys: pytest.CaptureFixture[str]) -> None:
    tell_fleet(built(Tally(users=5, resumed=5)), seconds=1.0)
    assert capsys.readouterr().err == (
        "5 users in 1 s, files of 3.2 MB. 5 of them were done by the build that was interrupted.\n"
    )


def test_a_list_that_no_target_needs_is_not_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    tell_fleet(built(Tally(users=5_000), size=0), seconds=1.0)
    assert capsys.readouterr().err == ""


SPENT = Spent(read=1, render=1, prove=4, sign=2, write=2)


def test_signatures_that_were_kept(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(users=2_000, signed=2, taken_over=3_990, unchanged=1_995, added=1, spent=SPENT)
    tell_fleet(built(tally, removed=3), seconds=4.0)
    assert capsys.readouterr().err == (
        "2,000 users in 4 s (500/s), files of 3.2 MB. Since the earlier release 1,995 are"
        " unchanged, 4 changed, 1 new, 3 gone; 3,990 signatures kept. Work: read 10%, render 10%,"
        " prove 40%, sign 20%, write 20%.\n"
    )


@pytest.mark.parametrize("encrypted", [0, 2_000])
def test_no_signature_was_kept(encrypted: int, capsys: pytest.CaptureFixture[str]) -> None:
    one = replace(built(Tally(users=3, signed=6, added=1), removed=2), encrypted=encrypted)
    tell_fleet(one, seconds=0.3)
    why = "; encrypted profiles are always made anew" if encrypted else ""
    assert capsys.readouterr().err == (
        "3 users in less than 1 s, files of 3.2 MB. No signature of the earlier release could be"
        f" kept: 2 changed, 1 new, 2 gone{why}.\n"
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.999, "1,500 users in less than 1 s, files of 3.2 MB.\n"),
        (1.6, "1,500 users in 2 s, files of 3.2 MB.\n"),
        (2.0, "1,500 users in 2 s (750/s), files of 3.2 MB.\n"),
        (3_000.0, "1,500 users in 50 min, files of 3.2 MB.\n"),
    ],
)
def test_a_rate_that_tells_nothing_is_not_told(
    seconds: float, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_fleet(built(Tally(users=1_500)), seconds=seconds)
    assert capsys.readouterr().err == told


def test_work_of_a_few_users_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally(users=1, taken_over=1, unchanged=1, spent=SPENT)
    tell_fleet(built(tally, size=999, removed=0), seconds=5.0)
    assert capsys.readouterr().err == (
        "1 user in 5 s, files of 999 bytes. Since the earlier release 1 are unchanged, 0 changed,"
        " 0 new, 0 gone; 1 signature kept.\n"
    )
    tell_fleet(built(Tally(users=999, spent=SPENT)), seconds=5.0)
    assert not capsys.readouterr().err


def test_bytes_of_archives_are_those_on_the_disk(tmp_path: Path) -> None:
    for name in ("a/users/00000.tar.gz", "b/users/00000.tar.gz", "b/users/00001.tar.gz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 7)
    (tmp_path / "a/users/index.csv").write_bytes(b"y" * 100)
    one = built(Tally(users=2))
    assert size_on_disk(one, tmp_path, Packing(ArchiveKind.TAR, compressed=True)) == 21
    assert size_on_disk(one, tmp_path, Packing()) == one.size
