"""Builds of fleets that are interrupted anywhere, and gone on with."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from profilegen import clock
from profilegen.release.resume.journal import JOURNAL_FOLDER
from tests.support.authority import granted, serve, unused_url
from tests.support.command import Outcome, RunProfilegen
from tests.support.devices import device
from tests.support.fleets import Build, start_build, users_csv
from tests.support.releases import snapshot

_STAGE = ".dist.partial"


@pytest.fixture
def broken(fleet: Path, build: Build, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Return a function that breaks a build off when `chunks_done` chunks are done."""

    def call(*arguments: str, chunks_done: int = 3) -> Outcome:
        replace, done = Path.replace, 0

        def fill_disk(self: Path, target: Path) -> Path:
            nonlocal done
            if self.name.startswith("0") and b'"done": {' in self.read_bytes():
                done += 1
                if done > chunks_done:
                    raise OSError(28, os.strerror(28), str(self))
            return replace(self, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", fill_disk)
            outcome = build(*arguments)
        assert (fleet / _STAGE).is_dir() == bool(chunks_done)
        return outcome

    return call


@pytest.fixture
def whole(fleet: Path, build: Build) -> dict[str, bytes]:
    """Return the files of a build that nothing disturbed."""
    assert build("-o", "whole").exit_code == 0
    return snapshot(fleet / "whole")


def test_a_full_disk_and_the_rest(
    fleet: Path, broken: Build, build: Build, whole: dict[str, bytes]
) -> None:
    done = broken()
    assert (done.exit_code, done.stdout) == (2, "")
    error, hint = done.stderr.splitlines()[-2:]
    assert "cannot be written: No space left on device" in error
    assert hint.endswith("60 users are done; --resume continues.")
    assert not (fleet / "dist").exists()
    done = build("--resume", "--format", "json")
    assert (done.exit_code, snapshot(fleet / "dist")) == (0, whole)
    told = json.loads(done.stdout)["fleet"]
    assert (told["resumed_users"], told["signatures"]["made"]) == (60, 60)
    assert not list(fleet.glob(".dist*"))


def test_nothing_is_kept_where_nothing_is_done(fleet: Path, broken: Build) -> None:
    assert "--resume" not in broken(chunks_done=0).stderr
    assert not list(fleet.glob(".dist*"))


@pytest.mark.parametrize("archive", [(), ("--archive", "tar"), ("--archive", "zip")], ids=str)
@pytest.mark.parametrize("harm", ["changed", "removed", "index", "note"])
def test_what_is_not_whole_is_made_again(
    harm: str, archive: tuple[str, ...], fleet: Path, broken: Build, build: Build
) -> None:
    assert build("-o", "whole", *archive).exit_code == 0
    broken(*archive)
    stage = fleet / _STAGE
    file = (
        min(stage.glob("phone/users/0*"))
        if archive
        else min(stage.glob("phone/users/*/*.mobileconfig"))
    )
    places = {
        "index": min(stage.glob(".chunks/00001/*.csv")),
        "note": stage / JOURNAL_FOLDER / "chunks" / "00001.json",
    }
    place = places.get(harm, file)
    if harm == "removed":
        place.unlink()
    else:
        place.write_bytes(place.read_bytes()[:-1] + b"?")
    done = build("--resume", "--format", "json", *archive)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["fleet"]["resumed_users"] == 40
    assert snapshot(fleet / "dist") == snapshot(fleet / "whole")


def test_a_build_goes_on_with_the_time_when_it_began(
    fleet: Path, broken: Build, build: Build, monkeypatch: pytest.MonkeyPatch, whole: object
) -> None:
    broken()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert build("--resume").exit_code == 0
    assert snapshot(fleet / "dist") == whole


def test_a_build_goes_on_with_the_time_of_the_clock_when_it_began(
    fleet: Path, broken: Build, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    broken()
    job = json.loads((fleet / _STAGE / JOURNAL_FOLDER / "job.json").read_bytes())
    began = datetime.fromisoformat(job["time of the build"])
    while clock.now({}) == began:
        time.sleep(0.01)
    assert build("--resume").exit_code == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(began.timestamp())))
    assert build("-o", "whole").exit_code == 0
    assert snapshot(fleet / "dist") == snapshot(fleet / "whole")


def test_what_another_build_has_done_is_not_told_as_ours(
    fleet: Path, broken: Build, build: Build
) -> None:
    broken()
    descriptor = os.open(fleet / _STAGE, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        done = build("--resume")
    finally:
        os.close(descriptor)
    assert (done.exit_code, done.stderr.splitlines()[-2:]) == (
        2,
        [
            "error: dist: another build is writing this release",
            "hint: Wait for it, or name another folder with -o.",
        ],
    )
    assert (fleet / _STAGE).is_dir()


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (("devices",), ("others",)),
        (("devices",), ()),
        ((), ("devices",)),
    ],
)
def test_it_is_encrypted_for_the_same_devices(
    before: tuple[str, ...], now: tuple[str, ...], fleet: Path, broken: Build, build: Build
) -> None:
    names = [f"user{number:04}" for number in range(90)]
    for folder in ("devices", "others"):
        (fleet / folder).mkdir()
        for name in names:
            certificate = device("phone" if folder == "devices" else "tablet").pem
            (fleet / folder / f"{name}.pem").write_bytes(certificate)

    def options(folders: tuple[str, ...]) -> list[str]:
        return ["--target", "phone", *(part for one in folders for part in ("--encrypt-for", one))]

    broken(*options(before), chunks_done=1)
    stage = snapshot(fleet / _STAGE)
    shown = " ".join(before) or "none", " ".join(now) or "none"
    assert_refused(build("--resume", *options(now)), "--encrypt-for", *shown)
    assert snapshot(fleet / _STAGE).keys() == stage.keys()
    done = build("--resume", *options(before), "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["fleet"]["resumed_users"]) == (0, 20)


def test_it_is_encrypted_by_the_same_cipher(fleet: Path, broken: Build, build: Build) -> None:
    (fleet / "devices").mkdir()
    for number in range(90):
        (fleet / "devices" / f"user{number:04}.pem").write_bytes(device("phone").pem)
    options = ("--target", "phone", "--encrypt-for", "devices")
    broken(*options, chunks_done=1)
    assert_refused(
        build("--resume", *options, "--cipher", "aes-256"), "--cipher", "aes-128", "aes-256"
    )
    # The cipher that is meant where none is given.
    done = build("--resume", *options, "--cipher", "aes-128", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["fleet"]["resumed_users"]) == (0, 20)


@pytest.mark.parametrize("packing", [(), ("--archive", "tar")], ids=["folders", "archives"])
def test_a_device_that_was_replaced_reads_nothing(
    packing: tuple[str, ...], fleet: Path, broken: Build, build: Build
) -> None:
    """Whoever lost a device gets another certificate, also while a build waits to be resumed."""
    (fleet / "devices").mkdir()
    for number in range(90):
        (fleet / "devices" / f"user{number:04}.pem").write_bytes(device("phone").pem)
    options = ("--target", "phone", "--encrypt-for", "devices", *packing)
    broken(*options, chunks_done=3)
    (fleet / "devices" / "user0025.pem").write_bytes(device("tablet").pem)
    done = build("--resume", *options, "--format", "json")
    # The chunk of that user is made again, and the two beside it are kept.
    assert (done.exit_code, json.loads(done.stdout)["fleet"]["resumed_users"]) == (0, 40)
    with (fleet / "dist" / "phone" / "users" / "index.csv").open(newline="") as stream:
        readers = {row["user"]: row["encrypted_for"] for row in csv.DictReader(stream)}
    others = {readers[f"user{number:04}"] for number in range(90) if number != 25}
    assert len(others) == 1
    assert readers["user0025"] not in {*others, ""}


def assert_refused(done: Outcome, what: str, had: str, has: str) -> None:
    assert (done.exit_code, done.stdout, done.stderr.splitlines()[-2:]) == (
        2,
        "",
        [
            (
                f"error: --resume: the interrupted build had another {what}: {had},"
                f" and this one has {has}"
            ),
            "hint: Build with what it had, or anew without --resume.",
        ],
    )


CHANGES: dict[str, tuple[Callable[[Path], object], tuple[str, ...], str]] = {
    "policy": (
        lambda folder: _change(folder / "policy.yaml", "contained", "sealed"),
        (),
        r"the interrupted build had another policy: [0-9a-f]{12}…, and this one has [0-9a-f]{12}…",
    ),
    "time": (
        lambda _: os.environ.update(SOURCE_DATE_EPOCH="1796083201"),
        (),
        (
            r"the interrupted build had another time of the build: 2026-12-01T00:00:00\+00:00,"
            r" and this one has 2026-12-01T00:00:01\+00:00"
        ),
    ),
    "targets": (
        lambda _: 0,
        ("--target", "phone"),
        r"the interrupted build had another targets: phone work, and this one has phone",
    ),
    "identity": (
        lambda _: 0,
        ("--unsigned",),
        r"the interrupted build had another identity: [0-9a-f]{12}….*, and this one has none",
    ),
    "archive": (
        lambda _: 0,
        ("--archive", "tar"),
        r"the interrupted build had another --archive: none, and this one has \.tar",
    ),
    "compression": (
        lambda _: 0,
        ("--archive", "tar", "--compress"),
        r"the interrupted build had another --archive: none, and this one has \.tar\.gz",
    ),
    "clear secrets": (
        lambda _: 0,
        ("--allow-clear-secrets",),
        r"the interrupted build had another --allow-clear-secrets: False, and this one has True",
    ),
    "templates": (
        lambda folder: _write_template(folder / "templates"),
        ("--templates", "templates"),
        (
            r"the interrupted build had another template android/policy.json.j2: none,"
            r" and this one has [0-9a-f]{12}…"
        ),
    ),
    "version": (
        lambda folder: _note(folder, "version of profilegen"),
        (),
        (
            r"the interrupted build had another version of profilegen: another,"
            r" and this one has [0-9.a-z+]+"
        ),
    ),
    "catalogue": (
        lambda folder: _note(folder, "catalogue"),
        (),
        r"the interrupted build had another catalogue: another, and this one has .+",
    ),
    "earlier release": (
        lambda folder: _note(folder, "--since"),
        (),
        r"the interrupted build had another --since: another, and this one has none",
    ),
    "users of a chunk": (
        lambda folder: _change(folder / "users.csv", "user0021@", "other@"),
        (),
        "users 21 to 40 of the list are not those of the interrupted build",
    ),
    "fewer users": (
        lambda folder: (folder / "users.csv").write_text(users_csv(range(20)), "utf-8"),
        (),
        "the list of users is shorter than that of the interrupted build",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_another_build_is_not_gone_on_with(
    case: str, fleet: Path, broken: Build, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, arguments, message = CHANGES[case]
    broken()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", os.environ["SOURCE_DATE_EPOCH"])
    change(fleet)
    done = build("--resume", *arguments)
    error, hint = done.stderr.splitlines()[-2:]
    assert (done.exit_code, hint) == (2, "hint: Build with what it had, or anew without --resume.")
    assert re.fullmatch(rf"error: --resume: {message}", error), error
    assert (fleet / _STAGE).is_dir()


def test_more_users_at_the_end_are_served_too(fleet: Path, broken: Build, build: Build) -> None:
    broken()
    (fleet / "users.csv").write_text(users_csv(range(120)), "utf-8")
    assert build("--resume").exit_code == 0
    assert build("-o", "whole").exit_code == 0
    assert snapshot(fleet / "dist") == snapshot(fleet / "whole")


def test_without_resume_all_is_made_anew(
    fleet: Path, broken: Build, build: Build, whole: dict[str, bytes]
) -> None:
    broken()
    done = build()
    assert done.exit_code == 0
    assert done.stderr.splitlines()[0] == (
        "An interrupted build of dist had 60 users done; without --resume they are made again."
    )
    assert snapshot(fleet / "dist") == whole


def test_nothing_to_resume(fleet: Path, build: Build) -> None:
    done = build("--resume")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (
        0,
        "Nothing to resume: no build of dist was interrupted. It begins anew.",
    )
    assert (fleet / "dist").is_dir()


def test_nothing_to_resume_where_the_release_is_in_its_place(fleet: Path, build: Build) -> None:
    """As after a build that was killed when all was done, which nobody has seen."""
    assert build().exit_code == 0
    before = snapshot(fleet / "dist")
    told = (
        "Nothing to resume: no build of dist was interrupted; the release there was built at "
        "2026-12-01T00:00:00Z. It begins anew."
    )
    advice = "If that release is the one you want, add --since dist to sign no file twice."
    done = build("--resume")
    assert (done.exit_code, done.stderr.splitlines()[:2]) == (0, [told, advice])
    assert snapshot(fleet / "dist") == before
    done = build("--resume", "--since", "dist", "--format", "json")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (0, told)
    assert advice not in done.stderr
    assert json.loads(done.stdout)["fleet"]["signatures"]["made"] == 0
    assert build("--unsigned").exit_code == 0
    done = build("--resume", "--unsigned")
    unsigned = "Nothing to resume: no build of dist was interrupted. It begins anew."
    assert done.stderr.splitlines()[:1] == [unsigned]


def test_an_authority_of_time_stamps_that_fails_at_the_end(
    fleet: Path, build: Build, call_profilegen: RunProfilegen
) -> None:
    """The old release stays, and no user's file is signed again, with a stamp or without."""
    assert build().exit_code == 0
    before = snapshot(fleet / "dist")
    done = build("--timestamp", unused_url())
    assert done.exit_code == 6
    assert done.stderr.splitlines()[-1].endswith(" 90 users are done; --resume continues.")
    assert snapshot(fleet / "dist") == before
    shutil.copytree(fleet / _STAGE, fleet / ".stamped.partial")
    with serve(granted) as server:
        stamping = ("--timestamp", server.url)
        done = build(*stamping, "-o", "stamped", "--resume", "--format", "json")
        assert build(*stamping, "-o", "whole").exit_code == 0
    assert json.loads(done.stdout)["fleet"]["signatures"]["made"] == 0
    stamped, whole = snapshot(fleet / "stamped"), snapshot(fleet / "whole")
    assert stamped.keys() == whole.keys()
    assert {name for name in whole if stamped[name] != whole[name]} == {
        "release.json.p7s.tsr",
        "SHA256SUMS",
    }
    done = build("--resume", "--format", "json")
    assert json.loads(done.stdout)["fleet"]["signatures"]["made"] == 0
    assert snapshot(fleet / "dist") == before
    assert call_profilegen("verify", "dist").exit_code == 0


def test_interrupted_by_a_person(fleet: Path, build: Build) -> None:
    (fleet / "users.csv").write_text(users_csv(range(600)), "utf-8")
    process = start_build(fleet, "--workers", "2")
    end = time.monotonic() + 60
    while not list(fleet.glob(f"{_STAGE}/{JOURNAL_FOLDER}/chunks/0000[4-9].json")):
        assert time.monotonic() < end
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "Interrupted."
    assert "users are done; --resume continues the build." in errors
    assert "Traceback" not in errors
    assert build("--resume").exit_code == 0
    assert build("-o", "whole").exit_code == 0
    assert snapshot(fleet / "dist") == snapshot(fleet / "whole")


def _write_template(folder: Path) -> None:
    template = folder / "android" / "policy.json.j2"
    template.parent.mkdir(parents=True)
    template.write_text('{% include "builtin/android/policy.json.j2" %}', "utf-8")


def _note(folder: Path, name: str) -> None:
    """Let the journal say something else of the job, as of one of another version."""
    path = folder / _STAGE / JOURNAL_FOLDER / "job.json"
    job = json.loads(path.read_bytes())
    assert name in job
    path.write_text(json.dumps(job | {name: "another"}), "utf-8")


def _change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
