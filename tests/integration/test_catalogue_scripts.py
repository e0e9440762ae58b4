"""The scripts that make schema data and the page of channels, run as a maintainer runs them."""

from __future__ import annotations

import json
import shutil
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


def _facts_of_apple(checkout: Path) -> Path:
    if not (checkout / _APPLE).is_dir():
        pytest.skip("Apple's schema is not beside the checkout")
    return checkout / _APPLE


def test_apples_schema_is_what_the_script_makes(checkout: Path) -> None:
    schema = _facts_of_apple(checkout)
    outcome = _script(checkout, "scripts/refresh_apple_schema.py", schema, "--compare")
    assert outcome == Outcome(0, "0 changes\n", "")


def test_what_a_newer_schema_of_apple_changes(checkout: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema"
    shutil.copytree(_facts_of_apple(checkout), schema)
    profiles = schema / "mdm" / "profiles"
    dock = profiles / "com.apple.dock.yaml"
    text = dock.read_text(encoding="utf-8")
    assert "- key: tilesize\n" in text
    text = text.replace("- key: tilesize\n", "- key: tileSize\n")
    text = text.replace("introduced: '10.7'", "introduced: '10.8'\n      deprecated: '28.0'", 1)
    dock.write_text(text, encoding="utf-8")
    (profiles / "com.apple.dashboard.yaml").rename(profiles / "com.apple.panel.yaml")
    xsan = profiles / "com.apple.xsan.yaml"
    text = xsan.read_text(encoding="utf-8")
    key = text.index("- key: sharedSecret")
    text = text[:key] + text[key:].replace("presence: required", "presence: optional", 1)
    xsan.write_text(text, encoding="utf-8")
    outcome = _script(checkout, "scripts/refresh_apple_schema.py", schema, "--compare")
    assert outcome.exit_code == 1
    assert outcome.stdout.splitlines() == [
        "payloads/com.apple.dashboard: the file is gone",
        'payloads/com.apple.dock: deprecated on macOS: nothing -> "28.0"',
        'payloads/com.apple.dock: introduced on macOS: "10.7" -> "10.8"',
        "payloads/com.apple.dock: a new key tileSize, integer",
        "payloads/com.apple.dock: the key tilesize is gone",
        (
            "payloads/com.apple.panel: a new file, type com.apple.dashboard, 4 keys, "
            "iOS n/a, macOS 10.7"
        ),
        'payloads/com.apple.xsan sharedSecret: presence: "required" -> "optional"',
        "apple-newer.toml: the schema says it too: payloads/com.apple.xsan sharedSecret",
        "8 changes",
    ]


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
