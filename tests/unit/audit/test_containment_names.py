"""Names that claim less than the profile does, and names that a setting contradicts."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.document import Profile
from profilegen.audit.lint import containment
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.catalogue.vocabulary import spoken_keys
from profilegen.findings import Finding
from tests.unit.audit.samples import MAIL, RESTRICTIONS, context, payload

WIFI = payload("com.apple.wifi.managed", "org.example.wifi.1")
ROOT = payload("com.apple.security.root", "org.example.root", PayloadUUID="A-1")


def named(
    name: object,
    *payloads: dict[str, Any],
    about: str = "",
    identifier: str = "org.example.x",
    file: str = "a.mobileconfig",
) -> Profile:
    content: dict[str, Any] = {
        "PayloadDisplayName": name,
        "PayloadDescription": about,
        "PayloadIdentifier": identifier,
        "PayloadContent": list(payloads),
    }
    return Profile(file, content)


def found(document: Profile, rule: str) -> list[Finding]:
    return [item for item in containment.findings(document, context()) if item.rule == rule]


def claims(document: Profile) -> list[str]:
    return [item.where for item in found(document, "claims-more")]


def contradictions(document: Profile) -> list[str]:
    return [item.where for item in found(document, "name-contradicts-setting")]


def restricted(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(RESTRICTIONS, "org.example.r", **keys)


@pytest.mark.parametrize(
    ("kind", "power"),
    [
        ("com.apple.security.root", "a certificate"),
        ("com.apple.mdm", "enrolment"),
        ("com.apple.vpn.managed", "a VPN"),
        ("com.apple.proxy.http.global", "a proxy"),
        ("com.apple.dnsSettings.managed", "a DNS server"),
        ("com.apple.webcontent-filter", "a filter"),
        ("com.apple.AssetCache.managed", "content caching"),
    ],
)
def test_a_payload_of_power_that_no_name_mentions(kind: str, power: str) -> None:
    (finding,) = found(named("Guest Wi-Fi", WIFI, payload(kind)), "claims-more")
    assert finding.where == "PayloadContent[1]"
    assert finding.message.startswith(f"The profile's names speak of wifi; it also brings {power}")


def test_restrictions_reach_further_than_the_boundary_or_not() -> None:
    account = payload(MAIL)
    assert claims(named("Mail", account, restricted(allowOpenFromManagedToUnmanaged=False))) == []
    assert claims(named("Mail", account, restricted(allowCamera=False))) == ["PayloadContent[1]"]


@pytest.mark.parametrize(
    "document",
    [
        named("Guest Wi-Fi and our CA", WIFI, ROOT),
        named("Guest Wi-Fi", WIFI, ROOT, about="Installs a certificate."),
        named("Wi-Fi security baseline", WIFI, ROOT),
        named("Berlin", WIFI, ROOT),
        named("Mail of Berlin", WIFI, ROOT),
        named("Guest Wi-Fi", {**WIFI, "PayloadCertificateUUID": "a-1"}, ROOT),
        named(7, WIFI, ROOT),
        named("{{ name }} Wi-Fi", WIFI, ROOT),
    ],
)
def test_names_that_claim_enough_or_nothing(document: Profile) -> None:
    assert claims(document) == []


def test_the_consent_text_is_a_name_as_well() -> None:
    consent: Any = {"default": "It also installs a root certificate.", "de": 7}
    content = {**named("Guest Wi-Fi", WIFI, ROOT).content, "ConsentText": consent}
    assert claims(Profile("a", content)) == []


def test_a_certificate_that_no_other_payload_uses() -> None:
    other = {**WIFI, "PayloadCertificateUUID": 7}
    nameless = {**ROOT, "PayloadUUID": 7}
    assert claims(named("Guest Wi-Fi", other, nameless)) == ["PayloadContent[1]"]


def test_what_two_names_say_is_said_once() -> None:
    inner = {**restricted(allowAirDrop=True), "PayloadDisplayName": "No AirDrop"}
    assert contradictions(named("Block AirDrop", inner)) == ["PayloadContent[0].allowAirDrop"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("do not move mail", {"PreventMove": False}),
        ("Don't move mail", {"PreventMove": False}),
        ("Don\u2019t move mail", {"PreventMove": False}),
        ("Prevent moving messages", {"PreventMove": False}),
        ("ACME - Prevent users from moving mail between accounts", {"PreventMove": False}),
        ("Mail: message move disabled", {"PreventMove": False}),
        ("Allow moving mail", {"PreventMove": True}),
        ("Block Mail Drop", {"allowMailDrop": True}),
        ("Mail Drop is disabled", {"allowMailDrop": True}),
        ("Mail Drop must be allowed on all devices", {"allowMailDrop": False}),
    ],
)
def test_a_name_that_an_account_contradicts(name: str, keys: dict[str, bool]) -> None:
    (key,) = keys
    account = payload(MAIL, "org.example.mail.1", **keys)
    assert contradictions(named(name, account)) == [f"PayloadContent[0].{key}"]
    inner = {**account, "PayloadDisplayName": name}
    assert contradictions(named("Mail", inner)) == [f"PayloadContent[0].{key}"]
    right = payload(MAIL, "org.example.mail.1", **{key: not keys[key]})
    assert contradictions(named(name, right)) == []


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Disable AirDrop", {"allowAirDrop": True}),
        ("DisableAirDrop", {"allowAirDrop": True}),
        ("Turn off AirDrop on iPhones", {"allowAirDrop": True}),
        ("AirDrop not allowed", {"allowAirDrop": True}),
        ("No screenshots", {"allowScreenShot": True}),
        ("Require encrypted backups", {"forceEncryptedBackup": False}),
        ("Encrypted backup required", {"forceEncryptedBackup": False}),
        ("Enable USB Restricted Mode", {"allowUSBRestrictedMode": False}),
    ],
)
def test_a_name_that_a_restriction_contradicts(name: str, keys: dict[str, bool]) -> None:
    (key,) = keys
    (finding,) = found(named(name, restricted(**keys)), "name-contradicts-setting")
    value = "true" if keys[key] else "false"
    assert finding.where == f"PayloadContent[0].{key}"
    assert finding.message.startswith(f"The name {name!r} says that {key} is ")
    assert finding.message.endswith(f"but it is {value}.")


def test_identifiers_descriptions_and_file_names_say_it_too() -> None:
    account = payload(MAIL, "org.example.mail.1", PreventMove=False)
    place = ["PayloadContent[0].PreventMove"]
    assert contradictions(named("x", account, identifier="org.example.mail_move_disable")) == place
    rule = "org.example.os_mail_move_messages_disable"
    assert contradictions(named("x", account, identifier=rule)) == place
    assert contradictions(named("x", account, file="a/do-not-move-mail-0abc12.plist")) == place
    prose = "For staff of Example.\nThis profile prevents moving mail."
    assert contradictions(named("x", account, about=prose)) == place


@pytest.mark.parametrize(
    "name",
    [
        "AirDrop",
        "Block AirDrop to unmanaged apps",
        "Do not disable AirDrop",
        "Exempt: Block AirDrop",
        "Enable and disable AirDrop",
        "Block Siri and AirDrop",
        "Block AirDrop?",
        "AirDrop: off",
        "How we disable AirDrop",
        "AirDrop on devices",
        "Block AirDrop " + "for devices " * 10,
        "Require AirDrop",
        "",
    ],
)
def test_names_that_do_not_say_it_for_certain(name: str) -> None:
    assert contradictions(named(name, restricted(allowAirDrop=True))) == []


@pytest.mark.parametrize(
    "about",
    [
        "Allow AirDrop: No",
        "To allow AirDrop, remove this profile.",
        "Features that are disabled:\nAllow AirDrop\nAllow Siri",
        "Only for the lab. Allow AirDrop.",
        "Allow AirDrop unless someone objects",
    ],
)
def test_prose_that_does_not_say_it_for_certain(about: str) -> None:
    assert contradictions(named("x", restricted(allowAirDrop=False), about=about)) == []


@pytest.mark.parametrize("name", ["\\", "[", "::", " - ", "(|)", "__"])
def test_a_name_of_nothing_but_brackets_says_nothing(name: str) -> None:
    assert contradictions(named(name, restricted(allowAirDrop=True), file=f"{name}.x")) == []


def test_another_key_or_payload_that_does_what_the_name_says() -> None:
    other = restricted(allowAirDrop=True, forceAirDropUnmanaged=True)
    assert contradictions(named("Block AirDrop", other)) == []
    both = named("Block AirDrop", restricted(allowAirDrop=True), restricted(allowAirDrop=False))
    assert contradictions(both) == []
    assert contradictions(named("Block AirDrop", restricted(allowAirDrop=1))) == []
    assert contradictions(named("Block AirDrop", restricted(allowCamera=True))) == []


def test_the_vocabulary_speaks_of_decided_channels_once() -> None:
    keys = {key.key for item in decided_channels(Platform.IOS).values() for key in item.keys}
    assert {key.key for key in spoken_keys()} <= keys
    phrases = [phrase.replace(" ", "") for key in spoken_keys() for phrase in key.words]
    assert len(phrases) == len(set(phrases))
