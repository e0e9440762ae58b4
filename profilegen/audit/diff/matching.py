"""Which files of OLD and NEW are versions of one file: by identifier, then by path."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from profilegen.audit.diff.payloads import text_of
from profilegen.audit.diff.versions import MatchedBy, Pair, Version
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
    kind_of,
)

_Key = Callable[[Version], Hashable]


@dataclass(frozen=True, slots=True)
class MatchedFiles:
    """Files of OLD with those of NEW that take their place, and those that only one side has."""

    pairs: tuple[Pair, ...]
    removed: tuple[Version, ...]
    added: tuple[Version, ...]


def match_files(old: Sequence[Version], new: Sequence[Version]) -> MatchedFiles:
    """Match files of one kind, each at most once; the pairs stand in the order of OLD.

    By identifier and path, by an identifier that no other file of its side has, by path; the only
    files of both sides are matched in any case, and so are the only Android policies that are left.
    Files for one user each share their identifier, and only their paths tell them apart.
    """
    steps: list[tuple[_Key, MatchedBy]] = [
        (_by_both, MatchedBy.IDENTIFIER),
        (_by_identifier, MatchedBy.IDENTIFIER),
        (_by_path, MatchedBy.PATH),
    ]
    if len(old) == len(new) == 1:
        steps.append((_by_kind, MatchedBy.ALONE))
    pairs: dict[int, Pair] = {}
    taken: set[int] = set()
    for key, by in steps:
        before, after = _unique(old, key), _unique(new, key)
        for name, index in before.items():
            place = after.get(name)
            if place is not None and index not in pairs and place not in taken:
                pairs[index] = Pair(old[index], new[place], by)
                taken.add(place)
    rest = [
        [at for at, version in enumerate(side) if at not in done and _is_android(version)]
        for side, done in ((old, pairs), (new, taken))
    ]
    if all(len(left) == 1 for left in rest):
        # A device has one policy: none that goes or comes would open anything by itself.
        ((before_at,), (after_at,)) = rest
        pairs[before_at] = Pair(old[before_at], new[after_at], MatchedBy.ALONE)
        taken.add(after_at)
    return MatchedFiles(
        tuple(pairs[index] for index in sorted(pairs)),
        tuple(version for index, version in enumerate(old) if index not in pairs),
        tuple(version for index, version in enumerate(new) if index not in taken),
    )


def identifier_of(document: Document) -> str:
    """Return what a device knows `document` by, "" where that is its place only."""
    match document:
        case Profile(content=content):
            return text_of(content, "PayloadIdentifier")
        case Declaration(content=content):
            return text_of(content, "Identifier")
        case AppConfiguration(app=app):
            return app
        case _:
            return ""


def _unique(versions: Sequence[Version], key: _Key) -> dict[Hashable, int]:
    """Return the places of the versions whose key no other one has."""
    found: dict[Hashable, list[int]] = {}
    for index, version in enumerate(versions):
        found.setdefault(key(version), []).append(index)
    return {
        name: places[0] for name, places in found.items() if name is not None and len(places) == 1
    }


def _by_both(version: Version) -> Hashable:
    identifier = identifier_of(version.document)
    return (*_by_path(version), identifier) if identifier else None


def _by_identifier(version: Version) -> Hashable:
    identifier = identifier_of(version.document)
    return (kind_of(version.document), identifier) if identifier else None


def _by_path(version: Version) -> tuple[str, str]:
    return kind_of(version.document), version.name or version.path


def _is_android(version: Version) -> bool:
    return isinstance(version.document, AndroidPolicy)


def _by_kind(version: Version) -> Hashable:
    return kind_of(version.document)
