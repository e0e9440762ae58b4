"""Rules of enforcement: what happens to a device that does not follow its policy."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.android_canonical import json_name
from profilegen.audit.lint.android_entries import Entry, objects_in
from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.android import ROOT, policy_objects
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import key_at

_RULES = "policyEnforcementRules"
_BLOCK = "blockAction"
_WIPE = "wipeAction"
_SETTING = "settingName"


def findings(policy: Entry) -> Iterator[Finding]:
    """Yield what is wrong with the enforcement rules of a canonical policy."""
    for where, rule in objects_in(policy.get(_RULES), _RULES):
        yield from _actions(rule, where)
        yield from _setting(rule, where, policy)


def _actions(rule: Entry, where: str) -> Iterator[Finding]:
    missing = [name for name in (_BLOCK, _WIPE) if name not in rule]
    if missing:
        message = f"The rule has no {' and no '.join(missing)}; the server demands both."
        yield found("enforcement-incomplete", where, message)
        return
    block = _days(rule[_BLOCK], "blockAfterDays")
    wipe = _days(rule[_WIPE], "wipeAfterDays")
    if block is not None and wipe is not None and block >= wipe:
        message = (
            f"The rule blocks after {shown(block)} days and wipes after {shown(wipe)}; "
            "blocking must come first."
        )
        yield found("enforcement-order", where, message)


def _days(action: object, key: str) -> int | None:
    """Return the days of an action, None where a wrong type or a placeholder hides them."""
    if not isinstance(action, dict):
        return None
    days = action.get(key, 0)  # what is not set is 0 in protocol buffers
    return days if isinstance(days, int) and not isinstance(days, bool) else None


def _setting(rule: Entry, where: str, policy: Entry) -> Iterator[Finding]:
    name = rule.get(_SETTING)
    if name is None:
        message = "The rule does not say for which setting it is."
        yield found("enforcement-setting", where, message)
    elif isinstance(name, str) and not is_placeholder(name):
        place = key_at(where, _SETTING)
        known = json_name(name) or name
        if known not in policy_objects()[ROOT].fields:
            message = f"{shown(name)} is no top-level field of a policy, so nothing triggers it."
            yield found("enforcement-setting", place, message)
        elif known not in policy:
            message = f"This policy does not set {known}, so nothing in it triggers the rule."
            yield found("enforcement-idle", place, message)
