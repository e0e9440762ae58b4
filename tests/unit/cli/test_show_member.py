"""`profilegen show` of users' files in archives: by the names that audit and verify print."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen, run_profilegen_in
from tests.support.fleets import users_csv
from tests.support.releases import EPOCH, PERSONAL, write_identity

NAMES = {"tar": "00000.tar", "zip": "00000.zip"}


@pytest.fixture(params=NAMES)
def archives(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the name of each target's archive in the release in `dist`."""
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(PERSONAL, "utf-8")
    (tmp_path / "users.csv").write_text(users_csv(range(3)), "utf-8")
    arguments = ("build", "policy.yaml", "--users", "users.csv", "--archive", request.param)
    done = run_profilegen_in(tmp_path, *arguments, environment={"SOURCE_DATE_EPOCH": EPOCH})
    assert done.exit_code == 0, done.stderr
    return NAMES[request.param]


def test_what_audit_names_is_shown(archives: str, call_profilegen: RunProfilegen) -> None:
    audit = json.loads(call_profilegen("audit", "dist", "--format", "json").stdout)
    names = [file["file"] for file in audit["files"] if archives in file["file"]]
    assert len(names) == 6
    for name in names:
        done = call_profilegen("show", name, "--format", "json")
        assert (done.exit_code, done.stderr) == (0, "")
        found = json.loads(done.stdout)
        assert (found["file"], found["signature"]["state"]) == (name, "intact")
        user = name.rpartition(": ")[2].partition(".")[0]
        assert user in call_profilegen("show", "--content", name).stdout


def test_a_file_of_the_name_itself_comes_first(
    archives: str, call_profilegen: RunProfilegen
) -> None:
    name = f"dist/work/users/{archives}: user0000.json"
    Path(name).write_text("{}")
    assert "not signed" in call_profilegen("show", name).stdout


def test_an_archive_itself_says_how_to_name_a_member(
    archives: str, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("show", f"dist/work/users/{archives}")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == (
        f"error: dist/work/users/{archives}: an archive of users' files\n"
        f"hint: Name one of them, such as 'dist/work/users/{archives}: user0000.json'; "
        "dist/work/users/index.csv lists them.\n"
    )


def test_a_member_that_is_not_there(archives: str, call_profilegen: RunProfilegen) -> None:
    for member in ("nobody.json", "../work.json", ""):
        done = call_profilegen("show", f"dist/work/users/{archives}: {member}")
        assert (done.exit_code, done.stdout) == (3, "")
        assert done.stderr == (
            f"error: dist/work/users/{archives}: the archive has no member {member!r}\n"
            "hint: dist/work/users/index.csv says which user's file lies where.\n"
        )


def test_a_signature_is_shown_with_its_file(archives: str, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("show", f"dist/work/users/{archives}: user0001.json.p7s")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == (
        f"error: dist/work/users/{archives}: user0001.json.p7s: a detached signature\n"
        "hint: Show the file that it signs: "
        f"'dist/work/users/{archives}: user0001.json'.\n"
    )


@pytest.mark.parametrize("content", [b"no archive", b""])
def test_a_damaged_archive(archives: str, call_profilegen: RunProfilegen, content: bytes) -> None:
    Path("dist/work/users", archives).write_bytes(content)
    for name in ("", ": user0000.json"):
        done = call_profilegen("show", f"dist/work/users/{archives}{name}")
        assert (done.exit_code, done.stdout) == (3, "")
        assert done.stderr.startswith(f"error: dist/work/users/{archives}: ")
        assert done.stderr.endswith(
            "hint: `profilegen verify` says what is wrong with the release.\n"
        )


def test_a_name_that_is_too_long(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("show", f"{'long' * 100}/users/00000.tar: a.json")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "cannot read the file" in done.stderr
