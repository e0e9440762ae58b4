"""Releases for long lists of users hold, byte for byte, what full rendering gives each of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from profilegen.render.user import User
from tests.support.command import RunProfilegen
from tests.support.releases import snapshot, write_files
from tests.support.splicing import FIELDS, fleets

NAMES = (
    "Anna & Bo",
    "\u05d3\u05e0\u05d4",
    "O'Neil <x>",
    '"]]>',
    "Zoe\u0308",
    "{{ user.email }}",
    "\\",
)
EPOCH = {"SOURCE_DATE_EPOCH": "1795435200"}


def people(count: int) -> list[User]:
    """Return users of whom most are alike; every tenth has the field that may be empty."""
    return [
        User(
            f"u{number}" if number % 3 else f"User {number}",
            {
                "id": f"u{number}" if number % 3 else f"User {number}",
                "email": f"u{number}@example.com",
                "name": f"{NAMES[number % len(NAMES)]} {number}",
                "note": "" if number % 10 else "x",
            },
        )
        for number in range(count)
    ]


def listed(users: list[User]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "email", "name", "note"])
    writer.writerows(user.values.values() for user in users)
    return text.getvalue().encode()


def test_a_long_list(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    users = people(150)
    write_files(tmp_path, {"policy.yaml": FIELDS.encode(), "users.csv": listed(users)})
    command = ("build", "policy.yaml", "--users", "users.csv", "--unsigned")
    done = call_profilegen(*command, environment=EPOCH)
    assert (done.exit_code, done.stderr) == (0, "")
    released = set(snapshot(tmp_path / "dist").values())
    for item in fleets(FIELDS, after=10**6):
        for user in users:
            assert {file.content for file in item.in_full(user)} <= released
        assert not item.learned()


@pytest.mark.parametrize(
    ("template", "exit_code", "said"),
    [
        ("{{ user.name|upper|tojson }}", 0, "line 1, uses `upper` on user.name"),
        ('"{{ user.name }}"', 3, "a template writes user.name unescaped"),
    ],
)
def test_own_templates_with_a_long_list(
    tmp_path: Path, call_profilegen: RunProfilegen, template: str, exit_code: int, said: str
) -> None:
    text = '{% extends "builtin/android/policy.json.j2" %}{% block extra_fields %}'
    files = {
        "policy.yaml": FIELDS.encode(),
        "users.csv": listed(people(80)),
        "own/android/policy.json.j2": f'{text}, "name": {template}{{% endblock %}}'.encode(),
    }
    write_files(tmp_path, files)
    command = ("build", "policy.yaml", "--users", "users.csv", "--unsigned", "--target", "work")
    done = call_profilegen(*command, "--templates", "own")
    assert done.exit_code == exit_code
    assert done.stderr.count(said) == 1
    assert (tmp_path / "dist").exists() is (exit_code == 0)
