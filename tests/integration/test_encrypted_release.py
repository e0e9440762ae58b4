"""Encrypted releases: openssl opens them, audit sees through them with the key, nobody else can."""

from __future__ import annotations

import base64
import json
import plistlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from profilegen.signing.certificates import fingerprint
from tests.support import pki
from tests.support.command import Outcome, RunProfilegen, run
from tests.support.devices import device, write_devices, write_key
from tests.support.releases import (
    EPOCH,
    RICH_ENVIRONMENT,
    USERS,
    named_files,
    rich_policy,
    snapshot,
    users_file,
    write_files,
    write_identity,
)

CIPHERS = {"aes-128": "AES-128-CBC", "aes-256": "AES-256-CBC"}
ENVIRONMENT = RICH_ENVIRONMENT | {"SOURCE_DATE_EPOCH": EPOCH}
CHIEF = "chief/chief.mobileconfig"
MANAGEMENT = ("--enrollment", "supervised", "--os", "26.0")
P12 = pki.p12(pki.chain().leaf, passphrase=RICH_ENVIRONMENT["MAIL_PASSPHRASE"])


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder with policies, users, the files they name, and devices."""

    folder: Path
    call: RunProfilegen

    def build(self, *arguments: str, policy: str = "shared.yaml", code: int = 0) -> Outcome:
        done = self.call("build", policy, *arguments, environment=ENVIRONMENT)
        assert done.exit_code == code, done.stderr
        return done

    def audit(self, path: str, *more: str) -> dict[str, Any]:
        command = ("audit", path, *MANAGEMENT, "--fail-on", "never", "--format", "json", *more)
        done = self.call(*command)
        assert done.exit_code == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)["files"][0]
        return document

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


@pytest.fixture
def scene(tmp_path: Path, call_profilegen: RunProfilegen) -> Scene:
    write_identity(tmp_path / "certs")
    write_devices(tmp_path / "devices", "anna", "bo")
    write_files(
        tmp_path,
        {
            "shared.yaml": rich_policy("chief@example.com").encode(),
            "personal.yaml": rich_policy("{{ user.email }}").encode(),
            "users.csv": USERS.encode(),
            "files/ca.pem": pki.chain().root.pem,
            "files/mail.p12": P12,
        },
    )
    return Scene(tmp_path, call_profilegen)


@pytest.fixture
def decrypt(require_tool: Callable[[str], Path], tmp_path: Path) -> Callable[[bytes, str], bytes]:
    """Return a function that has openssl decrypt EncryptedPayloadContent with a device's key."""
    tool = require_tool("openssl")

    def call(sealed: bytes, name: str) -> bytes:
        (tmp_path / "sealed.der").write_bytes(sealed)
        write_key(tmp_path, name)
        key = f"{name}.key.pem"
        done = run(
            *(tool, "cms", "-decrypt", "-binary", "-inform", "DER", "-in", "sealed.der"),
            *("-inkey", key, "-recip", key, "-out", "opened"),
            folder=tmp_path,
        )
        assert done.exit_code == 0, done.stderr
        return (tmp_path / "opened").read_bytes()

    return call


def sealed_profiles(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the unsigned twin of every profile of a release."""
    for path in sorted(folder.rglob("unsigned/*.mobileconfig")):
        yield path.relative_to(folder).as_posix(), plistlib.loads(path.read_bytes())


@pytest.mark.parametrize("names", [("anna",), ("anna", "bo")], ids=["one", "several"])
@pytest.mark.parametrize("cipher", CIPHERS)
def test_openssl_gets_the_payloads_byte_for_byte(
    scene: Scene, decrypt: Callable[[bytes, str], bytes], cipher: str, names: tuple[str, ...]
) -> None:
    scene.build("--allow-clear-secrets", "-o", "clear")
    wanted = [part for name in names for part in ("--encrypt-for", f"devices/{name}.pem")]
    done = scene.build(*wanted, "--cipher", cipher)
    assert "4 profiles (encrypted)" in done.stdout
    found = dict(sealed_profiles(scene.folder / "dist"))
    assert len(found) == 4
    for path, profile in found.items():
        clear = plistlib.loads(scene.read(f"clear/{path}"))
        payloads = plistlib.dumps(clear.pop("PayloadContent"), sort_keys=True)
        sealed = profile.pop("EncryptedPayloadContent")
        assert profile == clear | {"IsEncrypted": True}
        for name in names:
            assert decrypt(sealed, name) == payloads
    shown = scene.call("show", f"dist/{CHIEF}", "--format", "json")
    encryption = json.loads(shown.stdout)["encryption"]
    numbers = {f"{device(name).certificate.serial_number:x}" for name in names}
    assert encryption["cipher"] == CIPHERS[cipher]
    assert {one["serial"] for one in encryption["recipients"]} == numbers


def test_audit_with_the_key_is_audit_of_the_plain_profile(scene: Scene) -> None:
    scene.build("--allow-clear-secrets", "-o", "clear")
    scene.build("--encrypt-for", "devices")
    clear = scene.audit(f"clear/{CHIEF}")
    key = write_key(scene.folder, "anna")
    opened = scene.audit(f"dist/{CHIEF}", "--device-key", key)
    assert len(clear["flows"]) > 50
    assert opened["flows"] == clear["flows"]
    secrets = [item for item in clear["findings"] if item["rule"] == "password-in-clear"]
    assert len(secrets) == 2
    rest = [item for item in clear["findings"] if item not in secrets]
    assert _without_lines(opened["findings"]) == _without_lines(rest)


def test_audit_without_the_key_says_what_it_cannot_know(scene: Scene) -> None:
    scene.build("--encrypt-for", "devices")
    sealed = scene.audit(f"dist/{CHIEF}")
    assert "encrypted-content" in {item["rule"] for item in sealed["findings"]}
    states = {flow["channel"]: flow["state"] for flow in sealed["flows"]}
    assert states["open-in"] == states["paste"] == "unknown"
    shown = scene.call("show", f"dist/{CHIEF}")
    assert "cannot be known without a device's key" in shown.stdout
    assert "com.apple.eas.account" not in shown.stdout
    key = write_key(scene.folder, "anna")
    shown = scene.call("show", f"dist/{CHIEF}", "--device-key", key)
    assert "com.apple.eas.account" in shown.stdout


def test_nothing_of_the_payloads_is_written_in_the_clear(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither into the release nor, while it is made, beside it."""
    written: dict[str, bytes] = {}
    write = Path.open

    def spy(path: Path, mode: str = "r", *more: Any, **others: Any) -> Any:  # noqa: ANN401
        if "x" in mode or "w" in mode:
            written[str(path)] = b""
        return write(path, mode, *more, **others)

    monkeypatch.setattr(Path, "open", spy)
    before = {path for path in scene.folder.rglob("*") if path.is_file()}
    scene.build("--encrypt-for", "devices")
    files = snapshot(scene.folder / "dist")
    places = {str(scene.folder / ".dist.partial" / name) for name in files}
    # The journal of the build holds digests and names only (tests of `release.resume.journal`).
    own = {
        str(scene.folder / ".dist.partial" / ".journal" / "job.json.partial"),
        str(scene.folder / ".dist.done" / "sha256"),
    }
    assert {name for name in written if Path(name) not in before} - own == places
    marks = [secret.encode() for secret in RICH_ENVIRONMENT.values()]
    marks += [base64.b64encode(P12)[:60], b"imap.example.com"]
    clear = _contents(scene, "clear", "--allow-clear-secrets")
    profiles = [name for name in files if name.endswith(".mobileconfig")]
    for mark in marks:
        assert any(mark in _flat(clear[name]) for name in profiles), mark
        assert not any(mark in _flat(files[name]) for name in profiles), mark


def test_the_release_is_signed_and_names_the_devices(scene: Scene) -> None:
    scene.build("--encrypt-for", "devices")
    assert scene.call("verify", "dist").exit_code == 0
    devices = sorted(fingerprint(device(name).certificate) for name in ("anna", "bo"))
    manifest = json.loads(scene.read("dist/release.json"))
    for item in manifest["files"]:
        encrypted = item["kind"] in {"profile", "unsigned-profile"}
        assert item.get("encrypted_for", []) == (devices if encrypted else [])
    path = scene.folder / "dist" / "chief" / "unsigned" / "chief.mobileconfig"
    path.write_bytes(path.read_bytes().replace(b"<true/>", b"<false/>"))
    assert scene.call("verify", "dist").exit_code == 5


def test_only_what_is_encrypted_differs_from_build_to_build(scene: Scene) -> None:
    scene.build("--encrypt-for", "devices", "-o", "one")
    scene.build("--encrypt-for", "devices", "-o", "two")
    one, two = (snapshot(scene.folder / name) for name in ("one", "two"))
    differing = {name for name in one if one[name] != two[name]}
    sealing = {name for name in one if name.startswith(("release.", "SHA256SUMS"))}
    profiles = {name for name in one if name.endswith(".mobileconfig")}
    assert one.keys() == two.keys()
    assert profiles <= differing <= profiles | sealing
    key = write_key(scene.folder, "bo")
    done = scene.call("diff", "one", "two", "--device-key", key, "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["files"]) == (0, [])
    assert scene.call("diff", "one", "two").exit_code == 1


def test_the_content_with_the_key_is_the_plain_profile(
    scene: Scene, run_profilegen: RunProfilegen
) -> None:
    scene.build("--allow-clear-secrets", "-o", "clear")
    scene.build("--encrypt-for", "devices")
    key = write_key(scene.folder, "anna")
    opened = run_profilegen("show", "--content", f"dist/{CHIEF}", "--device-key", key)
    plain = scene.read("clear/chief/unsigned/chief.mobileconfig")
    assert (opened.exit_code, opened.stdout.encode()) == (0, plain)
    sealed = run_profilegen("show", "--content", f"dist/{CHIEF}")
    assert sealed.stdout.encode() == scene.read("dist/chief/unsigned/chief.mobileconfig")
    same = run_profilegen("show", "--content", f"clear/{CHIEF}", "--device-key", key)
    assert same.stdout.encode() == plain


@pytest.mark.parametrize("content", [(), ("--content",)])
def test_the_key_of_another_device(scene: Scene, content: tuple[str, ...]) -> None:
    scene.build("--encrypt-for", "devices/anna.pem")
    key = write_key(scene.folder, "bo")
    done = scene.call("show", f"dist/{CHIEF}", "--device-key", key, *content)
    assert (done.exit_code, done.stdout) == (4, "")
    number = f"{device('anna').certificate.serial_number:x}"
    assert done.stderr == (
        f"error: dist/{CHIEF}: the payloads are not encrypted for 'bo' but for number {number} of "
        "CN=Test CA\nhint: Give the key of the device that the profile is for.\n"
    )


def test_each_user_has_a_profile_for_their_own_devices(
    scene: Scene, decrypt: Callable[[bytes, str], bytes]
) -> None:
    """Anna has two devices; what all share is for all devices."""
    both = device("anna").pem + device("tablet").pem
    (scene.folder / "devices" / "anna.pem").write_bytes(both)
    users = ("--users", "users.csv")
    scene.build(*users, "--encrypt-for", "devices", policy="personal.yaml")
    scene.build(*users, "--allow-clear-secrets", "-o", "clear", policy="personal.yaml")
    found = dict(sealed_profiles(scene.folder / "dist"))
    owners = {"anna": {"anna", "tablet"}, "bo": {"bo"}, "by-hand": {"anna", "tablet", "bo"}}
    assert len(found) == 7
    files = named_files(scene.folder / "dist")
    named = {item["path"]: readers_of(item) for item in files}
    for path, profile in found.items():
        clear = plistlib.loads(scene.read(f"clear/{path}"))["PayloadContent"]
        mine = owners[Path(path).stem]
        for name in mine:
            opened = decrypt(profile["EncryptedPayloadContent"], name)
            assert opened == plistlib.dumps(clear, sort_keys=True)
        assert named[path] == sorted(fingerprint(device(name).certificate) for name in mine)
        envelope = _envelope(scene, path)
        assert len(envelope["recipients"]) == len(mine)


def test_a_user_without_a_device_is_a_bad_row(scene: Scene) -> None:
    users = "id,email\nanna,a@example.com\ncai,c@example.com\n../devices/bo,b@example.com\n"
    users += "Anna,x@example.com\nbo,b@example.com\n"
    (scene.folder / "users.csv").write_text(users, encoding="utf-8")
    (scene.folder / "devices" / "bo.pem").write_bytes(device("curve", "p256").pem)
    more = ("--users", "users.csv", "--encrypt-for", "devices", "--target", "chief")
    done = scene.build(*more, policy="personal.yaml", code=1)
    assert "1 profile (encrypted)" in done.stdout
    complaints = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    none = "devices: no device certificate of user"
    curve = "devices/bo.pem: nothing can be encrypted for the certificate 'curve': its key is "
    curve += "ECDSA P-256, and profiles are encrypted for RSA keys only"
    assert complaints == [
        f"error: users.csv: row 2: {none} 'cai' (.pem, .der, .cer or .crt)",
        f"error: users.csv: row 3: {none} '../devices/bo' (.pem, .der, .cer or .crt)",
        f"error: users.csv: row 4: {none} 'Anna' (.pem, .der, .cer or .crt)",
        f"error: users.csv: row 5: {curve}",
        "error: users.csv: 4 rows were left out",
    ]
    assert [path for path, _ in sealed_profiles(scene.folder / "dist")] == [
        users_file("chief", "anna", "unsigned/anna.mobileconfig")
    ]


def test_users_come_without_certificates_where_nothing_is_theirs(scene: Scene) -> None:
    """The work profile of a user has nothing to encrypt; what all share is for the whole folder."""
    (scene.folder / "users.csv").write_text("id,email\ncai,c@example.com\n", encoding="utf-8")
    text = rich_policy("{{ user.email }}").replace("accounts: [sales]}", "accounts: [press]}")
    (scene.folder / "mixed.yaml").write_text(
        text.replace("accounts: [staff, press]", "accounts: [press]").replace(
            "accounts: [sales, search]", "accounts: [press]"
        ),
        encoding="utf-8",
    )
    more = ("--users", "users.csv", "--encrypt-for", "devices")
    done = scene.build(*more, policy="mixed.yaml")
    assert "4 profiles (encrypted)" in done.stdout
    assert len(_envelope(scene, "chief/unsigned/chief.mobileconfig")["recipients"]) == 2


def test_unsigned_is_allowed_with_a_warning(scene: Scene) -> None:
    done = scene.build("--unsigned", "--encrypt-for", "devices")
    assert "warning: profiles are encrypted but not signed" in done.stderr
    profile = plistlib.loads(scene.read(f"dist/{CHIEF}"))
    assert profile["IsEncrypted"] is True
    assert "PayloadContent" not in profile


def test_a_failed_build_leaves_the_release_before_it(scene: Scene) -> None:
    scene.build("--encrypt-for", "devices")
    before = snapshot(scene.folder / "dist")
    (scene.folder / "devices" / "old.pem").write_bytes(
        pki.issue("Old", kind="rsa-2048", end=pki.NOW).pem
    )
    done = scene.build("--encrypt-for", "devices", code=4)
    assert "devices/old.pem: the certificate 'Old' expired on 2026-06-01" in done.stderr
    assert snapshot(scene.folder / "dist") == before
    assert not (scene.folder / ".dist.partial").exists()


def readers_of(item: Mapping[str, Any]) -> list[str]:
    """Return the certificates that a file is encrypted for, as a manifest or an index says it."""
    readers = item.get("encrypted_for", [])
    return readers.split() if isinstance(readers, str) else list(readers)


def _without_lines(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return findings without the line, which is one of the file that was audited."""
    kept = [{key: value for key, value in item.items() if key != "line"} for item in findings]
    return sorted(kept, key=json.dumps)


def _contents(scene: Scene, output: str, *more: str) -> Mapping[str, bytes]:
    scene.build("-o", output, *more)
    return snapshot(scene.folder / output)


def _flat(content: bytes) -> bytes:
    """Return `content` without white space, so that broken lines of base64 can be searched."""
    return b"".join(content.split()).replace(b"opensesame", b"open sesame")


def _envelope(scene: Scene, path: str) -> dict[str, Any]:
    shown = scene.call("show", f"dist/{path}", "--format", "json")
    encryption: dict[str, Any] = json.loads(shown.stdout)["encryption"]
    return encryption
