"""People who are only in the later of two releases: whether their files let more through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from profilegen.audit.diff.model import FileDifference
from profilegen.audit.diff.stand_ins import StandIns
from profilegen.audit.diff.versions import Version
from profilegen.audit.flows import Context
from profilegen.inspection.people_index import Named, batches
from profilegen.inspection.released_people import ReleasedPeople

_SAMPLE = 4
_ANDROID = "android-policy"
_Kind = tuple[str, str]
"""A target, "" for all of those that only one release has, and a kind of files."""


@dataclass(slots=True)
class _Files:
    """Files of one kind for one target: those of OLD that stand in, and those of NEW that wait.

    The latter by what `StandIns.take` gave for them.
    """

    stand_ins: StandIns
    target: str = ""
    waiting: dict[bytes | None, list[tuple[str, Named]]] = field(default_factory=dict)


class Newcomers:
    """Compares files of people who are only in NEW with files of other people in OLD.

    That are people who went, or some who are in both: see `StandIns`. `context` is how devices are
    managed of which no manifest says it.
    """

    def __init__(self, old: ReleasedPeople, new: ReleasedPeople, context: Context) -> None:
        """Begin without anybody."""
        self._old, self._new = old, new
        self._context = context
        self.some_stay = False
        """Whether some people are in both, be it with files for other targets."""
        self._staying: dict[_Kind, list[tuple[str, Named]]] = {}
        self._files: dict[_Kind, _Files] = {}

    def stays(self, target: str, named: Named) -> None:
        """Tell of a file of OLD of a person who is in both; the first few are kept."""
        found = self._staying.setdefault((target, named.entry.kind), [])
        if len(found) < _SAMPLE:
            found.append((target, named))

    def are_apart(self, target: str, named: Named) -> bool:
        """Whether files of people who are in both are compared like those of others too.

        That are Android policies for a target that may have got another name: a device has one
        policy, so that what only one release has does not open anything by itself.
        """
        return named.entry.kind == _ANDROID and not self._key(target, named)[0]

    def went(self, target: str, named: Named, version: Version) -> None:
        """Tell of a file of a person who is only in OLD; all of these before those of NEW."""
        self._of(target, named).stand_ins.went(version)

    def waits(self, target: str, named: Named, version: Version) -> bool:
        """Whether `compared` will have this file of a person who is only in NEW."""
        files = self._of(target, named)
        taken = files.stand_ins.take(version)
        key = self._key(target, named)
        if taken is not None and not self._is_strange(key):
            return False
        if files.stand_ins.is_empty and key not in self._staying:
            return False
        files.target = target
        files.waiting.setdefault(taken, []).append((target, named))
        return True

    def strangers(self) -> tuple[str, ...]:
        """Return the targets that nobody in both releases has files for, though others have."""
        found = (
            files.target
            for key, files in self._files.items()
            if self._is_strange(key) and files.target
        )
        return tuple(dict.fromkeys(found))

    def compared(self) -> Iterator[tuple[str, Named, FileDifference | None]]:
        """Yield the files that wait, each with its target and what it brings.

        None stands for one that can be read no more.
        """
        for key, files in self._files.items():
            if files.waiting:
                self._complete(key, files.stand_ins)
            for taken, waiting in files.waiting.items():
                for target, named, version in _versions(self._new, waiting):
                    if version is None:
                        yield target, named, None
                    else:
                        yield target, named, files.stand_ins.compared(version, taken)

    def _complete(self, key: _Kind, stand_ins: StandIns) -> None:
        """Let people who are in both stand in too."""
        for _, _, version in _versions(self._old, self._staying.get(key, [])):
            if version is not None:
                stand_ins.stays(version)

    def _of(self, target: str, named: Named) -> _Files:
        key = self._key(target, named)
        if key not in self._files:
            context = self._new.context(target) or self._context
            strange = self._is_strange(key)
            self._files[key] = _Files(StandIns(context, settings=strange))
        return self._files[key]

    def _key(self, target: str, named: Named) -> _Kind:
        shared = all(target in side.counts for side in (self._old, self._new))
        return target if shared else "", named.entry.kind

    def _is_strange(self, key: _Kind) -> bool:
        """Whether nobody in both has such a file; of other targets, whether nobody is in both."""
        return key not in self._staying if key[0] else not (self._staying or self.some_stay)


def _versions(
    side: ReleasedPeople, files: list[tuple[str, Named]]
) -> Iterator[tuple[str, Named, Version | None]]:
    targets = {named: target for target, named in files}
    for batch in batches(named for _, named in files):
        contents = side.files.read(batch)
        for named in batch:
            target = targets[named]
            yield target, named, side.version(target, named, contents)
