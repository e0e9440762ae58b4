"""Two releases of one policy, built and compared as people and pipelines do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import RunProfilegen
from tests.support.releases import EPOCH, write_identity

USERS = ("--users", "northwind-users.csv")


@pytest.fixture
def examples(checkout: Path, tmp_path: Path) -> Path:
    """Return a folder with the Northwind example and its release in `old`."""
    for name in ("northwind.yaml", "northwind-users.csv"):
        (tmp_path / name).write_bytes((checkout / "examples" / name).read_bytes())
    write_identity(tmp_path / "certs")
    return tmp_path


def build(run_profilegen: RunProfilegen, folder: Path, output: str, **changes: str) -> None:
    text = (folder / "northwind.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        pattern = old.replace("_", " ") + ":.*"
        text, count = re.subn(pattern, f"{old.replace('_', ' ')}: {new}", text, count=1)
        assert count == 1
    (folder / f"{output}.yaml").write_text(text, encoding="utf-8")
    done = run_profilegen(
        *("build", f"{output}.yaml", *USERS, "-o", output),
        environment={"SOURCE_DATE_EPOCH": EPOCH},
    )
    assert done.exit_code == 0, done.stderr


def compared(run_profilegen: RunProfilegen, *more: str) -> tuple[int, dict[str, Any]]:
    done = run_profilegen("diff", "old", "new", "--format", "json", *more)
    document: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, document


def test_a_release_built_again_is_the_same(run_profilegen: RunProfilegen, examples: Path) -> None:
    build(run_profilegen, examples, "old")
    build(run_profilegen, examples, "new")
    exit_code, document = compared(run_profilegen)
    assert exit_code == 0
    assert document["files"] == []
    assert document["summary"]["files_same"] == 9
    assert [fact["name"] for fact in document["release"]] == ["policy"]
    assert document["assumed"] == []


def test_a_policy_that_opens_and_closes_again(
    run_profilegen: RunProfilegen, examples: Path
) -> None:
    build(run_profilegen, examples, "old")
    build(run_profilegen, examples, "new", sharing="open")
    exit_code, document = compared(run_profilegen)
    assert exit_code == 1
    moved = {
        (flow["platform"], flow["channel"]): flow["motion"]
        for file in document["files"]
        for flow in file["flows"]
    }
    assert moved["ios", "open-in"] == moved["android", "open-in"] == "opens"
    assert set(moved.values()) == {"opens"}
    assert document["summary"]["accounts_recreated"] == 0
    accounts = [account for file in document["files"] for account in file["accounts"]]
    assert {account["fate"] for account in accounts} == {"updated"}
    assert all(account["notes"] for account in accounts)
    back = run_profilegen("diff", "new", "old")
    assert back.exit_code == 0
    assert back.stdout.startswith("Closes\n")


def test_another_organization_sets_all_accounts_up_anew(
    run_profilegen: RunProfilegen, examples: Path
) -> None:
    build(run_profilegen, examples, "old")
    build(run_profilegen, examples, "new", identifier="example.other.mail")
    exit_code, document = compared(run_profilegen)
    assert exit_code == 0
    assert document["summary"]["accounts_recreated"] == 9
    assert document["summary"]["settings"] == 0
    assert {file["matched_by"] for file in document["files"]} == {"path"}
    done = run_profilegen("diff", "old", "new", "--quiet")
    assert done.stderr == "warning: accounts that devices would remove and set up anew: 9\n"


def test_another_signer(run_profilegen: RunProfilegen, examples: Path) -> None:
    build(run_profilegen, examples, "old")
    (examples / "certs").rename(examples / "gone")
    write_identity(examples / "certs", owner="another")
    build(run_profilegen, examples, "new")
    exit_code, document = compared(run_profilegen)
    assert exit_code == 0
    codes = {item["code"] for file in document["files"] for item in file["identity"]}
    assert codes == {"signer-changed"}
    assert "signer SHA-256" in {fact["name"] for fact in document["release"]}


def test_a_target_that_is_gone(run_profilegen: RunProfilegen, examples: Path) -> None:
    build(run_profilegen, examples, "old")
    text = (examples / "northwind.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "id: iphone-byod" not in line]
    (examples / "northwind.yaml").write_text("\n".join(lines), encoding="utf-8")
    build(run_profilegen, examples, "new")
    exit_code, document = compared(run_profilegen)
    assert exit_code == 1
    assert document["summary"]["files_removed"] == 3
    assert document["summary"]["opens"] == 0
    assert document["summary"]["may_open"] > 0
    fates = {account["fate"] for file in document["files"] for account in file["accounts"]}
    assert fates == {"removed"}
