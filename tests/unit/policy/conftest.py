from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def minimal_table() -> dict[str, Any]:
    """Return the least policy, as values for JSON; a test adds what it is about."""
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
            }
        ],
        "targets": [
            {
                "id": "iphone",
                "platform": "ios",
                "enrollment": "device",
                "minimum_os": "17",
                "accounts": ["staff"],
            }
        ],
    }
