"""A build that is killed, fails or meets another one leaves the release that was there."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from profilegen.release import refusals, staging
from profilegen.release.verify import added_files
from tests.support.command import RunProfilegen, run
from tests.support.releases import (
    PERSONAL,
    SMALL,
    small_release,
    snapshot,
    write_files,
    write_identity,
)

Left = Mapping[str, object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a policy, an identity and an earlier release in `old` and `dist`."""
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    for name in ("old", "dist"):
        write_files(tmp_path / name, small_release())
    return tmp_path


@pytest.fixture
def rehearse(folder: Path, checkout: Path) -> Callable[..., list[Left]]:
    """Return a function that kills builds one step later each, and says what they left."""
    script = checkout / "tests" / "support" / "killed_builds.py"

    def kill(*, signal: str = "SIGKILL", way: str = "at-once") -> list[Left]:
        done = run(
            sys.executable, script, folder, signal, way, "build", "policy.yaml", folder=folder
        )
        assert done.exit_code == 0, done.stderr
        return cast("list[Left]", json.loads(done.stdout))

    return kill


def test_a_killed_build_leaves_the_old_release(rehearse: Callable[..., list[Left]]) -> None:
    left = rehearse()
    killed, ended = left[:-1], left[-1]
    assert len(killed) >= 25
    assert {row["code"] for row in killed} == {-9}
    # Old until the folders change names, new from then on, nothing in between.
    states = [row["dist"] for row in killed]
    change = states.index("new")
    assert set(states[:change]) == {"old"}
    assert set(states[change:]) == {"new"}
    assert change >= 20
    assert any(row["stage"] for row in killed)
    assert {(row["next"], row["then"]) for row in left} == {(0, "new")}
    assert [row["litter"] for row in left if row["litter"]] == []
    assert (ended["code"], ended["dist"], ended["stage"]) == (0, "new", False)


def test_a_killed_first_build_leaves_a_release_or_none(
    folder: Path, rehearse: Callable[..., list[Left]]
) -> None:
    for name in ("old", "dist"):
        shutil.rmtree(folder / name)
    left = rehearse()
    assert len(left) >= 25
    assert {row["dist"] for row in left} == {"nothing", "new"}
    assert {(row["next"], row["then"], str(row["litter"])) for row in left} == {(0, "new", "[]")}


def test_an_interrupted_build_cleans_up(rehearse: Callable[..., list[Left]]) -> None:
    left = rehearse(signal="SIGINT")
    assert {row["code"] for row in left[:-1]} <= {130, 0}
    assert {row["dist"] for row in left} == {"old", "new"}
    # One moment is not guarded: when the stage is made and not locked yet.
    assert len([row for row in left if row["dist"] == "old" and row["stage"]]) <= 1
    assert {(row["next"], row["then"], str(row["litter"])) for row in left} == {(0, "new", "[]")}


def test_where_folders_cannot_change_names_the_old_release_is_beside_it(
    rehearse: Callable[..., list[Left]],
) -> None:
    left = rehearse(way="moving")
    assert {(row["dist"], row["moved"]) for row in left if row["dist"] != "new"} == {
        ("old", "nothing"),
        ("nothing", "old"),
    }
    assert {(row["next"], row["then"], str(row["litter"])) for row in left} == {(0, "new", "[]")}


@pytest.fixture
def unchanged(folder: Path) -> Iterator[None]:
    """Expect that the old release verifies and is the only thing in its place."""
    before = snapshot(folder / "dist")
    yield
    assert snapshot(folder / "dist") == before
    assert list(folder.glob(".dist*")) == []


FAILURES: Mapping[str, tuple[str, tuple[str, ...], int, str]] = {
    "invalid policy": (
        SMALL.replace("contained", "closed"),
        (),
        3,
        "policy.yaml:9:5: accounts[0].sharing: ",
    ),
    "missing field": (
        PERSONAL,
        (),
        3,
        (
            "nothing supplies the user fields that the policy needs: email "
            "(account staff, address; account staff, username)"
        ),
    ),
    "empty list": (
        PERSONAL,
        ("--users", "empty.csv"),
        3,
        "nobody to build for in the list of users: it has no rows; the release stays as it was",
    ),
    "broken list": (
        PERSONAL,
        ("--users", "broken.csv"),
        3,
        "broken.csv: row 2: email: not UTF-8 (line 3, byte 27 of the list)",
    ),
    "no such list": (PERSONAL, ("--users", "none.csv"), 3, "none.csv: cannot read the file: "),
    "wrong key": (SMALL, ("--identity", "pem:other.key,certs/signer.pem"), 4, "pem:other.key,"),
    "no key": (SMALL, ("--identity", "pem:none.pem"), 4, "none.pem: no such file"),
    "bad template": (SMALL, ("--templates", "templates"), 3, "template templates/"),
    "no templates": (SMALL, ("--templates", "none"), 3, "none: there is no such folder"),
    "unknown target": (SMALL, ("--target", "pager"), 2, "--target pager: the policy has no such"),
    "no certificate": (
        SMALL + "certificates:\n  - {id: root, kind: ca, file: none.pem}\n",
        (),
        3,
        "certificate root: cannot read none.pem: No such file or directory",
    ),
}


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("case", FAILURES)
def test_a_build_that_fails(case: str, folder: Path, call_profilegen: RunProfilegen) -> None:
    policy, options, code, message = FAILURES[case]
    other = write_identity(folder / "other", owner="other")
    shutil.copy(other.root.with_name("signer.key"), folder / "other.key")
    template = folder / "templates" / "android" / "policy.json.j2"
    write_files(
        folder,
        {
            "policy.yaml": policy.encode(),
            "empty.csv": b"id,email\n",
            "broken.csv": b"id,email\na,a@example.com\nb,\xfc@example.com\n",
            str(template.relative_to(folder)): b"{{ nobody }}",
        },
    )
    done = call_profilegen("build", "policy.yaml", *options)
    assert (done.exit_code, done.stdout) == (code, "")
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    assert lines[0].startswith(f"error: {message}")
    assert lines[-1].startswith("hint: ")
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("unchanged")
def test_two_builds_at_once(folder: Path, call_profilegen: RunProfilegen) -> None:
    with staging.staged(folder / "dist"):
        done = call_profilegen("build", "policy.yaml")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.splitlines()[1:] == [
            "error: dist: another build is writing this release",
            "hint: Wait for it, or name another folder with -o.",
        ]
        assert call_profilegen("build", "policy.yaml", "-o", "elsewhere").exit_code == 0
        shutil.copytree(folder / "dist", folder / ".dist.partial", dirs_exist_ok=True)


def test_a_build_whose_stage_was_published_by_another_starts_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another build ends between the moments in which this one opens the stage and locks it."""
    lock = fcntl.flock
    stage = folder / ".dist.partial"
    moved: list[int] = []

    def late(descriptor: int, operation: int) -> None:
        if not moved:
            moved.append(descriptor)
            stage.rename(folder / "published")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with staging.staged(folder / "dist") as place:
        assert place == stage
        assert not list((folder / "published").iterdir())
        (place / "release.json").write_bytes(b"{}")
    assert snapshot(folder / "dist") == {"release.json": b"{}"}


def test_a_build_whose_stage_vanishes_before_it_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, tries = staging._open_folder, []  # noqa: SLF001 - to lose a race on purpose

    def late(path: Path) -> int:
        tries.append(path)
        if len(tries) == 1:
            path.rmdir()
        return opened(path)

    monkeypatch.setattr(staging, "_open_folder", late)
    with staging.staged(folder / "dist") as place:
        (place / "release.json").write_bytes(b"{}")
    assert tries[:2] == [place, place]


@pytest.mark.usefixtures("unchanged")
def test_a_link_in_the_place_of_the_stage_is_not_followed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "precious").mkdir()
    (folder / "precious" / "file").touch()
    (folder / ".dist.partial").symlink_to("precious")
    done = call_profilegen("build", "policy.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: dist: cannot be written: " in done.stderr
    assert (folder / "precious" / "file").exists()
    (folder / ".dist.partial").unlink()


def test_what_an_earlier_build_left_behind_is_cleared_away(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    left = {".dist.partial/phone/phone.mobileconfig": b"half", ".dist.partial/.hidden": b""}
    write_files(folder, left)
    (folder / ".dist.partial" / "link").symlink_to(folder / "certs")
    assert call_profilegen("build", "policy.yaml").exit_code == 0
    assert call_profilegen("verify", "dist").exit_code == 0
    assert list(folder.glob(".dist*")) == []
    assert (folder / "certs" / "root.pem").exists()


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("full", "full: the folder holds files that are no release; it would be replaced"),
        ("project", "project: the folder holds files that are no release; it would be replaced"),
        (".", ".: the folder holds files that are no release; it would be replaced"),
        ("file", "file: the output is not a folder"),
        ("link", "link: the output is not a folder"),
        ("file/dist", "file/dist: cannot be written: "),
        ("/dev/null/dist", "/dev/null/dist: cannot be written: "),
        ("/proc/dist", "/proc/dist: cannot be written: "),
        ("x" * 300, f"{'x' * 300}: cannot be written: File name too long"),
    ],
)
def test_an_output_that_cannot_be(
    output: str, message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    others = {"full/letter.txt": b"dear", "project/release.json": b'{"name": "x"}', "file": b""}
    write_files(folder, others)
    (folder / "link").symlink_to("dist")
    before = snapshot(folder)
    done = call_profilegen("build", "policy.yaml", "-o", output)
    assert (done.exit_code, done.stdout) == (2, "")
    error, hint = [line for line in done.stderr.splitlines() if not line.startswith("warning")]
    assert error.startswith(f"error: {message}")
    assert hint.startswith("hint: ")
    assert snapshot(folder) == before


def test_the_current_folder_is_not_replaced(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(folder)
    for place, output in (("dist", "."), ("dist/phone", ".."), ("dist/phone", "../../dist")):
        monkeypatch.chdir(folder / place)
        done = call_profilegen("build", folder / "policy.yaml", "-o", output)
        assert (done.exit_code, done.stderr.splitlines()) == (
            2,
            [
                f"error: {output}: the current folder lies in the output, which would be replaced",
                "hint: Name another folder with -o, or leave this one.",
            ],
        )
    assert snapshot(folder) == before


def test_files_of_other_people_in_a_release_are_not_removed(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "dist" / "notes.txt").write_bytes(b"mine")
    before = snapshot(folder)
    done = call_profilegen("build", "policy.yaml")
    assert (done.exit_code, done.stdout, done.stderr.splitlines()) == (
        2,
        "",
        [
            "error: dist: holds notes.txt, which is no file of the release there",
            "hint: Move it away: the whole folder will be replaced.",
        ],
    )
    assert snapshot(folder) == before


def test_the_old_release_is_walked_once(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold millions of files."""
    asked: list[Path] = []

    def counting(release: Path) -> tuple[str, ...]:
        asked.append(release)
        return added_files(release)

    monkeypatch.setattr(refusals, "added_files", counting)
    assert call_profilegen("build", "policy.yaml").exit_code == 0
    assert asked == [Path("dist")]
    assert folder.is_dir()


@pytest.mark.parametrize(
    "content", [b'{"schema": "profilegen.release/9"}', b'["profilegen.release/']
)
def test_a_release_whose_manifest_cannot_be_read_is_replaced(
    content: bytes, folder: Path, call_profilegen: RunProfilegen
) -> None:
    (folder / "dist" / "release.json").write_bytes(content)
    assert call_profilegen("build", "policy.yaml").exit_code == 0
    assert call_profilegen("verify", "dist").exit_code == 0


def test_a_full_disk(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshot(folder)
    number = 0

    def fail(descriptor: int) -> None:
        nonlocal number
        number += 1
        if number > 3:
            raise OSError(28, os.strerror(28))
        assert descriptor > 0

    monkeypatch.setattr(os, "fsync", fail)
    done = call_profilegen("build", "policy.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot be written: No space left on device\nhint: Make room there.\n" in done.stderr
    assert snapshot(folder) == before


def test_a_system_without_exchange(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move that fails half-way is taken back."""
    before = snapshot(folder / "dist")
    monkeypatch.setattr(staging, "_exchange_at_once", lambda _one, _other: False)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if self.name == ".dist.partial":
            raise OSError(5, os.strerror(5))
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail)
        done = call_profilegen("build", "policy.yaml")
    assert done.exit_code == 2
    assert snapshot(folder / "dist") == before
    assert call_profilegen("build", "policy.yaml").exit_code == 0
    assert snapshot(folder / "dist") != before
