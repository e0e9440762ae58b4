"""What a plan says besides decisions: what is left out, what stands readable, what is a guess."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.plan.decide import make_plan
from profilegen.plan.model import Plan
from tests.unit.plan.policies import TODAY, account, android, ios, plan_of, policy_of

Table = dict[str, Any]

CERTIFICATES: list[Table] = [
    {"id": "file", "kind": "pkcs12", "file": "staff.p12", "passphrase_env": "STAFF_P12"},
    {
        "id": "enrolled",
        "kind": "scep",
        "url": "https://scep.example.com",
        "challenge_env": "SCEP_CHALLENGE",
    },
    {"id": "open-enrolment", "kind": "scep", "url": "https://scep.example.com"},
]


def _notes(plan: Plan) -> str:
    return "\n".join(plan.targets[0].notes)


def _with_certificate(target: Table, certificate: str, **fields: object) -> Plan:
    staff = {**account("contained"), **fields}
    rest = {"certificates": [item for item in CERTIFICATES if item["id"] == certificate]}
    return plan_of(target, staff, rest=rest)


@pytest.mark.parametrize(
    ("certificate", "noted"), [("file", True), ("enrolled", True), ("open-enrolment", False)]
)
def test_readable_secrets_are_said(certificate: str, *, noted: bool) -> None:
    notes = _notes(_with_certificate(ios("user"), certificate, login={"certificate": certificate}))

    assert ("stands readable" in notes) is noted
    assert (certificate in notes) is noted


def test_secrets_of_certificates_that_are_not_written_are_not_said() -> None:
    login = {"certificate": "file"}

    assert "readable" not in _notes(_with_certificate(ios("user"), "file"))
    assert "readable" not in _notes(_with_certificate(android("work-profile"), "file", login=login))


@pytest.mark.parametrize("field", ["login", "smime"])
def test_fields_that_only_a_payload_can_carry(field: str) -> None:
    value = {"login": {"certificate": "file"}, "smime": {"sign": "file"}}[field]
    payload = _notes(_with_certificate(ios("user"), "file", **{field: value}))
    elsewhere = _notes(_with_certificate(android("work-profile"), "file", **{field: value}))

    assert f"`{field}`" not in payload
    assert f"`{field}`" in elsewhere


@pytest.mark.parametrize(
    ("target", "client", "service", "noted"),
    [
        (ios("user"), {"ios": "outlook"}, "exchange", True),
        (ios("user"), {"ios": "outlook"}, "imap", True),
        (android("work-profile"), {"android": "outlook"}, "exchange", False),
        (android("work-profile"), {"android": "gmail"}, "exchange", True),
        (android("work-profile"), {"android": "gmail"}, "imap", False),
    ],
)
def test_an_app_is_not_told_to_refuse_what_is_added_by_hand(
    target: Table, client: dict[str, str], service: str, *, noted: bool
) -> None:
    configured = account("contained", client=client)
    by_hand = account("contained", name="press", service=service, client=client)

    assert ("not told to refuse" in _notes(plan_of(target, configured, by_hand))) is noted
    assert "not told to refuse" not in _notes(plan_of(target, configured))


@pytest.mark.parametrize(
    ("target", "warned"),
    [
        (ios("user", "27"), False),
        (ios("user", "99"), True),
        (android("work-profile", "17 QPR1"), False),
        (android("work-profile", "99"), True),
    ],
)
def test_a_system_that_the_facts_do_not_know_is_a_warning(target: Table, *, warned: bool) -> None:
    warnings = make_plan(policy_of(target, [account("open")]), today=TODAY).warnings

    assert bool(warnings) is warned
    assert all("99" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("client", "fields", "listed"),
    [
        ("outlook", {"sync": {"contacts": False, "days": 3}}, ["`sync.contacts`", "`sync.days`"]),
        ("gmail", {"sync": {"contacts": False, "days": 3}}, ["`sync.contacts`", "`server.oauth`"]),
        ("gmail", {}, ["`server.oauth`"]),
        ("outlook", {"server": {"host": "h.example.com", "tls": False}}, ["`server.tls`"]),
        ("gmail", {"server": {"host": "h.example.com", "tls": False}}, []),
        ("outlook", {"vpn": "8D9F3B1E-5E0B-4C65-9D0B-2E5C1A8B7F10"}, ["`vpn`"]),
    ],
)
def test_what_an_app_configuration_cannot_carry_is_named(
    client: str, fields: Table, listed: list[str]
) -> None:
    staff = {**account("contained", client={"android": client}), **fields}
    notes = _notes(plan_of(android("work-profile"), staff))

    names = notes.split(" of account")[0]
    assert [name for name in names.split(", ") if name] == listed


def test_all_urls_of_oauth_are_named() -> None:
    server = {
        "host": "h.example.com",
        "oauth": True,
        "oauth_sign_in_url": "https://h.example.com/a",
        "oauth_token_url": "https://h.example.com/b",
    }
    staff = {**account("contained"), "server": server}
    notes = _notes(plan_of(android("work-profile"), staff))

    assert "`server.oauth_sign_in_url`, `server.oauth_token_url`" in notes


def test_an_account_that_nobody_may_add_is_said() -> None:
    staff = account("sealed", service="imap")

    assert "modifyAccountsDisabled" in _notes(plan_of(android("fully-managed"), staff))
    assert "modifyAccountsDisabled" not in _notes(
        plan_of(android("fully-managed"), account("sealed"))
    )


def test_what_reaches_the_personal_side_is_said() -> None:
    staff = account("sealed")

    work, owned = (
        _notes(plan_of(android(mode), staff)) for mode in ("work-profile", "company-owned")
    )
    assert "permittedAccessibilityServices.packageNames" in work
    assert "removes a private space" in owned
    assert "removes a private space" not in work


@pytest.mark.parametrize(("version", "noted"), [("15", True), ("16", False)])
def test_acme_needs_ios_16(version: str, *, noted: bool) -> None:
    certificate = {
        "id": "me",
        "kind": "acme",
        "directory_url": "https://acme.example.com/directory",
        "client_identifier": "a",
        "key_type": "ec",
        "subject": [{"CN": "a"}],
    }
    staff = {**account("contained"), "login": {"certificate": "me"}}
    plan = plan_of(ios("device", version), staff, rest={"certificates": [certificate]})

    assert ("needs iOS 16" in _notes(plan)) is noted


def test_an_android_account_without_a_mail_app_is_added_by_hand() -> None:
    staff = account("contained")
    del staff["client"]
    (placement,) = plan_of(android("work-profile"), staff).targets[0].placements

    assert (str(placement.by), placement.app, str(placement.reason)) == (
        "by-hand",
        "",
        "no-control",
    )
    assert "names no mail app" in placement.detail


def test_one_google_account_is_enrolled_and_the_next_added() -> None:
    accounts = [account("contained", name=name, service="google") for name in ("one", "two")]
    first, second = plan_of(android("work-profile"), *accounts).targets[0].placements

    assert first.steps == ("Enrol the device with one@example.com.",)
    assert second.steps == (
        "After the enrolment, add two@example.com in the settings of the device.",
    )
