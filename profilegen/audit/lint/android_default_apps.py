"""Default apps: which app opens links or dials, and what the server refuses there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from profilegen.audit.lint.android_entries import Entry, list_of, objects_in, text_at
from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import key_at

_SETTINGS = "defaultApplicationSettings"
_TYPE = "defaultApplicationType"
_SCOPES = "defaultApplicationScopes"
_APPS = "defaultApplications"
_LISTED = "applications"
_FULLY_MANAGED = "SCOPE_FULLY_MANAGED"
_WORK = "SCOPE_WORK_PROFILE"
_PERSONAL = "SCOPE_PERSONAL_PROFILE"
# Which scopes a type may have (Google's discovery document, revision 20261104).
_ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "DEFAULT_ASSISTANT": frozenset({_FULLY_MANAGED}),
        "DEFAULT_HOME": frozenset({_FULLY_MANAGED}),
        "DEFAULT_CALL_REDIRECTION": frozenset({_FULLY_MANAGED, _WORK}),
        "DEFAULT_CALL_SCREENING": frozenset({_FULLY_MANAGED, _WORK}),
        "DEFAULT_SMS": frozenset({_FULLY_MANAGED, _PERSONAL}),
    }
)
_WALLET = "DEFAULT_WALLET"
_BROWSER = "DEFAULT_BROWSER"
_WEB_ACTION = "android.intent.action.VIEW"
_WEB_CATEGORY = "android.intent.category.BROWSABLE"


def findings(policy: Entry) -> Iterator[Finding]:
    """Yield what is wrong with the default apps of a canonical policy."""
    usable = frozenset(
        text_at(app, "packageName")
        for _, app in objects_in(policy.get(_LISTED), "")
        if app.get("installType") != "BLOCKED"
    )
    seen: set[str] = set()
    for where, setting in objects_in(policy.get(_SETTINGS), _SETTINGS):
        kind = text_at(setting, _TYPE)
        if kind and kind in seen and not is_placeholder(kind):
            yield _refused(key_at(where, _TYPE), f"{shown(kind)} has an entry above already.")
        seen.add(kind)
        scopes = list_of(setting.get(_SCOPES))
        yield from _required(setting, kind, where)
        yield from _scopes(kind, scopes, key_at(where, _SCOPES))
        if _FULLY_MANAGED in scopes or _WORK in scopes:
            yield from _apps(setting, usable, key_at(where, _APPS), whole=_LISTED in policy)
    if _BROWSER in seen:
        yield from _preferred_browser(policy)


def _refused(where: str, message: str) -> Finding:
    return found("default-app", where, message)


def _required(setting: Entry, kind: str, where: str) -> Iterator[Finding]:
    if _TYPE not in setting or kind.endswith("_UNSPECIFIED"):
        yield _refused(where, f"The entry has no {_TYPE}.")
    for key in (_SCOPES, _APPS):
        value = setting.get(key)
        if value is None or value == []:
            yield _refused(where, f"{key} must not be empty.")
        elif isinstance(value, list) and _has_duplicates(value):
            yield _refused(key_at(where, key), f"{key} names the same thing twice.")


def _has_duplicates(items: Sequence[object]) -> bool:
    """Tell whether a list has a text twice; of objects their package name counts."""
    names = [item.get("packageName") if isinstance(item, dict) else item for item in items]
    texts = [name for name in names if isinstance(name, str) and not is_placeholder(name)]
    return len(texts) != len(set(texts))


def _scopes(kind: str, scopes: Sequence[object], where: str) -> Iterator[Finding]:
    allowed = _ALLOWED.get(kind)
    for scope in scopes:
        if allowed is None or not isinstance(scope, str) or is_placeholder(scope):
            continue
        if scope not in allowed:
            yield _refused(where, f"{kind} cannot be set for {shown(scope)}.")
    if kind == _WALLET and _WORK in scopes and _PERSONAL in scopes:
        yield _refused(where, f"{kind} holds across profiles and takes one of the two only.")


def _apps(setting: Entry, usable: frozenset[str], where: str, *, whole: bool) -> Iterator[Finding]:
    """Yield the apps that no entry of `applications` lets in.

    A policy without that list may be a fragment that a tool joins with others; it is not `whole`.
    """
    for place, app in objects_in(setting.get(_APPS), where):
        package = text_at(app, "packageName")
        if package in usable or is_placeholder(package):
            continue
        if whole:
            message = f"{shown(package)} is not in {_LISTED}, or is blocked there."
            yield _refused(key_at(place, "packageName"), message)
        else:
            message = f"{shown(package)} must be in {_LISTED}, which this file does not have."
            yield found("default-app-unlisted", key_at(place, "packageName"), message)


def _preferred_browser(policy: Entry) -> Iterator[Finding]:
    """Yield entries that name an activity for web links, beside a default browser."""
    key = "persistentPreferredActivities"
    for where, entry in objects_in(policy.get(key), key):
        actions, categories = list_of(entry.get("actions")), list_of(entry.get("categories"))
        if _WEB_ACTION in actions and _WEB_CATEGORY in categories:
            message = "It decides about web links, and so does the DEFAULT_BROWSER of this policy."
            yield found("default-app-twice", where, message)
