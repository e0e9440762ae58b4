"""Whether the keys of a document are those of Apple's schema, at every level.

What a single value must be is said in `apple_values`, where a key exists in `apple_availability`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from profilegen.audit.lint.apple_availability import availability
from profilegen.audit.lint.apple_scope import Scope
from profilegen.audit.lint.apple_values import Fit, fit, found_for, value_findings
from profilegen.audit.lint.shown import shown
from profilegen.catalogue.apple import (
    COMMON,
    DECLARATION_ENVELOPE,
    PROFILE_ENVELOPE,
    item_of,
    key_places,
    level_of,
    owners,
)
from profilegen.catalogue.apple_model import Key, Level
from profilegen.catalogue.rules import found
from profilegen.findings import Finding, Severity
from profilegen.places import item_at, key_at

_LONGEST_NAME = 100
_ITEM = "An item of "
_ENVELOPES = {
    PROFILE_ENVELOPE: "the top level of a profile",
    COMMON: "the first level of a payload",
    DECLARATION_ENVELOPE: "the top level of a declaration",
}


def level_findings(
    content: Mapping[str, object], level: Level, where: str, scope: Scope
) -> Iterator[Finding]:
    """Yield what is wrong in the dictionary `content` at `where`, and in all that it holds."""
    yield from _missing(content, level, where, scope)
    for name, value in content.items():
        key = level.keys.get(name, level.other)
        if key is None:
            yield _not_there(name, level, key_at(where, name), scope)
        else:
            yield from _key_findings(shown(name), key, value, key_at(where, name), scope)


def nearest(name: str, known: Iterable[str], scope: Scope) -> str:
    """Return the one of `known` that is spelled most like `name`, "" if none is like it."""
    if len(name) > _LONGEST_NAME or next(scope.suggestions, None) is None:
        return ""
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), "")


def _key_findings(
    label: str, key: Key, value: object, where: str, scope: Scope
) -> Iterator[Finding]:
    broken = tuple(availability(label, key.on, where, scope))
    yield from broken
    yield from value_findings(label, key, value, where)
    if fit(key, value) is not Fit.EXACT:
        return
    if isinstance(value, dict):
        level = level_of(key)
        if level is not None:
            yield from level_findings(value, level, where, scope.below(broken))
    elif isinstance(value, list):
        item = item_of(key)
        if item is not None:
            yield from _item_findings(label, item, value, where, scope.below(broken))


def _item_findings(
    label: str, item: Key, values: list[object], where: str, scope: Scope
) -> Iterator[Finding]:
    label = label if label.startswith(_ITEM) else f"{_ITEM}{label}"
    for index, value in enumerate(values):
        yield from _key_findings(label, item, value, item_at(where, index), scope)


def _missing(
    content: Mapping[str, object], level: Level, where: str, scope: Scope
) -> Iterator[Finding]:
    for name, key in level.keys.items():
        demanded = key.required and scope.system in key.on
        if demanded and name not in content and not _replaced(key, content):
            message = f"{name} is missing; {scope.system} demands it here."
            yield found_for(key, "missing-key", where, message, fix=f"Add {name}.")


def _replaced(key: Key, content: Mapping[str, object]) -> bool:
    return key.unless != "" and key.unless in content


def _not_there(name: str, level: Level, where: str, scope: Scope) -> Finding:
    named = shown(name)
    right = _by_lower_case(level).get(name.lower())
    if right is not None:
        message = f"{named} is no key here; upper and lower case count, so {right} is not set."
        return found_for(level.keys[right], "miscased-key", where, message, fix=f"Write {right}.")
    place = _home(name, scope)
    if place:
        message = f"{named} is no key here; it belongs in {place}."
        return found("misplaced-key", where, message, fix=f"Move it to {place}.")
    near = nearest(name, level.keys, scope)
    message = f"{named} is no key that Apple's schema has here."
    finding = found("unknown-key", where, message, fix=f"Did you mean {near}?" if near else "")
    return (
        replace(finding, severity=Severity.NOTE)
        if not near and _is_of_preferences(level)
        else finding
    )


def _home(name: str, scope: Scope) -> str:
    """Return where the key `name` belongs, "" where the schema does not have it or in many."""
    for kind in scope.kinds:
        path = key_places(scope.section, kind).get(name)
        if path is not None:
            return f"{path} of {_ENVELOPES.get(kind, kind)}"
    homes = [kind for kind in owners(scope.section).get(name, ()) if kind not in scope.kinds]
    return _ENVELOPES.get(homes[0], homes[0]) if len(homes) == 1 else ""


@cache
def _is_of_preferences(level: Level) -> bool:
    """Say whether macOS stores what stands here, for programs that read more than is documented."""
    return any(not key.checked for key in level.keys.values())


@cache
def _by_lower_case(level: Level) -> Mapping[str, str]:
    return {name.lower(): name for name in level.keys}
