"""Results on standard output, all else on standard error; readers that go away; colours."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from profilegen.cli.output import one_line
from tests.support.command import RunProfilegen, clean_environment, run
from tests.support.releases import PERSONAL, SMALL, small_release, write_files, write_identity

ESCAPE = b"\x1b["
PROGRAM = (sys.executable, "-m", "profilegen")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "personal.yaml").write_text(PERSONAL, encoding="utf-8")
    write_files(tmp_path / "release", small_release())
    return tmp_path


JSON_COMMANDS = {
    "profilegen.init/1": ("init", "new.yaml"),
    "profilegen.check/1": ("check", "policy.yaml"),
    "profilegen.plan/1": ("plan", "policy.yaml"),
    "profilegen.build/1": ("build", "policy.yaml"),
    "profilegen.sign/1": ("sign", "release/work/work.json"),
    "profilegen.verify/1": ("verify", "release"),
    "profilegen.show/1": ("show", "release/phone/phone.mobileconfig"),
    "profilegen.audit/1": ("audit", "release/phone/phone.mobileconfig"),
    "profilegen.channels/1": ("channels", "open-in"),
}


@pytest.mark.parametrize("schema", JSON_COMMANDS)
def test_json_of_every_command(schema: str, folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    done = call_profilegen(*JSON_COMMANDS[schema], "--format", "json")
    assert done.exit_code in {0, 1}, done.stderr
    assert json.loads(done.stdout)["schema"] == schema


@pytest.mark.parametrize("schema", JSON_COMMANDS)
def test_quiet_changes_no_result(schema: str, folder: Path, call_profilegen: RunProfilegen) -> None:
    first = call_profilegen(*JSON_COMMANDS[schema])
    (folder / "new.yaml").unlink(missing_ok=True)
    second = call_profilegen(*JSON_COMMANDS[schema], "--quiet")
    assert (second.exit_code, second.stdout) == (first.exit_code, first.stdout)
    noise = [line for line in second.stderr.splitlines() if not line.startswith(("warn", "err"))]
    assert [line for line in noise if not line.startswith("hint")] == []


def test_the_first_build_says_what_it_made(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "Made a development identity in certs/.",
        "warning: signing with the development identity: devices will not trust it",
    ]
    assert done.stdout.count("\n") == 1
    again = call_profilegen("build", "policy.yaml", "--format", "json")
    document = json.loads(again.stdout)
    assert document == {
        "schema": "profilegen.build/1",
        "release": "dist",
        "files": {"android-policy": 1, "profile": 1, "signature": 1, "unsigned-profile": 1},
        "encrypted_profiles": 0,
        "users": 0,
        "rows_left_out": 0,
        "bad_rows": [],
        "signer": document["signer"],
        "signer_changes": [],
        "filled_in": [],
        "fleet": None,
    }
    assert document["signer"]["subject"].startswith("CN=profilegen development signer")


def test_an_unsigned_build_names_no_signer(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml", "--unsigned", "--format", "json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["signer"] is None
    done = call_profilegen("build", "policy.yaml", "--unsigned", "--target", "work")
    assert done.stdout == "dist: 1 Android policy, not signed\n"
    assert not (tmp_path / "certs").exists()


def test_a_failure_as_json_prints_no_half_result(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    done = call_profilegen("build", "personal.yaml", "--format", "json")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("completion", shell)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "_PROFILEGEN_COMPLETE" in done.stdout


def test_the_completion_script_completes(folder: Path, run_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    environment = {
        "_PROFILEGEN_COMPLETE": "bash_complete",
        "COMP_WORDS": "profilegen ver",
        "COMP_CWORD": "1",
    }
    assert run_profilegen(environment=environment).stdout == "plain,verify\n"


def into_closed_pipe(folder: Path, *arguments: str, stream: str = "stdout") -> tuple[int, bytes]:
    """Run profilegen with a stream that nobody reads; return its code and the other stream."""
    reader, writer = os.pipe()
    os.close(reader)
    closed_stdout = stream == "stdout"
    try:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=folder,
            env=clean_environment(folder),
            stdin=subprocess.DEVNULL,
            check=False,
            stdout=writer if closed_stdout else subprocess.PIPE,
            stderr=subprocess.PIPE if closed_stdout else writer,
        )
    finally:
        os.close(writer)
    found: bytes = done.stderr if closed_stdout else done.stdout
    return done.returncode, found


def test_a_reader_that_goes_away_changes_no_exit_code(folder: Path) -> None:
    assert into_closed_pipe(folder, "--help") == (0, b"")
    assert into_closed_pipe(folder, "build", "--help") == (0, b"")
    assert into_closed_pipe(folder, "schema") == (0, b"")
    assert into_closed_pipe(folder, "plan", "policy.yaml") == (0, b"")
    assert into_closed_pipe(folder, "verify", "release") == (0, b"")
    content = ("show", "--content", "release/phone/phone.mobileconfig")
    assert into_closed_pipe(folder, *content) == (0, b"")
    (folder / "release" / "more").touch()
    code, errors = into_closed_pipe(folder, "verify", "release")
    assert code == 5
    assert errors.startswith(b"error: release/more: added")
    code, report = into_closed_pipe(folder, "verify", "release", stream="stderr")
    assert code == 5
    assert report.startswith(b"release: NOT VALID\n")
    assert b"FAILED" in report
    code, errors = into_closed_pipe(folder, "build", "policy.yaml")
    assert code == 0
    assert errors.startswith(b"warning: ")
    assert run(*PROGRAM, "verify", "dist", folder=folder).exit_code == 0


def test_output_that_cannot_be_written(folder: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full")
    with full.open("wb") as stream:
        done = subprocess.run(
            [*PROGRAM, "schema"],
            cwd=folder,
            env=clean_environment(folder),
            stdout=stream,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr.decode().splitlines()) == (
        2,
        [
            "error: cannot write to standard output: No space left on device",
            "hint: Check where the output goes.",
        ],
    )


def test_a_terminal_that_does_not_know_every_character(folder: Path) -> None:
    environment = {"PYTHONIOENCODING": "latin-1"}
    done = run(
        *PROGRAM, "channels", "open-in", "--format", "json", folder=folder, environment=environment
    )
    assert done.exit_code == 0
    assert json.loads(done.stdout)["schema"] == "profilegen.channels/1"
    strange = folder / "张.json"
    strange.write_bytes(b"{}")
    done = run(*PROGRAM, "show", strange.name, folder=folder, environment=environment)
    assert done.stdout.startswith(r"\u5f20.json: android-policy")


def on_a_terminal(folder: Path, *arguments: str) -> bytes:
    """Return what profilegen prints where both streams are a terminal."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=folder,
            env=clean_environment(folder) | {"TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            printed = b""
            while True:
                try:
                    part = os.read(ours, 4096)
                except OSError:  # how Linux says that the other end is closed
                    part = b""
                if not part:
                    break
                printed += part
            process.wait()
    finally:
        os.close(ours)
    return printed


def test_colours_go_to_terminals_only(folder: Path) -> None:
    printed = on_a_terminal(folder, "check", "none.yaml")
    assert printed.startswith(b"\x1b[31m\x1b[1merror\x1b[0m: none.yaml: ")
    done = run(*PROGRAM, "check", "none.yaml", folder=folder)
    assert ESCAPE not in (done.stdout + done.stderr).encode()


def test_an_interrupted_prompt(folder: Path) -> None:
    """Ctrl-C while a command waits: one line, code 130, no traceback."""
    os.mkfifo(folder / "slow.yaml")
    process = subprocess.Popen(
        [*PROGRAM, "check", "slow.yaml"],
        cwd=folder,
        env=clean_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # Opening for writing returns when the command has opened it for reading.
    with process, (folder / "slow.yaml").open("wb") as stream:
        stream.write(b"policy:")
        stream.flush()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert errors.decode().strip() == "Interrupted."


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 张 text", "plain ä 张 text"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[2K\x9b1A\x07", r"\x1b[2K\x9b1A\x07"),
        ("\u202egnp\u2028", r"\u202egnp\u2028"),
        ("\udcff", r"\udcff"),
    ],
)
def test_text_that_stays_on_its_line(text: str, shown: str) -> None:
    assert one_line(text) == shown
