from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from profilegen.audit.lint.apple_values import value_findings
from profilegen.audit.placeholders import Placeholder
from profilegen.catalogue.apple import payload_type
from profilegen.catalogue.apple_model import Key
from profilegen.findings import Severity
from tests.unit.audit.apple_samples import (
    FIRST,
    RESTRICTIONS,
    UUID,
    briefs,
    envelope,
    full,
    mail,
    only,
    payload,
)

PASSCODE = "com.apple.mobiledevice.passwordpolicy"


def mail_with(key: str, value: object) -> dict[str, Any]:
    return envelope(mail(**{key: value}))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("SMIMEEnabled", "true", "'SMIMEEnabled' is a string; it has to be a boolean."),
        ("SMIMEEnabled", 2, "'SMIMEEnabled' is an integer; it has to be a boolean."),
        ("EmailAddress", 1, "'EmailAddress' is an integer; it has to be a string."),
        ("EmailAddress", b"x", "'EmailAddress' is data; it has to be a string."),
        ("EmailAddress", None, "'EmailAddress' is a value without a type; it has to be a string."),
        ("IncomingMailServerPortNumber", "993", "is a string; it has to be an integer."),
        ("IncomingMailServerPortNumber", 9.5, "is a number; it has to be an integer."),
        ("IncomingMailServerPortNumber", math.inf, "is a number; it has to be an integer."),
        ("IncomingMailServerPortNumber", [993], "is an array; it has to be an integer."),
        ("IncomingMailServerPortNumber", {}, "is a dictionary; it has to be an integer."),
        ("IncomingMailServerPortNumber", datetime(2026, 1, 1), "is a date; it has"),  # noqa: DTZ001  (as plists have it)
    ],
)
def test_a_wrong_type_is_told_without_the_value(key: str, value: object, message: str) -> None:
    finding = only(mail_with(key, value))
    assert (finding.rule, finding.where) == ("wrong-type", f"{FIRST}.{key}")
    assert message in finding.message
    assert finding.fix.startswith("Write a")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SMIMEEnabled", 0),
        ("SMIMEEnabled", 1),
        ("IncomingMailServerPortNumber", 993.0),
        ("IncomingMailServerPortNumber", True),
    ],
)
def test_a_value_that_readers_convert_is_loose(key: str, value: object) -> None:
    finding = only(mail_with(key, value))
    assert (finding.rule, finding.where) == ("loose-type", f"{FIRST}.{key}")


def test_a_loose_value_is_judged_as_what_readers_make_of_it() -> None:
    assert briefs(envelope(payload(PASSCODE, maxFailedAttempts=12.0))) == [
        ("loose-type", f"{FIRST}.maxFailedAttempts"),
        ("out-of-range", f"{FIRST}.maxFailedAttempts"),
    ]
    assert briefs(envelope(mail() | {"PayloadVersion": True})) == [
        ("loose-type", f"{FIRST}.PayloadVersion")
    ]


def test_one_of_two_types_fits() -> None:
    names: list[object] = ["a@example.org", ["a@example.org", "b@example.org"]]
    scep = "com.apple.security.scep"
    for name in names:
        inside = {"URL": "https://ca.example.org", "SubjectAltName": {"rfc822Name": name}}
        assert briefs(envelope(payload(scep, PayloadContent=inside))) == []
    inside = {"URL": "https://ca.example.org", "SubjectAltName": {"rfc822Name": 1}}
    finding = only(envelope(payload(scep, PayloadContent=inside)))
    assert finding.message == "'rfc822Name' is an integer; it has to be a string or an array."


def test_a_value_that_is_not_listed_is_told() -> None:
    finding = only(mail_with("EmailAccountType", "EmailTypeImap"))
    assert finding.rule == "value-not-allowed"
    assert finding.message == (
        "'EmailAccountType' is 'EmailTypeImap'; allowed is 'EmailTypeIMAP', 'EmailTypePOP'."
    )
    assert finding.fix == "Write 'EmailTypeIMAP'."
    other = only(mail_with("EmailAccountType", "Exchange"))
    assert other.fix == "Choose one of the allowed values."


def test_long_lists_of_values_are_cut() -> None:
    panes = payload("com.apple.systempreferences", DisabledSystemSettings=["org.example"])
    finding = full(envelope(panes))[-1]
    assert finding.where == f"{FIRST}.DisabledSystemSettings[0]"
    assert finding.message.endswith(" and 33 more.")
    assert finding.message.count(",") == 11


@pytest.mark.parametrize("value", [0, 1, 1.5, 2.0])
def test_a_real_may_be_written_without_a_point(value: float) -> None:
    assert briefs(envelope(payload(RESTRICTIONS, safariAcceptCookies=value))) == []


def test_a_number_outside_its_range_is_told() -> None:
    finding = only(envelope(payload(PASSCODE, maxFailedAttempts=1)))
    assert finding.rule == "out-of-range"
    assert finding.message == "'maxFailedAttempts' is 1; allowed is 2 to 11."
    huge = only(envelope(payload(PASSCODE, maxFailedAttempts=1 << 50_000)))
    assert huge.message == "'maxFailedAttempts' is a very large number; allowed is 2 to 11."
    for value in (2, 11):
        assert briefs(envelope(payload(PASSCODE, maxFailedAttempts=value))) == []


def _key(name: str, kind: str = RESTRICTIONS) -> Key:
    found = payload_type(kind)
    assert found is not None
    return found.level.keys[name]


def _message(key: Key, value: object) -> str:
    (finding,) = value_findings("K", key, value, "")
    return finding.message


def test_bounds_and_counts_on_one_side() -> None:
    number = _key("maxFailedAttempts", PASSCODE)
    assert _message(replace(number, greatest=None), 1) == "K is 1; allowed is 2 or more."
    assert _message(replace(number, least=None), 12) == "K is 12; allowed is 11 or less."
    sims = _key("deniedICCIDsForRCS")
    assert _message(sims, [""] * 5) == "K has 5 items; 4 at most is allowed."
    assert _message(replace(sims, fewest=2), []) == "K has 0 items; 2 to 4 is allowed."
    assert (
        _message(replace(sims, fewest=2, most=None), []) == "K has 0 items; 2 at least is allowed."
    )


def test_a_boolean_that_is_not_listed() -> None:
    key = replace(_key("allowAirDrop"), allowed=(True,))
    assert _message(key, value=False) == "K is false; allowed is true."


def test_what_is_no_number_is_in_no_range() -> None:
    kind = "com.apple.universalaccess"
    found = briefs(envelope(payload(kind, contrast=math.nan)))
    assert found == [("out-of-range", f"{FIRST}.contrast")]


def _sleeps_after(minutes: int) -> dict[str, Any]:
    item = payload("com.apple.MCX")
    item["com.apple.EnergySaver.desktop.ACPower"] = {"Display Sleep Timer": minutes}
    return envelope(item)


def test_single_values_besides_a_range_are_allowed() -> None:
    assert briefs(_sleeps_after(0)) == []
    assert briefs(_sleeps_after(180)) == []
    finding = only(_sleeps_after(181))
    assert finding.rule == "out-of-range"
    assert finding.message == "'Display Sleep Timer' is 181; allowed is 0, 1 to 180."


def test_a_list_of_the_wrong_length_is_told() -> None:
    sims = ["1", "2", "3", "4"]
    assert briefs(envelope(payload(RESTRICTIONS, deniedICCIDsForRCS=sims))) == [
        ("newer-than-os", f"{FIRST}.deniedICCIDsForRCS")
    ]
    found = briefs(envelope(payload(RESTRICTIONS, deniedICCIDsForRCS=[*sims, "5"])))
    assert ("wrong-count", f"{FIRST}.deniedICCIDsForRCS") in found


def test_a_text_of_the_wrong_form_is_told_without_it() -> None:
    finding = only(mail_with("SMIMESigningCertificateUUID", "secret"))
    assert finding.rule == "bad-format"
    assert finding.message == "'SMIMESigningCertificateUUID' has to be a UUID."
    assert finding.severity is Severity.WARNING
    mdm = payload("com.apple.mdm", ServerURL="http://secret@mdm.example.org", Topic="x")
    mdm |= {"AccessRights": 1, "IdentityCertificateUUID": UUID}
    finding = only(envelope(mdm))
    assert finding.severity is Severity.ERROR
    assert finding.message == "'ServerURL' has to be an address that starts with https://."
    wifi = payload("com.apple.wifi.managed", EncryptionType="None", MCCAndMNCs=["secret"])
    finding = only(envelope(wifi))
    assert finding.where == f"{FIRST}.MCCAndMNCs[0]"
    assert finding.message == ("An item of 'MCCAndMNCs' has to be text of the form ^[0-9]{6}$.")


@pytest.mark.parametrize("value", ["{{ user.uuid }}", "$FLEET_VAR_HOST_UUID", Placeholder("{{x}}")])
@pytest.mark.parametrize(
    "key", ["SMIMESigningCertificateUUID", "EmailAccountType", "IncomingMailServerPortNumber"]
)
def test_nothing_is_said_of_what_a_template_tool_replaces(key: str, value: str) -> None:
    assert briefs(mail_with(key, value)) == []
