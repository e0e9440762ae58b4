"""Profiles that replace each other: a device keeps the last one installed of each identifier.

Which one that is no file says, so what they do not set alike is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from profilegen.audit.document import Profile
from profilegen.audit.ios_settings import (
    UNSETTLED,
    Account,
    AppleDocument,
    Collected,
    Values,
    collect,
)
from profilegen.audit.placeholders import is_placeholder

_K = TypeVar("_K")


def collect_device(documents: Sequence[AppleDocument]) -> Collected:
    """Return what `documents` set together on one device that gets all of them."""
    alone: list[AppleDocument] = []
    by_identifier: dict[str, list[Profile]] = {}
    for document in documents:
        identifier = _identifier(document)
        if identifier and isinstance(document, Profile):
            by_identifier.setdefault(identifier, []).append(document)
        else:
            alone.append(document)
    found = collect(alone)
    for profiles in by_identifier.values():
        _add(found, [collect([profile]) for profile in profiles])
    return found


def _identifier(document: AppleDocument) -> str:
    value = document.content.get("PayloadIdentifier") if isinstance(document, Profile) else None
    return value if isinstance(value, str) and not is_placeholder(value) else ""


def _add(found: Collected, versions: Sequence[Collected]) -> None:
    """Add to `found` what the versions of one profile set alike, and what they leave unsettled."""
    _merge(found.device, [version.device for version in versions])
    for app in _keys([version.notifications for version in versions]):
        values = [version.notifications.get(app, {}) for version in versions]
        _merge(found.notifications.setdefault(app, {}), values)
    for name in _keys([version.accounts for version in versions]):
        holders = [version.accounts[name] for version in versions if name in version.accounts]
        found.accounts.setdefault(name, Account(name)).payloads.extend(_payloads(holders))
    for version in versions:
        found.hidden.update(version.hidden)
        found.enrolling.extend(version.enrolling)


def _payloads(versions: Sequence[Account]) -> Sequence[tuple[str, Values]]:
    """Return the payloads of an account of which a device keeps one of several versions."""
    if any(version.payloads != versions[0].payloads for version in versions):
        settled: dict[str, Values] = {}
        for kind in _keys([dict(version.payloads) for version in versions]):
            _merge(settled.setdefault(kind, {}), [_of(version, kind) for version in versions])
        return tuple(settled.items())
    return versions[0].payloads


def _of(account: Account, kind: str) -> Values:
    return dict(account.payloads).get(kind, {})


def _merge(into: Values, versions: Sequence[Values]) -> None:
    for place in _keys(versions):
        first, *others = (version.get(place) for version in versions)
        alike = first is not None and all(repr(other) == repr(first) for other in others)
        into.setdefault(place, []).extend(first if alike and first else [UNSETTLED])


def _keys(parts: Sequence[Mapping[_K, object]]) -> Sequence[_K]:
    """Return the keys of all parts, each once, in their order."""
    return list(dict.fromkeys(key for part in parts for key in part))
