"""The least policy, as values for JSON; a test adds what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Table = dict[str, Any]


def small_table(
    *,
    account: Mapping[str, object] | None = None,
    target: Mapping[str, object] | None = None,
    **rest: object,
) -> Table:
    """Return a policy of one account and one target, with the keys that are given in each."""
    return {
        "policy": 1,
        "organization": {
            "name": "Northwind",
            "identifier": "com.example.mail",
            "contact": "Help Desk",
        },
        "accounts": [
            {
                "id": "staff",
                "service": "exchange",
                "address": "staff@example.com",
                "server": {"host": "mail.example.com"},
                "sharing": "contained",
                **(account or {}),
            }
        ],
        "targets": [
            {
                "id": "iphone",
                "platform": "ios",
                "enrollment": "device",
                "minimum_os": "17",
                "accounts": ["staff"],
                **(target or {}),
            }
        ],
        **rest,
    }
