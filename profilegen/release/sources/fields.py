"""What the fields of a row must be: the kinds and patterns that the policy declares."""

from __future__ import annotations

import re
import uuid
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from profilegen.errors import InputError
from profilegen.policy.model import FieldKind, UserField
from profilegen.render.text import check_line

MAX_FIELD = 4096
"""Characters of a value; patterns of a policy are never asked of longer ones."""
_EMAIL = re.compile(r"[^@\s\x00-\x1f\"<>(),:;\\]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """A field with its tests compiled: `fits` says whether a value is of the kind and pattern."""

    field: UserField
    fits: Callable[[str], object] | None
    """Is None where every line of text will do."""

    def fault(self, value: str) -> str:
        """Return what is wrong with `value`, "" when nothing is."""
        field = self.field
        if not value:
            return f"{field.name}: empty" if field.required else ""
        if fault := text_fault(value):
            return f"{field.name}: {fault}"
        if not _is_kind(field.kind, value):
            return f"{field.name}: not a valid {field.kind}: {shown(value)}"
        if field.pattern and not _pattern(field.pattern).fullmatch(value):
            return f"{field.name}: does not match {field.pattern}: {shown(value)}"
        return ""


def field_check(field: UserField) -> FieldCheck:
    """Return the check of `field`."""
    kind, pattern = field.kind, field.pattern
    if not pattern:
        return FieldCheck(field, _KINDS[kind])
    matches = _pattern(pattern).fullmatch
    if kind is FieldKind.TEXT:
        return FieldCheck(field, matches)
    return FieldCheck(field, lambda value: _is_kind(kind, value) and matches(value))


def text_fault(value: str) -> str:
    """Return why `value` is no line of text that a file for devices can hold, "" when it is."""
    if len(value) > MAX_FIELD:
        return f"longer than {MAX_FIELD} characters"
    try:
        check_line(value, "")
    except InputError:
        return "holds a control character or line break"
    return ""


def shown(value: str) -> str:
    """Return a value for a message, cut where nobody would read on."""
    return repr(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…")


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


_KINDS: dict[FieldKind, Callable[[str], object] | None] = {
    FieldKind.TEXT: None,
    FieldKind.EMAIL: _EMAIL.fullmatch,
    FieldKind.INTEGER: _INTEGER.fullmatch,
    FieldKind.UUID: _is_uuid,
}


def _is_kind(kind: FieldKind, value: str) -> bool:
    fits = _KINDS[kind]
    return fits is None or bool(fits(value))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful pattern still compiles
        return re.compile(pattern)
