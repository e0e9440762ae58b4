"""`build` with --encrypt-for, --cipher and --allow-clear-secrets: what is refused, and how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import Outcome, RunProfilegen
from tests.support.devices import device, write_devices
from tests.support.releases import (
    PERSONAL,
    RICH_ENVIRONMENT,
    SMALL,
    USERS,
    rich_policy,
    write_files,
    write_identity,
)

CLEAR = (
    "error: the profiles would hold secrets in the clear: the challenge of certificate login "
    "(target chief); the passphrase of certificate signing (target chief)\n"
    "hint: Encrypt the profiles for their devices with --encrypt-for PATH, or accept it with "
    "--allow-clear-secrets.\n"
)
ANDROID = "android/policy.json.j2"
PROFILE = "ios/profile.mobileconfig.j2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    write_devices(tmp_path / "devices", "anna", "bo")
    chain = pki.chain()
    write_files(
        tmp_path,
        {
            "rich.yaml": rich_policy("chief@example.com").encode(),
            "small.yaml": SMALL.encode(),
            "personal.yaml": PERSONAL.encode(),
            "users.csv": USERS.encode(),
            "files/ca.pem": chain.root.pem,
            "files/mail.p12": pki.p12(chain.leaf, passphrase=RICH_ENVIRONMENT["MAIL_PASSPHRASE"]),
        },
    )
    return tmp_path


@pytest.fixture
def build(folder: Path, call_profilegen: RunProfilegen) -> Callable[..., Outcome]:
    del folder

    def call(*arguments: str) -> Outcome:
        return call_profilegen("build", *arguments, environment=RICH_ENVIRONMENT)

    return call


def test_secrets_in_the_clear_are_refused(folder: Path, build: Callable[..., Outcome]) -> None:
    """Before a key is touched: also where no identity could be made."""
    (folder / "certs" / "signer.key").write_text("no key", encoding="utf-8")
    done = build("rich.yaml")
    assert (done.exit_code, done.stdout, done.stderr) == (3, "", CLEAR)
    assert not (folder / "dist").exists()


def test_only_targets_that_are_built_count(build: Callable[..., Outcome]) -> None:
    done = build("rich.yaml", "--target", "seller")
    assert done.exit_code == 0
    assert "secret" not in done.stderr


def test_secrets_are_allowed_with_a_warning_for_each(build: Callable[..., Outcome]) -> None:
    done = build("rich.yaml", "--allow-clear-secrets", "--quiet")
    assert done.exit_code == 0
    warnings = [line for line in done.stderr.splitlines() if "readable" in line]
    keep = "stands readable in the profile: keep the release as you keep the secret"
    assert warnings == [
        f"warning: the challenge of certificate login (target chief) {keep}",
        f"warning: the passphrase of certificate signing (target chief) {keep}",
    ]


def test_encrypted_profiles_need_no_permission(build: Callable[..., Outcome]) -> None:
    done = build("rich.yaml", "--encrypt-for", "devices")
    assert done.exit_code == 0
    assert "readable" not in done.stderr
    assert (
        "Not encrypted, since only profiles can be: 3 Android policies, 3 declarations, "
        "2 app configurations.\n"
    ) in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("small.yaml", "--cipher", "aes-256"),
            2,
            (
                "error: --cipher is for profiles that --encrypt-for encrypts\n"
                "hint: Add --encrypt-for PATH, or leave it out.\n"
            ),
        ),
        (
            ("small.yaml", "--target", "work", "--encrypt-for", "devices"),
            2,
            (
                "error: --encrypt-for: no target has a profile, and nothing else can be encrypted\n"
                "hint: Leave it out, or choose a target with platform: ios.\n"
            ),
        ),
        (
            ("personal.yaml", "--users", "users.csv", "--encrypt-for", "devices/anna.pem"),
            2,
            (
                "error: --encrypt-for devices/anna.pem: not a folder: everybody in the file could "
                "read the profiles of all users\n"
                "hint: Name a folder with a file for each user: ID.pem, of one or more devices.\n"
            ),
        ),
        (
            ("personal.yaml", "--users", "users.csv", "--encrypt-for", "phones"),
            4,
            (
                "error: phones: cannot be read: No such file or directory\n"
                "hint: Name the folder of the device certificates.\n"
            ),
        ),
        (
            ("small.yaml", "--encrypt-for", "phones"),
            4,
            "error: phones: no such file\nhint: Check the path.\n",
        ),
        (
            ("small.yaml", "--encrypt-for", "files/mail.p12"),
            4,
            (
                "error: files/mail.p12: is no certificate, or a damaged one\n"
                "hint: Name a certificate in PEM or DER.\n"
            ),
        ),
        (
            ("small.yaml", "--encrypt-for", "empty"),
            4,
            (
                "error: empty: the folder holds no file of certificates (.pem, .der, .cer, .crt)\n"
                "hint: Put the certificates of the devices there.\n"
            ),
        ),
        (
            ("small.yaml", "--encrypt-for", "devices", "--encrypt-for", "files/ca.pem"),
            4,
            (
                "error: files/ca.pem: nothing can be encrypted for the certificate 'Test Root': "
                "its key is ECDSA P-256, and profiles are encrypted for RSA keys only\n"
                "hint: Give an RSA identity of the device, such as one enrolled by SCEP.\n"
            ),
        ),
    ],
)
def test_what_cannot_work(
    folder: Path,
    build: Callable[..., Outcome],
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (folder / "empty").mkdir()
    done = build(*arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", message)
    assert not (folder / "dist").exists()


def test_all_certificates_of_all_places_once(folder: Path, build: Callable[..., Outcome]) -> None:
    (folder / "more.pem").write_bytes(device("bo").pem + device("tablet").pem)
    done = build("small.yaml", "--encrypt-for", "devices", "--encrypt-for", "more.pem")
    assert done.exit_code == 0, done.stderr
    manifest = (folder / "dist" / "release.json").read_text(encoding="utf-8")
    assert manifest.count("encrypted_for") == 2
    for name in ("anna", "bo", "tablet"):
        assert manifest.count(device(name).certificate.fingerprint(pki.SHA256).hex()) == 2


def _own_template(folder: Path, name: str, block: str, added: str) -> None:
    text = f'{{% extends "builtin/{name}" %}}{{% block {block} %}}{added}{{% endblock %}}'
    write_files(folder / "own", {name: text.encode()})


@pytest.fixture
def own(folder: Path) -> None:
    """Write a template that puts a password into profiles."""
    wifi = (
        "<dict><key>PayloadType</key><string>com.apple.wifi.managed</string>"
        "<key>PayloadIdentifier</key><string>com.example.mail.phone.wifi</string>"
        "<key>PayloadUUID</key><string>0B0FD6C6-19DD-4C6C-9D6B-0E0C3D6A5F0E</string>"
        "<key>PayloadVersion</key><integer>1</integer>"
        "<key>SSID_STR</key><string>Office</string>"
        "<key>EncryptionType</key><string>WPA2</string>"
        "<key>Password</key><string>swordfish</string></dict>"
    )
    _own_template(folder, PROFILE, "extra_payloads", wifi)


@pytest.mark.usefixtures("own")
def test_secrets_of_own_templates_are_refused(build: Callable[..., Outcome]) -> None:
    done = build("small.yaml", "--templates", "own")
    assert done.exit_code == 3
    assert done.stderr.startswith("warning: signing with the development identity")
    said = (
        "error: target phone: the files would hold secrets in the clear: phone.mobileconfig "
        "PayloadContent[2].Password: Password of com.apple.wifi.managed stands there in the clear: "
        "whoever has this file has it (password-in-clear)"
    )
    assert said in done.stderr
    assert "swordfish" not in done.stderr
    assert build("small.yaml", "--templates", "own", "--encrypt-for", "devices").exit_code == 0
    done = build("small.yaml", "--templates", "own", "--allow-clear-secrets")
    assert done.exit_code == 0
    assert "warning: target phone: phone.mobileconfig PayloadContent[2].Password" in done.stderr


def test_secrets_in_what_cannot_be_encrypted(folder: Path, build: Callable[..., Outcome]) -> None:
    """An Android policy goes to a server, not to a device: encrypting profiles does not help."""
    app = (
        '{"packageName": "com.example.app", "installType": "AVAILABLE",'
        ' "managedConfiguration": {"password": "swordfish"}}'
    )
    _own_template(folder, ANDROID, "extra_applications", f", {app}")
    more = ("--templates", "own", "--encrypt-for", "devices")
    done = build("small.yaml", *more)
    assert done.exit_code == 3
    assert "target work: the files would hold secrets in the clear: work.json" in done.stderr
    assert (
        "hint: Only profiles can be encrypted: take it out of the template, or accept it with "
        "--allow-clear-secrets.\n"
    ) in done.stderr
    done = build("small.yaml", *more, "--allow-clear-secrets")
    assert done.exit_code == 0, done.stderr
    assert "warning: target work: work.json applications" in done.stderr
