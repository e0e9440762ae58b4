"""The fixtures that other tests rely on do what they say."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from tests.support import der, tools
from tests.support.command import RunProfilegen, run
from tests.support.golden import Golden
from tests.support.network import NetworkUsedError


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket() as stream, pytest.raises(NetworkUsedError, match=r"192\.0\.2\.1"):
        stream.connect(("192.0.2.1", 443))
    with socket.socket() as stream, pytest.raises(NetworkUsedError):
        stream.connect_ex(("192.0.2.1", 443))
    with (
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
        pytest.raises(NetworkUsedError),
    ):
        datagrams.sendto(b"", ("192.0.2.1", 53))
    with pytest.raises(NetworkUsedError, match=r"mdm\.example"):
        socket.getaddrinfo("mdm.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_in_reach(host: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((host, server.getsockname()[1])) as stream,
    ):
        assert stream.getpeername() == server.getsockname()


def test_a_command_runs_as_a_process_and_in_this_one(
    run_profilegen: RunProfilegen, call_profilegen: RunProfilegen
) -> None:
    for start in (run_profilegen, call_profilegen):
        outcome = start("--version")
        assert outcome.exit_code == 0
        assert outcome.stdout.startswith("profilegen")
        assert start("no-such-command").exit_code == 2


def test_a_present_tool_is_found() -> None:
    assert tools.require_tool("sh") == Path(shutil.which("sh") or "")


def test_a_missing_tool_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        tools.require_tool("no-such-tool")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is not installed"):
        tools.require_tool("no-such-tool")


def test_goldens_are_written_then_compared(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no golden file yet"):
        Golden(tmp_path, update=False).check("case/a", b"\xff")
    Golden(tmp_path, update=True).check("case/a", b"\xff")
    Golden(tmp_path, update=False).check("case/a", b"\xff")
    with pytest.raises(AssertionError):
        Golden(tmp_path, update=False).check("case/a", b"b")


def test_a_process_gets_no_settings_of_the_person(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    shown = run("sh", "-c", "env", folder=tmp_path, environment={"ADDED": "2"}).stdout
    assert "SOURCE_DATE_EPOCH" not in shown
    assert "ADDED=2" in shown.splitlines()
    assert f"HOME={tmp_path}" in shown.splitlines()


def test_a_setting_for_one_call_is_gone_after_it(call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("--version", environment={"PROFILEGEN_TEST": "2"}).exit_code == 0
    assert "PROFILEGEN_TEST" not in os.environ


def test_what_is_left_out_of_all_bits_is_the_inside_of_numbers() -> None:
    structure = der.sequence(der.oid("1.2.840.113549.1.9.16.1.4"), der.integer(7), der.null())
    digest = der.octets(bytes(range(32)))
    held = der.octets(der.sequence(digest, structure))
    key = der.tlv(0x03, b"\0", der.sequence(der.integer(2**255)))
    for value, inside in ((structure, 0), (digest, 29), (held, 29), (key, 30)):
        tried = der.telling_bits(value)
        assert len(tried) == 8 * len(value) - 7 * inside
        assert {bit // 8 for bit in tried} == set(range(len(value)))
    assert der.telling_bits(digest)[:33] == [*range(32), 8 * 4 + 4]
    almost = der.octets(digest[:-1] + b"\0\0")  # a length and what follows it do not fill it
    assert len(der.telling_bits(almost)) == 8 * len(almost) - 7 * 32
