from __future__ import annotations

import json

import pytest

from profilegen.policy.filled import faults_of
from profilegen.policy.load import load_policy
from tests.support.policies import small_table

HOST = "(expected a host name, without scheme, port and path)"
VPN = "8D9F3B1E-5E0B-4C65-9D0B-2E5C1A8B7F10"


def faults(**values: str) -> list[str]:
    policy = small_table(
        account={
            "address": "{{ user.mail }}",
            "username": "{{ user.login }}",
            "server": {"host": "{{ user.shard }}.example.com"},
            "sharing": "open",
            "vpn": "{{ user.vpn }}",
        },
        target={"enrollment": "user"},
    )
    loaded = load_policy("policy.json", json.dumps(policy).encode())
    good = {"mail": "a@example.com", "login": "a", "shard": "s1", "vpn": VPN}
    return list(faults_of(loaded.accounts, good | values))


def test_good_values_have_no_fault() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"mail": "a"}, "address of account staff would be 'a' (expected a mail address)"),
        (
            {"mail": "a b@example.com"},
            "address of account staff would be 'a b@example.com' (expected a mail address)",
        ),
        (
            {"mail": "{{ user.x }}@x.example"},
            "address of account staff would be '{{ user.x }}@x.example' (expected a mail address)",
        ),
        (
            {"mail": "x" * 5000},
            f"address of account staff would be '{'x' * 80}...' (expected a mail address)",
        ),
        (
            {"shard": "a/b"},
            f"server.host of account staff would be 'a/b.example.com' {HOST}",
        ),
        ({"vpn": "1"}, "vpn of account staff would be '1' (expected a UUID)"),
        ({"login": " "}, "username of account staff would be empty"),
        (
            {"mail": "\u202ea@example.com "},
            r"address of account staff would be '\u202ea@example.com ' (expected a mail address)",
        ),
    ],
)
def test_a_value_that_the_policy_would_refuse_is_a_fault(
    values: dict[str, str], fault: str
) -> None:
    assert faults(**values) == [fault]
