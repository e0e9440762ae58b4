"""What one value of an Android policy may be: as Google writes it, as its parser takes it, or not.

The forms are those of protocol buffers in JSON (protobuf.dev/programming-guides/json).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from profilegen.audit.android_canonical import BOOLEAN_TEXTS
from profilegen.audit.lint.shown import shown
from profilegen.catalogue.android import Field, Kind

NONCANONICAL = "noncanonical-json"
_WRONG_TYPE = "wrong-type"
_NOT_ALLOWED = "value-not-allowed"
_OUT_OF_RANGE = "out-of-range"
_BAD_FORMAT = "bad-format"

_BITS: Mapping[Kind, int] = MappingProxyType({Kind.INT32: 32, Kind.INT64: 64, Kind.ENUM: 32})
_NUMBERS = frozenset({Kind.BOOLEAN, Kind.INT32, Kind.INT64})
_CANONICAL_INTEGER = re.compile(r"-?[0-9]+")
# The parser takes exponents as well, in numbers and in texts.
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,6})?")
_LONGEST_NUMBER = 400
_DURATION = re.compile(r"(-?[0-9]+)(?:\.[0-9]{1,9})?s")
_LONGEST_DURATION = 315_576_000_000  # seconds, about 10,000 years (google/protobuf/duration.proto)
# Standard or URL-safe, with or without padding.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?")
_EXPECTED: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.OBJECT: "an object",
        Kind.LIST: "a list",
        Kind.TEXTS: "an object of texts",
        Kind.FREE: "an object",
        Kind.ENUM: "one of the names of its values",
        Kind.TEXT: "a text",
        Kind.BOOLEAN: "true or false",
        Kind.INT32: "an integer",
        Kind.INT64: "an integer, written as a text",
        Kind.DURATION: 'a text such as "3600s"',
        Kind.BYTES: "a text in base64",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a field or value; `wrong` is what may be a slip for one of `right`."""

    code: str
    where: str
    message: str
    fix: str = ""
    wrong: str = ""
    right: tuple[str, ...] = ()


def wrong_type(field: Field, value: object, where: str) -> Problem:
    """Return that `value` has a type that the field does not take."""
    message = f"It is {_type_of(value, field)}; the field takes {_EXPECTED[field.kind]}."
    return Problem(_WRONG_TYPE, where, message)


def scalar_problem(field: Field, value: object, where: str) -> Problem | None:
    """Return what is wrong with the value of a field that is no object, list or map."""
    match field.kind:
        case Kind.TEXT:
            return None if isinstance(value, str) else wrong_type(field, value, where)
        case Kind.BOOLEAN:
            return _boolean(field, value, where)
        case Kind.ENUM:
            return _enum(field, value, where)
        case Kind.DURATION | Kind.BYTES:
            return _formatted(field, value, where)
        case _:
            return _integer(field, value, where)


def _boolean(field: Field, value: object, where: str) -> Problem | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value in BOOLEAN_TEXTS:
        message = (
            f'It is the text "{value}", not the boolean {value}. The format has no such form; some '
            "of Google's parsers take it, and none is obliged to."
        )
        return Problem(NONCANONICAL, where, message, fix=f"Write {value} without quotes.")
    return wrong_type(field, value, where)


def _enum(field: Field, value: object, where: str) -> Problem | None:
    if isinstance(value, str):
        if value in field.values:
            return None
        message = f"{shown(value)} is none of the {len(field.values)} values of this field."
        return Problem(_NOT_ALLOWED, where, message, wrong=value, right=field.values)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return wrong_type(field, value, where)
    if (problem := _number_problem(field, value, where)) is not None:
        return problem
    message = "The value is given by its number, which Google does not publish."
    fix = "Write the name of the value."
    return Problem(NONCANONICAL, where, message, fix=fix)


def _formatted(field: Field, value: object, where: str) -> Problem | None:
    if not isinstance(value, str):
        return wrong_type(field, value, where)
    if field.kind is Kind.BYTES:
        if _BASE64.fullmatch(value):
            return None
        return Problem(_BAD_FORMAT, where, f"{shown(value)} is not base64.")
    match = _DURATION.fullmatch(value)
    if match is None:
        message = f'{shown(value)} is no duration: seconds and an s, such as "3600s".'
        return Problem(_BAD_FORMAT, where, message)
    digits = match[1].lstrip("-0")
    if len(digits) > len(str(_LONGEST_DURATION)) or int(digits or 0) > _LONGEST_DURATION:
        return Problem(_OUT_OF_RANGE, where, "A duration is at most about 10,000 years.")
    return None


def _integer(field: Field, value: object, where: str) -> Problem | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return wrong_type(field, value, where)
    problem = _number_problem(field, value, where)
    if problem is not None or _is_canonical(field, value):
        return problem
    as_written = "as a text" if field.kind is Kind.INT64 else "as a plain number"
    message = f"Google writes this number {as_written}; the parser takes this form too."
    return Problem(NONCANONICAL, where, message, fix=f"Write it {as_written}.")


def _is_canonical(field: Field, value: float | str) -> bool:
    if field.kind is Kind.INT64:
        return isinstance(value, str) and _CANONICAL_INTEGER.fullmatch(value) is not None
    return isinstance(value, int)


def _number_problem(field: Field, value: float | str, where: str) -> Problem | None:
    """Return why `value` is no integer of as many bits as the field has."""
    if isinstance(value, float) and not math.isfinite(value):
        return _too_large(field, where)
    number = _parsed(value)
    if number is None:
        if field.kind is Kind.INT64:
            return Problem(_BAD_FORMAT, where, f"{shown(value)} is no integer.")
        return wrong_type(field, value, where)
    if number != number.to_integral_value():
        return Problem(_WRONG_TYPE, where, f"{shown(value)} has a fraction; it must be an integer.")
    limit = 2 ** (_BITS[field.kind] - 1)
    return None if -limit <= number < limit else _too_large(field, where)


def _parsed(value: float | str) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(value)
    if len(value) > _LONGEST_NUMBER or _NUMBER.fullmatch(value) is None:
        return None
    return Decimal(value)


def _too_large(field: Field, where: str) -> Problem:
    message = f"The number does not fit into {_BITS[field.kind]} bits."
    return Problem(_OUT_OF_RANGE, where, message)


def _type_of(value: object, field: Field) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        # Only a text where no text belongs is shown: no such field holds a secret.
        case str():
            return f"the text {shown(value)}" if field.kind in _NUMBERS else "a text"
        case list():
            return "a list"
        case _:
            return "an object"
