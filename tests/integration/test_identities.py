"""Releases signed with keys outside of files, as a pipeline makes them, checked with openssl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import kms, pki
from tests.support.command import Outcome, RunProfilegen, clean_environment
from tests.support.faulty_pkcs11 import faulty_token
from tests.support.kms import STAND_IN_ARN, StandInKms, stand_in_kms
from tests.support.plugins import install_plugin
from tests.support.releases import EPOCH, PERSONAL, SMALL, USERS
from tests.support.softhsm import PIN, SoftToken, soft_token
from tests.support.tools import require_tool

_CHAIN = pki.chain("rsa-2048", "Token")
_TIME = {"SOURCE_DATE_EPOCH": EPOCH}


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    made = soft_token(tmp_path_factory.mktemp("softhsm"))
    made.add_chain(_CHAIN)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "root.pem").write_bytes(_CHAIN.root.pem)
    return tmp_path


def _openssl(profile: Path, root: Path) -> None:
    command = [require_tool("openssl"), "cms", "-verify", "-inform", "DER", "-binary"]
    options = ["-purpose", "any", "-CAfile", root, "-in", profile, "-out", os.devnull]
    subprocess.run([str(part) for part in (*command, *options)], check=True, timeout=60)


def _tree(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _clean(outcome: Outcome) -> None:
    assert PIN not in outcome.stdout + outcome.stderr
    assert "Traceback" not in outcome.stdout + outcome.stderr


def test_a_release_signed_by_a_token(
    token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    options = ("--identity", token.uri(object="signer"), "--passphrase-file", token.pin_file)
    environment = token.environment | _TIME
    done = run_profilegen("build", "policy.yaml", *options, environment=environment)
    assert done.exit_code == 0, done.stderr
    _clean(done)
    _openssl(folder / "dist" / "phone" / "phone.mobileconfig", folder / "root.pem")
    checked = run_profilegen("verify", "dist", "--trust", "root.pem")
    assert checked.exit_code == 0, checked.stderr


def test_rsa_on_a_token_gives_the_same_release_as_from_a_file(
    token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    by_token = ("--identity", token.uri(), "--passphrase-env", "PIN", "-o", "by-token")
    environment = token.environment | _TIME | {"PIN": PIN}
    assert run_profilegen("build", "policy.yaml", *by_token, environment=environment).exit_code == 0
    by_file = ("--identity", _CHAIN.write(folder), "-o", "by-file")
    assert run_profilegen("build", "policy.yaml", *by_file, environment=_TIME).exit_code == 0
    assert _tree(folder / "by-token") == _tree(folder / "by-file")


def test_a_build_and_a_sign_open_the_identity_once(
    token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    (folder / "policy.yaml").write_text(PERSONAL, "utf-8")
    (folder / "users.csv").write_text(USERS, "utf-8")
    options = ("--identity", token.uri(), "--passphrase-file", token.pin_file)
    faulty = faulty_token(token, folder)
    for command in (
        ("build", "policy.yaml", "--users", "users.csv"),
        ("sign", "users.csv", "policy.yaml"),
    ):
        faulty.log.unlink(missing_ok=True)
        done = run_profilegen(*command, *options, environment={**faulty.environment, **_TIME})
        assert done.exit_code == 0, done.stderr
        assert faulty.calls("C_Login") == 1


@pytest.mark.parametrize("option", [(), ("--traceback",)], ids=["plain", "traceback"])
def test_a_wrong_pin_is_tried_once_and_never_shown(
    option: tuple[str, ...], token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    faulty = faulty_token(token, folder)
    done = run_profilegen(
        *option,
        *("build", "policy.yaml", "--identity", token.uri(), "--passphrase-env", "PIN"),
        environment={**faulty.environment, "PIN": "0815-canary"},
    )
    assert done.exit_code == 4
    assert "error: token 'Release keys': the PIN is wrong" in done.stderr
    assert "0815-canary" not in done.stdout + done.stderr
    assert faulty.calls("C_Login") == 1
    assert not (folder / "dist").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"login": "0xA4"}, "error: token 'Release keys': its PIN is locked"),
        (
            {"sign": "0x32", "sign_after": "2"},
            "error: token 'Release keys': the token was removed or no longer answers",
        ),
    ],
    ids=["locked", "removed in the middle"],
)
def test_a_token_that_fails_leaves_the_old_release(
    settings: dict[str, str],
    message: str,
    token: SoftToken,
    folder: Path,
    run_profilegen: RunProfilegen,
) -> None:
    options = (
        "build",
        "policy.yaml",
        "--identity",
        token.uri(),
        "--passphrase-file",
        token.pin_file,
    )
    environment = token.environment | _TIME
    assert run_profilegen(*options, environment=environment).exit_code == 0
    before = _tree(folder / "dist")
    faulty = faulty_token(token, folder, **settings)
    done = run_profilegen(
        *options, environment={**faulty.environment, "SOURCE_DATE_EPOCH": "1796169600"}
    )
    assert done.exit_code == 4
    assert done.stderr.startswith(message) or f"\n{message}" in done.stderr
    _clean(done)
    assert _tree(folder / "dist") == before
    assert not [
        path.name for path in folder.iterdir() if "dist" in path.name and path.name != "dist"
    ]


def test_a_token_whose_folder_vanishes_in_the_middle(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, run_profilegen: RunProfilegen
) -> None:
    place = tmp_path_factory.mktemp("vanishing")
    token = soft_token(place)
    token.add_chain(_CHAIN)
    (folder / "policy.yaml").write_text(PERSONAL, "utf-8")
    (folder / "users.csv").write_text(USERS, "utf-8")
    options = ("--identity", token.uri(), "--passphrase-file", str(token.pin_file))
    arguments = ("build", "policy.yaml", "--users", "users.csv", *options)
    environment = token.environment | _TIME
    assert run_profilegen(*arguments, environment=environment).exit_code == 0
    before = _tree(folder / "dist")
    rows = "".join(f"u{number},u{number}@example.com\n" for number in range(2_000))
    (folder / "users.csv").write_text("id,email\n" + rows, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "profilegen", *arguments],
        cwd=folder,
        env=clean_environment(folder) | environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        deadline = time.monotonic() + 60
        while not _unfinished(folder):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        shutil.rmtree(place / "tokens")
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 4, errors
    assert "error: token 'Release keys': the token was removed or no longer answers" in errors
    assert _tree(folder / "dist") == before
    assert not _unfinished(folder)


def _unfinished(folder: Path) -> list[Path]:
    """Return the signed files of users outside the release: a build at work has some."""
    found = folder.rglob("*/phone/users/**/*.mobileconfig")
    return [path for path in found if path.relative_to(folder).parts[0] != "dist"]


def test_a_release_signed_by_kms(folder: Path, run_profilegen: RunProfilegen) -> None:
    with kms.moto_kms() as server:
        arn = server.make_key("RSA_3072")
        issuer = _CHAIN.intermediate
        public = server.client().get_public_key(KeyId=arn)["PublicKey"]
        (folder / "chain.pem").write_bytes(kms.certify(public, issuer) + issuer.pem)
        done = run_profilegen(
            *("build", "policy.yaml", "--identity", f"awskms:{arn}"),
            *("--certificates", "chain.pem"),
            environment=kms.environment(server.endpoint) | _TIME,
        )
    assert done.exit_code == 0, done.stderr
    _openssl(folder / "dist" / "phone" / "phone.mobileconfig", folder / "root.pem")
    assert run_profilegen("verify", "dist", "--trust", "root.pem").exit_code == 0


@pytest.mark.parametrize("fault", [(400, "ThrottlingException"), "cut"], ids=["throttled", "cut"])
def test_a_service_that_fails_in_the_middle_leaves_no_release(
    fault: tuple[int, str] | str, folder: Path, run_profilegen: RunProfilegen
) -> None:
    assert isinstance(_CHAIN.leaf.key, pki.IssuingKey)
    with stand_in_kms(StandInKms(_CHAIN.leaf.key, fault=fault, after=2)) as server:
        (folder / "chain.pem").write_bytes(_CHAIN.leaf.pem + _CHAIN.intermediate.pem)
        done = run_profilegen(
            *("build", "policy.yaml", "--identity", f"awskms:{STAND_IN_ARN}"),
            *("--certificates", "chain.pem"),
            environment=kms.environment(server.endpoint) | _TIME,
        )
    assert done.exit_code == 6, done.stderr
    assert f"error: awskms:{STAND_IN_ARN}: " in done.stderr
    assert "testing-secret" not in done.stderr
    assert not (folder / "dist").exists()


def test_a_plugin_signs(folder: Path, run_profilegen: RunProfilegen) -> None:
    site = folder / "site"
    site.mkdir()
    install_plugin(site)
    (folder / "key.pem").write_bytes(_CHAIN.leaf.encrypted_key_pem)
    (folder / "chain.pem").write_bytes(_CHAIN.leaf.pem + _CHAIN.intermediate.pem)
    done = run_profilegen(
        *("build", "policy.yaml", "--identity", "acme:.", "--passphrase-env", "PHRASE"),
        environment={"PYTHONPATH": str(site), "PHRASE": pki.PASSPHRASE} | _TIME,
    )
    assert done.exit_code == 0, done.stderr
    _openssl(folder / "dist" / "phone" / "phone.mobileconfig", folder / "root.pem")


def test_a_pin_in_the_uri_is_refused_and_not_shown(
    token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    del folder
    done = run_profilegen(
        *("--traceback", "build", "policy.yaml", "--identity", f"{token.uri()}?pin-value={PIN}"),
        environment=token.environment,
    )
    assert done.exit_code == 4
    assert "error: pkcs11: a PIN must not stand in the URI" in done.stderr
    assert PIN not in done.stdout + done.stderr


def test_certs_show_opens_a_token(
    token: SoftToken, folder: Path, run_profilegen: RunProfilegen
) -> None:
    del folder
    shown = run_profilegen(
        *("certs", "show", "--identity", token.uri(), "--passphrase-file", token.pin_file),
        environment=token.environment,
    )
    assert shown.exit_code == 0, shown.stderr
    assert "Token Signer" in shown.stdout
    assert "RSA 2048" in shown.stdout
