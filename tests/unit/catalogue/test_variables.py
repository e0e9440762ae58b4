"""What is known of the placeholders of MDM services, and that the page says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.variables import (
    VariableService,
    placeholders_in,
    variable_services,
)

SERVICES = tuple(variable_services().values())
IDS = ("fleet", "jamf", "intune", "workspace-one", "kandji", "simplemdm", "mosyle")


def by_id(service: VariableService) -> str:
    return service.id


def test_the_services_are_those_of_the_policy() -> None:
    assert tuple(variable_services()) == IDS


@pytest.mark.parametrize("service", SERVICES, ids=by_id)
def test_every_placeholder_is_in_the_service_s_syntax(service: VariableService) -> None:
    for placeholder in (*service.placeholders.values(), service.example):
        assert service.syntax.fullmatch(placeholder), placeholder
        # Audit takes for finished what macOS replaces by itself.
        assert is_placeholder(placeholder) or placeholder == "%SerialNumber%", placeholder
        # It stands in XML and JSON as it is: the service looks for these characters.
        assert not re.search(r"""[&<>"'\\\s]""", placeholder)


@pytest.mark.parametrize("service", SERVICES, ids=by_id)
def test_every_caution_is_of_a_field_and_every_service_has_a_source(
    service: VariableService,
) -> None:
    assert set(service.cautions) <= set(service.placeholders)
    assert service.source.endswith((".", '".'))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("email", "email"),
        ("Mail", "email"),
        ("emailAddress", "email"),
        ("firstName", "first_name"),
        ("first_name", "first_name"),
        ("givenName", "first_name"),
        ("serialNumber", "serial"),
    ],
)
def test_a_field_has_many_spellings(name: str, field: str) -> None:
    service = variable_services()["workspace-one"]
    assert service.placeholder(name) == service.placeholders[field]


def test_an_unknown_field_has_no_placeholder() -> None:
    assert [service.placeholder("town") for service in SERVICES] == [""] * len(SERVICES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$EMAIL", {"$EMAIL": ("Jamf Pro", "Kandji (Iru)")}),
        (
            "a $EMAIL@b {{mail}}",
            {"$EMAIL": ("Jamf Pro", "Kandji (Iru)"), "{{mail}}": ("Microsoft Intune",)},
        ),
        ("%Email%", {"%Email%": ("Mosyle",)}),
        ("{EmailAddress}", {"{EmailAddress}": ("Workspace ONE UEM",)}),
        ("${FLEET_VAR_ANY_1}", {"${FLEET_VAR_ANY_1}": ("Fleet",)}),
        ("x$FLEET_VAR_ANY", {"$FLEET_VAR_ANY": ("Fleet",)}),
    ],
)
def test_known_placeholders_are_found(text: str, found: dict[str, tuple[str, ...]]) -> None:
    assert placeholders_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", "$EMAILS", "$email", "{{Mail}}", "{ EmailAddress }", "%email%", "100%", "$5"),
        *("{x}", "{{x}}", "%SerialNumber%"),
    ],
)
def test_other_text_holds_none(text: str) -> None:
    assert placeholders_in(text) == {}


def test_the_page_has_the_placeholders_of_the_data(checkout: Path) -> None:
    page = (checkout / "docs" / "variables.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| `") and line.count("|") == 8
    ]
    (head,) = (
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("| field")
    )
    told = {
        (service, row[0].split("`")[1]): cell.strip("`")
        for row in rows
        for service, cell in zip(head[1:], row[1:], strict=True)
        if cell != "-"
    }
    known = {
        (service.id, field): placeholder
        for service in SERVICES
        for field, placeholder in service.placeholders.items()
    }
    assert told == known
