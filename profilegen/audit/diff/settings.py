"""Settings that differ between two trees, leaf by leaf, each once.

Lists of plain values are compared by what is in them; dictionaries in lists by their own
identifier where they have one, so that an item put in front does not change all that follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from profilegen.audit.diff.model import Change, Kind, Part
from profilegen.audit.diff.values import frozen, same, secret_keys, shown
from profilegen.places import item_at, key_at

# By what an item of a list says which it is: Apple's payloads, notification settings and apps,
# applications and app-by-app settings of the Android Management API.
_IDS = (
    "PayloadIdentifier",
    "packageName",
    "BundleIdentifier",
    "BundleID",
    "Identifier",
    "identifier",
    "key",
    "Key",
    "id",
    "ID",
)
# Lists that devices read as sets. Elsewhere the order may mean something: servers, home screens.
_SETS = frozenset(
    {
        "EmailDomains",
        "EnabledProtocolTypes",
        "SafariPasswordAutoFillDomains",
        "WebDomains",
        "accountTypesWithManagementDisabled",
        "allowListedAppBundleIDs",
        "autonomousSingleAppModePermittedAppIDs",
        "blacklistedAppBundleIDs",
        "blockedAppBundleIDs",
        "keyguardDisabledFeatures",
        "packageNames",
        "whitelistedAppBundleIDs",
    }
)
_MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in both trees: in OLD, in NEW, and as people name it; `name` is the nearest key."""

    part: Part
    old: str = ""
    new: str = ""
    key: str = ""
    name: str = ""
    secret: bool = False

    def inside(self, key: str, *, secret: bool) -> Spot:
        """Return the spot of the value of `key`."""
        return Spot(
            self.part,
            key_at(self.old, key),
            key_at(self.new, key),
            key_at(self.key, key),
            key,
            self.secret or secret,
        )

    def item(self, old: int, new: int, label: str = "") -> Spot:
        """Return the spot of an item of a list; `label` names it, else its index in NEW does."""
        named = f"{self.key}[{label}]" if label else item_at(self.key, new)
        return replace(self, old=item_at(self.old, old), new=item_at(self.new, new), key=named)


def changes(
    old: Mapping[str, object],
    new: Mapping[str, object],
    spot: Spot,
    *,
    without: Collection[str] = (),
) -> Iterator[Change]:
    """Yield every leaf that differs between two dictionaries at `spot`, in the order of OLD.

    Keys `without` are left aside. A dictionary or list that only one side has is given leaf by
    leaf; an empty one is a leaf.
    """
    secret = secret_keys(old) | secret_keys(new)
    for key in dict.fromkeys((*old, *new)):
        if key in without:
            continue
        here = spot.inside(key, secret=key in secret)
        if key not in new:
            yield from leaves(old[key], here, Kind.REMOVED)
        elif key not in old:
            yield from leaves(new[key], here, Kind.ADDED)
        else:
            yield from values(old[key], new[key], here)


def leaves(value: object, spot: Spot, kind: Kind) -> Iterator[Change]:
    """Yield every leaf of what only one side has; `kind` is ADDED or REMOVED."""
    if isinstance(value, Mapping) and value:
        secret = secret_keys(value)
        for key, inner in value.items():
            yield from leaves(inner, spot.inside(key, secret=key in secret), kind)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            if isinstance(item, Mapping | list):
                yield from leaves(item, spot.item(index, index, _label_of(item)), kind)
            else:
                yield _leaf(item, spot, kind)
    else:
        yield _leaf(value, spot, kind)


def _leaf(value: object, spot: Spot, kind: Kind) -> Change:
    found = shown(value, secret=spot.secret)
    if kind is Kind.REMOVED:
        return Change(spot.old, spot.part, spot.key, kind, found, None)
    return Change(spot.new, spot.part, spot.key, kind, None, found)


def values(old: object, new: object, spot: Spot) -> Iterator[Change]:
    """Yield every leaf that differs between the values of both sides at `spot`."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        if old and new:
            yield from changes(old, new, spot)
            return
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _lists(old, new, spot)
        return
    if _is_leaf(old) and _is_leaf(new):
        if not same(old, new):
            was, now = shown(old, secret=spot.secret), shown(new, secret=spot.secret)
            yield Change(spot.new, spot.part, spot.key, Kind.CHANGED, was, now)
        return
    alike = isinstance(old, Mapping) is isinstance(new, Mapping) and not (
        isinstance(old, list) ^ isinstance(new, list)
    )
    # What was empty and now is filled, or the reverse, is told by what it is filled with.
    if old or not alike:
        yield from leaves(old, spot, Kind.REMOVED)
    if new or not alike:
        yield from leaves(new, spot, Kind.ADDED)


def _is_leaf(value: object) -> bool:
    return not (isinstance(value, Mapping | list) and value)


def _lists(old: Sequence[object], new: Sequence[object], spot: Spot) -> Iterator[Change]:
    if not any(isinstance(item, Mapping | list) for item in (*old, *new)):
        yield from _plain_lists(old, new, spot)
        return
    name = _id_key(old, new)
    matched = _by_id(old, new, name) if name else _by_content(old, new)
    for before, after in matched:
        label = _label(new[after], name) if name else ""
        yield from values(old[before], new[after], spot.item(before, after, label))
    lost = {before for before, _ in matched}
    gained = {after for _, after in matched}
    for index, item in enumerate(old):
        if index not in lost:
            yield from leaves(item, spot.item(index, index, _label(item, name)), Kind.REMOVED)
    for index, item in enumerate(new):
        if index not in gained:
            yield from leaves(item, spot.item(index, index, _label(item, name)), Kind.ADDED)
    order = [after for _, after in matched]
    if not name and order != sorted(order):
        yield Change(spot.new, spot.part, spot.key, Kind.REORDERED, None, None)


def _plain_lists(old: Sequence[object], new: Sequence[object], spot: Spot) -> Iterator[Change]:
    """Yield the items that only one list has, else that their order differs where it may matter."""
    before, after = Counter(map(frozen, old)), Counter(map(frozen, new))
    lost, gained = before - after, after - before
    if not lost and not gained:
        if spot.name not in _SETS and [*map(frozen, old)] != [*map(frozen, new)]:
            yield Change(spot.new, spot.part, spot.key, Kind.REORDERED, None, None)
        return
    for items, left, kind in ((old, lost, Kind.REMOVED), (new, gained, Kind.ADDED)):
        for item in items:
            if left[frozen(item)] > 0:
                left[frozen(item)] -= 1
                yield _leaf(item, spot, kind)


def _id_key(old: Sequence[object], new: Sequence[object]) -> str:
    """Return the key that tells the items of both lists apart, "" where there is none."""
    for name in _IDS:
        if all(
            len(ids := [_id(item, name) for item in items]) == len({*ids} - {""})
            for items in (old, new)
        ):
            return name
    return ""


def _id(item: object, name: str) -> str:
    value = item.get(name) if isinstance(item, Mapping) else None
    return value if isinstance(value, str) else ""


def _label_of(item: object) -> str:
    return next((_label(item, name) for name in _IDS if _id(item, name)), "")


def _label(item: object, name: str) -> str:
    """Return how people call an item: by its identifier, where that is short and plain."""
    found = _id(item, name)
    return found if len(found) <= _MAX_LABEL and found.isprintable() else ""


def _by_id(old: Sequence[object], new: Sequence[object], name: str) -> list[tuple[int, int]]:
    places = {_id(item, name): index for index, item in enumerate(new)}
    return [
        (index, places[_id(item, name)])
        for index, item in enumerate(old)
        if _id(item, name) in places
    ]


def _by_content(old: Sequence[object], new: Sequence[object]) -> list[tuple[int, int]]:
    """Return pairs of items that are equal, then of those that are left, in their order."""
    equal: dict[object, list[int]] = {}
    for index in range(len(new) - 1, -1, -1):
        equal.setdefault(frozen(new[index]), []).append(index)
    pairs = [
        (index, places.pop())
        for index, item in enumerate(old)
        if (places := equal.get(frozen(item)))
    ]
    taken_old, taken_new = {before for before, _ in pairs}, {after for _, after in pairs}
    lost = [index for index in range(len(old)) if index not in taken_old]
    gained = [index for index in range(len(new)) if index not in taken_new]
    return sorted([*pairs, *zip(lost, gained, strict=False)])
