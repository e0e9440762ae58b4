"""Certificates that a policy names: files beside it, secrets in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import Outcome, RunProfilegen
from tests.support.releases import SMALL, write_files

PHRASE = "swordfish"
FILE = "  - {id: root, kind: ca, file: FILE}\n"
BUNDLE = "  - {id: login, kind: pkcs12, file: mail.p12, passphrase_env: PHRASE}\n"
LOGIN = SMALL.replace("sharing: contained", "sharing: contained\n    login: {certificate: login}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chain = pki.chain()
    write_files(
        tmp_path,
        {
            "below/ca.pem": chain.root.pem,
            "below/text.pem": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "below/text.txt": b"no certificate",
            "below/large.pem": b"-" * (1024 * 1024 + 1),
            "below/mail.p12": pki.p12(chain.leaf, passphrase=PHRASE),
            "ca.pem": chain.root.pem,
        },
    )
    (tmp_path / "below" / "link.pem").symlink_to("../ca.pem")
    return tmp_path


def build(folder: Path, call: RunProfilegen, policy: str, **environment: str) -> Outcome:
    (folder / "below" / "policy.yaml").write_text(policy, encoding="utf-8")
    return call("build", "below/policy.yaml", "--unsigned", environment=environment)


def test_files_are_found_beside_the_policy(folder: Path, call_profilegen: RunProfilegen) -> None:
    policy = SMALL + "certificates:\n" + FILE.replace("FILE", "ca.pem")
    assert build(folder, call_profilegen, policy).exit_code == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.pem", "cannot read none.pem: No such file or directory"),
        ("text.txt", "text.txt holds no certificate"),
        ("text.pem", "text.pem holds no certificate"),
        ("large.pem", "large.pem is larger than 1 MiB"),
        ("link.pem", "link.pem lies outside the policy's folder"),
    ],
)
def test_files_that_are_none(
    name: str, message: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    policy = SMALL + "certificates:\n" + FILE.replace("FILE", name)
    done = build(folder, call_profilegen, policy)
    assert (done.exit_code, done.stdout) == (3, "")
    assert f"error: certificate root: {message}\nhint: " in done.stderr


@pytest.mark.parametrize("name", ["../ca.pem", "/etc/passwd", "a/../../ca.pem"])
def test_names_that_lead_out_of_the_folder(
    name: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    policy = SMALL + "certificates:\n" + FILE.replace("FILE", name)
    done = build(folder, call_profilegen, policy)
    assert (done.exit_code, done.stdout) == (3, "")
    assert "root:x:" not in done.stderr


def test_a_passphrase_that_is_not_there(folder: Path, call_profilegen: RunProfilegen) -> None:
    policy = LOGIN + "certificates:\n" + BUNDLE
    for environment in ({}, {"PHRASE": ""}):
        done = build(folder, call_profilegen, policy, **environment)
        assert (done.exit_code, done.stdout) == (3, "")
        assert (
            "error: certificate login: the environment variable PHRASE is not set\n"
            "hint: Set PHRASE where profilegen runs.\n"
        ) in done.stderr


def test_a_passphrase_is_never_printed(folder: Path, call_profilegen: RunProfilegen) -> None:
    policy = LOGIN + "certificates:\n" + BUNDLE
    done = build(folder, call_profilegen, policy, PHRASE=PHRASE)
    assert done.exit_code == 0, done.stderr
    assert PHRASE not in done.stdout + done.stderr
