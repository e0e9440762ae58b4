"""Texts of an account once a user's values are in place: they obey the rules of the policy file.

A value that the policy would refuse when written out is refused when a list supplies it, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from profilegen.policy.accounts import Account
from profilegen.policy.fields import PLACEHOLDER, account_texts, fill, placeholders
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
# What only the policy file may hold, in the words of the schema.
_OR_FIELD = re.compile(r",? or \{\{.*")
# How patterns of the policy file let a field stand for any value.
_ANY_FIELD = "|" + re.sub("[()]", "", PLACEHOLDER.pattern)
_SHOWN = 80
_OPENING = "{{"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a text must match, and what that is in words."""

    matches: Callable[[str], object]
    expected: str

    def allows(self, text: str) -> bool:
        return _OPENING not in text and bool(self.matches(text))


_Place = tuple[str, str, str, _Rule | None]
"""An account, where in it a text stands, the text, and the rule for it."""
_Asked = tuple[Callable[[Sequence[str]], str], Callable[[str], bool]]
"""How a text is made from the values of a user, and what says that it is good."""
_KEPT = 256
"""Texts that are remembered as good or bad: few servers serve many people."""


def faults_of(accounts: Iterable[Account], values: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the texts of `accounts` that `values` (by field) are put into."""
    yield from fault_finder(accounts, tuple(values))(tuple(values.values()))


def fault_finder(
    accounts: Iterable[Account], fields: Sequence[str]
) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return `faults_of` for `accounts` and the values of `fields`, in their order.

    All is done beforehand that is the same for everybody. Texts of one form under one rule are
    asked once; one that cannot be empty is not asked where there is no rule.
    """
    places = tuple(_places(accounts))
    forms = dict.fromkeys((place == "address", text, rule) for _, place, text, rule in places)
    asked: tuple[_Asked, ...] = tuple(
        (_filler(text, fields), _judge(rule, differs=is_address))
        for is_address, text, rule in forms
        if rule is not None or not PLACEHOLDER.sub("", text).strip()
    )

    def faults(values: Sequence[str]) -> tuple[str, ...]:
        for filled_by, is_good in asked:
            if not is_good(filled_by(values)):
                return tuple(_faults(places, dict(zip(fields, values, strict=True))))
        return ()

    return faults


def _judge(rule: _Rule | None, *, differs: bool) -> Callable[[str], bool]:
    """Return what says whether a text is good; `differs` says that nearly every user's does."""
    if rule is None:
        return lambda text: bool(text.strip())

    def is_good(text: str) -> bool:
        return bool(text.strip()) and rule.allows(text)

    return is_good if differs else lru_cache(_KEPT)(is_good)


def _filler(text: str, fields: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """Return `fill` for `text`, which has a placeholder, and the values of `fields`."""
    constants, names = PLACEHOLDER.split(text)[::2], PLACEHOLDER.findall(text)
    form = "%s".join(constant.replace("%", "%%") for constant in constants)
    chosen = itemgetter(*(fields.index(name) for name in names))
    return chosen if form == "%s" else lambda values: form % chosen(values)


def _places(accounts: Iterable[Account]) -> Iterator[_Place]:
    for account in accounts:
        for place, text in account_texts(account):
            if placeholders(text):
                yield account.id, place, text, _rules().get(place.rpartition(".")[2])


def _faults(places: Iterable[_Place], values: Mapping[str, str]) -> Iterator[str]:
    for account, place, text, rule in places:
        filled = fill(text, values)
        if not filled.strip():
            yield f"{place} of account {account} would be empty"
        elif rule is not None and not rule.allows(filled):
            found = f"would be {_shown(filled)} (expected {rule.expected})"
            yield f"{place} of account {account} {found}"


def _shown(text: str) -> str:
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


@cache
def _rules() -> Mapping[str, _Rule]:
    definitions: dict[str, Any] = schema()["$defs"]
    return {name: _rule(definitions, path) for name, path in _RULES.items()}


def _rule(definitions: Mapping[str, Any], path: tuple[str, ...]) -> _Rule:
    found: Any = definitions
    for part in path:
        found = found[part]
    expected: str = found["x-expected"]
    # Without fields to expect, a pattern takes a third of the time.
    pattern = found["pattern"].replace(_ANY_FIELD, "")
    return _Rule(re.compile(pattern).match, _OR_FIELD.sub("", expected))
