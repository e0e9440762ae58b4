"""Fields and values that the management mode lacks, that need a newer Android, or break a bound.

All of it stands in the catalogue as notes by path; here they are only held against a policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from profilegen.audit.android_canonical import canonical
from profilegen.audit.document import AndroidPolicy
from profilegen.audit.model import Context
from profilegen.catalogue.android import FieldNote, field_notes
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Mode
from profilegen.findings import Finding
from profilegen.places import ROOT, item_at, key_at

_NAMES: Mapping[Mode, str] = MappingProxyType(
    {
        Mode.WORK_PROFILE: "a personally owned device with a work profile",
        Mode.COMPANY_OWNED: "a company-owned device with a work profile",
        Mode.FULLY_MANAGED: "a fully managed device",
    }
)
_UNSPECIFIED = "_UNSPECIFIED"


def findings(document: AndroidPolicy, context: Context) -> Iterator[Finding]:
    """Yield what of the policy has no effect as `context` says, and numbers out of their bounds.

    Inside of what the mode lacks as a whole nothing more is said.
    """
    policy = canonical(document.content)
    lacking: list[str] = []
    for path, notes in _notes_by_path().items():
        if any(path.startswith(f"{outer}.") for outer in lacking):
            continue
        for where, value in _values_at(policy, ROOT, path.split(".")):
            note = _applicable(notes, value)
            if note is None or not _says_something(value):
                continue
            if note.modes and context.mode not in note.modes:
                lacking.append(path)
                yield _not_in_mode(note, where, context.mode)
            elif note.since is not None and note.since > context.android:
                yield _too_new(note, where, context)
            yield from _out_of_bounds(note, where, value)


@cache
def _notes_by_path() -> Mapping[str, Sequence[FieldNote]]:
    found_notes: dict[str, list[FieldNote]] = {}
    for note in sorted(field_notes(), key=lambda note: note.path.count(".")):
        found_notes.setdefault(note.path, []).append(note)
    return found_notes


def _applicable(notes: Sequence[FieldNote], value: object) -> FieldNote | None:
    """Return the note for this value, else the one for the field; what names a mode goes first."""
    of_value = [note for note in notes if note.value and note.value == value]
    of_field = [note for note in notes if not note.value]
    ordered = sorted(of_value or of_field, key=lambda note: not note.modes)
    return next(iter(ordered), None)


def _values_at(value: object, where: str, path: Sequence[str]) -> Iterator[tuple[str, object]]:
    """Yield each value at `path`, whose parts end in `[]` where every item of a list is meant."""
    if not path:
        yield where, value
        return
    key = path[0].removesuffix("[]")
    if not isinstance(value, dict) or key not in value:
        return
    inner, place = value[key], key_at(where, key)
    if key == path[0]:
        yield from _values_at(inner, place, path[1:])
    elif isinstance(inner, list):
        for index, item in enumerate(inner):
            yield from _values_at(item, item_at(place, index), path[1:])


def _says_something(value: object) -> bool:
    """Tell whether a value differs from leaving the field out, as far as anybody can see."""
    if isinstance(value, str):
        return bool(value) and not value.endswith(_UNSPECIFIED)
    return bool(value) or (isinstance(value, int) and not isinstance(value, bool))


def _not_in_mode(note: FieldNote, where: str, mode: Mode) -> Finding:
    what = f"The value {note.value}" if note.value else "The field"
    having = " and ".join(_NAMES[other] for other in Mode if other in note.modes)
    message = f"{what} has no effect on {_NAMES[mode]}; it is for {having}."
    return found("wrong-mode", where, message)


def _too_new(note: FieldNote, where: str, context: Context) -> Finding:
    what = f"The value {note.value}" if note.value else "The field"
    message = (
        f"{what} works from Android {note.since} on; the oldest in use is {context.android}. "
        "Older devices leave it out."
    )
    return found("newer-than-os", where, message)


def _out_of_bounds(note: FieldNote, where: str, value: object) -> Iterator[Finding]:
    if note.least is None or note.most is None or isinstance(value, bool):
        return
    if isinstance(value, int) and not note.least <= value <= note.most:
        message = f"The number must be from {note.least} to {note.most}."
        yield found("out-of-range", where, message)
