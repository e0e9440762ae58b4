"""`plan`, `check`, `init` and `schema` as commands: codes, streams and formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import SMALL

CONFLICT = SMALL.replace(
    "targets:",
    """\
  - id: press
    service: exchange
    address: press@example.com
    server: {host: mail.example.com}
    sharing: open
targets:""",
).replace("[staff]", "[staff, press]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "conflict.yaml").write_text(CONFLICT, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("policy: 2\nfoo: 1\n", encoding="utf-8")
    return tmp_path


def test_a_strict_plan(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert call_profilegen("plan", "policy.yaml").exit_code == 0
    strict = call_profilegen("plan", "policy.yaml", "--strict")
    assert strict.exit_code == 1
    *gaps, last, hint = strict.stderr.splitlines()
    assert gaps
    assert all(line.startswith(("error: phone: ", "error: work: ")) for line in gaps)
    assert last.startswith(f"error: {len(gaps)} gap")
    assert hint.startswith("hint: Change the policy, or name a gap under `accept`")
    assert strict.stdout == call_profilegen("plan", "policy.yaml").stdout
    one = call_profilegen("plan", "policy.yaml", "--strict", "--target", "phone")
    assert "work:" not in one.stderr
    assert folder.is_dir()


def test_a_plan_of_one_target(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    done = call_profilegen("plan", "policy.yaml", "--target", "work", "--format", "json")
    assert [target["id"] for target in json.loads(done.stdout)["targets"]] == ["work"]


@pytest.mark.parametrize("command", ["check", "plan", "build"])
def test_a_conflict_stops_every_command(
    command: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen(command, "conflict.yaml")
    assert (done.exit_code, done.stdout) == (3, "")
    assert all(name in done.stderr for name in ("staff", "press", "open-in"))
    assert "Traceback" not in done.stderr
    assert not (folder / "dist").exists()


def test_problems_as_json(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    done = call_profilegen("check", "bad.yaml", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["valid"]) == (3, False)
    assert len(document["problems"]) > 2
    assert {problem["file"] for problem in document["problems"]} == {"bad.yaml"}
    assert document["problems"][0]["line"] == 1
    for name in ("conflict.yaml", "none.yaml"):
        done = call_profilegen("check", name, "--format", "json")
        problems = json.loads(done.stdout)["problems"]
        assert (done.exit_code, problems[0]["file"]) == (3, name)
        assert problems[0]["message"]


def test_the_starter_policy_is_fine(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("init")
    assert (done.exit_code, done.stdout) == (0, "profilegen.yaml: written\n")
    assert "profilegen check profilegen.yaml" in done.stderr
    checked = call_profilegen("check", "profilegen.yaml")
    assert checked.exit_code == 0, checked.stderr
    before = (tmp_path / "profilegen.yaml").read_bytes()
    assert call_profilegen("init").exit_code == 2
    assert (tmp_path / "profilegen.yaml").read_bytes() == before
    assert call_profilegen("init", "quiet.yaml", "--quiet").stderr == ""


def test_the_schema_is_json(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("schema")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["$id"] == "urn:profilegen:policy:1"
