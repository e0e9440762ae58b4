"""`build --archive` and `--compress`: what they make, and where they make no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import PERSONAL, USERS, snapshot, write_identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
    (tmp_path / "users.csv").write_text(USERS, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "suffix"),
    [
        (("--archive", "tar"), "tar"),
        (("--archive", "tar", "--compress"), "tar.gz"),
        (("--archive", "zip"), "zip"),
        (("--archive", "zip", "--compress"), "zip"),
    ],
)
def test_archives_in_the_place_of_folders(
    options: tuple[str, ...], suffix: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("build", "policy.yaml", "--users", "users.csv", *options)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("dist: 2 profiles, 2 Android policies for 2 users, signed by ")
    assert {name for name in snapshot(folder / "dist") if "/" in name} == {
        f"{target}/users/{name}"
        for target in ("phone", "work")
        for name in ("index.csv", f"00000.{suffix}")
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--users", "users.csv", "--compress"),
            "error: --compress is for archives\nhint: Add --archive tar or --archive zip.\n",
        ),
        (
            ("--compress",),
            "error: --compress is for archives\nhint: Add --archive tar or --archive zip.\n",
        ),
    ],
)
def test_options_that_do_nothing_are_refused(
    options: tuple[str, ...], message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("build", "policy.yaml", *options)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", message)
    assert not (folder / "dist").exists()


def test_an_unsigned_release_in_archives(folder: Path, call_profilegen: RunProfilegen) -> None:
    arguments = ("--users", "users.csv", "--archive", "zip", "--unsigned")
    assert call_profilegen("build", "policy.yaml", *arguments).exit_code == 0
    manifest = json.loads((folder / "dist" / "release.json").read_bytes())
    counts = [(item["kind"], item.get("entries")) for item in manifest["files"]]
    assert sorted(counts, key=str) == [("archive", None)] * 2 + [("index", 2)] * 2
