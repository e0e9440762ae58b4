"""What the repository must never hold: keys, addresses of registries, paths of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.softhsm import MODULES as SOFTHSM_MODULES
from tests.support.tools import require_tool
from tests.support.verifiers import GO_PKCS7

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = sorted(ROOT.glob("requirements/*.txt"))

# The patterns are written so that this file does not match itself.
FORBIDDEN = {
    "a private key": re.compile(rb"^-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}\r?$", re.MULTILINE),
    "the address of a package registry": re.compile(
        rb"^--(extra-)?index-url|^--find-links|files[.]pythonhosted[.]org|pypi[.]org/simple"
        rb"|registry[.]npmjs[.]org",
        re.MULTILINE,
    ),
    "a path of one machine": re.compile(rb"(?<![\w.])/(work|farm|root|home|Users)/"),
}
LOCK_FILES = {"Pipfile.lock", "pdm.lock", "poetry.lock", "uv.lock"}
KEY_FILES = {".key", ".p12", ".pfx"}
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)(?:\[[a-z,]+\])?==(?P<version>[^\s;]+)", re.MULTILINE)


def tracked_files() -> list[Path]:
    git = require_tool("git")
    listed = subprocess.run(
        [git, "ls-files", "-z"], check=True, cwd=ROOT, capture_output=True, text=True
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if FORBIDDEN[what].search(path.read_bytes())
    ]
    assert not found, f"{what} in {', '.join(found)}"


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("a private key", "-----BEGIN {}PRIVATE KEY-----\n"),
        ("a private key", "-----BEGIN {}EC PRIVATE KEY-----\n"),
        ("the address of a package registry", "--{}index-url https://mirror.example/simple\n"),
        ("a path of one machine", "see /{}home/someone/profile"),
    ],
)
def test_the_patterns_find_what_they_look_for(what: str, sample: str) -> None:
    assert FORBIDDEN[what].search(sample.format("").encode())


def test_no_lock_file_and_no_key_file_is_tracked() -> None:
    found = [
        path.name
        for path in tracked_files()
        if path.name in LOCK_FILES or path.suffix.lower() in KEY_FILES
    ]
    assert not found


def test_the_development_identity_is_ignored() -> None:
    git = require_tool("git")
    names = ["certs/root.pem", "certs/intermediate.pem", "certs/signer.pem", "certs/signer-key.pem"]
    ignored = subprocess.run(
        [git, "check-ignore", *names], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert ignored.stdout.split() == names


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    logical = re.sub(r"\\\n", " ", text).splitlines()
    requirements = [line for line in logical if line and not line.lstrip().startswith("#")]
    assert requirements
    for requirement in requirements:
        assert PIN.match(requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement
        options = set(re.findall(r"\s(--[a-z-]+)", requirement))
        assert options == {"--hash"}, requirement


def test_tests_run_on_the_versions_that_an_installation_gets() -> None:
    runtime, dev = (
        set(PIN.findall((ROOT / "requirements" / name).read_text(encoding="utf-8")))
        for name in ("runtime.txt", "dev.txt")
    )
    assert runtime <= dev


def test_ci_installs_every_tool_that_tests_require() -> None:
    required = {
        name
        for path in ROOT.glob("tests/**/*.py")
        for name in re.findall(r"require_tool\(\"([a-z0-9-]+)\"\)", path.read_text("utf-8"))
    }
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    listed = set(re.findall(r"^  ([a-z0-9-]+):[a-z0-9-]+$", script, re.MULTILINE))
    # `sh` is on every machine; the others of test_support.py are meant to be missing.
    assert required - {"sh", "no-such-tool"} <= listed


def test_ci_installs_every_library_that_tests_require() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    listed = set(re.findall(r"^  (/\S+):[a-z0-9-]+$", script, re.MULTILINE))
    assert str(GO_PKCS7) in listed
    assert listed.intersection(SOFTHSM_MODULES)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for path in ROOT.glob("profilegen/**/*.py") if path.name in drawers]
