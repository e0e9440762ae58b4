"""A build for a list of users that is killed, or fails, goes on with --resume to the same bytes.

`python -m tests.support.killed_fleet --moments 50` does it at many more moments.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.fleets import users_csv
from tests.support.killed_fleet import (
    MAIN,
    PHASES,
    WORKER,
    Digests,
    Event,
    Fleet,
    digests,
    fleet,
    in_phase,
    left_by,
    resumed,
)
from tests.support.releases import EPOCH
from tests.support.softhsm import soft_token

EARLIER = "1796000000"
AT = {"SOURCE_DATE_EPOCH": EPOCH}
Steps = Mapping[str, Sequence[str]]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fleet, Digests, Steps]:
    """Return a fleet into archives, its release, and the steps to it."""
    return rehearsed(fleet(tmp_path_factory.mktemp("archives"), "--archive", "tar"))


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fleet, Digests, Steps]:
    """Return a fleet into folders by two workers, its release, and the steps to it."""
    return rehearsed(fleet(tmp_path_factory.mktemp("crew"), "--workers", "2"))


def rehearsed(one: Fleet) -> tuple[Fleet, Digests, Steps]:
    steps = one.steps()
    return one, one.undisturbed(), steps


def random_step(numbers: Sequence[int], seed: object) -> int:
    return random.Random(str(seed)).choice(numbers)  # noqa: S311 - a moment, no secret


@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_each_phase(archives: tuple[Fleet, Digests, Steps], phase: str) -> None:
    one, expected, steps = archives
    one.clear()
    event = Event(MAIN, random_step(in_phase(steps[MAIN], phase), phase), "SIGKILL")
    left = left_by(one, one.build(**AT, **event.variables))
    assert left.outcome.exit_code == -9
    assert left.release in ({}, expected)
    files = [name for name in expected if name.endswith(".tar")]
    if phase == "start-up":
        assert not left.finished
    elif phase in {"joining", "sealing"}:
        assert sorted(left.finished) == sorted(files)
    assert resumed(one, left, **AT) == expected


@pytest.mark.parametrize("moment", ["os.rename .dist.partial/.chunks", "os.rename .dist.partial "])
def test_killed_in_the_very_moment_of_publishing(
    archives: tuple[Fleet, Digests, Steps], moment: str
) -> None:
    """The journal has left the stage, and the release is not in its place yet."""
    one, expected, steps = archives
    one.clear()
    named = [f"{step.replace(f'{one.folder}/', '')} " for step in steps[MAIN]]
    numbers = [number for number, step in enumerate(named) if step.startswith(moment)]
    left = left_by(one, one.build(**AT, **Event(MAIN, numbers[-1], "SIGKILL").variables))
    assert left.outcome.exit_code == -9
    assert not left.release
    files = [name for name in expected if name.endswith(".tar")]
    assert sorted(left.finished) == sorted(files) != []
    assert resumed(one, left, **AT) == expected


def test_killed_when_the_release_is_in_its_place(archives: tuple[Fleet, Digests, Steps]) -> None:
    """Nothing is left to go on with, and who goes on is told that a release is there."""
    one, expected, steps = archives
    one.clear()
    renamed = [n for n, step in enumerate(steps[MAIN]) if step.startswith("os.rename")]
    left = left_by(one, one.build(**AT, **Event(MAIN, renamed[-1] + 1, "SIGKILL").variables))
    assert (left.outcome.exit_code, left.release, left.finished) == (-9, expected, {})
    done = one.build("--resume", "--since", "dist", "--format", "json", **AT)
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        0,
        (
            "Nothing to resume: no build of dist was interrupted; the release there was built at "
            "2026-12-01T00:00:00Z. It begins anew."
        ),
    )
    assert json.loads(done.stdout)["fleet"]["signatures"] == {"made": 0, "taken_over": 600}
    assert not list(one.folder.glob(".dist*"))


@pytest.mark.parametrize(("action", "exit_code"), [("SIGINT", 130), ("SIGTERM", -15)])
def test_ended_in_the_very_moment_of_publishing(
    archives: tuple[Fleet, Digests, Steps], action: str, exit_code: int
) -> None:
    one, expected, steps = archives
    one.clear()
    number = next(n for n, step in enumerate(steps[MAIN]) if ".dist.done/.chunks" in step)
    done = one.build(**AT, **Event(MAIN, number + 1, action).variables)
    assert done.exit_code == exit_code
    assert ("300 users are done; --resume continues the build." in done.stderr) == (
        action == "SIGINT"
    )
    left = left_by(one, done)
    assert left.finished
    assert resumed(one, left, **AT) == expected


def in_second_chunk(steps: Sequence[str]) -> int:
    """Return a step that a worker takes in any run: it is given two chunks at the beginning."""
    # Before a chunk is begun, the journal is asked for it.
    asked = [n for n, step in enumerate(steps) if re.search(r"/chunks/\d+\.json r ", step)]
    first, second, *_ = asked
    return second + (second - first) // 2


@pytest.mark.parametrize(("action", "exit_code"), [("SIGKILL", 6), ("SIGINT", 0)])
def test_a_worker_is_killed(
    crew: tuple[Fleet, Digests, Steps], action: str, exit_code: int
) -> None:
    one, expected, steps = crew
    one.clear()
    event = Event(WORKER, in_second_chunk(steps[WORKER]), action)
    done = one.build(**AT, **event.variables)
    left = left_by(one, done)
    assert done.exit_code == exit_code
    if exit_code:
        assert f"error: a worker process was killed ({action}) before its work was" in done.stderr
        assert "users are done; --resume continues." in done.stderr
        assert left.finished
        assert resumed(one, left, **AT) == expected
    else:  # Ctrl-C is the business of the process that a person started
        assert left.release == expected


@pytest.mark.parametrize(
    ("action", "exit_code"), [("SIGKILL", -9), ("SIGTERM", -15), ("SIGINT", 130)]
)
def test_the_parent_of_workers_is_killed(
    crew: tuple[Fleet, Digests, Steps], action: str, exit_code: int
) -> None:
    one, expected, steps = crew
    one.clear()
    event = Event(WORKER, in_second_chunk(steps[WORKER]), f"parent-{action}")
    left = left_by(one, one.build(**AT, **event.variables))
    assert left.outcome.exit_code == exit_code
    assert "Traceback" not in left.outcome.stderr
    assert left.finished
    assert resumed(one, left, **AT) == expected


def test_killed_twice(archives: tuple[Fleet, Digests, Steps]) -> None:
    one, expected, steps = archives
    one.clear()
    chunks = in_phase(steps[MAIN], "in a chunk")
    one.build(**AT, **Event(MAIN, chunks[len(chunks) // 2], "SIGKILL").variables)
    before = one.finished_files()
    again = one.build("--resume", **AT, **Event(MAIN, chunks[-1] // 2, "SIGKILL").variables)
    left = left_by(one, again)
    assert again.exit_code == -9
    assert before.items() <= left.finished.items()
    assert resumed(one, left, **AT) == expected


def test_a_release_that_was_there_stays_until_the_new_one_is_whole(
    archives: tuple[Fleet, Digests, Steps],
) -> None:
    one, expected, steps = archives
    one.clear()
    assert one.build(SOURCE_DATE_EPOCH=EARLIER).exit_code == 0
    old = digests(one.folder / "dist")
    # Folders of the same name are replaced: there are more steps to it than for the first release.
    event = Event(MAIN, in_phase(steps[MAIN], "sealing")[-1], "SIGTERM")
    left = left_by(one, one.build(**AT, **event.variables))
    assert left.release == old != expected
    assert resumed(one, left, **AT) == expected


def test_a_file_that_grows_too_large(tmp_path: Path) -> None:
    longer = users_csv(range(100, 120)).replace("@", f"{'x' * 2000}@")
    users = users_csv(range(100)) + longer.partition("\n")[2]
    one = fleet(tmp_path, "--archive", "tar", users=users)
    assert one.build(**AT).exit_code == 0
    expected = digests(one.folder / "dist")
    first = (one.folder / "dist/phone/users/00000.tar").stat().st_size
    one.clear()
    left = left_by(one, one.build(**AT, LIMIT=str(first * 3 // 2)))
    error, hint = left.outcome.stderr.splitlines()[-2:]
    assert left.outcome.exit_code == 2
    assert error.startswith("error: ")
    assert error.endswith("cannot be written: File too large")
    assert hint.endswith(" 80 users are done; --resume continues.")
    assert resumed(one, left, **AT) == expected


def test_a_token_that_is_pulled_out(tmp_path: Path) -> None:
    token = soft_token(tmp_path / "softhsm")
    token.add_chain(pki.chain("rsa-2048"))
    options = ("--passphrase-file", str(token.pin_file), "--archive", "tar")
    whole = fleet(tmp_path / "fleet", *options, identity=token.uri(object="signer"))
    one = replace(whole, environment=token.environment)
    expected, steps = one.undisturbed(), one.steps()
    chunks = in_phase(steps[MAIN], "in a chunk")
    place, gone = token.folder / "tokens", token.folder / "gone"
    event = Event(MAIN, chunks[len(chunks) // 2], f"{place}:{gone}")
    left = left_by(one, one.build(**AT, **event.variables))
    error, hint = left.outcome.stderr.splitlines()[-2:]
    assert left.outcome.exit_code == 4
    assert error.startswith(
        "error: token 'Release keys': the token was removed or no longer answers"
    )
    users = 40 * len(left.finished) // 2
    assert hint == (
        f"hint: Insert it again, and run this again. {users} users are done; --resume continues."
    )
    assert one.build("--resume", **AT).exit_code == 4
    assert one.finished_files() == left.finished
    gone.rename(place)
    assert resumed(one, left, **AT) == expected
