"""`verify --content`, PEM files that are no signature, and options that name one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import small_release, write_files, write_identity


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    write_files(tmp_path, {"note.txt": b"hello\r\n", "other.txt": b"other"})
    return tmp_path


def test_a_signature_under_another_name(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "note.txt", "-o", "note.sig").exit_code == 0

    good = call_profilegen("verify", "note.sig", "--content", "note.txt")
    bad = call_profilegen("verify", "note.sig", "--content", "other.txt")
    two = call_profilegen("verify", "note.sig", "note.sig", "--content", "note.txt")

    assert (good.exit_code, good.stdout.splitlines()[0]) == (
        0,
        "note.sig: verified, but not checked: revocation (no CRL was given)",
    )
    assert bad.exit_code == 5
    assert two.exit_code == 2
    assert "error: --content is for one signature" in two.stderr
    assert (folder / "note.txt").read_bytes() == b"hello\r\n"


def test_a_release_has_no_other_content(folder: Path, call_profilegen: RunProfilegen) -> None:
    write_files(folder / "release", small_release())
    done = call_profilegen("verify", "release", "--content", "note.txt")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: --content is for a detached signature, and release is a release" in done.stderr


def test_a_signature_without_its_file(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("sign", "note.txt", "-o", "note.sig").exit_code == 0
    done = call_profilegen("verify", "note.sig")
    assert done.exit_code == 5
    assert "hint: Name the file that it signs with --content." in done.stderr
    assert (folder / "note.sig").is_file()


def test_a_certificate_is_a_file_like_others(folder: Path, call_profilegen: RunProfilegen) -> None:
    signed = call_profilegen("sign", "certs/root.pem")
    verified = call_profilegen("verify", "certs/root.pem")

    assert signed.exit_code == 0
    assert (folder / "certs" / "root.pem.p7s").is_file()
    assert verified.exit_code == 0


@pytest.mark.usefixtures("folder")
def test_files_that_cannot_be_read_do_not_hide_the_others(call_profilegen: RunProfilegen) -> None:
    call_profilegen("sign", "note.txt")
    missing = call_profilegen("verify", "note.txt", "none")
    both = call_profilegen("verify", "other.txt", "none")

    assert missing.exit_code == 3
    assert "note.txt: verified" in missing.stdout
    assert "error: none: cannot read the file: No such file or directory" in missing.stderr
    assert both.exit_code == 5


@pytest.mark.parametrize("command", ["plan", "build"])
def test_one_target_at_a_time(command: str, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen(command, "policy.yaml", "--target", "a", "--target", "b")

    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "error: --target names one target, not 2",
        "hint: Leave it out for all targets, or run once for each.",
    ]


def test_colours_are_off_where_they_are_unwanted(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("verify", "none", environment={"NO_COLOR": "1"})

    assert "\x1b" not in done.stderr
    assert folder.is_dir()
