"""Whether a value is what Apple's schema demands of its key: type, values, range, count, form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import cast

from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.apple_model import Key
from profilegen.catalogue.rules import found
from profilegen.findings import Finding, Severity

_NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "boolean": "a boolean",
        "integer": "an integer",
        "real": "a number",
        "string": "a string",
        "data": "data",
        "date": "a date",
        "array": "an array",
        "dictionary": "a dictionary",
    }
)
_CLASSES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "boolean": (bool,),
        "integer": (int,),
        "real": (int, float),
        "string": (str,),
        "data": (bytes,),
        "date": (datetime,),
        "array": (list,),
        "dictionary": (dict,),
    }
)
_MOST_VALUES = 12
_HTTPS = "^https://.*$"
_UUID = "^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$"


class Fit(Enum):
    """How well a value fits the type of its key."""

    EXACT = "exact"
    LOOSE = "loose"
    NONE = "none"


def fit(key: Key, value: object) -> Fit:
    """Say how well `value` fits the type of `key`.

    Loose is what property-list readers convert without loss: 0 or 1 for a boolean, a whole float
    or a boolean for an integer.
    """
    if "any" in key.kinds or any(_is(value, kind) for kind in key.kinds):
        return Fit.EXACT
    if "boolean" in key.kinds and type(value) is int and value in {0, 1}:
        return Fit.LOOSE
    whole = isinstance(value, bool) or (isinstance(value, float) and value.is_integer())
    return Fit.LOOSE if "integer" in key.kinds and whole else Fit.NONE


def found_for(key: Key, rule: str, where: str, message: str, *, fix: str = "") -> Finding:
    """Return a finding about `key`: no error where no device checks what stands there."""
    finding = found(rule, where, message, fix=fix)
    if key.checked or finding.severity is not Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING)


def value_findings(label: str, key: Key, value: object, where: str) -> Iterator[Finding]:
    """Yield what is wrong with `value` itself, not with what it holds.

    `label` names the key in messages. A placeholder becomes another value later: nothing is said.
    A value of another type is only said to be that; a loose one is judged as what readers make of
    it.
    """
    if is_placeholder(value):
        return
    how = fit(key, value)
    if how is Fit.NONE:
        yield _of_type("wrong-type", label, key, value, where)
    elif how is Fit.LOOSE:
        yield _of_type("loose-type", label, key, value, where)
        yield from _bounded(label, key, _converted(key, value), where)
    else:
        yield from _bounded(label, key, value, where)
        yield from _wrong_count(label, key, value, where)
        yield from _bad_format(label, key, value, where)


def _is(value: object, kind: str) -> bool:
    # A boolean is an integer for Python, never for Apple.
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _CLASSES[kind])


def _of_type(rule: str, label: str, key: Key, value: object, where: str) -> Finding:
    nouns = " or ".join(_NOUNS[kind] for kind in _NOUNS if kind in key.kinds)
    message = f"{label} is {_noun(value)}; it has to be {nouns}."
    return found_for(key, rule, where, message, fix=f"Write {nouns}.")


def _noun(value: object) -> str:
    return next((_NOUNS[kind] for kind in _NOUNS if _is(value, kind)), "a value without a type")


def _converted(key: Key, value: object) -> object:
    """Return the value that a reader makes of one that fits loosely."""
    return bool(value) if "boolean" in key.kinds else int(cast("float", value))


def _bounded(label: str, key: Key, value: object, where: str) -> Iterator[Finding]:
    """Yield that `value` is no allowed one; a key with values and a range takes both."""
    if key.allowed is not None and not _among(key.allowed, value):
        if key.least is None and key.greatest is None:
            yield _not_allowed(label, key, key.allowed, value, where)
        else:
            yield from _out_of_range(label, key, value, where)
    elif key.allowed is None:
        yield from _out_of_range(label, key, value, where)


def _not_allowed(
    label: str, key: Key, allowed: tuple[object, ...], value: object, where: str
) -> Finding:
    listed = [_said(item) for item in allowed[:_MOST_VALUES]]
    more = len(allowed) - len(listed)
    text = ", ".join(listed) + (f" and {more} more" if more else "")
    message = f"{label} is {_said(value)}; allowed is {text}."
    alike = next((item for item in allowed if _same_but_for_case(item, value)), None)
    fix = "" if alike is None else f"Write {_said(alike)}."
    return found_for(key, "value-not-allowed", where, message, fix=fix)


def _same_but_for_case(item: object, value: object) -> bool:
    return isinstance(item, str) and isinstance(value, str) and item.lower() == value.lower()


def _among(allowed: tuple[object, ...], value: object) -> bool:
    # For Python True == 1; the schema means one of them. A real may be written without a point.
    truth = isinstance(value, bool)
    return any(isinstance(item, bool) is truth and item == value for item in allowed)


def _out_of_range(label: str, key: Key, value: object, where: str) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    # Not written as < and >: nothing holds for nan.
    enough = key.least is None or value >= key.least
    if enough and (key.greatest is None or value <= key.greatest):
        return
    message = f"{label} is {_said(value)}; allowed is {_bounds(key)}."
    yield found_for(key, "out-of-range", where, message)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown(value) if isinstance(value, str | int | float) else type(value).__name__


def _bounds(key: Key) -> str:
    if key.greatest is None:
        bounds = f"{key.least} or more"
    elif key.least is None:
        bounds = f"{key.greatest} or less"
    else:
        bounds = f"{key.least} to {key.greatest}"
    return ", ".join([*map(_said, key.allowed or ()), bounds])


def _wrong_count(label: str, key: Key, value: object, where: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        return
    count = len(value)
    if (key.fewest or 0) <= count and (key.most is None or count <= key.most):
        return
    message = f"{label} has {count} items; {_counts(key)} is allowed."
    yield found_for(key, "wrong-count", where, message)


def _counts(key: Key) -> str:
    if key.fewest is None:
        return f"{key.most} at most"
    if key.most is None:
        return f"{key.fewest} at least"
    return f"{key.most}" if key.fewest == key.most else f"{key.fewest} to {key.most}"


def _bad_format(label: str, key: Key, value: object, where: str) -> Iterator[Finding]:
    if not key.form or not isinstance(value, str) or re.search(key.form, value):
        return
    # Not the value: an address may carry a secret.
    if key.form == _UUID:
        # Apple's texts call the content of a PayloadUUID unimportant, so any text may name one.
        finding = found_for(key, "bad-format", where, f"{label} has to be a UUID.")
        yield replace(finding, severity=Severity.WARNING)
        return
    demanded = "an address that starts with https://"
    if key.form != _HTTPS:
        demanded = f"text of the form {key.form}"
    yield found_for(key, "bad-format", where, f"{label} has to be {demanded}.")
