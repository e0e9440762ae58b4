"""The placeholders of a target; what is refused is in tests/policies/bad/variables.yaml."""

from __future__ import annotations

import json
from typing import Any

import pytest

from profilegen.policy.load import load_policy
from profilegen.policy.problems import PolicyError
from profilegen.policy.targets import IosTarget, Variables

Table = dict[str, Any]


def variables_of(table: Table, value: object, **account: str) -> Variables | None:
    table["accounts"][0].update(account)
    table["targets"][0]["variables"] = value
    (target,) = load_policy("policy.yaml", json.dumps(table).encode()).targets
    assert isinstance(target, IosTarget)
    return target.variables


def test_a_target_without_the_key_has_none(minimal_table: Table) -> None:
    (target,) = load_policy("policy.yaml", json.dumps(minimal_table).encode()).targets
    assert isinstance(target, IosTarget)
    assert target.variables is None


def test_fields_get_the_service_s_placeholders(minimal_table: Table) -> None:
    found = variables_of(minimal_table, "intune", address="{{ user.eMail }}")
    assert found is not None
    assert found.service == "intune"
    assert found.placeholders["eMail"] == "{{mail}}"


def test_declared_fields_and_all_that_are_known_are_there_for_templates(
    minimal_table: Table,
) -> None:
    minimal_table["users"] = {"givenName": {}, "town": {}}
    found = variables_of(minimal_table, "mosyle")
    assert found is not None
    assert found.placeholders["givenName"] == "%FirstName%"
    assert found.placeholders["serial"] == "%SerialNumber%"
    assert "town" not in found.placeholders


def test_own_placeholders_come_first(minimal_table: Table) -> None:
    own = {"service": "jamf", "fields": {"email": "$EXTENSIONATTRIBUTE_3"}}
    found = variables_of(minimal_table, own, address="{{ user.email }}")
    assert found is not None
    assert found.placeholders["email"] == "$EXTENSIONATTRIBUTE_3"


@pytest.mark.parametrize("text", ["{{ user.email }}_x", "{{ user.email }}1", "{{ user.email }}X"])
def test_a_text_may_not_make_another_placeholder(minimal_table: Table, text: str) -> None:
    with pytest.raises(PolicyError, match="would read another placeholder than") as refused:
        variables_of(minimal_table, "kandji", username=text)
    assert "accounts[0].username" in refused.value.problems[0].hint


@pytest.mark.parametrize("text", ["x{{ user.email }}", "{{ user.email }}.x", "$${{ user.email }}"])
def test_other_text_may_stand_beside_one(minimal_table: Table, text: str) -> None:
    assert variables_of(minimal_table, "kandji", username=text) is not None


def test_only_what_the_target_uses_must_be_known(minimal_table: Table) -> None:
    other = minimal_table["accounts"][0] | {"id": "other", "username": "{{ user.town }}"}
    minimal_table["accounts"].append(other)
    assert variables_of(minimal_table, "jamf") is not None
