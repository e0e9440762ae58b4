"""Users whose values try to break files: what the cut files are compared with full rendering for.

Every value is one that a list of users may hold: a line, of the kind and pattern of its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.splicing.markers import word
from profilegen.release.splicing.shapes import AT, EMPTY, Shape, Shapes
from profilegen.render.user import User

HOSTILE = "a\"b'c\\d<e>&f{g}%h"
"""All characters with a meaning in XML, JSON or templates that a line may hold."""
_LONGEST = 4096

_TEXTS: tuple[str, ...] = (
    HOSTILE,
    "x",
    "7",
    "007",
    "-0",
    "1e5",
    "true",
    "null",
    "Maria Reyes",
    "MARIA REYES",
    "maria reyes",
    "]]>",
    "&amp;",
    "&#65;&lt;",
    "<![CDATA[x]]>",
    "<!-- x -->",
    "</string><key>x</key><string>",
    '","x":"',
    "\\",
    "\\u0041\\n",
    '"',
    "'",
    "{{ user.email }}",
    "{% raw %}",
    "{# x #}",
    "{{ 7 * 7 }}",
    "%s%b%%",
    "{0}",
    "$1\\1\\g<0>",
    "$FLEET_VAR_HOST_UUID",
    "Zoë Müller",
    "Zoe\u0308 Mu\u0308ller",
    "\u05d3\u05e0\u05d4 \u0645\u0631\u064a\u0645",
    "\u5f20\u4f1f",
    "\U0001f469\u200d\U0001f4bb\U00020000",
    "\ufb01\u0130\u0131\u00df\u1e9e",
    "\u00a0x\u00a0",
    " x ",
    "\u3000",
    "\u200f\ufeff",
    "a.b_c+d",
    "../../x",
    "x" * _LONGEST,
    "\U0001f600" * _LONGEST,
)
_ADDRESSES: tuple[str, ...] = (
    "x@y.z",
    "maria.reyes@example.com",
    "Maria.Reyes@Example.COM",
    "o'brien+mail@example.co.uk",
    "a&b@example.com",
    "{{user.id}}@example.com",
    "%s%b@example.com",
    "$x`|~#!?/=^*@example.com",
    "m\u00fcller@example.com",
    "\U0001f600@example.com",
    f"{'x' * 4000}@example.com",
)
_INTEGERS: tuple[str, ...] = ("0", "1", "-1", "007", "-0", "42", "999999999999999999", "1000")
_UUIDS: tuple[str, ...] = (
    "00000000-0000-0000-0000-000000000000",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
)
_IDS: tuple[str, ...] = (*_TEXTS, *_ADDRESSES)


def adversaries(fields: Sequence[UserField], shape: Shape, shapes: Shapes) -> Iterator[User]:
    """Yield users of `shape`: each value stands in each field once, ids are as bad as values."""
    lists = [_values(item, flag) for item, flag in zip(fields, shape.flags, strict=True)]
    for number, user_id in enumerate(_IDS):
        drawn = [values[(number + place) % len(values)] for place, values in enumerate(lists)]
        values = tuple(
            drawn[shape.twins[place]] if shape.twins else value for place, value in enumerate(drawn)
        )
        if shapes.of(values) == shape:
            names = (item.name for item in fields)
            yield User(user_id, dict(zip(names, values, strict=True)))


def hostile_value(item: UserField) -> str:
    """Return a value that the list may hold and that changes what does not escape it, or ""."""
    return next((value for value in (HOSTILE, '"', "\\", "<", "&") if _fits(item, value)), "")


def _values(item: UserField, flag: int) -> Sequence[str]:
    """Return the values that a field can have; a random one where none of the known ones fits."""
    if flag == EMPTY:
        return ("",)
    known = _by_kind(item.kind)
    if item.kind is FieldKind.TEXT and flag == AT:
        known = (*known, *(f"{text[: _LONGEST - 2]}@x" for text in _TEXTS))
    fitting = [value for value in known if ("@" in value) == (flag == AT) and _fits(item, value)]
    return fitting or (f"{word(4)}@{word(4)}.example" if flag == AT else word(8),)


def _by_kind(kind: FieldKind) -> tuple[str, ...]:
    match kind:
        case FieldKind.INTEGER:
            return _INTEGERS
        case FieldKind.UUID:
            return _UUIDS
        case FieldKind.EMAIL:
            return _ADDRESSES
        case FieldKind.TEXT:
            return (*_TEXTS, *_ADDRESSES)


def _fits(item: UserField, value: str) -> bool:
    if item.kind is not FieldKind.TEXT and value not in _by_kind(item.kind):
        return False
    return not item.pattern or re.fullmatch(item.pattern, value) is not None
