"""The files of people of one release, as its indexes and its manifest tell them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from profilegen.audit.diff.versions import Version
from profilegen.audit.flows import Context
from profilegen.inspection.opened_versions import version_of
from profilegen.inspection.people_files import PeopleFiles, Place
from profilegen.inspection.people_index import Fleet, Named, reason_of
from profilegen.inspection.released_files import lasting_name
from profilegen.inspection.unreadable import UnreadableSideError
from profilegen.signing.decrypt import DeviceKey

_AGAIN = "Compare again when nobody writes to the release any more."
UNSIGNED, UNKNOWN = "", "?"
"""What stands for a signer where a file has none, and where nobody says who it is."""


class ReleasedPeople:
    """The files of people of one release; `contexts` are how the devices of targets are managed."""

    def __init__(
        self, fleet: Fleet, contexts: Mapping[str, Context], key: DeviceKey | None
    ) -> None:
        """Read every index; one that is not what the manifest names is left out, with a fault."""
        self.fleet = fleet
        self.files = PeopleFiles(fleet)
        self.counts: dict[str, int] = {}
        self._contexts = contexts
        self._key = key
        self._faults: list[tuple[str, str]] = []
        for target, (path, _) in fleet.indexes.items():
            try:
                self.counts[target] = fleet.checked(target)
            except (OSError, ValueError) as error:
                self._faults.append((path, reason_of(error)))

    def documents(self, target: str) -> Iterator[Named]:
        """Yield the documents of `target`; the index is the one that was read before.

        Raises UnreadableSideError when it is so no longer.
        """
        path = self.fleet.folder / self.fleet.indexes[target][0]
        try:
            yield from self.fleet.documents(target)
        except (OSError, ValueError) as error:
            raise UnreadableSideError(
                [(f"{path}: it changed while it was read", _AGAIN)]
            ) from error

    def refuse(self, target: str, twice: Sequence[Named]) -> None:
        """Keep it as a fault that the index of `target` names documents twice."""
        for named in twice[:1]:
            message = f"{named.entry.place!a} is named twice"
            self._faults.append((self.fleet.indexes[target][0], message))

    def faults(self) -> tuple[tuple[str, str], ...]:
        """Return the places of files, and what is wrong with them."""
        found = (*self._faults, *self.files.faults())
        return tuple((str(self.fleet.folder / place), fault) for place, fault in found)

    def version(self, target: str, named: Named, contents: Mapping[Place, bytes]) -> Version | None:
        """Return a file of those that were read, None where there is a fault."""
        opened = self.files.open(named, contents, key=self._key)
        version = None if opened is None else version_of(opened, named.entry.place)
        if version is None:
            return None
        name = lasting_name(target, named)
        return replace(version, name=name, context=self.context(target))

    def context(self, target: str) -> Context | None:
        """Return how the devices of a target are managed, None where the manifest has it not."""
        return self._contexts.get(target)

    def signer(self, named: Named) -> str:
        """Return the fingerprint of who signed a file, as the index and the manifest say it."""
        if named.entry.signature == "embedded" or named.signature is not None:
            return self.fleet.signer or UNKNOWN
        return UNSIGNED

    def among(self, users: Collection[str]) -> set[str]:
        """Return those of `users` who have a file in this release."""
        if not users:
            return set()
        return {
            named.entry.user
            for target in self.counts
            for named in self.documents(target)
            if named.entry.user in users
        }
