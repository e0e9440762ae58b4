"""PINs and passphrases stay where they belong, whatever happens; the search is for a random one.

Searched are both streams, every file below the folder where profilegen works, the arguments of
all processes and the environment of those that profilegen starts.
"""

from __future__ import annotations

import plistlib
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.canary import Canary, Sightings, watched_processes
from tests.support.command import Outcome, RunProfilegen, clean_environment
from tests.support.encrypted import enveloped
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
        self.search(done.stdout + done.stderr)
        return done

    def search(self, printed: str) -> None:
        """Fail if the secret is in what was printed or in anything else that can be seen."""
        assert not self.canary.is_in(printed), printed
        assert not self.canary.files_with_it(self.folder, except_for=[self.folder / "word"])
        assert not self.sightings.where

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


def test_the_right_secret_is_seen_nowhere(
    scene: Scene, place: Place, way: str, call_profilegen: RunProfilegen
) -> None:
    for command in COMMANDS:
        done = scene.run_with(scene.canary.value, place, *command, way=way)
        assert done.exit_code == 0, done.stderr
    for command in (
        ("verify", "signed.mobileconfig", "--trust", "root.pem"),
        ("verify", "dist", "--trust", "root.pem"),
        ("show", "signed.mobileconfig"),
    ):
        done = call_profilegen("--traceback", *command)
        assert done.exit_code == 0, done.stderr
        scene.search(done.stdout + done.stderr)


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


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("kind", ["pem", "pkcs12"])
def test_the_passphrase_of_a_device_key(
    kind: str,
    right: bool,  # noqa: FBT001 - both cases
    scene: Scene,
) -> None:
    device = current_chain(CHAIN)
    place = PLACES[kind](scene.folder, device, scene.canary.value)
    sealed = enveloped(plistlib.dumps([]), [device.leaf])
    profile = plistlib.loads(PROFILE) | {"EncryptedPayloadContent": sealed}
    (scene.folder / "sealed.mobileconfig").write_bytes(plistlib.dumps(profile))
    word = scene.canary.value if right else scene.canary.wrong
    key = ("--device-key", place.uri, "--passphrase-env", "WORD")
    for command in (
        ("show", "sealed.mobileconfig"),
        ("audit", "sealed.mobileconfig", "--format", "json"),
        ("diff", "sealed.mobileconfig", "sealed.mobileconfig"),
    ):
        done = scene.run(*command, *key, WORD=word)
        assert (done.exit_code == 4) == (not right), done.stderr


def test_a_secret_that_is_typed_is_not_printed(
    scene: Scene, place: Place, require_tool: Callable[[str], Path]
) -> None:
    """The terminal is one of `script`, which shows all that a person would see."""
    command = shlex.join([sys.executable, "-m", "profilegen", *SIGN, "--identity", place.uri])
    with subprocess.Popen(
        [require_tool("script"), "--quiet", "--return", "--command", command, "/dev/null"],
        cwd=scene.folder,
        env=clean_environment(scene.folder) | place.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        shown = ""
        while not shown.endswith(": ") and (one := process.stdout.read(1)):
            shown += one
        process.stdin.write(f"{scene.canary.value}\n")
        process.stdin.flush()
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, shown + rest
    assert "Passphrase" in shown
    scene.search(shown + rest)


@pytest.mark.parametrize("query", ["?pin-value=", "?module-name=softhsm2&pin-value="])
def test_a_pin_that_stands_in_an_option_is_refused_and_not_repeated(
    query: str, canary: Canary, call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    """Called in this process: as another one it would be in the list of processes already."""
    (tmp_path / "notes.txt").write_text("notes\n", encoding="utf-8")
    uri = f"pkcs11:token=Release;object=signer{query}{canary.value}"
    for command in (("sign", "notes.txt"), ("certs", "show")):
        done = call_profilegen("--traceback", *command, "--identity", uri)
        assert done.exit_code == 4
        assert not canary.is_in(done.stdout + done.stderr), done.stderr


@pytest.mark.parametrize(
    ("body", "exit_code"),
    [
        ('raise ValueError("the vault does not answer")', 4),
        ("return KeyMaterial(None, bytes, (None,))", 70),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    ],
    ids=["error", "bug", "crash"],
)
def test_the_secret_in_a_plugin_that_fails(body: str, exit_code: int, scene: Scene) -> None:
    """Its frames hold the secret in variables when it fails, ends in a bug of ours, or crashes."""
    (scene.folder / "vault.py").write_text(
        "from profilegen.signing.keys.interface import KeyMaterial\n"
        "def open_vault(place, passphrase):\n"
        "    pin = passphrase().reveal()\n"
        f"    {body}\n",
        encoding="utf-8",
    )
    package = scene.folder / "vault-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: vault\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[profilegen.identities]\nvault = vault:open_vault\n")
    place = Place("vault:release", {"PYTHONPATH": ".", "PYTHONFAULTHANDLER": "1"})
    done = scene.run_with(scene.canary.value, place, *SIGN, way="file")
    assert done.exit_code == exit_code, done.stderr
    assert "Traceback" in done.stderr or "Fatal Python error" in done.stderr


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
