"""PINs and passphrases stay where they belong, whatever happens; the search is for a random one.

Searched are both streams, every file below the folder where profilegen works, the arguments of
all processes and the environment of those that profilegen starts.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.canary import Canary, Sightings, watched_processes
from tests.support.command import Outcome, RunProfilegen
from tests.support.identities import PLACES, Place, current_chain
from tests.support.releases import RICH_ENVIRONMENT, SMALL, rich_policy

PROFILE = (
    b'<?xml version="1.0"?>\n<plist version="1.0"><dict>'
    b"<key>PayloadType</key><string>Configuration</string></dict></plist>\n"
)
CHAIN = "rsa-2048"
SIGN = ("sign", "mail.mobileconfig", "-o", "signed.mobileconfig")
COMMANDS = (
    SIGN,
    ("build", "policy.yaml"),
    ("certs", "show"),
    ("certs", "show", "--format", "json"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder with things to sign, and a way to run profilegen there and to search afterwards."""

    canary: Canary
    folder: Path
    sightings: Sightings
    start: RunProfilegen

    def run(self, *command: str, **environment: str) -> Outcome:
        """Run a command; the secret may be seen nowhere but in the file `word`."""
        done = self.start("--traceback", *command, environment=environment)
        assert not self.canary.is_in(done.stdout), done.stdout
        assert not self.canary.is_in(done.stderr), done.stderr
        assert not self.canary.files_with_it(self.folder, except_for=[self.folder / "word"])
        assert not self.sightings.where
        return done

    def run_with(self, secret: str, place: Place, *command: str, way: str) -> Outcome:
        """Run a command that needs the key at `place`, and give it `secret`."""
        named = (*command, "--identity", place.uri)
        if way == "environment":
            return self.run(*named, "--passphrase-env", "WORD", **place.environment, WORD=secret)
        (self.folder / "word").write_text(f"{secret}\n", encoding="utf-8")
        return self.run(*named, "--passphrase-file", "word", **place.environment)


@pytest.fixture
def canary() -> Canary:
    return Canary()


@pytest.fixture
def sightings(canary: Canary) -> Iterator[Sightings]:
    with watched_processes(canary) as found:
        yield found


@pytest.fixture
def scene(
    canary: Canary, tmp_path: Path, sightings: Sightings, run_profilegen: RunProfilegen
) -> Scene:
    (tmp_path / "mail.mobileconfig").write_bytes(PROFILE)
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "root.pem").write_bytes(current_chain(CHAIN).root.pem)
    return Scene(canary, tmp_path, sightings, run_profilegen)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, canary: Canary, tmp_path: Path) -> Place:
    """Return an identity whose passphrase or PIN is the secret."""
    return PLACES[request.param](tmp_path, current_chain(CHAIN), canary.value)


@pytest.fixture(params=["file", "environment"])
def way(request: pytest.FixtureRequest) -> str:
    """Return how the secret is given."""
    found: str = request.param
    return found


def test_the_right_secret_is_seen_nowhere(scene: Scene, place: Place, way: str) -> None:
    for command in COMMANDS:
        done = scene.run_with(scene.canary.value, place, *command, way=way)
        assert done.exit_code == 0, done.stderr
    for command in (
        ("verify", "signed.mobileconfig", "--trust", "root.pem"),
        ("verify", "dist", "--trust", "root.pem"),
        ("show", "signed.mobileconfig"),
    ):
        done = scene.run(*command)
        assert done.exit_code == 0, done.stderr


def test_a_wrong_secret_is_refused_and_not_shown(scene: Scene, place: Place, way: str) -> None:
    for command in COMMANDS[:3]:
        done = scene.run_with(scene.canary.wrong, place, *command, way=way)
        assert done.exit_code == 4, done.stderr
        assert "Traceback" in done.stderr
    assert not (scene.folder / "dist").exists()
    assert not (scene.folder / "signed.mobileconfig").exists()


def test_the_secret_of_a_key_that_is_not_there(scene: Scene, place: Place, way: str) -> None:
    uri = place.uri.replace("/identity.", "/absent.").replace("=signer", "=absent")
    absent = Place(uri, place.environment)
    assert absent != place
    done = scene.run_with(scene.canary.value, absent, *SIGN, way=way)
    assert done.exit_code == 4, done.stderr


@pytest.mark.parametrize("right", [True, False])
def test_the_passphrase_of_a_policy(scene: Scene, right: bool) -> None:  # noqa: FBT001 - both cases
    """A policy names a PKCS#12 file for devices, and the variable with its passphrase."""
    chain = current_chain(CHAIN)
    (scene.folder / "files").mkdir()
    (scene.folder / "files" / "ca.pem").write_bytes(chain.root.pem)
    bundle = pki.p12(chain.leaf, passphrase=scene.canary.value)
    (scene.folder / "files" / "mail.p12").write_bytes(bundle)
    (scene.folder / "rich.yaml").write_text(rich_policy("chief@example.com"), encoding="utf-8")
    word = scene.canary.value if right else scene.canary.wrong
    command = ("plan", "rich.yaml") if right else ("build", "rich.yaml")
    done = scene.run(*command, **RICH_ENVIRONMENT | {"MAIL_PASSPHRASE": word})
    assert (done.exit_code == 0) == right, done.stderr


# The search itself: what the tests above say does not happen.


def test_the_search_finds_what_is_printed_and_written(canary: Canary, tmp_path: Path) -> None:
    forms = (
        canary.value.encode(),
        f"ü{canary.wrong}".encode("utf-16-be"),
        canary.wrong.encode().hex().encode(),
    )
    (tmp_path / "below").mkdir()
    for form in forms:
        path = tmp_path / "below" / "file"
        path.write_bytes(b"\0before" + form + b"after")
        assert canary.files_with_it(tmp_path) == [path]
        assert not canary.files_with_it(tmp_path, except_for=[path])
    path = tmp_path / "below" / canary.value
    path.mkdir()
    assert path in canary.files_with_it(tmp_path)
    assert canary.is_in(f"error: {canary.wrong} is wrong")
    assert not canary.is_in(Canary().value)


@pytest.mark.parametrize("where", ["arguments", "environment"])
def test_the_search_finds_what_a_command_hands_on(
    where: str, canary: Canary, sightings: Sightings
) -> None:
    handed = {"arguments": '"$WORD"', "environment": ""}[where]
    command = f'sh -c "sleep 0.3; :" {handed}; :'
    environment = {"WORD": canary.value, "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", "-c", command], check=True, env=environment)
    assert any(found.startswith(where) for found in sightings.where)
