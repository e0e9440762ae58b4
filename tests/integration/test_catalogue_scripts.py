"""The scripts that make schema data and the page of channels, run as a maintainer runs them."""

from __future__ import annotations

import json
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tests.support.command import Outcome, run

_APPLE = Path("..", "shared", "facts", "ios", "schema")


def _script(checkout: Path, *arguments: str | Path) -> Outcome:
    return run(sys.executable, *arguments, folder=checkout)


def test_the_page_of_channels_is_current(checkout: Path) -> None:
    outcome = _script(checkout, "docs/generate_channels.py", "--check")
    assert outcome.exit_code == 0, outcome.stderr


def test_apples_schema_is_what_the_script_makes(checkout: Path) -> None:
    if not (checkout / _APPLE).is_dir():
        pytest.skip("Apple's schema is not beside the checkout")
    outcome = _script(checkout, "scripts/refresh_apple_schema.py", _APPLE, "--compare")
    assert outcome == Outcome(0, "0 changes\n", "")


def test_googles_document_is_what_the_script_makes(checkout: Path, tmp_path: Path) -> None:
    name = "androidmanagement.v1.json"
    source = files("googleapiclient").joinpath("discovery_cache", "documents", name)
    with as_file(source) as path:
        same = _script(checkout, "scripts/refresh_android_schema.py", path, "--compare")
        document = json.loads(path.read_text(encoding="utf-8"))
    assert same == Outcome(0, "0 changes\n", "")
    document["schemas"]["Policy"]["properties"]["newField"] = {"type": "boolean"}
    del document["schemas"]["Policy"]["properties"]["smsDisabled"]
    newer = tmp_path / name
    newer.write_text(json.dumps(document), encoding="utf-8")
    changed = _script(checkout, "scripts/refresh_android_schema.py", newer, "--compare")
    assert changed.exit_code == 1
    assert changed.stdout.splitlines() == [
        "Policy.newField: a new field, boolean",
        "Policy.smsDisabled: the field is gone",
        "2 changes",
    ]
