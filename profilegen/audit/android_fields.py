"""What one field of an Android policy does on one device: find its values, grade each.

A value of another type than the field's is as good as none. An unknown value of an enumeration
counts as open, never as closed. `..._UNSPECIFIED` is silence (Google's discovery document). What
a placeholder of a template will become is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.document import JsonDict
from profilegen.audit.model import FieldControl, most_open
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.model import PolicyField
from profilegen.catalogue.terms import State
from profilegen.versions import Version

_UNSPECIFIED = "_UNSPECIFIED"

# Values that leave a part open, by Google's descriptions; the catalogue lists what closes.
_NARROWING = frozenset(
    {
        "NEARBY_APP_STREAMING_USER_CHOICE_SAME_MANAGED_ACCOUNT",
        "NEARBY_NOTIFICATION_STREAMING_USER_CHOICE_SAME_MANAGED_ACCOUNT",
        "SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE_DISALLOWED_EXCEPT_SYSTEM",
    }
)
_ALL_KEYGUARD_FEATURES = "ALL_FEATURES"
_READERS_OF_NOTIFICATIONS = "personalAppsThatCanReadWorkNotifications"


@dataclass(frozen=True, slots=True)
class Grade:
    """What the values found for one field give, and the one that decides."""

    state: State
    control: FieldControl
    reason: str = ""


def read_field(
    field: PolicyField, policies: Sequence[JsonDict], android: Version, *, path: str = ""
) -> Grade | None:
    """Return what `field` does in `policies` together, None where they are silent about it.

    `path` is where to look, if not at the field's own place: inside one entry of a list. Of
    contradicting values the more open one counts.
    """
    at = path or field.path
    grades = [
        grade
        for value in _values(policies, at.removesuffix("[]").split("."))
        if (grade := _grade(field, value, android)) is not None
    ]
    if not grades:
        return None
    state = most_open(grade.state for grade in grades)
    return next(grade for grade in grades if grade.state is state)


def package_lists(field: PolicyField, policies: Sequence[JsonDict]) -> Grade | None:
    """Return the grade of a list of names that narrows a channel: narrowed while it has any.

    Of several lists an empty one counts. None where no policy has the list.
    """
    lists = [
        names
        for value in _values(policies, field.path.split("."))
        if (names := _names(value)) is not None
    ]
    if not lists:
        return None
    shortest = min(lists, key=len)
    state = State.NARROWED if shortest else State.OPEN
    return Grade(state, FieldControl(field.path, shortest))


def applications(policies: Sequence[JsonDict]) -> Mapping[str, Sequence[JsonDict]]:
    """Return the entries of `applications[]` by package; one package may have several."""
    found: dict[str, list[JsonDict]] = {}
    for policy in policies:
        entries = policy.get("applications")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                package = entry.get("packageName")
                if isinstance(package, str) and package:
                    found.setdefault(package, []).append(entry)
    return found


def _values(policies: Iterable[JsonDict], path: Sequence[str]) -> Iterator[object]:
    for policy in policies:
        value: object = policy
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif not is_placeholder(value):
                value = None
        if value is not None:
            yield value


def _names(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return None
    return tuple(value)


def _grade(field: PolicyField, value: object, android: Version) -> Grade | None:
    if isinstance(value, str) and is_placeholder(value):
        control = FieldControl(field.path, value)
        return Grade(State.UNKNOWN, control, f"The value of {field.path} is a placeholder.")
    closing: dict[object, Version] = {item.value: item.since for item in field.close}
    if field.path.endswith("[]"):
        names = _names(value)
        return None if names is None else _members(field, names, closing, android)
    if () in closing:
        names = _names(value)
        return None if names is None else _permitted(field, names, closing[()], android)
    return _single(field, value, closing, android)


def _single(
    field: PolicyField, value: object, closing: Mapping[object, Version], android: Version
) -> Grade | None:
    if isinstance(value, bool) is not (True in closing) or not isinstance(value, bool | str):
        return None
    if isinstance(value, str) and value.endswith(_UNSPECIFIED):
        return None
    control = FieldControl(field.path, value)
    if value in closing:
        return _closed(control, closing[value], android)
    return Grade(State.NARROWED if value in _NARROWING else State.OPEN, control)


def _members(
    field: PolicyField,
    names: tuple[str, ...],
    closing: Mapping[object, Version],
    android: Version,
) -> Grade:
    control = FieldControl(field.path, names)
    since = [closing[name] for name in names if name in closing]
    if _ALL_KEYGUARD_FEATURES in names:
        since.append(field.introduced)
    if since:
        return _closed(control, min(since), android)
    if any(map(is_placeholder, names)):
        return Grade(State.UNKNOWN, control, f"A value of {field.path} is a placeholder.")
    return Grade(State.OPEN, control)


def _permitted(
    field: PolicyField, names: tuple[str, ...], since: Version, android: Version
) -> Grade:
    """Grade a list of apps that may: none closes, some narrow, but readers are named to read."""
    control = FieldControl(field.path, names)
    if not names:
        return _closed(control, since, android)
    named_to_read = field.path.endswith(_READERS_OF_NOTIFICATIONS)
    return Grade(State.OPEN if named_to_read else State.NARROWED, control)


def _closed(control: FieldControl, since: Version, android: Version) -> Grade:
    if since > android:
        reason = f"{control.path} works from Android {since} on only."
        return Grade(State.NARROWED, control, reason)
    return Grade(State.CLOSED, control)
