"""Texts of an account once a user's values are in place: they obey the rules of the policy file.

A value that the policy would refuse when written out is refused when a list supplies it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from profilegen.policy.fields import account_texts, fill, placeholders
from profilegen.policy.model import Account
from profilegen.policy.schema import schema

# The last part of a place -> where the schema has its rule.
_RULES = {
    "address": ("account", "properties", "address"),
    "vpn": ("account", "properties", "vpn"),
    "call_app": ("account", "properties", "call_app"),
    "host": ("host",),
    "oauth_sign_in_url": ("httpsUrl",),
    "oauth_token_url": ("httpsUrl",),
}


def faults_of(accounts: Iterable[Account], values: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the texts of `accounts` that `values` (by field) are put into."""
    for account in accounts:
        for place, text in account_texts(account):
            if not placeholders(text):
                continue
            filled = fill(text, values)
            rule = _rules().get(place.rpartition(".")[2])
            if not filled.strip():
                yield f"{place} of account {account.id} would be empty"
            elif rule is not None and not rule.match(filled):
                yield f"{place} of account {account.id} would be {filled!a}"


@cache
def _rules() -> Mapping[str, re.Pattern[str]]:
    definitions: dict[str, Any] = schema()["$defs"]
    return {name: re.compile(_pattern(definitions, path)) for name, path in _RULES.items()}


def _pattern(definitions: Mapping[str, Any], path: tuple[str, ...]) -> str:
    found: Any = definitions
    for part in path:
        found = found[part]
    pattern: str = found["pattern"]
    return pattern
