"""`profilegen certs`: what it makes, what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import RunProfilegen

# The dates of the test's certificates.
AT = {"SOURCE_DATE_EPOCH": str(int(pki.NOW.timestamp()))}


def _init(call: RunProfilegen, *more: str) -> None:
    assert call("certs", "init", "--key", "p256", *more).exit_code == 0


def test_init_makes_an_identity_and_names_its_files(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    outcome = call_profilegen("certs", "init", "--key", "p256")
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines()[-1] == "certs/signer.pem"
    assert "Devices do not trust it." in outcome.stderr
    assert all((tmp_path / line).is_file() for line in outcome.stdout.splitlines())


def test_init_does_not_overwrite_unless_told(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    _init(call_profilegen)
    before = (tmp_path / "certs/signer.pem").read_bytes()
    outcome = call_profilegen("certs", "init")
    assert outcome.exit_code == 4
    assert outcome.stderr.splitlines() == [
        "error: certs: there is a development identity already",
        "hint: Replace it with `profilegen certs init --replace`.",
    ]
    _init(call_profilegen, "--replace")
    assert (tmp_path / "certs/signer.pem").read_bytes() != before


def test_init_lives_by_the_real_clock(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen(
        "certs", "init", "--key", "p256", "--format", "json",
        environment={"SOURCE_DATE_EPOCH": "0"},
    )  # fmt: skip
    made = json.loads(outcome.stdout)
    assert made["schema"] == "profilegen.certs/1"
    assert made["identity"].startswith("pem:certs/signer.key,")
    assert len(made["files"]) == 6
    assert made["chain"][0]["not_after"] > "2026"
    assert made["chain"][0]["not_before"].startswith("1970-01-01T00:00:00")


def test_show_describes_the_development_identity(call_profilegen: RunProfilegen) -> None:
    _init(call_profilegen)
    outcome = call_profilegen("certs", "show")
    assert outcome.exit_code == 0
    assert "Signer       CN=profilegen development signer" in outcome.stdout
    assert "Key          ECDSA P-256" in outcome.stdout
    assert "warning: this is the development identity: devices do not trust it" in outcome.stderr


def test_show_without_an_identity_says_what_to_do(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("certs", "show")
    assert outcome.exit_code == 4
    assert outcome.stderr.startswith("error: certs: there is no development identity\nhint: ")


def test_show_describes_any_identity(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    good = pki.chain("rsa-2048")
    (tmp_path / "id.pem").write_bytes(good.leaf.encrypted_key_pem + good.leaf.pem)
    (tmp_path / "chain.pem").write_bytes(good.intermediate.pem)
    (tmp_path / "word").write_text(pki.PASSPHRASE + "\n")
    command = ("certs", "show", "--identity", "pem:id.pem", "--certificates", "chain.pem")
    outcome = call_profilegen(*command, "--passphrase-file", "word", environment=AT)
    assert outcome.exit_code == 0, outcome.stderr
    assert "Valid until  2028-01-01 00:00:00 UTC, 578 days left" in outcome.stdout
    assert "  CN=Test Root (not given)" in outcome.stdout
    assert "make sure that devices trust 'Test Root'" in outcome.stderr
    outcome = call_profilegen(
        *command, "--passphrase-env", "WORD", "--format", "json",
        environment=AT | {"WORD": pki.PASSPHRASE},
    )  # fmt: skip
    shown = json.loads(outcome.stdout)
    assert shown["schema"] == "profilegen.certs/1"
    assert shown["identity"] == "pem:id.pem"
    assert [one["subject"] for one in shown["chain"]] == ["CN=Test Signer", "CN=Test CA"]
    assert (shown["days_left"], shown["root_known"]) == (578, False)
    assert len(shown["warnings"]) == 1
    assert pki.PASSPHRASE not in outcome.stdout + outcome.stderr


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_request_names_both_files(
    output_format: str, call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    outcome = call_profilegen(
        "certs", "request", "--subject-name", "Northwind Profiles", "--key", "p256",
        "--key-out", "n.key", "--out", "n.csr", "--format", output_format,
    )  # fmt: skip
    assert outcome.exit_code == 0
    if output_format == "json":
        assert json.loads(outcome.stdout) == {
            "schema": "profilegen.certs/1",
            "key": "n.key",
            "request": "n.csr",
        }
    else:
        assert outcome.stdout.splitlines() == ["n.key", "n.csr"]
    assert (tmp_path / "n.csr").read_text().startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert "PRIVATE" not in outcome.stdout + outcome.stderr


def test_a_wrong_kind_of_key_is_wrong_usage(call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("certs", "init", "--key", "rsa-1024").exit_code == 2
