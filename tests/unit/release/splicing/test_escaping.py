"""Templates that let a user's value change the file around it are refused, whoever is listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.release.splicing.escaping import UnescapedValueError
from tests.support.releases import write_files
from tests.support.splicing import ANDROID, FIELDS, PROFILE, fleet

POLICY = '{% extends "builtin/android/policy.json.j2" %}{% block extra_fields %}'
KEYS = '{% extends "builtin/ios/profile.mobileconfig.j2" %}{% block extra_keys %}'


def templates(tmp_path: Path, name: str, text: str) -> Path:
    write_files(tmp_path / "own", {name: f"{text}{{% endblock %}}".encode()})
    return tmp_path / "own"


@pytest.mark.parametrize(
    ("target", "name", "text"),
    [
        ("work", ANDROID, POLICY + ', "x": "{{ user.name }}"'),
        ("work", ANDROID, POLICY + ', "x": "{{ "Mail of " ~ user.name }}"'),
        ("work", ANDROID, POLICY + ", \"x\": {{ '\"' ~ user.name ~ '\"' }}"),
        ("phone", PROFILE, KEYS + "<key>X</key><string>{{ user.name|safe }}</string>"),
        ("phone", PROFILE, KEYS + "<key>{{ user.name|safe }}</key><true/>"),
    ],
)
def test_a_value_written_unescaped(tmp_path: Path, target: str, name: str, text: str) -> None:
    with pytest.raises(UnescapedValueError) as refused:
        fleet(FIELDS, target, templates=templates(tmp_path, name, text), after=50)
    assert f"target {target}: a template writes user.name unescaped: " in refused.value.message
    assert refused.value.hint == (
        "Write {{ user.name|plist }} in property lists and {{ user.name|tojson }} in JSON."
    )
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    ("target", "name", "text"),
    [
        ("work", ANDROID, POLICY + ', "x": {{ user.name|tojson }}'),
        ("work", ANDROID, POLICY + ', "x": "{{ user.email }}", "y": "{{ user.number }}"'),
        ("work", ANDROID, POLICY + '{% if user.name == "x" %}, "x": 1{% endif %}'),
        ("phone", PROFILE, KEYS + "<key>X</key><string>{{ user.name }}</string>"),
        ("phone", PROFILE, KEYS + "<key>X</key><integer>{{ user.number }}</integer>"),
    ],
)
def test_a_value_that_cannot_change_anything(
    tmp_path: Path, target: str, name: str, text: str
) -> None:
    policy = FIELDS.replace("note: {required: false}", 'number: {pattern: "[0-9]+"}')
    made = fleet(policy, target, templates=templates(tmp_path, name, text), after=50)
    assert made.warnings == []
