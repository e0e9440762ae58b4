"""What goes wrong only when one device gets several files."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import AndroidPolicy, AppConfiguration, Document, Profile
from profilegen.audit.flows import flows
from profilegen.audit.lint import device
from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Enrollment, State
from tests.unit.audit.samples import (
    EXCHANGE,
    GOOGLE,
    MAIL,
    OUTLOOK,
    RESTRICTIONS,
    context,
    flow,
    notifications,
    payload,
)
from tests.unit.audit.test_arbitrary_input import VALUES

WHERE = context(Enrollment.DEVICE)
BOUNDARY = "allowOpenFromManagedToUnmanaged"
VPN = "com.apple.vpn.managed.applayer"


def file(name: str, *payloads: dict[str, Any], identifier: str = "") -> Profile:
    own = identifier or f"org.northwind.{name}"
    content: dict[str, Any] = {"PayloadIdentifier": own, "PayloadContent": list(payloads)}
    return Profile(name, content)


def restrictions(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(RESTRICTIONS, "org.northwind.r", **keys)


def found(*documents: Document) -> list[tuple[str, str]]:
    return [(item.rule, item.where) for item in device.findings(documents, WHERE)]


def test_files_that_get_along() -> None:
    one = file("one", restrictions(allowCamera=False))
    two = file("two", payload(MAIL, "org.northwind.m", EmailAddress="a@northwind.example"))
    assert found(one, two) == []
    assert found() == []


def test_a_signed_twin_is_the_same_file() -> None:
    one = file("one", restrictions(allowCamera=False), payload("com.apple.domains"))
    assert found(one, Profile("two", one.content)) == []


def test_restrictions_of_several_files() -> None:
    one = file("one", restrictions(allowCamera=False, allowSafari=False))
    two = file("two", restrictions(allowCamera=True, allowSafari=False))
    assert found(one, two) == [
        ("restriction-conflict", "two: PayloadContent[0].allowCamera"),
        ("restriction-repeated", "two: PayloadContent[0].allowSafari"),
    ]


def test_what_one_file_says_twice_is_not_said_again() -> None:
    one = file("one", restrictions(allowCamera=False), restrictions(allowCamera=True))
    assert found(one, file("two")) == []


def test_a_payload_that_a_device_takes_once() -> None:
    domains = payload("com.apple.domains", "org.northwind.d", EmailDomains=["a"])
    assert found(file("one", domains), file("two", domains)) == [
        ("payload-repeated", "two: PayloadContent[0]")
    ]
    dock = payload("com.apple.dock", "org.northwind.dock")
    assert found(file("one", dock), file("two", dock)) == []
    unknown = payload("org.northwind.unknown", "org.northwind.u")
    assert found(file("one", unknown), file("two", unknown)) == []


def test_a_profile_that_replaces_another_is_no_conflict() -> None:
    one = file("one", restrictions(allowCamera=False), identifier="org.northwind.a")
    two = file("two", restrictions(allowCamera=True), identifier="org.northwind.a")
    assert found(one, two) == [
        ("shared-identifier", "one: PayloadIdentifier"),
        ("shared-identifier", "two: PayloadIdentifier"),
    ]


def test_profiles_whose_identifiers_are_filled_in_both_stay() -> None:
    one = file("one", restrictions(allowCamera=False), identifier="{{ identifier }}")
    two = file("two", restrictions(allowCamera=True), identifier="{{ identifier }}")
    assert found(one, two) == [("restriction-conflict", "two: PayloadContent[0].allowCamera")]


def test_a_vpn_that_no_file_brings() -> None:
    account = file("one", payload(EXCHANGE, "org.northwind.e", VPNUUID="A"))
    vpn = file("two", payload(VPN, "org.northwind.v", VPNUUID="a"))
    other = file("three", payload(VPN, "org.northwind.w", VPNUUID="c"))
    assert found(account) == []
    assert found(account, vpn) == []
    assert found(account, other) == [("dangling-reference", "one: PayloadContent[0].VPNUUID")]
    later = file("four", payload(VPN, "org.northwind.x", VPNUUID="{{ vpn }}"))
    assert found(account, other, later) == []
    nameless = file("five", payload(VPN, "org.northwind.y"))
    assert found(account, nameless) == [("dangling-reference", "one: PayloadContent[0].VPNUUID")]


def test_an_account_that_is_more_open_than_one_of_another_file() -> None:
    strict = file("one", payload(MAIL, "org.northwind.m", PreventMove=True))
    loose = payload(EXCHANGE, "org.northwind.e")
    (finding,) = device.findings([strict, file("two", loose)], WHERE)
    assert (finding.rule, finding.where) == ("account-more-open", "two: PayloadContent[0]")
    assert finding.message.endswith("account 'org.northwind.m' in 'one' does not.")
    also = payload(MAIL, "org.northwind.n", PreventMove=True)
    assert found(strict, file("two", loose, also)) == []


def test_the_same_account_twice() -> None:
    one = file("one", payload(MAIL, "org.northwind.m", EmailAddress="A@northwind.example"))
    address = payload(GOOGLE, "org.northwind.g", EmailAddress=" a@northwind.example")
    assert found(one, file("two", address)) == [
        ("account-repeated", "two: PayloadContent[0].EmailAddress")
    ]
    again = payload(MAIL, "org.northwind.m", EmailAddress="b@northwind.example")
    assert found(one, file("two", again)) == [
        ("account-repeated", "two: PayloadContent[0].PayloadIdentifier")
    ]
    filled = payload(MAIL, "org.northwind.m", EmailAddress="{{ user.email }}")
    other = payload(MAIL, "org.northwind.n", EmailAddress="{{ user.email }}")
    assert found(file("one", filled), file("two", other)) == []


def test_android_devices_have_one_policy() -> None:
    one = AndroidPolicy("one", {"cameraDisabled": True})
    two = AndroidPolicy("two", {"cameraDisabled": False, "smsDisabled": True})
    assert found(one, two) == [("several-policies", "two")]
    part = AndroidPolicy("part", {"smsDisabled": False})
    assert found(one, part) == [("policy-in-parts", "part")]
    assert found(one, part, two) == [("policy-in-parts", "part"), ("several-policies", "two")]
    spelt = AndroidPolicy("spelt", {"camera_disabled": False})
    assert found(one, spelt) == [("several-policies", "spelt")]


def test_apps_alone_are_parts() -> None:
    mail, notes = (
        AndroidPolicy(name, {"packageName": f"org.example.{name}", "installType": "AVAILABLE"})
        for name in ("mail", "notes")
    )
    assert found(mail, notes) == [("policy-in-parts", "notes")]


def test_the_same_policy_twice_is_one() -> None:
    one = AndroidPolicy("one", {"cameraDisabled": True})
    assert found(one, AndroidPolicy("twin", {"cameraDisabled": True})) == []


def test_configurations_of_two_apps_may_be_alike() -> None:
    one, two = AppConfiguration("one", OUTLOOK, {}), AppConfiguration("two", "org.northwind", {})
    assert found(one, two) == []


def versions(*keys: dict[str, Any]) -> list[Document]:
    return [
        file(str(index), restrictions(**values), identifier="org.northwind.a")
        for index, values in enumerate(keys)
    ]


@pytest.mark.parametrize("second", [{}, {BOUNDARY: True}])
def test_of_profiles_that_replace_each_other_one_counts(second: dict[str, bool]) -> None:
    found_flow = flow("open-in", versions({BOUNDARY: False}, second), WHERE)
    assert found_flow.state is State.UNKNOWN
    assert found_flow.reason.startswith("Profiles of one identifier set allowOpenFrom")
    opened = file("other", restrictions(**{BOUNDARY: True}))
    assert (
        flow("open-in", [*versions({BOUNDARY: False}, second), opened], WHERE).state is State.OPEN
    )


def test_what_they_set_alike_is_known() -> None:
    alike = versions({BOUNDARY: False, "allowCamera": True}, {BOUNDARY: False})
    assert flow("open-in", alike, WHERE).state is State.CLOSED
    assert flows([alike[0], alike[0]], WHERE) == flows([alike[0]], WHERE)


def test_accounts_of_profiles_that_replace_each_other() -> None:
    one = file("one", payload(MAIL, "org.northwind.m", PreventMove=True), identifier="a")
    two = file("two", payload(MAIL, "org.northwind.m"), identifier="a")
    assert flow("move-message", [one, two], WHERE).state is State.UNKNOWN
    other = file("two", payload(MAIL, "org.northwind.n", PreventMove=True), identifier="a")
    both = [one, other]
    assert flow("move-message", both, WHERE, "org.northwind.m").state is State.CLOSED
    assert flow("move-message", both, WHERE, "org.northwind.n").state is State.CLOSED


def test_notifications_and_encrypted_versions() -> None:
    shown = notifications(PreviewType=2).content["PayloadContent"]
    one = Profile("one", {"PayloadIdentifier": "a", "PayloadContent": shown})
    two = Profile("two", {"PayloadIdentifier": "a", "EncryptedPayloadContent": b"0"})
    supervised = context(Enrollment.SUPERVISED)
    assert flow("notification-preview", [one, two], supervised).state is State.UNKNOWN
    three = Profile(
        "three", {"PayloadIdentifier": "a", "PayloadContent": [payload("com.apple.mdm")]}
    )
    (reason,) = {item.reason for item in flows([three], supervised) if item.channel == "open-in"}
    assert reason == "The management service that the device enrols with may set more."


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["EmailAddress", "PayloadIdentifier", "PreventMove", "VPNUUID"]),
            VALUES,
        ),
        max_size=4,
    ),
    VALUES,
)
def test_arbitrary_values_end_in_findings(contents: list[dict[str, Any]], stranger: Any) -> None:  # noqa: ANN401
    documents = [
        Profile(
            str(index),
            {"PayloadIdentifier": "a", "PayloadContent": [{**keys, "PayloadType": kind}]},
        )
        for index, keys in enumerate(contents)
        for kind in (MAIL, VPN, RESTRICTIONS)
    ]
    odd = Profile("odd", {"PayloadIdentifier": stranger, "PayloadContent": stranger})
    everything = [*documents, odd]
    assert all(item.rule in rules() for item in device.findings(everything, WHERE))
    assert all(item.state in State for item in flows(everything, WHERE))
