"""What a template gave, as values: parsed strictly, so that nobody can read it in two ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

import rfc8785

from profilegen.plist import PlistDict, PlistValue, dump_plist, load_plist
from profilegen.render.failures import TemplateError

_DEPTH_LIMIT = 32


def parse_profile(text: str, template: str) -> PlistDict:
    """Return the dictionary in the XML property list `text`.

    Raises TemplateError, naming `template`, for anything else.
    """
    try:
        value = load_plist(text.strip().encode("utf-8"))
    except ValueError as error:
        raise _unreadable(template, str(error)) from error
    return _dictionary(value, template)


def parse_json(text: str, template: str) -> PlistDict:
    """Return the object in the JSON `text`, which repeats no key and holds no null.

    Raises TemplateError, naming `template`, for anything else.
    """
    try:
        value: PlistValue = json.loads(
            text, object_pairs_hook=_distinct, parse_constant=_no_constant
        )
    except RecursionError as error:
        raise _unreadable(template, "nested too deeply") from error
    except ValueError as error:
        raise _unreadable(template, f"not JSON: {error}") from error
    return _dictionary(value, template)


def canonical_plist(value: PlistDict, template: str) -> bytes:
    """Return `value` as an XML property list with sorted keys."""
    try:
        return dump_plist(value)
    except ValueError as error:
        raise _unreadable(template, str(error)) from error


def canonical_json(value: PlistDict, template: str) -> bytes:
    """Return `value` as JSON in the form of RFC 8785."""
    try:
        return rfc8785.dumps(cast("dict[str, Any]", value))
    except rfc8785.CanonicalizationError as error:
        raise _unreadable(template, str(error)) from error


def _dictionary(value: PlistValue, template: str) -> PlistDict:
    if not isinstance(value, Mapping):
        raise _unreadable(template, "the outermost value is no dictionary")
    _check_depth(value, template, _DEPTH_LIMIT)
    return value


def _check_depth(value: object, template: str, left: int) -> None:
    if value is None:
        raise _unreadable(template, "null, which says nothing to a device")
    if left == 0:
        raise _unreadable(template, f"nested deeper than {_DEPTH_LIMIT} levels")
    if isinstance(value, Mapping):
        for item in value.values():
            _check_depth(item, template, left - 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, template, left - 1)


def _distinct(pairs: list[tuple[str, PlistValue]]) -> dict[str, PlistValue]:
    found: dict[str, PlistValue] = {}
    for key, value in pairs:
        if key in found:
            message = f"the key {key!r} occurs twice in one object"
            raise ValueError(message)
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _unreadable(template: str, fault: str) -> TemplateError:
    return TemplateError(
        f"template {template}: gives no file that a device could read: {fault}",
        hint="Mend the template; docs/templates.md shows how values are written.",
    )
