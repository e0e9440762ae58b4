"""Compare the files of people of two releases by their indexes, opening only what differs.

The indexes and archives have the digests that the manifests give. Files whose content has one
digest in both indexes say the same, and are not opened; who signed them the manifests say.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from profilegen.audit.diff.alike import Alike
from profilegen.audit.diff.compare import came, compare_pair, gone
from profilegen.audit.diff.matching import identifier_of
from profilegen.audit.diff.model import FileDifference
from profilegen.audit.diff.people import People
from profilegen.audit.diff.versions import MatchedBy, Pair, Version
from profilegen.audit.flows import Context
from profilegen.inspection.newcomers import Newcomers
from profilegen.inspection.people_index import BATCH, Join, Named, batches
from profilegen.inspection.released_people import UNKNOWN, UNSIGNED, ReleasedPeople


@dataclass(frozen=True, slots=True)
class PeopleDifference:
    """What differs between the files of people.

    `same` files say the same, and `missed` could not be compared, for reasons that are in `faults`:
    the places of files, and what is wrong with them. `counts` are the files of OLD and of NEW.
    """

    files: tuple[FileDifference, ...]
    same: int
    missed: int
    people: People | None
    faults: tuple[tuple[str, str], ...]
    counts: tuple[int, int]


def compare_people(old: ReleasedPeople, new: ReleasedPeople, context: Context) -> PeopleDifference:
    """Return what changes for people when NEW takes the place of OLD.

    `context` is how devices are managed of which no manifest says it. Who is not in NEW at all was
    removed from the list, which opens nothing; a file that NEW has no more of a person who is
    there, or of a release without people, may open flows.
    """
    comparison = _Comparison(old, new, context)
    for target in dict.fromkeys((*old.fleet.indexes, *new.fleet.indexes)):
        comparison.compare(target)
    return comparison.result()


class _Comparison:
    def __init__(self, old: ReleasedPeople, new: ReleasedPeople, context: Context) -> None:
        self._old, self._new = old, new
        self._context = context
        self._alike = Alike()
        self._newcomers = Newcomers(old, new, context)
        self._same = self._missed = 0
        self._changed: dict[str, None] = {}
        self._left: list[tuple[str, Sequence[Named], Sequence[Named]]] = []
        self._standing: dict[tuple[str, ...], FileDifference | None] = {}

    def compare(self, target: str) -> None:
        """Compare the files of a target, and leave aside those that only one side has."""
        sides = (self._old, self._new)
        if any(target in side.fleet.indexes and target not in side.counts for side in sides):
            # Who is in an index that cannot be read is not known.
            self._missed += max(side.counts.get(target, 0) for side in sides)
            return
        before, after = (
            side.documents(target) if target in side.counts else iter(()) for side in sides
        )
        join = Join()
        batch: list[tuple[Named, Named]] = []
        size = 0
        for old, new in join.pairs(before, after):
            self._newcomers.stays(target, old)
            if self._is_settled(target, old, new):
                continue
            batch.append((old, new))
            size += sum(entry.size for entry in (*old.entries, *new.entries))
            if size >= BATCH:
                self._open(target, batch)
                batch, size = [], 0
        self._open(target, batch)
        self._old.refuse(target, join.old.twice)
        self._new.refuse(target, join.new.twice)
        self._left.append((target, [*join.old.by_key.values()], [*join.new.by_key.values()]))

    def result(self) -> PeopleDifference:
        """Compare what only one side has, and return everything."""
        removed = self._only(self._new, [old for _, old, _ in self._left])
        added = self._only(self._old, [new for _, _, new in self._left])
        self._newcomers.some_stay = any(
            named.entry.user not in moved
            for _, old, new in self._left
            for files, moved in ((old, removed), (new, added))
            for named in files
        )
        for target, old, _ in self._left:
            self._one_sided(self._old, target, old, removed)
        for target, _, new in self._left:
            self._one_sided(self._new, target, new, added)
        self._compare_newcomers(added)
        named = self._old.fleet.indexes or self._new.fleet.indexes
        people = (
            People((*removed,), (*added,), (*self._changed,), self._newcomers.strangers())
            if named
            else None
        )
        return PeopleDifference(
            self._alike.files(),
            self._same,
            self._missed,
            people,
            (*self._old.faults(), *self._new.faults()),
            (sum(self._old.counts.values()), sum(self._new.counts.values())),
        )

    def _is_settled(self, target: str, old: Named, new: Named) -> bool:
        """Whether what the indexes say of two files is enough, which then is counted."""
        if old.entry.content_sha256 != new.entry.content_sha256:
            return False
        if not all([self._old.files.is_there(old), self._new.files.is_there(new)]):
            self._missed += 1
            return True
        signers = self._old.signer(old), self._new.signer(new)
        if UNKNOWN in signers:
            return False
        if signers[0] == signers[1]:
            self._same += 1
            return True
        # One file stands for all that only another signer tells apart.
        kind = (target, old.entry.kind, *signers)
        if kind not in self._standing:
            self._standing[kind] = None
            self._standing[kind] = self._open(target, [(old, new)])
            return True
        standing = self._standing[kind]
        if standing is not None:
            self._alike.add(standing, target, new.entry.user)
            self._changed[new.entry.user] = None
        return standing is not None

    def _open(self, target: str, batch: Sequence[tuple[Named, Named]]) -> FileDifference | None:
        """Compare files, and return the last difference if its signers are as manifests say."""
        before = self._old.files.read([old for old, _ in batch])
        after = self._new.files.read([new for _, new in batch])
        found = None
        for one, two in batch:
            old = self._old.version(target, one, before)
            new = self._new.version(target, two, after)
            if old is None or new is None:
                self._missed += 1
                continue
            found = self._compared(target, two.entry.user, old, new)
            told = (self._old.signer(one), self._new.signer(two))
            if found is not None and told != tuple(_fingerprint(item) for item in (old, new)):
                found = None
        return found

    def _compared(
        self, target: str, user: str, old: Version, new: Version
    ) -> FileDifference | None:
        identifier = identifier_of(old.document)
        known = identifier and identifier == identifier_of(new.document)
        by = MatchedBy.IDENTIFIER if known else MatchedBy.PATH
        found = compare_pair(Pair(old, new, by), self._context)
        if found.is_empty:
            self._same += 1
            return None
        self._alike.add(found, target, user)
        self._changed[user] = None
        return found

    @staticmethod
    def _only(other: ReleasedPeople, left: Sequence[Sequence[Named]]) -> dict[str, None]:
        """Return who is not in `other`, in their order; `left` are files that it has not.

        Nobody is where `other` has no people, or an index that cannot be read.
        """
        if not other.counts or len(other.counts) < len(other.fleet.indexes):
            return {}
        users = dict.fromkeys(named.entry.user for files in left for named in files)
        there = other.among(users)
        return {user: None for user in users if user not in there}

    def _one_sided(
        self, side: ReleasedPeople, target: str, files: Sequence[Named], moved: Collection[str]
    ) -> None:
        for batch in batches(files):
            contents = side.files.read(batch)
            for named in batch:
                user = named.entry.user
                version = side.version(target, named, contents)
                if version is None:
                    self._missed += 1
                    continue
                if user not in moved:
                    self._changed[user] = None
                apart = user in moved or self._newcomers.are_apart(target, named)
                if apart and self._waits(side, target, named, version):
                    continue
                context = None if user in moved else self._context
                found = (gone if side is self._old else came)(version, context)
                self._alike.add(found, target, user, moved=user in moved)

    def _waits(self, side: ReleasedPeople, target: str, named: Named, version: Version) -> bool:
        """Whether a file of who came or went is told later."""
        if side is self._new:
            return self._newcomers.waits(target, named, version)
        self._newcomers.went(target, named, version)
        return False

    def _compare_newcomers(self, added: Collection[str]) -> None:
        for target, named, found in self._newcomers.compared():
            if found is None:
                self._missed += 1
            else:
                user = named.entry.user
                self._alike.add(found, target, user, moved=user in added)


def _fingerprint(version: Version) -> str:
    return UNSIGNED if version.signer is None else version.signer.fingerprint
