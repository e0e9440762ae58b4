"""The hooks that this repository offers, run by pre-commit itself on a sample repository."""

from __future__ import annotations

import json
import os
import plistlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import Outcome, run
from tests.support.tools import require_tool

PROGRAMS = Path(sys.executable).parent
NOBODY = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
GOOD = {
    "PayloadContent": [],
    "PayloadDisplayName": "Northwind Mail",
    "PayloadIdentifier": "org.example.mail",
    "PayloadType": "Configuration",
    "PayloadUUID": "5F8C0D3E-6B1A-4C57-9E2D-7A40B1C9D812",
    "PayloadVersion": 1,
}
# PayloadVersion is an integer in Apple's schema.
BAD = {**GOOD, "PayloadIdentifier": "org.example.other", "PayloadVersion": "one"}


@dataclass(frozen=True, slots=True)
class Repository:
    """A sample repository that uses the hooks of `hooks`, a repository of its own."""

    folder: Path
    hooks: Path

    def commit(self, files: Mapping[str, bytes], configuration: Mapping[str, object]) -> None:
        hooks = [{"id": "profilegen-audit"}, {"id": "profilegen-audit-json"}]
        # The environment of the tests has profilegen; making another would need the network.
        used = [{**hook, "language": "system", **configuration} for hook in hooks]
        repo = {"repo": str(self.hooks), "rev": head_of(self.hooks), "hooks": used}
        # JSON is YAML.
        text = json.dumps({"repos": [repo]})
        write_and_commit(self.folder, {**files, ".pre-commit-config.yaml": text.encode()})

    def run_hooks(self) -> Outcome:
        return run(
            PROGRAMS / "pre-commit",
            "run",
            "--all-files",
            "--color=never",
            folder=self.folder,
            environment={
                "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
                "PRE_COMMIT_HOME": str(self.folder.parent / "cache"),
            },
        )


def git(folder: Path, *arguments: str) -> str:
    outcome = run(require_tool("git"), *NOBODY, *arguments, folder=folder)
    assert outcome.exit_code == 0, outcome.stderr
    return outcome.stdout.strip()


def head_of(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD")


def write_and_commit(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Sample")


@pytest.fixture
def repository(tmp_path: Path, checkout: Path) -> Repository:
    # Not a clone of the checkout: what is not committed yet is tested too.
    hooks = tmp_path / "hooks"
    name = ".pre-commit-hooks.yaml"
    write_and_commit(hooks, {name: (checkout / name).read_bytes()})
    return Repository(tmp_path / "sample", hooks)


def test_good_files_pass_and_others_are_left_alone(repository: Repository) -> None:
    files = {
        "mail.mobileconfig": plistlib.dumps(GOOD),
        "policies/staff.json": b'{"cameraDisabled": true}\n',
        "package.json": b'{"name": "no policy"}\n',
        "notes.txt": b"no profile\n",
    }
    repository.commit(files, {})
    outcome = repository.run_hooks()
    assert outcome.exit_code == 0, outcome.stdout
    assert outcome.stdout.count("Passed") == 2


def test_a_bad_profile_fails_and_is_named_with_its_rule(repository: Repository) -> None:
    files = {"good.mobileconfig": plistlib.dumps(GOOD), "bad.mobileconfig": plistlib.dumps(BAD)}
    repository.commit(files, {})
    outcome = repository.run_hooks()
    assert outcome.exit_code == 1
    assert "hook id: profilegen-audit\n- exit code: 1" in outcome.stdout
    assert "bad.mobileconfig" in outcome.stdout
    assert "wrong-type" in outcome.stdout


def test_a_bad_policy_fails_and_is_named_with_its_rule(repository: Repository) -> None:
    repository.commit(
        {"mdm/kiosk.json": b'{"cameraDisabled": true, "screencaptureDisabled": true}'}, {}
    )
    outcome = repository.run_hooks()
    assert outcome.exit_code == 1
    assert "hook id: profilegen-audit-json\n- exit code: 1" in outcome.stdout
    assert "kiosk.json" in outcome.stdout
    assert "unknown-field" in outcome.stdout


def test_arguments_of_the_user_are_passed_on(repository: Repository) -> None:
    files = {"mail.mobileconfig": plistlib.dumps(GOOD)}
    repository.commit(files, {"args": ["--enrollment=no-such-way"]})
    outcome = repository.run_hooks()
    assert "exit code: 2" in outcome.stdout
    assert "no-such-way" in outcome.stdout
