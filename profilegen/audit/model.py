"""What audit finds: the flows of a device, the settings that decide them, and how states compare.

A flow is the state of one channel for one account, as it follows from files alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from profilegen.catalogue.terms import Basis, Direction, Enrollment, Mode, State
from profilegen.plist import PlistValue
from profilegen.versions import Version

EVERY_ACCOUNT = "*"
NEWEST_MACOS = Version(27, 2)
"""The newest macOS that the facts cover: Apple's list of changes begins with 27.2."""
_OPENNESS = (State.CLOSED, State.NARROWED, State.OPEN)


@dataclass(frozen=True, slots=True)
class Context:
    """How a device is managed and what it runs; files do not say it.

    `ios`, `android` and `macos` are the oldest versions in use: what needs a newer one only
    narrows.
    """

    enrollment: Enrollment
    mode: Mode
    ios: Version
    android: Version
    macos: Version = NEWEST_MACOS


@dataclass(frozen=True, slots=True)
class PayloadControl:
    """A key that was found in a payload or declaration; `key` has dots between levels."""

    payload: str
    key: str
    value: PlistValue


@dataclass(frozen=True, slots=True)
class FieldControl:
    """A field that was found in an Android policy; `path` has dots and `[]` behind a list."""

    path: str
    value: bool | str | tuple[str, ...]


Control = PayloadControl | FieldControl


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for a channel, and why: `controls` are the settings found that decide it."""

    state: State
    basis: Basis
    controls: tuple[Control, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """The state of one channel for one account; `reason` is a sentence, "" where none is needed."""

    account: str
    channel: str
    direction: Direction
    state: State
    basis: Basis
    controls: tuple[Control, ...]
    reason: str


def most_open(states: Iterable[State]) -> State:
    """Return the state that lets most through; `states` has at least one and none is absent."""
    return _combined(lambda known: max(known, key=_OPENNESS.index), states)


def most_closed(states: Iterable[State]) -> State:
    """Return the state that lets least through; `states` has at least one and none is absent."""
    return _combined(lambda known: min(known, key=_OPENNESS.index), states)


def all_parts(states: Iterable[State]) -> State:
    """Return the state of a channel of several parts: closed when all are, else narrowed or open.

    A part that is closed while another is open leaves the channel harder to use, not closed.
    """
    return _combined(_whole, states)


def _whole(parts: Collection[State]) -> State:
    found = set(parts)
    if found == {State.CLOSED}:
        return State.CLOSED
    return State.OPEN if found <= {State.OPEN} else State.NARROWED


def _combined(combine: Callable[[Collection[State]], State], states: Iterable[State]) -> State:
    """Return what `combine` gives, unknown where that depends on a state that is unknown.

    Each combination moves one way only, so that trying one unknown state stands for several.
    """
    found = set(states)
    known = found - {State.UNKNOWN}
    if known == found:
        return combine(known)
    outcomes = {combine({*known, state}) for state in _OPENNESS}
    return outcomes.pop() if len(outcomes) == 1 else State.UNKNOWN
