"""`profilegen init`, `check` and `schema`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from profilegen.policy.schema import schema
from tests.support.command import RunProfilegen

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
IN_CONFLICT = {"two-accounts"}
WITH_GAPS = {"northwind"}


def test_the_starter_policy_checks_clean(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    written = call_profilegen("init")
    assert (written.exit_code, written.stdout) == (0, "profilegen.yaml: written\n")
    assert "profilegen check profilegen.yaml" in written.stderr
    checked = call_profilegen("check", "profilegen.yaml")
    assert (checked.exit_code, checked.stdout, checked.stderr) == (
        0,
        "profilegen.yaml: fine: 1 account, 2 targets\n",
        "",
    )
    starter = ROOT / "templates" / "starter" / "policy.yaml"
    assert (tmp_path / "profilegen.yaml").read_bytes() == starter.read_bytes()


def test_init_never_overwrites(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("precious")
    outcome = call_profilegen("init", "mine.yaml")
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr == (
        "error: mine.yaml: there is a file of this name already\n"
        "hint: Give another name: `profilegen init FILE`.\n"
    )
    assert (tmp_path / "mine.yaml").read_text() == "precious"


def test_init_in_no_folder(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("init", "nowhere/mine.yaml")
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("error: nowhere/mine.yaml: cannot write the file: No such")


def test_init_speaks_json(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("init", "mine.yaml", "--format", "json", "--quiet")
    assert json.loads(outcome.stdout) == {"schema": "profilegen.init/1", "file": "mine.yaml"}
    assert outcome.stderr == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples_do_what_they_say(example: Path, call_profilegen: RunProfilegen) -> None:
    checked = call_profilegen("check", example)
    strict = call_profilegen("plan", example, "--strict")
    if example.stem in IN_CONFLICT:
        assert (checked.exit_code, strict.exit_code) == (3, 3)
        assert "accounts legal and newsletter conflict on open-in" in checked.stderr
    else:
        assert (checked.exit_code, checked.stderr) == (0, "")
        assert strict.exit_code == (1 if example.stem in WITH_GAPS else 0)


def test_every_example_is_on_the_page() -> None:
    page = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES if f"]({path.name})" not in page] == []


def test_json_of_a_good_policy(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    call_profilegen("init", tmp_path / "a.yaml", "--quiet")
    outcome = call_profilegen("check", "a.yaml", "--format", "json")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {
        "schema": "profilegen.check/1",
        "file": "a.yaml",
        "valid": True,
        "problems": [],
        "warnings": [],
    }


def test_json_of_a_bad_policy(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("policy: 1\norganisation: {}\n")
    outcome = call_profilegen("check", "a.yaml", "--format", "json")
    assert (outcome.exit_code, outcome.stderr) == (3, "")
    document = json.loads(outcome.stdout)
    assert (document["valid"], len(document["problems"])) == (False, 4)
    assert document["problems"][3] == {
        "file": "a.yaml",
        "line": 2,
        "column": 1,
        "path": "organisation",
        "message": "unknown key",
        "hint": 'Did you mean "organization"?',
    }


def test_json_of_a_conflict(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("check", ROOT / "examples" / "two-accounts.yaml", "--format", "json")
    assert outcome.exit_code == 3
    first = json.loads(outcome.stdout)["problems"][0]
    assert (first["line"], first["column"], first["path"]) == (None, None, "")
    assert "open-in" in first["message"]


def test_a_missing_file(call_profilegen: RunProfilegen) -> None:
    outcome = call_profilegen("check", "none.yaml")
    assert outcome.exit_code == 3
    assert outcome.stderr.startswith("error: none.yaml: cannot read the file: No such file")


def test_accepting_nothing_is_a_warning(call_profilegen: RunProfilegen, tmp_path: Path) -> None:
    call_profilegen("init", "a.yaml", "--quiet")
    policy = tmp_path / "a.yaml"
    extra = "\naccept: [{target: iphone, channel: paste, because: Known.}]\n"
    policy.write_text(policy.read_text(encoding="utf-8") + extra)
    outcome = call_profilegen("check", "a.yaml")
    assert outcome.exit_code == 0
    assert outcome.stderr.startswith("warning: accept[0] ")


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_the_schema_is_one(call_profilegen: RunProfilegen, output_format: str) -> None:
    outcome = call_profilegen("schema", "--format", output_format)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    printed = json.loads(outcome.stdout)
    assert printed == schema()
    Draft202012Validator.check_schema(printed)
