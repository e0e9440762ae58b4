"""The same restriction in several payloads, of one profile or of all files of a device.

Apple says of Restrictions: "don't attempt to manage the same restriction in different payloads",
and states how repeated values combine for three lists only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from profilegen.audit.lint.payloads import Payload
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import key_at

RESTRICTIONS = "com.apple.applicationaccess"
# Apple's schema: several payloads with one of these lists intersect.
_INTERSECTING = frozenset(
    {
        "allowedCameraRestrictionBundleIDs",
        "allowedExternalIntelligenceWorkspaceIDs",
        "ratingAppsExemptedBundleIDs",
    }
)
_COMMON = "Payload"
_Sets = dict[str, list[tuple[str, object]]]


def findings(payloads: Iterable[Payload]) -> Iterator[Finding]:
    """Yield the restrictions that several payloads of one profile set."""
    values: _Sets = {}
    for payload in payloads:
        for place, key, value in _settings(payload):
            values.setdefault(key, []).append((place, value))
    yield from _compared(values)


def findings_across(files: Iterable[tuple[str, Iterable[Payload]]]) -> Iterator[Finding]:
    """Yield the restrictions that several files set; places start with the name of a file.

    What several payloads of one file set is said of that file alone.
    """
    values: _Sets = {}
    for file, payloads in files:
        seen: set[str] = set()
        for payload in payloads:
            for place, key, value in _settings(payload):
                if key not in seen:
                    seen.add(key)
                    values.setdefault(key, []).append((f"{file}: {place}", value))
    yield from _compared(values)


def _settings(payload: Payload) -> Iterator[tuple[str, str, object]]:
    """Yield place, key and value of the restrictions that only one payload should set."""
    if payload.kind == RESTRICTIONS:
        for key, value in payload.content.items():
            if not key.startswith(_COMMON) and key not in _INTERSECTING:
                yield key_at(payload.place, key), key, value


def _compared(values: _Sets) -> Iterator[Finding]:
    for key, places in values.items():
        if len(places) > 1:
            yield from _repeated(key, places)


def _repeated(key: str, places: Sequence[tuple[str, object]]) -> Iterator[Finding]:
    (first, value), *others = places
    for place, other in others:
        if is_placeholder(value) or is_placeholder(other) or _same(value, other):
            yield found("restriction-repeated", place, f"{key} is also set at {first}.")
        else:
            yield found("restriction-conflict", place, f"{key} has another value than at {first}.")


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other
