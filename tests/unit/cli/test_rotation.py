"""Another identity signs than before: what `build` and `diff` say, and what `--rotate` changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.pki import Issued
from tests.support.releases import SMALL

AT = {"SOURCE_DATE_EPOCH": str(int(pki.NOW.timestamp()))}
LINE = "com.example.mail"
REFUSED = "devices refuse the update of a profile that was installed by hand, and take it over MDM"
MEANT = "; --rotate says that it is meant"
ANDROID = "\n".join(line for line in SMALL.splitlines() if "platform: ios" not in line)


@pytest.fixture
def _policy(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")


@pytest.fixture
def anna(tmp_path: Path) -> str:
    return identity(tmp_path, pki.leaf(pki.chain().intermediate, "Anna"))


@pytest.fixture
def bo(tmp_path: Path) -> str:
    return identity(tmp_path, pki.leaf(pki.chain().intermediate, "Bo"))


def identity(folder: Path, signer: Issued, name: str = "") -> str:
    file = folder / f"{name or signer.certificate.subject.rfc4514_string()}.pem"
    file.write_bytes(signer.key_pem + signer.pem + pki.chain().intermediate.pem)
    return f"pem:{file}"


def fingerprint(uri: str) -> str:
    """Return the fingerprint of the first certificate in the file of `uri`."""
    text = Path(uri.removeprefix("pem:")).read_bytes()
    return x509.load_pem_x509_certificates(text)[0].fingerprint(pki.SHA256).hex()


def short(uri: str) -> str:
    return f"(SHA-256 {fingerprint(uri)[:16]}...)"


def build(call: RunProfilegen, uri: str | None, *more: str) -> list[str]:
    """Build a release and return what is said of signers on standard error."""
    signing = ("--unsigned",) if uri is None else ("--identity", uri)
    done = call("build", "policy.yaml", *signing, *more, environment=AT)
    assert done.exit_code == 0, done.stderr
    return [
        line
        for line in done.stderr.splitlines()
        if "SHA-256" in line or "rotate" in line or "Pin" in line
    ]


def named(folder: Path, output: str = "dist") -> dict[str, Any]:
    """Return the identity that the manifest of a release names."""
    document: dict[str, Any] = json.loads((folder / output / "release.json").read_bytes())
    found: dict[str, Any] = document["identity"]
    return found


@pytest.mark.usefixtures("_policy")
class TestBuild:
    def test_the_same_identity_again_is_nothing_to_say(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str
    ) -> None:
        assert build(call_profilegen, anna) == []
        before = (tmp_path / "dist/release.json").read_bytes()
        assert build(call_profilegen, anna) == []
        assert (tmp_path / "dist/release.json").read_bytes() == before

    def test_another_identity_is_a_warning(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str, bo: str
    ) -> None:
        build(call_profilegen, anna)
        assert build(call_profilegen, bo, "--quiet") == [
            (
                f"warning: CN=Bo {short(bo)} signs this release, CN=Anna {short(anna)} signed"
                f" the last one in dist: {REFUSED}{MEANT}"
            )
        ]
        assert "rotated_from" not in named(tmp_path)

    def test_a_rotation_is_a_note_and_stands_in_the_manifest(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str, bo: str
    ) -> None:
        build(call_profilegen, anna)
        assert build(call_profilegen, bo, "--rotate") == [
            (
                f"CN=Bo {short(bo)} signs this release, CN=Anna {short(anna)} signed the last"
                f" one in dist: {REFUSED}"
            )
        ]
        assert named(tmp_path)["rotated_from"] == fingerprint(anna)
        rotated = (tmp_path / "dist/release.json").read_bytes()
        assert build(call_profilegen, bo, "--rotate") == [
            "--rotate changes nothing: the same identity signed the last release in dist."
        ]
        assert (tmp_path / "dist/release.json").read_bytes() == rotated
        verified = call_profilegen("verify", "dist", "--trust", root(tmp_path), environment=AT)
        assert verified.exit_code == 0, verified.stderr

    def test_a_rotation_is_silent_when_asked(
        self, call_profilegen: RunProfilegen, anna: str, bo: str
    ) -> None:
        build(call_profilegen, anna)
        assert build(call_profilegen, bo, "--rotate", "--quiet") == []

    def test_a_first_release_rotates_nothing(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str
    ) -> None:
        assert build(call_profilegen, anna, "--rotate") == [
            (
                f"--rotate changes nothing: dist holds no signed release, and nothing is pinned for"
                f" {LINE}."
            )
        ]
        assert "rotated_from" not in named(tmp_path)

    def test_a_renewed_certificate_is_another_identity(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str
    ) -> None:
        renewed = identity(tmp_path, pki.leaf(pki.chain().intermediate, "Anna"), "renewed")
        assert fingerprint(renewed) != fingerprint(anna)
        build(call_profilegen, anna)
        (line,) = build(call_profilegen, renewed)
        same = " (with the same key, but another certificate is another identity): devices refuse"
        assert same in line

    def test_an_unsigned_release_after_a_signed_one(
        self, call_profilegen: RunProfilegen, anna: str
    ) -> None:
        build(call_profilegen, anna)
        assert build(call_profilegen, None) == [
            (
                f"warning: nobody signs this release, CN=Anna {short(anna)} signed the last one in"
                f" dist: {REFUSED}{MEANT}"
            )
        ]
        assert build(call_profilegen, None) == []
        assert build(call_profilegen, anna) == []

    def test_an_android_release_is_checked_by_no_device(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str, bo: str
    ) -> None:
        (tmp_path / "policy.yaml").write_text(ANDROID, encoding="utf-8")
        build(call_profilegen, anna)
        (line,) = build(call_profilegen, bo)
        assert line.endswith(f"dist: no device checks it, those who verify may{MEANT}")

    def test_a_pinned_identity(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str, bo: str
    ) -> None:
        pins = tmp_path / "profilegen.toml"
        pins.write_text(f'[signing.pins]\n"{LINE}" = "{fingerprint(anna)}"\n', encoding="utf-8")
        pinned = f"signs {LINE}, which is pinned to SHA-256 {fingerprint(anna)[:16]}...: {REFUSED}"
        assert build(call_profilegen, anna, "-o", "one") == []
        assert build(call_profilegen, bo, "-o", "two") == [
            f"warning: CN=Bo {short(bo)} {pinned}{MEANT}"
        ]
        assert build(call_profilegen, bo, "-o", "three", "--rotate") == [
            f"CN=Bo {short(bo)} {pinned}",
            f'Pin the new identity in [signing.pins]: "{LINE}" = "{fingerprint(bo)}"',
        ]
        assert named(tmp_path, "three")["rotated_from"] == fingerprint(anna)
        pins.rename(tmp_path / "other.toml")
        assert build(call_profilegen, bo, "-o", "four") == []
        assert len(build(call_profilegen, bo, "-o", "five", "--config", "other.toml")) == 1

    def test_a_pin_of_another_line_says_nothing(
        self, call_profilegen: RunProfilegen, tmp_path: Path, anna: str
    ) -> None:
        text = f'[signing.pins]\n"com.example.other" = "{"a" * 64}"\n'
        (tmp_path / "profilegen.toml").write_text(text, encoding="utf-8")
        assert build(call_profilegen, anna) == []

    def test_json(self, call_profilegen: RunProfilegen, anna: str, bo: str) -> None:
        build(call_profilegen, anna)
        done = call_profilegen(
            *("build", "policy.yaml", "--identity", bo, "--rotate", "--format", "json"),
            environment=AT,
        )
        assert json.loads(done.stdout)["signer_changes"] == [
            {
                "known_from": "release",
                "old": {"subject": "CN=Anna", "fingerprint": fingerprint(anna)},
                "same_key": False,
                "meant": True,
            }
        ]


@pytest.mark.usefixtures("_policy")
class TestDiff:
    def test_releases_of_two_identities(
        self, call_profilegen: RunProfilegen, anna: str, bo: str
    ) -> None:
        build(call_profilegen, anna, "-o", "old")
        build(call_profilegen, bo, "-o", "new")
        done = call_profilegen("diff", "old", "new", "--quiet")
        assert (done.exit_code, done.stderr) == (
            0,
            (
                f"warning: CN=Bo {short(bo)} signed 2 files of NEW, CN=Anna {short(anna)} signed"
                f" OLD: {REFUSED}{MEANT}\n"
            ),
        )
        meant = call_profilegen("diff", "old", "new", "--rotate", "--quiet")
        assert (meant.exit_code, meant.stderr, meant.stdout) == (0, "", done.stdout)
        noted = call_profilegen("diff", "old", "new", "--rotate")
        assert noted.stderr.startswith(f"CN=Bo {short(bo)} signed 2 files of NEW")

    def test_json(self, call_profilegen: RunProfilegen, anna: str, bo: str) -> None:
        build(call_profilegen, anna, "-o", "old")
        build(call_profilegen, bo, "-o", "new")
        for more, meant in (((), False), (("--rotate",), True)):
            done = call_profilegen("diff", "old", "new", "--format", "json", *more)
            assert json.loads(done.stdout)["signers"] == [
                {
                    "old": {"name": "CN=Anna", "fingerprint": fingerprint(anna)},
                    "new": {"name": "CN=Bo", "fingerprint": fingerprint(bo)},
                    "same_key": False,
                    "files": 2,
                    "profiles": 1,
                    "meant": meant,
                }
            ]

    def test_the_same_signer_rotates_nothing(
        self, call_profilegen: RunProfilegen, anna: str
    ) -> None:
        build(call_profilegen, anna, "-o", "old")
        build(call_profilegen, anna, "-o", "new")
        assert call_profilegen("diff", "old", "new").stderr == ""
        assert call_profilegen("diff", "old", "new", "--rotate").stderr == (
            "--rotate changes nothing: no file of NEW has another signer than in OLD.\n"
        )

    def test_a_signature_that_is_gone(self, call_profilegen: RunProfilegen, anna: str) -> None:
        build(call_profilegen, anna, "-o", "old")
        build(call_profilegen, None, "-o", "new")
        done = call_profilegen("diff", "old", "new")
        assert done.stderr == (
            f"warning: nobody signed 2 files of NEW, CN=Anna {short(anna)} signed OLD:"
            f" {REFUSED}{MEANT}\n"
        )
        assert call_profilegen("diff", "new", "old").stderr == ""


def root(folder: Path) -> Path:
    file = folder / "root.pem"
    file.write_bytes(pki.chain().root.pem)
    return file
