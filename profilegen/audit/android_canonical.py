"""An Android policy in the one spelling that Google's server writes.

The server's parser takes more than it writes (protobuf.dev/programming-guides/json): original
field names, numbers as texts and texts as numbers, null. What a policy does must not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from profilegen.audit.document import JsonDict, JsonValue
from profilegen.catalogue.android import ROOT, Field, Kind, policy_objects

_ORIGINAL = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_LARGEST = 2**63
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_APPLICATIONS = "applications"
_APP = "ApplicationPolicy"
_OF_APPS = frozenset({_APP, "PersonalApplicationPolicy"})
BOOLEAN_TEXTS = {"true": True, "false": False}
"""Texts that some of Google's parsers take for a boolean, though the format has no such form."""


def canonical(policy: JsonDict) -> JsonDict:
    """Return `policy` as the server would write it back; what it would refuse stays as it is."""
    return _object(ROOT, policy, BOOLEAN_TEXTS)


def documented(policy: JsonDict) -> JsonDict:
    """Return `policy` as `canonical` does, but leave forms as they are that no source documents."""
    return _object(ROOT, policy, {})


def is_app_alone(content: JsonDict) -> bool:
    """Say whether `content` has fields of an entry of `applications` and of nothing else."""
    objects = policy_objects()
    keys = content.keys()
    top = objects[ROOT].fields
    if not keys or not keys <= objects[_APP].fields.keys():
        return False
    if any(key in top or json_name(key) in top for key in keys):
        return False
    others = (found for name, found in objects.items() if name not in _OF_APPS)
    return not any(keys <= found.fields.keys() for found in others)


def as_policy(content: JsonDict) -> JsonDict:
    """Return the policy that `content` is, or that an app alone is meant for."""
    return {_APPLICATIONS: [content]} if is_app_alone(content) else content


def json_name(key: str) -> str:
    """Return the JSON name of a field whose original name is `key`, "" if it cannot be one.

    `cross_profile_policies` gives `crossProfilePolicies`. A name of one word is the same in both
    spellings and gives "".
    """
    if _ORIGINAL.fullmatch(key) is None:
        return ""
    first, *others = key.split("_")
    return first + "".join(word[0].upper() + word[1:] for word in others)


def _object(name: str, value: JsonDict, booleans: Mapping[str, bool]) -> JsonDict:
    fields = policy_objects()[name].fields
    found: dict[str, JsonValue] = {}
    for key, item in value.items():
        known = key if key in fields else json_name(key)
        if known not in fields:
            found[key] = item
        elif item is not None and (known == key or known not in value):
            found[known] = _value(fields[known], item, booleans)
    return found


def _value(field: Field, value: JsonValue, booleans: Mapping[str, bool]) -> JsonValue:
    if field.kind is Kind.OBJECT and isinstance(value, dict):
        return _object(field.object, value, booleans)
    if field.item is not None and isinstance(value, list):
        return [_value(field.item, cast("JsonValue", entry), booleans) for entry in value]
    if field.kind is Kind.BOOLEAN and isinstance(value, str):
        return booleans.get(value, value)
    return _number(field, value)


def _number(field: Field, value: JsonValue) -> JsonValue:
    match value:
        case str() if field.kind is Kind.INT32 and _INTEGER.fullmatch(value):
            return int(value)
        case float() if field.kind is Kind.INT32 and value.is_integer():
            return int(value)
        case int() if field.kind is Kind.INT64 and not isinstance(value, bool):
            return str(value) if abs(value) <= _LARGEST else value
        case _:
            return value
