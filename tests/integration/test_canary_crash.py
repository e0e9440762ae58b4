"""A crash shows no PIN and no passphrase: not in a core file, a trace, or the variables of a frame.

A command is stopped while it has the secret and the opened key: its --certificates are a pipe in
which nobody writes.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.canary import Canary, Sightings, look_at_processes
from tests.support.command import clean_environment, run
from tests.support.identities import PLACES, Place, current_chain

PROFILEGEN = ("-m", "profilegen")
# What profilegen would be without its protection.
UNPROTECTED = (
    "-c",
    "from profilegen.cli import root; root.forbid_core_files = lambda: None; root.run()",
)
# What reporters of crashes show: the variables of each frame, and each exception that led there.
CRASH_REPORT = """
import sys, traceback
from profilegen.cli.root import cli
try:
    cli.main(sys.argv[1:], standalone_mode=False)
except Exception as error:
    print(*traceback.TracebackException.from_exception(error, capture_locals=True).format())
    while error is not None:
        print(type(error), repr(error), vars(error), error.args)
        error = error.__cause__ or error.__context__
"""
# As large a core file as this machine allows.
CORE_FILES = ("sh", "-c", 'ulimit -c "$(ulimit -H -c)" && exec "$@"', "sh")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, what it printed, and the core files that it left."""

    exit_code: int
    output: str
    cores: list[Path]


@pytest.fixture
def canary() -> Canary:
    return Canary()


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, canary: Canary, tmp_path: Path) -> Place:
    """Return an identity whose passphrase or PIN is the secret, beside something to sign."""
    (tmp_path / "notes.txt").write_text("notes\n", encoding="utf-8")
    (tmp_path / "word").write_text(f"{canary.value}\n", encoding="utf-8")
    return PLACES[request.param](tmp_path, current_chain("rsa-2048"), canary.value)


def options(place: Place, word: str) -> tuple[str, ...]:
    return ("--identity", place.uri, "--passphrase-file", word)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT])
def test_a_killed_command_leaves_no_secret(
    number: signal.Signals, place: Place, canary: Canary, tmp_path: Path
) -> None:
    ended = stopped(PROFILEGEN, place, tmp_path, number)
    assert ended.exit_code == -number
    assert not ended.cores
    assert not canary.is_in(ended.output)
    assert not canary.files_with_it(tmp_path / "work")
    if number != signal.SIGQUIT:  # for which faulthandler prints nothing
        assert "Fatal Python error" in ended.output


def test_an_interrupted_command_says_only_that(
    place: Place, canary: Canary, tmp_path: Path
) -> None:
    ended = stopped(PROFILEGEN, place, tmp_path, signal.SIGINT)
    assert (ended.exit_code, ended.output) == (130, "\nInterrupted.\n")
    assert not canary.files_with_it(tmp_path / "work")


def test_without_the_protection_a_core_file_would_hold_the_secret(
    place: Place, canary: Canary, tmp_path: Path
) -> None:
    """So the tests above can fail; where no program leaves core files there is nothing to lose."""
    ended = stopped(UNPROTECTED, place, tmp_path, signal.SIGABRT)
    assert ended.exit_code == -signal.SIGABRT
    held = [path for path in ended.cores if canary.files_with_it(path.parent)]
    assert bool(held) == program_leaves_core_file(tmp_path / "other")


def test_the_list_of_processes_does_not_show_it(
    place: Place, canary: Canary, tmp_path: Path
) -> None:
    sightings = Sightings()
    with waiting(PROFILEGEN, place, tmp_path) as process:
        look_at_processes(canary, sightings)
    assert process.pid in sightings.seen
    assert not sightings.where


@pytest.mark.parametrize("right", [True, False])
def test_no_variable_of_a_failed_call_holds_the_secret(
    right: bool,  # noqa: FBT001 - both cases
    place: Place,
    canary: Canary,
    tmp_path: Path,
) -> None:
    (tmp_path / "word").write_text(canary.value if right else canary.wrong, encoding="utf-8")
    no_certificates = ("--certificates", "notes.txt")
    for command in (("sign", "notes.txt"), ("certs", "show")):
        script = ("-c", CRASH_REPORT, *command, *no_certificates, *options(place, "word"))
        done = run(sys.executable, *script, folder=tmp_path, environment=place.environment)
        assert "SigningError" in done.stdout
        assert place.uri in done.stdout  # variables are shown
        assert not canary.is_in(done.stdout), done.stdout
        assert not canary.is_in(done.stderr)


@contextmanager
def waiting(
    program: tuple[str, ...], place: Place, folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """Start `sign` in the folder `work`; it has the key and waits for certificates."""
    work, pipe = folder / "work", folder / "pipe"
    work.mkdir()
    os.mkfifo(pipe)
    signing = ("sign", "../notes.txt", "--certificates", "../pipe", *options(place, "../word"))
    with subprocess.Popen(
        [*CORE_FILES, sys.executable, "-X", "faulthandler", *program, *signing],
        cwd=work,
        env=clean_environment(work) | place.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        writer = -1
        try:
            writer = _opened_pipe(pipe, process)
            yield process
        finally:
            process.kill()
            os.close(writer)


def _opened_pipe(pipe: Path, process: subprocess.Popen[str]) -> int:
    """Return the writing end of `pipe` once the process reads it."""
    for _ in range(1500):
        assert process.poll() is None, process.communicate()
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads yet
                raise
            time.sleep(0.02)
    pytest.fail("the command never read its certificates")


def stopped(program: tuple[str, ...], place: Place, folder: Path, number: signal.Signals) -> Ended:
    """Return what is left of a waiting command after a signal."""
    with waiting(program, place, folder) as process:
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
    return Ended(process.returncode, output, list((folder / "work").glob("*core*")))


def program_leaves_core_file(folder: Path) -> bool:
    """Say whether a crashing program leaves a core file in its folder on this machine."""
    folder.mkdir()
    run(*CORE_FILES, sys.executable, "-c", "import os; os.abort()", folder=folder)
    return any(folder.glob("*core*"))
