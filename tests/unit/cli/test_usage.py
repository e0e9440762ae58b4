"""Wrong calls: two lines, exit code 2 (or that of the file at fault), and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.releases import SMALL, snapshot, write_identity

COMMANDS = (
    "init",
    "check",
    "plan",
    "build",
    "sign",
    "verify",
    "show",
    "audit",
    "certs",
    "channels",
    "schema",
    "completion",
)
ESCAPE = "\x1b["


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "file.txt").write_bytes(b"text")
    (tmp_path / "bad.yaml").write_text("policy: 2\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(command: str, call_profilegen: RunProfilegen) -> None:
    outcomes = [call_profilegen(command, option) for option in ("--help", "-h")]
    for done in outcomes:
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Usage: profilegen {command} ")
        assert ESCAPE not in done.stdout


def test_the_help_lists_every_command(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("--help")
    assert done.exit_code == 0
    assert all(f"\n  {command} " in done.stdout for command in COMMANDS)


def test_no_command_at_all_is_wrong_usage_and_helps(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen()
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: profilegen [OPTIONS] COMMAND [ARGS]...")


@pytest.mark.parametrize(
    ("arguments", "message", "command"),
    [
        (("bogus",), "No such command 'bogus'.", "profilegen"),
        (("--bogus",), "No such option '--bogus'.", "profilegen"),
        (("build",), "Missing argument 'POLICY'.", "profilegen build"),
        (("build", "a", "b"), "Got unexpected extra argument (b)", "profilegen build"),
        (
            ("build", "--foo"),
            "No such option '--foo'. Did you mean '--format'?",
            "profilegen build",
        ),
        (("build", "p", "-o"), "Option '-o' requires an argument.", "profilegen"),
        (
            ("plan", "p", "--format", "xml"),
            "Invalid value for '--format': 'xml' is not one of 'text', 'json'.",
            "profilegen plan",
        ),
        (("verify",), "Missing argument 'PATH...'.", "profilegen verify"),
        (("sign",), "Missing argument 'FILE|FOLDER|-...'.", "profilegen sign"),
        (("show",), "Missing argument 'FILE'.", "profilegen show"),
        (
            ("completion",),
            "Missing argument '{bash|zsh|fish}'. Choose from: bash, zsh, fish",
            "profilegen completion",
        ),
        (
            ("completion", "tcsh"),
            "Invalid value for '{bash|zsh|fish}': 'tcsh' is not one of 'bash', 'zsh', 'fish'.",
            "profilegen completion",
        ),
        (
            ("verify", "x", "--content", "certs"),
            "Invalid value for '--content': File 'certs' is a directory.",
            "profilegen verify",
        ),
    ],
)
def test_wrong_calls(
    arguments: tuple[str, ...],
    message: str,
    command: str,
    folder: Path,
    call_profilegen: RunProfilegen,
) -> None:
    before = snapshot(folder)
    done = call_profilegen(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"error: {message}",
        f"hint: `{command} --help` says how to call it.",
    ]
    assert snapshot(folder) == before


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        (
            ("build", "policy.yaml", "--unsigned", "--identity", "pem:x"),
            2,
            "--unsigned and --identity exclude each other",
            "Leave one of them out.",
        ),
        (
            ("build", "policy.yaml", "--unsigned", "--passphrase-env", "X"),
            2,
            "--unsigned and --passphrase-env exclude each other",
            "Leave one of them out.",
        ),
        (
            ("build", "policy.yaml", "--certificates", "x.pem"),
            2,
            "--certificates is for a key that --identity names",
            "Add --identity URI, or leave it out.",
        ),
        (
            ("sign", "file.txt", "--passphrase-file", "x"),
            2,
            "--passphrase-file is for a key that --identity names",
            "Add --identity URI, or leave it out.",
        ),
        (
            (
                *("build", "policy.yaml", "--identity", "pem:x"),
                *("--passphrase-file", "a", "--passphrase-env", "B"),
            ),
            2,
            "--passphrase-file and --passphrase-env exclude each other",
            "Give one of them.",
        ),
        (
            ("build", "policy.yaml", "--target", "pager"),
            2,
            "--target pager: the policy has no such target",
            "Its targets are: phone, work.",
        ),
        (
            ("plan", "policy.yaml", "--target", "pager"),
            2,
            "--target pager: the policy has no such target",
            "Its targets are: phone, work.",
        ),
        (
            ("build", "none.yaml"),
            3,
            "none.yaml: cannot read the file: No such file or directory",
            "Check the path and that you may read it.",
        ),
        (
            ("check", "certs"),
            3,
            "certs: cannot read the file: Is a directory",
            "Check the path and that you may read it.",
        ),
        (
            ("build", "file.txt/policy.yaml"),
            3,
            "file.txt/policy.yaml: cannot read the file: Not a directory",
            "Check the path and that you may read it.",
        ),
        (
            ("build", "policy.yaml", "--identity", "key.pem"),
            4,
            "the identity does not begin with its kind and a colon",
            "Name one that starts with pem:, p12:, pkcs11:, awskms:",
        ),
        (
            ("build", "policy.yaml", "--identity", "usb:/dev/x?pin=1234"),
            4,
            "unknown kind of identity 'usb:'",
            "Name one that starts with pem:, p12:, pkcs11:, awskms:",
        ),
        (
            ("verify", "file.txt", "--trust", "none.pem"),
            4,
            "none.pem: no such file",
            "Check the path.",
        ),
        (
            ("init", "policy.yaml"),
            2,
            "policy.yaml: there is a file of this name already",
            "Give another name: `profilegen init FILE`.",
        ),
        (
            ("init", "none/policy.yaml"),
            2,
            "none/policy.yaml: cannot write the file: No such file or directory",
            "Check the folder and that you may write there.",
        ),
    ],
)
def test_calls_that_cannot_work(  # noqa: PLR0913 - the case, and two fixtures
    arguments: tuple[str, ...],
    *,
    code: int,
    message: str,
    hint: str,
    folder: Path,
    call_profilegen: RunProfilegen,
) -> None:
    before = snapshot(folder)
    done = call_profilegen(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.splitlines() == [f"error: {message}", f"hint: {hint}"]
    assert snapshot(folder) == before


def test_the_policy_comes_before_the_identity(folder: Path, call_profilegen: RunProfilegen) -> None:
    """Where several things are wrong, the earliest in the way of the data decides."""
    assert folder.is_dir()
    done = call_profilegen("build", "bad.yaml", "--identity", "pem:none.pem")
    assert done.exit_code == 3
    assert "bad.yaml:" in done.stderr


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--passphrase-env", "PHRASE"), 4, "the passphrase is wrong, or the file is damaged"),
        (("--passphrase-file", "phrase.txt"), 4, "the passphrase is wrong"),
        (("--passphrase-env", "UNSET"), 4, "environment variable UNSET holds no passphrase"),
        (
            ("--passphrase-file", "none.txt"),
            4,
            "none.txt: cannot read the passphrase file: No such",
        ),
        (("--passphrase-file", "empty.txt"), 4, "empty.txt: the passphrase file is empty"),
        (("--passphrase-file", "binary"), 4, "binary: cannot read the passphrase file: not UTF-8"),
        ((), 4, "the key needs a passphrase or PIN, and there is no terminal to ask for it"),
    ],
)
def test_passphrases_that_do_not_open(
    options: tuple[str, ...], code: int, message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    chain = pki.chain()
    (folder / "key.pem").write_bytes(chain.leaf.encrypted_key_pem + chain.leaf.pem)
    (folder / "phrase.txt").write_text("hunter2\n", encoding="utf-8")
    (folder / "empty.txt").write_text("\n", encoding="utf-8")
    (folder / "binary").write_bytes(b"\xff\xfe")
    done = call_profilegen(
        *("build", "policy.yaml", "--identity", "pem:key.pem", *options),
        environment={"PHRASE": "hunter2"},
    )
    assert (done.exit_code, done.stdout) == (code, "")
    assert message in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "dist").exists()


def test_a_passphrase_is_nowhere_in_what_is_written(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    issued = pki.issue("Own", kind="p256", owner="own", end=pki.END.replace(year=2099))
    (folder / "key.pem").write_bytes(issued.encrypted_key_pem + issued.pem)
    done = call_profilegen(
        *("build", "policy.yaml", "--identity", "pem:key.pem", "--passphrase-env", "PHRASE"),
        environment={"PHRASE": pki.PASSPHRASE},
    )
    assert done.exit_code == 0, done.stderr
    assert pki.PASSPHRASE not in done.stdout + done.stderr
    assert all(pki.PASSPHRASE.encode() not in data for data in snapshot(folder / "dist").values())


def test_a_traceback_is_shown_where_asked_for_and_the_code_stays(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = call_profilegen("--traceback", "check", "none.yaml")
    assert done.exit_code == 3
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith("hint: Check the path and that you may read it.\n")
    assert "Traceback" not in call_profilegen("check", "none.yaml").stderr


def test_a_bug_has_a_code_of_its_own(
    folder: Path, call_profilegen: RunProfilegen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path) -> bytes:
        message = "unforeseen\nthing"
        raise LookupError(message)

    assert folder.is_dir()
    monkeypatch.setattr("profilegen.cli.show.read_shown", broken)
    done = call_profilegen("show", "file.txt")
    assert (done.exit_code, done.stdout) == (70, "")
    assert done.stderr.splitlines() == [
        r"error: a bug in profilegen: LookupError: unforeseen\nthing",
        "hint: Run it again with `profilegen --traceback ...` and report what it prints.",
    ]
    assert "Traceback" in call_profilegen("--traceback", "show", "file.txt").stderr


def test_names_cannot_move_the_cursor(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("check", "a\x1b[2Kb\nc")
    assert done.stderr.splitlines()[0] == (
        r"error: a\x1b[2Kb\nc: cannot read the file: No such file or directory"
    )
