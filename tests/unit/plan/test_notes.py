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
