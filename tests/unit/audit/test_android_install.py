"""What the install types of a policy's apps demand, kept and broken."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.document import AndroidPolicy
from profilegen.audit.lint.android_rules import findings
from tests.unit.audit.samples import context

MAIL = "org.example.mail"
CERTIFICATES = [{"signingKeyCertFingerprintSha256": "AAAA"}]


def codes(policy: dict[str, Any]) -> list[tuple[str, str]]:
    document = AndroidPolicy("test.json", policy)
    return [(finding.rule, finding.where) for finding in findings(document, context())]


def app(**fields: object) -> dict[str, Any]:
    return {"applications": [{"packageName": MAIL, **fields}]}


@pytest.mark.parametrize(
    "fields",
    [
        {"installType": "CUSTOM", "signingKeyCerts": CERTIFICATES, "customAppConfig": {"a": 1}},
        {"installType": "CUSTOM", "signingKeyCerts": "{{ certificates }}"},
        {
            "installType": "CUSTOM",
            "signingKeyCerts": CERTIFICATES,
            "autoUpdateMode": "AUTO_UPDATE_MODE_UNSPECIFIED",
            "installPriority": 0,
        },
        {"installType": "{{ type }}", "customAppConfig": {"a": 1}},
        {"installType": "FORCE_INSTALLED", "autoUpdateMode": "AUTO_UPDATE_DEFAULT"},
        {"installType": 1},
    ],
)
def test_apps_as_google_wants_them(fields: dict[str, Any]) -> None:
    assert codes(app(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"installType": "CUSTOM"}, ""),
        ({"installType": "CUSTOM", "signingKeyCerts": []}, ""),
        (
            {
                "installType": "CUSTOM",
                "signingKeyCerts": CERTIFICATES,
                "autoUpdateMode": "AUTO_UPDATE_POSTPONED",
            },
            ".autoUpdateMode",
        ),
        (
            {"installType": "CUSTOM", "signingKeyCerts": CERTIFICATES, "install_priority": 1},
            ".installPriority",
        ),
        ({"installType": "AVAILABLE", "customAppConfig": {"a": 1}}, ".customAppConfig"),
        ({"customAppConfig": {"a": 1}}, ".customAppConfig"),
    ],
)
def test_a_custom_app_that_cannot_be_one(fields: dict[str, Any], where: str) -> None:
    assert codes(app(**fields)) == [("custom-app", f"applications[0]{where}")]


def test_one_kiosk_app() -> None:
    kiosk = {"packageName": MAIL, "installType": "KIOSK"}
    others = [kiosk | {"packageName": "b"}, kiosk | {"packageName": "c"}]
    assert codes({"applications": [kiosk]}) == []
    assert codes({"applications": [kiosk, {"packageName": "a"}, *others]}) == [
        ("kiosk-app-twice", "applications[2].installType"),
        ("kiosk-app-twice", "applications[3].installType"),
    ]


def test_an_app_has_one_entry() -> None:
    mail, text, none = {"packageName": MAIL}, {"packageName": "{{ app }}"}, {"packageName": ""}
    assert codes({"applications": [mail, text, text, none, none, None, mail, mail]}) == [
        ("app-repeated", "applications[6].packageName"),
        ("app-repeated", "applications[7].packageName"),
    ]


def launched(package: object, *, kind: str = "FORCE_INSTALLED") -> dict[str, Any]:
    action = {"launchApp": {"packageName": package}}
    return {"setupActions": [action], **app(installType=kind)}


def test_setup_opens_what_setup_installs() -> None:
    place = "setupActions[0].launchApp.packageName"
    assert codes(launched(MAIL)) == [("setup-action", place)]
    assert codes(launched("org.example.notes", kind="REQUIRED_FOR_SETUP")) == [
        ("setup-action", place)
    ]
    assert codes(launched(MAIL, kind="REQUIRED_FOR_SETUP")) == []
    assert codes(launched(MAIL, kind="{{ type }}")) == []
    assert codes(launched("{{ package }}")) == []
    assert codes(launched(1)) == []
    assert codes(launched(MAIL) | {"applications": []}) == []


def test_one_action_of_setup() -> None:
    assert codes({"setupActions": [{}, {}]}) == [("too-many", "setupActions")]
