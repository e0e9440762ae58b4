"""Files of OLD that stand in for what people who are only in NEW never had.

Ids may be others while the people are the same, and nobody can tell who is who. So as many as
went are taken for those who came, those with the same flows first; who is left over is compared
with whoever in OLD has the file that is as open as theirs, or nearly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from profilegen.audit.diff.alike import digest_of
from profilegen.audit.diff.compare import came, compare_pair
from profilegen.audit.diff.matching import identifier_of
from profilegen.audit.diff.model import Change, FileDifference, Motion
from profilegen.audit.diff.versions import MatchedBy, Pair, Version
from profilegen.audit.document import Document
from profilegen.audit.flows import flows
from profilegen.audit.model import Context
from profilegen.catalogue.terms import State

_VARIANTS = 8
_SAMPLE = 4
# What tells files of two people apart in any case, or follows from that.
_OWN_IDENTITY = frozenset(
    {
        "declaration-identifier",
        "payload-identifier",
        "payload-uuid",
        "profile-identifier",
        "profile-uuid",
        "reference",
        "server-token",
    }
)
_OPENNESS = {State.NARROWED: 1, State.OPEN: 2}
_OPENING = frozenset({Motion.OPENS, Motion.MAY_OPEN})
_Setting = tuple[str, str, str]


@dataclass(slots=True)
class _StandIn:
    """A file of OLD, and how many people went who had one with the same flows."""

    version: Version
    openness: int
    left: int = 0


@dataclass(frozen=True, slots=True)
class _Flows:
    """The flows of a file: a digest of them, the same whatever the file's own identifier is.

    `openness` grows with what is open; where something `is_hidden`, equal flows may move.
    """

    digest: bytes
    openness: int
    is_hidden: bool


class StandIns:
    """Files of one kind for one target; `context` is how the devices are managed in NEW.

    `settings` says that the settings that differ are told too, but for those that are each
    person's own: where nobody is on both sides.
    """

    def __init__(self, context: Context, *, settings: bool) -> None:
        """Begin without any."""
        self._context = context
        self._settings = settings
        self._found: dict[bytes, _StandIn] = {}
        self._left = 0
        self._samples: tuple[list[Version], list[Version]] = ([], [])
        self._own: frozenset[_Setting] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing of OLD stands in for anything."""
        return not self._found

    def went(self, version: Version) -> None:
        """Add the file of a person who is only in OLD."""
        _sample(self._samples[0], version)
        self._add(version, 1)
        self._left += 1

    def stays(self, version: Version) -> None:
        """Add what a person in both had, with whom only those are compared who are left over."""
        self._add(version, 0)

    def take(self, version: Version) -> bytes | None:
        """Return the key of a stand-in with the flows of a person who is only in NEW, if one has.

        That is one of a person who went, each for one who came, or any once these are used up.
        """
        _sample(self._samples[1], version)
        known = self._flows(version.document)
        found = self._found.get(known.digest)
        if found is None or known.is_hidden or (self._left and not found.left):
            return None
        if self._left:
            found.left -= 1
            self._left -= 1
        return known.digest

    def compared(self, version: Version, taken: bytes | None) -> FileDifference:
        """Return what a file of NEW brings, with the flows that move from its stand-in.

        `taken` is what `take` gave for it; all files went through that before.
        """
        chosen, pair = self._chosen(version, taken)
        if taken is None and chosen.left:
            chosen.left -= 1
            self._left -= 1
        found = replace(came(version, None), movements=pair.movements, stand_in=chosen.version.path)
        if not self._settings:
            return found
        if self._own is None:
            self._own = self._own_settings()
        own = self._own
        return replace(
            found,
            identity=tuple(item for item in pair.identity if item.code not in _OWN_IDENTITY),
            settings=tuple(item for item in pair.settings if _setting(item, pair) not in own),
            signers=pair.signers,
        )

    def _chosen(self, version: Version, taken: bytes | None) -> tuple[_StandIn, FileDifference]:
        if taken is None:
            choice = [item for item in self._found.values() if item.left]
        else:
            choice = [self._found[taken]]
        pairs = [
            (item, self._pair(item.version, version)) for item in choice or self._found.values()
        ]
        return min(pairs, key=lambda pair: _opens(pair[1]))

    def _add(self, version: Version, number: int) -> None:
        known = self._flows(version.document)
        found = self._found.get(known.digest)
        if found is None and len(self._found) >= _VARIANTS:
            # Taken for less open than it may be: too much is told then, rather than too little.
            found = min(self._found.values(), key=lambda item: item.openness)
        elif found is None:
            found = self._found[known.digest] = _StandIn(version, known.openness)
        found.left += number

    def _flows(self, document: Document) -> _Flows:
        states = [
            (flow.account, flow.channel, flow.state) for flow in flows([document], self._context)
        ]
        return _Flows(
            digest_of((identifier_of(document),), states),
            sum(_OPENNESS.get(state, 0) for _, _, state in states),
            any(state is State.UNKNOWN for _, _, state in states),
        )

    def _pair(self, old: Version, new: Version) -> FileDifference:
        return compare_pair(Pair(old, new, MatchedBy.PATH), self._context)

    def _own_settings(self) -> frozenset[_Setting]:
        """Return the settings that differ from person to person in OLD and in NEW.

        Of a side with one person only that cannot be told; the other one is believed.
        """
        sides = [
            frozenset(
                _setting(item, pair)
                for one, two in pairwise(sample)
                for pair in [self._pair(one, two)]
                for item in pair.settings
            )
            for sample in self._samples
            if len(sample) > 1
        ]
        return frozenset.intersection(*sides) if sides else frozenset()


def _sample(found: list[Version], version: Version) -> None:
    if len(found) < _SAMPLE:
        found.append(version)


def _opens(pair: FileDifference) -> int:
    return sum(item.motion in _OPENING for item in pair.movements)


def _setting(item: Change, pair: FileDifference) -> _Setting:
    """Return what one setting has in common in files that differ in their identifier."""
    identifier = item.part.identifier
    for own in (pair.new_identifier, pair.old_identifier):
        identifier = identifier.removeprefix(own)
    return item.part.type, identifier, item.key
