"""Texts with values in place: the quick answer is the one that asks about every text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.policy.filled import fault_finder, faults_of
from profilegen.policy.load import load_policy

POLICY = b"""\
policy: 1
organization: {name: A, identifier: com.example.a, contact: B}
accounts:
  - id: staff
    service: exchange
    address: "{{ user.email }}"
    server: {host: "{{ user.host }}"}
    sharing: open
  - id: press
    name: "Press {{ user.name }}"
    service: imap
    address: "{{user.email}}"
    username: "{{ user.name }}"
    server:
      incoming: {host: "mail.{{ user.host }}"}
      outgoing: {host: smtp.example.com}
    sharing: open
targets: [{id: phone, platform: ios, enrollment: device, minimum_os: "17", accounts: [staff]}]
"""
ACCOUNTS = load_policy("policy.yaml", POLICY).accounts
GOOD = {"email": "a@example.com", "host": "example.com", "name": "Anna"}
HOST = "(expected a host name, without scheme, port and path)"
VALUES = st.sampled_from(["a@example.com", "example.com", "", " ", "a b", "a@b@c", "{{ user.x }}"])


def found(values: Mapping[str, str]) -> tuple[str, ...]:
    return fault_finder(ACCOUNTS, tuple(values))(tuple(values.values()))


def test_good_values_have_no_faults() -> None:
    assert found(GOOD) == ()


@pytest.mark.parametrize(
    ("field", "value", "faults"),
    [
        (
            "name",
            "",
            (
                "username of account press would be empty",
                "server.incoming.username of account press would be empty",
                "server.outgoing.username of account press would be empty",
            ),
        ),
        (
            "host",
            "a b",
            (
                f"server.host of account staff would be 'a b' {HOST}",
                f"server.incoming.host of account press would be 'mail.a b' {HOST}",
            ),
        ),
        (
            "email",
            "Anna",
            (
                "address of account staff would be 'Anna' (expected a mail address)",
                "address of account press would be 'Anna' (expected a mail address)",
            ),
        ),
    ],
)
def test_faults_are_told_for_every_place(field: str, value: str, faults: tuple[str, ...]) -> None:
    assert found(GOOD | {field: value}) == faults


@given(st.fixed_dictionaries({"email": VALUES, "host": VALUES, "name": VALUES}))
def test_all_accounts_at_once_or_one_by_one(values: dict[str, str]) -> None:
    alone = [fault for account in ACCOUNTS for fault in faults_of([account], values)]
    assert found(values) == tuple(alone)
