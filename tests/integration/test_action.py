"""The action for CI: its metadata, and its shell steps run as a runner runs them."""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.integration.test_pre_commit_hook import BAD, GOOD
from tests.support.command import Outcome, run
from tests.support.tools import require_tool

ROOT = Path(__file__).resolve().parents[2]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
# What a runner starts for `shell: bash`.
BASH = ("--noprofile", "--norc", "-eo", "pipefail")
# A Python that makes environments without installing anything: the tests have what is needed.
PYTHON = """#!/bin/sh
test "$1 $2" = "-m venv" || exit 9
mkdir -p "$3/bin"
printf '%s\\n' '#!/bin/sh' \
  'if [ "$2" = pip ]; then printf "%s\\n" "$@" >"$RUNNER_TEMP/pip"; exit 0; fi' \
  'exec {python} "$@"' >"$3/bin/python"
chmod +x "$3/bin/python"
"""


def metadata() -> dict[str, Any]:
    loaded = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the steps in `workspace`, with what a runner provides below `temp`."""

    workspace: Path
    temp: Path

    def run(self, **inputs: str) -> Outcome:
        """Return how the steps went, up to the first that failed."""
        last = Outcome(0, "", "")
        for step in metadata()["runs"]["steps"]:
            if last.exit_code == 0:
                last = self._run_step(
                    step, {name.replace("_", "-"): text for name, text in inputs.items()}
                )
        return last

    def outputs(self) -> dict[str, str]:
        lines = (self.temp / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def sarif(self) -> dict[str, Any]:
        document = json.loads((self.workspace / self.outputs()["sarif-file"]).read_bytes())
        assert isinstance(document, dict)
        return document

    def _run_step(self, step: Mapping[str, Any], inputs: Mapping[str, str]) -> Outcome:
        known = {f"inputs.{name}": item["default"] for name, item in metadata()["inputs"].items()}
        known |= {f"inputs.{name}": text for name, text in inputs.items()}
        known |= {"github.action_path": str(ROOT), "runner.temp": str(self.temp)}
        known["inputs.python"] = str(self.temp / "python")
        script = self.temp / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        return run(
            require_tool("bash"),
            *BASH,
            script,
            folder=self.workspace,
            environment={
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_OUTPUT": str(self.temp / "output"),
                **{
                    name: EXPRESSION.sub(lambda found: known[found[1]], text)
                    for name, text in step["env"].items()
                },
            },
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    made = Runner(tmp_path / "work space", tmp_path / "temp")
    made.workspace.mkdir()
    made.temp.mkdir()
    (made.temp / "output").touch()
    python = made.temp / "python"
    python.write_text(PYTHON.replace("{python}", shlex.quote(sys.executable)), encoding="utf-8")
    python.chmod(0o755)
    return made


def texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts(item)
        case list():
            for item in value:
                yield from texts(item)
        case _:
            pass


def test_it_is_an_action_by_the_published_schema() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    outcome = run(check, "--builtin-schema=vendor.github-actions", "action.yml", folder=ROOT)
    assert outcome.exit_code == 0, outcome.stdout


def test_every_input_is_described_and_has_a_default() -> None:
    for item in metadata()["inputs"].values():
        assert item["description"].endswith(".")
        assert isinstance(item["default"], str)


def test_no_expression_stands_in_a_script() -> None:
    for step in metadata()["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_expression_names_something_that_exists() -> None:
    made = metadata()
    inputs = {f"inputs.{name}" for name in made["inputs"]}
    known = inputs | {"github.action_path", "runner.temp", "steps.audit.outputs.sarif-file"}
    used = {name for text in texts(made) for name in EXPRESSION.findall(text)}
    assert used - known == set()
    assert inputs <= used
    assert all(text.count("${{") == len(EXPRESSION.findall(text)) for text in texts(made))


def test_no_other_action_is_used() -> None:
    assert not [step for step in metadata()["runs"]["steps"] if "uses" in step]


def test_it_installs_with_hashes_only(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    runner.run()
    arguments = (runner.temp / "pip").read_text(encoding="utf-8").splitlines()
    assert arguments[-3:] == ["--require-hashes", "-r", str(ROOT / "requirements" / "runtime.txt")]


def test_a_good_profile_passes(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    outcome = runner.run()
    assert outcome.exit_code == 0, outcome
    assert runner.outputs() == {"sarif-file": "profilegen.sarif"}
    assert runner.sarif()["version"] == "2.1.0"


def test_a_bad_profile_fails_and_is_in_both_outputs(runner: Runner) -> None:
    folder = runner.workspace / "profiles of ours"
    folder.mkdir()
    (folder / "a b.mobileconfig").write_bytes(plistlib.dumps(BAD))
    outcome = runner.run(paths="profiles of ours\n\n", sarif_file="out put.sarif")
    assert outcome.exit_code == 1
    assert "wrong-type" in outcome.stdout
    assert runner.outputs() == {"sarif-file": "out put.sarif"}
    results = runner.sarif()["runs"][0]["results"]
    places = {
        item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in results
    }
    assert places == {"profiles%20of%20ours/a%20b.mobileconfig"}
    assert "wrong-type" in {item["ruleId"] for item in results}


def test_options_are_passed_on(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    good = {"fail_on": "note", "as_device": "true", "enrollment": "user", "os": "17"}
    assert runner.run(mode="work-profile", **good).exit_code in {0, 1}
    for name, text in {"enrollment": "none", "mode": "none", "os": "x", "fail_on": "x"}.items():
        assert runner.run(**{name: text}).exit_code == 2, name
    assert runner.run(config="missing.toml").exit_code in {2, 3}


def test_a_failed_audit_leaves_no_output(runner: Runner) -> None:
    outcome = runner.run(paths="missing.mobileconfig")
    assert outcome.exit_code == 2
    assert runner.outputs() == {}


def test_what_is_switched_off_is_not_uploaded(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(BAD))
    off = '[[audit.file]]\npath = "*.mobileconfig"\nignore = ["wrong-type"]\nbecause = "A test."\n'
    (runner.workspace / "settings.toml").write_text(off, encoding="utf-8")
    runner.run(config="settings.toml")
    results = runner.sarif()["runs"][0]["results"]
    assert "wrong-type" not in {item["ruleId"] for item in results}
    assert not [item for item in results if "suppressions" in item]


@pytest.mark.parametrize(
    "text", ["$(touch hit)", "`touch hit`", "'; touch hit; '", '"; touch hit; "', "--help"]
)
@pytest.mark.parametrize(
    "names",
    [
        # One by one, those without which the audit goes on to its end.
        ("sarif-file",),
        ("paths",),
        ("as-device",),
        ("fail-on", "enrollment", "mode", "os", "config"),
    ],
    ids=lambda names: str(names[0]),
)
def test_no_input_is_run(runner: Runner, names: tuple[str, ...], text: str) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    outcome = runner.run(**dict.fromkeys(names, text))
    assert not (runner.workspace / "hit").exists()
    assert "Usage:" not in outcome.stdout


def test_modules_of_the_repository_are_not_imported(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    (runner.workspace / "json.py").write_text("open('hit', 'w').close()\n", encoding="utf-8")
    (runner.workspace / "click.py").write_text("open('hit', 'w').close()\n", encoding="utf-8")
    assert runner.run(paths="a.mobileconfig").exit_code == 0
    assert not (runner.workspace / "hit").exists()


def test_what_is_printed_commands_no_runner(runner: Runner) -> None:
    (runner.workspace / "::error::x.mobileconfig").write_bytes(plistlib.dumps(BAD))
    lines = runner.run().stdout.splitlines()
    token = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert token
    assert lines[-1] == f"::{token[1]}::"


def test_a_name_of_several_lines_adds_no_output(runner: Runner) -> None:
    (runner.workspace / "a.mobileconfig").write_bytes(plistlib.dumps(GOOD))
    runner.run(sarif_file="a\nextra=b")
    assert set(runner.outputs()) <= {"sarif-file"}
