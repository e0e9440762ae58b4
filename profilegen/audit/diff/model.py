"""What a comparison finds, as reports print it; values of strangers stand here already masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from profilegen.audit.diff.people import People, Personal
from profilegen.audit.diff.versions import MatchedBy, SignedBy
from profilegen.audit.model import Control
from profilegen.catalogue.terms import Direction, Platform, State
from profilegen.findings import Severity

Shown = str | bool | int | float | None | Mapping[str, str | int | bool] | list[str]
"""A value as it may be printed, ready for JSON: see `values.shown`."""


class Kind(StrEnum):
    """What happened to a setting; `reordered` is a list with the same items in another order."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


class Motion(StrEnum):
    """Which way a flow moves; `may-` where one of the two states cannot be known."""

    OPENS = "opens"
    MAY_OPEN = "may-open"
    CLOSES = "closes"
    MAY_CLOSE = "may-close"


class Fate(StrEnum):
    """What a device does to an account when NEW takes the place of OLD."""

    ADDED = "added"
    REMOVED = "removed"
    RECREATED = "recreated"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a file that a setting stands in; all "" for the file itself.

    `type` and `identifier` are those of the payload, in NEW where it exists there.
    """

    type: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that differs.

    `where` is its place in NEW, in OLD for a removed one; `key` is the path within `part`, with
    items of lists named by their own identifier where they have one. An item added to or removed
    from a list of plain values has the place of the list. `varies` says that the two values are
    those of one person, and that others have their own.
    """

    where: str
    part: Part
    key: str
    kind: Kind
    old: Shown
    new: Shown
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """A flow that moves; the controls are the settings that decide it in OLD and in NEW.

    `reason` is a sentence on what holds in NEW, "" where none is needed.
    """

    platform: Platform
    account: str
    channel: str
    direction: Direction
    old: State
    new: State
    motion: Motion
    old_controls: tuple[Control, ...]
    new_controls: tuple[Control, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a device makes an account anew: what changed, from what to what; `code` is stable.

    `varies` is as in `Change`.
    """

    code: str
    message: str
    old: str
    new: str
    varies: bool = False


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account that a device adds, removes, makes anew or updates.

    `name` is the account as flows name it, in NEW where it exists there, and `before` its name in
    OLD, "" if added. `type` is the payload or declaration type, or the platform's word for an app.
    `reasons` say why it is made anew, `notes` what else the update does.
    """

    name: str
    before: str
    type: str
    fate: Fate
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """A change by which a device knows files and payloads apart; `code` is stable.

    `severity` is warning where the update does something else than an update, else note. `part` is
    the payload that is meant; it names the file itself where that is. `varies` is as in `Change`.
    """

    code: str
    severity: Severity
    where: str
    message: str
    old: str
    new: str
    part: Part = Part()
    varies: bool = False


@dataclass(frozen=True, slots=True)
class FileDifference:
    """Two versions of one file, or one that only a side has: then the other path is "".

    The identifiers are what devices know the versions by, "" where that is nothing in the file.
    `signers` are those of the two versions. Where `personal` names several people, their files
    differ alike, and all else is that of the first. `stand_in` is the path of the file of somebody
    else in OLD that a file of a person who is only in NEW is compared with, "" for none.
    """

    old: str
    new: str
    old_identifier: str
    new_identifier: str
    kind: str
    by: MatchedBy | None
    movements: tuple[Movement, ...] = ()
    accounts: tuple[AccountChange, ...] = ()
    identity: tuple[IdentityChange, ...] = ()
    settings: tuple[Change, ...] = ()
    signers: tuple[SignedBy | None, SignedBy | None] = (None, None)
    personal: Personal | None = None
    stand_in: str = ""

    @property
    def count(self) -> int:
        """How many files differ like this."""
        return 1 if self.personal is None else len(self.personal.users)

    @property
    def is_empty(self) -> bool:
        """Whether the two versions do the same and are known as the same."""
        found = self.movements or self.accounts or self.identity or self.settings
        return bool(self.old and self.new) and not found


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs: files that do, and how many are the same.

    `device` has the flows of all files taken together as one device gets them; None where each
    file was compared by itself. `people` are None where no file is a person's. `missed` files could
    not be compared.
    """

    files: tuple[FileDifference, ...]
    same: int
    device: tuple[Movement, ...] | None = None
    people: People | None = None
    missed: int = 0

    @property
    def movements(self) -> tuple[Movement, ...]:
        """Every flow that moves, that of people whose files differ alike once."""
        if self.device is not None:
            return self.device
        return tuple(item for file in self.files for item in file.movements)

    @property
    def motions(self) -> Counter[Motion]:
        """How many flows move each way, file by file or of the device."""
        if self.device is not None:
            return Counter(item.motion for item in self.device)
        found: Counter[Motion] = Counter()
        for file in self.files:
            for item in file.movements:
                found[item.motion] += file.count
        return found

    @property
    def opens(self) -> int:
        """How many flows open or may open."""
        motions = self.motions
        return motions[Motion.OPENS] + motions[Motion.MAY_OPEN]

    def fates(self, fate: Fate) -> int:
        """Return how many accounts have `fate`."""
        return sum(
            file.count * sum(item.fate is fate for item in file.accounts) for file in self.files
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not self.files and not self.device
