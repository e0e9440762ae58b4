"""Compare what two paths hold: files, folders, or releases by their manifests and indexes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from profilegen.audit.diff.compare import compare, compare_as_device
from profilegen.audit.diff.model import Difference
from profilegen.inspection.comparing_people import compare_people
from profilegen.inspection.sides import Asked, Side, open_side, with_people
from profilegen.inspection.unreadable import VERIFY


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that two releases say differently of themselves; "" where one says nothing."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides with what differs; `assumed` has the options that were not given, with values.

    `rotation` says that another signer is meant. `faults` are files that could not be compared,
    each with what is wrong and what to do about it. `crowded` are the paths of releases of which
    the files of several people were taken together for those of one device.
    """

    old: Side
    new: Side
    difference: Difference
    assumed: Mapping[str, str]
    rotation: bool = False
    faults: tuple[tuple[str, str], ...] = ()
    crowded: tuple[str, ...] = ()


def compare_paths(
    old: Path, new: Path, asked: Asked, *, as_device: bool = False, rotation: bool = False
) -> Comparison:
    """Compare the files at two paths, each a file, a folder or a release.

    A release says how its targets are managed; that counts where options do not say it. Files of
    people are compared by the indexes where both sides are releases; else, and where `as_device`
    asks for all files as one device gets them, they are opened one and all. Raises
    UnreadableSideError, with all files that cannot be read, and InputError where there is nothing
    to compare; files of people of two releases that cannot be read are `faults`.
    """
    before, after = (open_side(path, asked) for path in (old, new))
    people = None
    if before.fleet is not None and after.fleet is not None and not as_device:
        people = compare_people(before.people(asked), after.people(asked), asked.context)
    else:
        before, after = (with_people(side, asked) for side in (before, after))
    judge = compare_as_device if as_device else compare
    difference = judge(before.versions, after.versions, asked.context)
    said = all(side.says_context for side in (before, after))
    assumed = {} if said and not as_device else asked.assumed
    if people is None:
        crowded = [side.path for side in (before, after) if as_device and side.is_of_many]
        return Comparison(
            before.side(),
            after.side(),
            difference,
            assumed,
            rotation,
            crowded=tuple(dict.fromkeys(map(str, crowded))),
        )
    return Comparison(
        before.side(people.counts[0]),
        after.side(people.counts[1]),
        replace(
            difference,
            files=(*difference.files, *people.files),
            same=difference.same + people.same,
            people=people.people,
            missed=people.missed,
        ),
        assumed,
        rotation,
        tuple((f"{place}: {fault}", VERIFY) for place, fault in people.faults),
    )


def different_facts(old: Side, new: Side) -> tuple[Fact, ...]:
    """Return what the two say differently of themselves, () unless both are releases."""
    if old.facts is None or new.facts is None:
        return ()
    names = dict.fromkeys((*old.facts, *new.facts))
    found = (Fact(name, old.facts.get(name, ""), new.facts.get(name, "")) for name in names)
    return tuple(fact for fact in found if fact.old != fact.new)
