"""What `plan` says of a target whose values an MDM service fills in."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from profilegen.catalogue.variables import Escaping, variable_services
from profilegen.plan.decide import make_plan
from profilegen.policy.load import load_policy
from profilegen.report.plan_json import plan_document
from tests.support.policies import Table, small_table

OWN = {"simplemdm": {"service": "simplemdm", "fields": {"email": "{{mail_address}}"}}}


def target_of(service: str, **account: Any) -> Table:  # noqa: ANN401  (any key of an account)
    table = small_table(
        account={"address": "{{ user.email }}", **account},
        target={"variables": OWN.get(service, service)},
    )
    policy = load_policy("policy.yaml", json.dumps(table).encode())
    document = plan_document(make_plan(policy, today=date(2026, 11, 23)))
    found: Table = document["targets"][0]
    return found


@pytest.mark.parametrize("service", variable_services().values(), ids=lambda item: item.id)
def test_the_plan_tells_of_every_service_what_is_known(service: Any) -> None:  # noqa: ANN401
    target = target_of(service.id)
    placeholder = service.placeholder("email") or "{{mail_address}}"
    notes = "\n".join(target["notes"])
    assert f"{service.name} fills in email ({placeholder}) on target iphone" in notes
    assert "Its profile is not signed: " in notes
    assert target["variables"]["service"] == service.id
    assert target["variables"]["placeholders"]["email"] == placeholder
    assert ("not documented: a value with & or <" in notes) == (
        service.escaping is Escaping.UNKNOWN
    )
    assert ("in custom profiles is not documented" in notes) == ("profile" not in service.files)


def test_cautions_are_told_of_the_service_s_own_placeholders_only() -> None:
    assert any("has to be the mail address" in note for note in target_of("fleet")["notes"])
    assert not any("has to be the mail" in note for note in target_of("jamf")["notes"])


@pytest.mark.parametrize(("service", "told"), [("kandji", True), ("intune", False)])
def test_app_configurations_are_a_kind_of_their_own(service: str, told: bool) -> None:  # noqa: FBT001
    notes = target_of(service, client={"ios": "outlook"})["notes"]
    assert any("app configurations is not documented" in note for note in notes) == told


def test_variables_that_nothing_uses_are_told() -> None:
    notes = target_of("fleet", address="staff@example.com")["notes"]
    assert [note for note in notes if "ariables" in note] == [
        "`variables` of target iphone changes nothing: no text of its accounts has a user field."
    ]
