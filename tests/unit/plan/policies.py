"""Small policies for the plan's tests, loaded as a policy file would be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from profilegen.plan.decide import make_plan
from profilegen.plan.model import Plan
from profilegen.policy.load import load_policy
from profilegen.policy.model import Policy
from profilegen.report.plan_json import plan_document
from tests.unit.plan.tables import Row, row_of

Table = dict[str, Any]

TODAY = date(2026, 11, 23)
WEB_DOMAINS = {"web": ["*.example.com"], "mail": ["example.com"]}
_SERVERS = {
    "exchange": {"host": "mail.example.com", "oauth": True},
    "imap": {"incoming": {"host": "imap.example.com"}, "outgoing": {"host": "smtp.example.com"}},
}


def account(
    sharing: str,
    *,
    name: str = "staff",
    service: str = "exchange",
    channels: Mapping[str, str] | None = None,
    client: Mapping[str, str] | None = None,
) -> Table:
    """Return an account; its mail apps are Apple Mail and Outlook unless `client` names others."""
    table: Table = {
        "id": name,
        "service": service,
        "address": f"{name}@example.com",
        "sharing": sharing,
        "client": {"android": "outlook", **(client or {})},
    }
    if service in _SERVERS:
        table["server"] = _SERVERS[service]
    if channels:
        table["channels"] = dict(channels)
    return table


def pair(
    first: str,
    second: str,
    channels_of_first: dict[str, str] | None = None,
    channels_of_second: dict[str, str] | None = None,
) -> tuple[Table, Table]:
    """Return the accounts `staff` and `press`, which live in different apps on Android."""
    return (
        account(first, name="staff", channels=channels_of_first),
        account(second, name="press", channels=channels_of_second, client={"android": "gmail"}),
    )


def ios(enrollment: str, minimum_os: str = "17", **fields: object) -> Table:
    """Return an iOS target called `target`, with all accounts of the policy unless told."""
    return {
        "id": "target",
        "platform": "ios",
        "enrollment": enrollment,
        "minimum_os": minimum_os,
        **fields,
    }


def android(mode: str, minimum_os: str = "13", **fields: object) -> Table:
    """Return an Android target called `target`, with all accounts of the policy unless told."""
    return {
        "id": "target",
        "platform": "android",
        "mode": mode,
        "minimum_os": minimum_os,
        **fields,
    }


def policy_of(
    target: Table, accounts: Iterable[Table], *, rest: Mapping[str, object] | None = None
) -> Policy:
    """Return the policy with one target that has `accounts`, in their order, and with `rest`."""
    listed = list(accounts)
    table = {
        "policy": 1,
        "organization": {
            "name": "Example",
            "identifier": "com.example.mail",
            "contact": "Service Desk",
        },
        "accounts": listed,
        "targets": [{"accounts": [item["id"] for item in listed], **target}],
        **(rest or {}),
    }
    return load_policy("policy.yaml", json.dumps(table).encode())


def plan_of(
    target: Table,
    *accounts: Table,
    today: date = TODAY,
    rest: Mapping[str, object] | None = None,
) -> Plan:
    """Return the plan of a policy with one target and these accounts."""
    return make_plan(policy_of(target, accounts, rest=rest), today=today)


def document_of(
    target: Table,
    *accounts: Table,
    today: date = TODAY,
    rest: Mapping[str, object] | None = None,
) -> Table:
    """Return the only target of `plan --format json`."""
    document = plan_document(plan_of(target, *accounts, today=today, rest=rest))
    found: Table = document["targets"][0]
    return found


def rows_of(
    target: Table,
    *accounts: Table,
    of: str = "",
    rest: Mapping[str, object] | None = None,
) -> dict[str, Row]:
    """Return the rows of one account by channel: of the first unless `of` names another."""
    wanted = of or accounts[0]["id"]
    decisions = document_of(target, *accounts, rest=rest)["decisions"]
    return {item["channel"]: row_of(item) for item in decisions if item["account"] == wanted}
