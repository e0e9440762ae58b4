"""`sign -`: bytes from standard input to standard output, as in a pipeline."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from profilegen.cli.main import main
from profilegen.signing.signed_file import inspect_signed
from tests.support import pki
from tests.support.command import clean_environment
from tests.support.releases import small_release, write_files, write_identity

TWIN = "phone/unsigned/phone.mobileconfig"
SIGNED = "phone/phone.mobileconfig"
SIGNER = "CN=profilegen development signer,O=profilegen development"
WARNING = "warning: signing with the development identity: devices will not trust it"


@dataclass(frozen=True, slots=True)
class Piped:
    """What a finished process left; its standard output is bytes."""

    exit_code: int
    stdout: bytes
    stderr: str


Pipe = Callable[..., Piped]


@pytest.fixture
def pipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Pipe:
    """Return a function that runs `profilegen ARGUMENTS` in this process with bytes to read."""
    write_identity(tmp_path / "certs")
    monkeypatch.chdir(tmp_path)

    def piped(content: bytes, *arguments: str) -> Piped:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["profilegen", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
            capsysbinary.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        streams = capsysbinary.readouterr()
        return Piped(int(ended.value.code or 0), streams.out, streams.err.decode())

    return piped


def test_a_profile_is_signed_inside(pipe: Pipe, tmp_path: Path) -> None:
    plain = small_release()[TWIN]
    done = pipe(plain, "sign", "-")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines() == [
        WARNING,
        f"standard input: signed by {SIGNER}",
    ]
    write_files(tmp_path, {"signed": done.stdout})
    assert pipe(b"", "verify", "signed").exit_code == 0
    assert pipe(b"", "show", "--content", "signed").stdout == plain
    quiet = pipe(plain, "sign", "-", "--quiet")
    assert quiet.stderr == f"{WARNING}\n"


def test_what_is_signed_is_piped_on(pipe: Pipe) -> None:
    plain = small_release()[TWIN]
    signed = pipe(plain, "sign", "-").stdout
    verified = pipe(signed, "verify", "-")
    assert verified.exit_code == 0, verified.stderr
    assert verified.stdout.startswith(b"standard input: verified, but not checked: revocation")
    shown = pipe(signed, "show", "-")
    assert shown.stdout.startswith(b"standard input: profile, ")
    assert b"(as the signer says)" in shown.stdout
    assert pipe(signed, "show", "--content", "-").stdout == plain
    audited = pipe(signed, "audit", "-", "--fail-on", "never", "--format", "json")
    (file,) = json.loads(audited.stdout)["files"]
    assert (file["file"], file["kind"]) == ("standard input", "profile")


def test_a_detached_signature_is_piped_on(pipe: Pipe, tmp_path: Path) -> None:
    write_files(tmp_path, {"x": b"text"})
    signature = pipe(b"text", "sign", "-", "--detached").stdout
    assert pipe(signature, "verify", "-", "--content", "x").exit_code == 0
    alone = pipe(signature, "verify", "-")
    assert alone.exit_code == 5
    assert "error: standard input: " in alone.stderr


@pytest.mark.parametrize("command", ["verify", "show", "audit"])
def test_an_empty_pipe_is_no_file(command: str, pipe: Pipe) -> None:
    done = pipe(b"", command, "-")
    assert done.exit_code == 3
    assert "error: standard input: nothing came\n" in done.stderr


@pytest.mark.parametrize("command", ["sign", "verify", "show"])
def test_an_unset_variable_is_not_the_current_folder(command: str, pipe: Pipe) -> None:
    done = pipe(b"", command, "")
    assert (done.exit_code, done.stdout) == (2, b"")
    assert done.stderr.startswith("error: a path is empty\n")


@pytest.mark.parametrize("command", ["verify", "show", "audit", "sign"])
def test_a_terminal_is_no_pipe(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "argv", ["profilegen", command, "-"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "error: - reads standard input, which is a terminal\n" in capsys.readouterr().err


def test_a_signed_profile_is_signed_again(pipe: Pipe, tmp_path: Path) -> None:
    release = small_release()
    done = pipe(release[SIGNED], "sign", "-")
    assert done.exit_code == 0, done.stderr
    assert f"standard input: the signature by {SIGNER} (SHA-256 " in done.stderr
    write_files(tmp_path, {"signed": done.stdout})
    assert pipe(b"", "show", "--content", "signed").stdout == release[TWIN]
    changed = release[SIGNED].replace(b"Configuration", b"ConfiguratiOn")
    refused = pipe(changed, "sign", "-")
    assert (refused.exit_code, refused.stdout) == (5, b"")
    assert "error: standard input: the content was changed after signing" in refused.stderr


def test_json_gets_a_signature_beside_it(pipe: Pipe, tmp_path: Path) -> None:
    release = small_release()
    for name in ("work/work.json", "release.json"):
        done = pipe(release[name], "sign", "-")
        assert done.exit_code == 0, done.stderr
        assert f"standard input: detached signature by {SIGNER}" in done.stderr
        write_files(tmp_path, {"x.json": release[name], "x.json.p7s": done.stdout})
        assert pipe(b"", "verify", "x.json").exit_code == 0


def test_anything_gets_a_signature_beside_it_where_that_is_asked_for(
    pipe: Pipe, tmp_path: Path
) -> None:
    for content in (b"hello\r\n\x00\xff", small_release()[TWIN]):
        done = pipe(content, "sign", "-", "--detached")
        assert done.exit_code == 0, done.stderr
        write_files(tmp_path, {"x": content, "x.p7s": done.stdout})
        assert pipe(b"", "verify", "x").exit_code == 0


def test_a_file_instead_of_standard_output(pipe: Pipe, tmp_path: Path) -> None:
    plain = small_release()[TWIN]
    done = pipe(plain, "sign", "-", "-o", "new/x.mobileconfig")
    assert (done.exit_code, done.stdout) == (
        0,
        f"new/x.mobileconfig: signed by {SIGNER}\n".encode(),
    )
    assert pipe(b"", "verify", "new/x.mobileconfig").exit_code == 0
    (document,) = json.loads(
        pipe(plain, "sign", "-", "-o", "new/x.mobileconfig", "--format", "json").stdout
    )["files"]
    assert (document["file"], document["signed"]) == ("standard input", "new/x.mobileconfig")
    assert document["replaced"]["subject"] == SIGNER
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.mobileconfig"]


@pytest.mark.parametrize(
    ("content", "arguments", "code", "message", "hint"),
    [
        (b"{}", ("-", "--format", "json"), 2, "--format json: the signed bytes", "-o, or leave"),
        (b"{}", ("-", "certs/root.pem"), 2, "- (standard input) is signed alone", "of its own"),
        (b"{}", ("-", "-o", "certs"), 2, "certs: is a folder, and standard input", "with -o"),
        (b"", ("-",), 3, "standard input: nothing came", "the command that should write it"),
        (b"hello", ("-",), 3, "standard input: neither a profile nor JSON", "--detached"),
        (b'{"a":', ("-",), 3, "standard input: neither a profile nor JSON", "--detached"),
        (b"<plist><dict>", ("-",), 3, "standard input: not a document for devices: ", ""),
        (b"0\x03\x02\x01\x01", ("-",), 5, "standard input: not a signed file, or a damaged", ""),
        (b"{}", ("-", "-o", "certs/root.pem/x"), 2, "certs/root.pem/x: cannot be written", ""),
    ],
)
def test_what_cannot_be_signed(  # noqa: PLR0913, PLR0917 - a row of the table
    content: bytes, arguments: tuple[str, ...], code: int, message: str, hint: str, pipe: Pipe
) -> None:
    done = pipe(content, "sign", *arguments)
    assert (done.exit_code, done.stdout) == (code, b"")
    *_, error, last = done.stderr.splitlines()
    assert error.startswith(f"error: {message}")
    assert last.startswith("hint: ")
    assert hint in last


def test_a_passphrase_is_not_asked_for_where_the_file_comes_from(
    pipe: Pipe, tmp_path: Path
) -> None:
    chain = pki.chain()
    ca = chain.intermediate.pem
    write_files(tmp_path, {"key.pem": chain.leaf.encrypted_key_pem + chain.leaf.pem + ca})
    done = pipe(b"{}", "sign", "-", "--identity", "pem:key.pem")
    assert (done.exit_code, done.stdout) == (4, b"")
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: the key ")
    assert "there is no terminal to ask for it" in error
    assert hint == "hint: Use --passphrase-file or --passphrase-env."
    write_files(tmp_path, {"passphrase": pki.PASSPHRASE.encode()})
    done = pipe(b"{}", "sign", "-", "--identity", "pem:key.pem", "--passphrase-file", "passphrase")
    assert (done.exit_code, done.stdout[:1]) == (0, b"0")


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("stdin", "- reads standard input, which is a terminal"),
        ("stdout", "the signature is binary, and standard output is a terminal"),
    ],
)
def test_terminals_are_neither_read_nor_written(stream: str, message: str, tmp_path: Path) -> None:
    write_identity(tmp_path / "certs")
    ours, theirs = pty.openpty()
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | {stream: theirs}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "profilegen", "sign", "-"],
            check=False,
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            stdin=streams["stdin"],
            stdout=streams["stdout"],
            stderr=subprocess.PIPE,
            timeout=60,
        )
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 2
    assert done.stderr.decode().splitlines()[0] == f"error: {message}"


def test_a_pipeline_of_processes(tmp_path: Path) -> None:
    """The same from process to process, where nothing is text."""
    write_identity(tmp_path / "certs")
    plain = small_release()[TWIN]
    done = subprocess.run(
        [sys.executable, "-m", "profilegen", "sign", "-", "--quiet"],
        check=True,
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        input=plain,
        stdout=subprocess.PIPE,
        timeout=60,
    )
    assert inspect_signed(done.stdout).content == plain
