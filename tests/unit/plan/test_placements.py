"""How accounts get onto devices, and what of a policy a target cannot carry."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.plan.model import Plan
from tests.unit.plan.policies import WEB_DOMAINS, account, android, document_of, ios, plan_of

Table = dict[str, Any]

BY_HAND = "by-hand"
CONFIGURED = "managed-configuration"
IOS_PAYLOADS = {
    "exchange": "com.apple.eas.account",
    "imap": "com.apple.mail.managed",
    "google": "com.apple.google-oauth",
}


def _placed(target: Table, *accounts: Table) -> dict[str, Table]:
    return {item["account"]: item for item in document_of(target, *accounts)["accounts"]}


@pytest.mark.parametrize(
    ("enrollment", "service"),
    [
        (enrollment, service)
        for enrollment in ("user", "device", "supervised", "manual")
        for service in IOS_PAYLOADS
        if (enrollment, service) != ("manual", "google")
    ],
)
def test_apple_mail_gets_a_payload(enrollment: str, service: str) -> None:
    found = _placed(ios(enrollment), account("open", service=service))["staff"]

    assert (found["by"], found["reason"], found["steps"]) == (IOS_PAYLOADS[service], "", [])


@pytest.mark.parametrize("mode", ["work-profile", "company-owned", "fully-managed"])
@pytest.mark.parametrize(
    ("service", "client", "by", "reason"),
    [
        ("exchange", "outlook", CONFIGURED, ""),
        ("exchange", "gmail", CONFIGURED, ""),
        ("google", "gmail", "enrolment", ""),
        ("imap", "outlook", BY_HAND, "no-control-for-service"),
        ("imap", "gmail", BY_HAND, "no-control-for-service"),
    ],
)
def test_android(mode: str, service: str, client: str, by: str, reason: str) -> None:
    staff = account("open", service=service, client={"android": client})
    found = _placed(android(mode), staff)["staff"]

    assert (found["by"], found["reason"]) == (by, reason)
    assert bool(found["steps"]) is (by != CONFIGURED)


@pytest.mark.parametrize(
    ("enrollment", "by", "reason"),
    [
        ("user", CONFIGURED, ""),
        ("device", CONFIGURED, ""),
        ("supervised", CONFIGURED, ""),
        ("manual", BY_HAND, "mdm-only"),
    ],
)
def test_other_mail_apps_on_ios(enrollment: str, by: str, reason: str) -> None:
    found = _placed(ios(enrollment), account("open", client={"ios": "outlook"}))["staff"]

    assert (found["by"], found["reason"]) == (by, reason)
    assert bool(found["steps"]) is (by == BY_HAND)


@pytest.mark.parametrize(
    ("target", "client"),
    [(android("work-profile"), {"android": "outlook"}), (ios("user"), {"ios": "outlook"})],
)
@pytest.mark.parametrize("first", ["staff", "press"])
def test_an_app_takes_the_first_account_of_the_target(
    target: Table, client: dict[str, str], first: str
) -> None:
    second = "press" if first == "staff" else "staff"
    accounts = [account("contained", name=name, client=client) for name in ("staff", "press")]
    found = _placed({**target, "accounts": [first, second]}, *accounts)

    assert (found[first]["by"], found[second]["by"]) == (CONFIGURED, BY_HAND)
    assert first in found[second]["detail"]
    assert found[second]["steps"]


def test_two_apps_take_an_account_each() -> None:
    found = _placed(
        android("work-profile"),
        account("contained"),
        account("contained", name="press", client={"android": "gmail"}),
    )

    assert {item["by"] for item in found.values()} == {CONFIGURED}


def test_an_account_by_hand_takes_no_room() -> None:
    found = _placed(
        android("work-profile"),
        account("contained", service="imap"),
        account("contained", name="press"),
    )

    assert (found["staff"]["by"], found["press"]["by"]) == (BY_HAND, CONFIGURED)


def _notes(plan: Plan) -> str:
    return "\n".join(plan.targets[0].notes)


@pytest.mark.parametrize("enrollment", ["user", "device", "supervised", "manual"])
def test_domains_are_said_where_they_cannot_be_carried(enrollment: str) -> None:
    plan = plan_of(ios(enrollment), account("contained"), rest={"domains": WEB_DOMAINS})
    written = {getattr(item, "key", "") for item in plan.targets[0].settings}

    carried = enrollment != "user"
    assert ({"WebDomains", "EmailDomains"} <= written) is carried
    assert ("`domains` is not written" in _notes(plan)) is not carried
    assert ("marks" in _notes(plan)) is carried


def test_nothing_to_note_without_domains() -> None:
    assert _notes(plan_of(ios("user"), account("contained"))) == ""
    rest = {"domains": {"web": ["example.com"]}}
    assert _notes(plan_of(ios("device"), account("contained"), rest=rest)) == ""


@pytest.mark.parametrize(
    ("target", "noted"),
    [
        (ios("user"), False),
        (android("work-profile"), True),
    ],
)
def test_fields_that_only_a_payload_can_carry(target: Table, *, noted: bool) -> None:
    staff = account("contained")
    staff |= {"vpn": "12345678-1234-1234-1234-123456789012", "call_app": "com.example.calls"}
    notes = _notes(plan_of(target, staff))

    assert ("`vpn`" in notes) is noted
    assert ("`call_app`" in notes) is noted


@pytest.mark.parametrize("enrollment", ["device", "supervised"])
def test_a_profile_that_stays_needs_supervision(enrollment: str) -> None:
    rest = {"profile": {"removal": {"allowed": False}}}
    notes = _notes(plan_of(ios(enrollment), account("contained"), rest=rest))

    assert ("removal" in notes) is (enrollment != "supervised")
