"""What a JSON object is meant to be, by its keys: declaration, Android policy, app protection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from profilegen.catalogue.android import (
    ROOT,
    Field,
    Kind,
    names_that_never_were,
    policy_objects,
)
from profilegen.catalogue.load import read_data

_PROTECTION_TYPE = re.compile(
    r"#microsoft\.graph\.\w*managedApp(?:Protection|Policy)", re.IGNORECASE
)
# Names that objects of every kind have; they alone make no policy of an object with other keys.
_COMMON = frozenset({"name", "version"})
_APPLICATIONS = "applications"
_OF_APP = frozenset({"packagename", "installtype"})
_POLICY_NAME = re.compile(r"enterprises/[^/]+/policies/[^/]+")
_APPLE_TYPE = re.compile(r"com\.apple\.(?:activation|asset|configuration|management)\.")
_WORD = re.compile(r"[A-Za-z][a-z0-9]*")
_ENOUGH = 3
_MOST_STRANGERS = 3
"""So many unknown names a policy has at most for each that it has of the API."""
WRAPPER = "policy"
"""The key under which some tools keep the whole policy."""
_JSON_KEY = re.compile(rb'"([A-Za-z_]{3,60})"\s{0,20}:')


def is_declaration(content: Mapping[str, object]) -> bool:
    """Say whether `content` is a declaration, be it one without an identifier or a payload."""
    kind = content.get("Type")
    if not isinstance(kind, str):
        return False
    has_payload = isinstance(content.get("Payload"), dict)
    if _APPLE_TYPE.match(kind):
        return has_payload or "Identifier" in content
    return has_payload and "Identifier" in content


def is_policy(content: Mapping[str, object]) -> bool:
    """Say whether `content` is an Android policy or a fragment of one.

    Fields are known in any spelling of their name, as `screen_capture_disabled`, since what is
    misspelt is to be said and not to be passed over. Names that JSON of every kind has, such as
    `applications`, count by what stands behind them only. A fragment of an object inside a policy
    must be it as a whole.
    """
    if any("@odata" in key for key in content):
        return False
    return _has_policy_name(content) or _is_of_policy(content) or _is_of_object_inside(content)


def _has_policy_name(content: Mapping[str, object]) -> bool:
    name = content.get("name")
    return isinstance(name, str) and _POLICY_NAME.fullmatch(name) is not None


def _is_of_policy(content: Mapping[str, object]) -> bool:
    values = {_spelling(key): value for key, value in content.items()}
    known = values.keys() & _policy_names()
    strangers = values.keys() - known
    own = known - _COMMON
    if not strangers and (own or not known):
        return own != {_APPLICATIONS} or _may_be_apps(values[_APPLICATIONS])
    if len(strangers) > _MOST_STRANGERS * len(own):
        return False
    return any(_speaks_for_policy(name, values[name]) for name in own)


def _speaks_for_policy(name: str, value: object) -> bool:
    if name == _APPLICATIONS:
        return bool(value) and _may_be_apps(value)
    field = _policy_fields().get(name)
    if field is None:  # one of the names that never were, which no other kind of JSON has
        return True
    written, of_policy = field
    return (
        of_policy.kind is Kind.BOOLEAN
        or (of_policy.kind is Kind.ENUM and isinstance(value, str) and value.isupper())
        or _speaks(written, of_policy, value)
    )


def _may_be_apps(value: object) -> bool:
    """Say whether `value` is an empty list, or has apps of a policy, as a list or by name."""
    if isinstance(value, dict):
        value = [value, *value.values()]
    if not isinstance(value, list):
        return False
    return not value or any(
        isinstance(item, dict) and not _OF_APP.isdisjoint(map(_spelling, item)) for item in value
    )


def _is_of_object_inside(content: Mapping[str, object]) -> bool:
    if all(key.islower() for key in content):
        return False
    return any(
        content.keys() <= fields.keys()
        and any(_speaks(key, fields[key], value) for key, value in content.items())
        for fields in _objects_inside()
    )


def _speaks(name: str, field: Field, value: object) -> bool:
    """Say whether JSON of another kind is unlikely to have `value` behind `name`.

    Names of three words are said to be unlikely as such.
    """
    if len(_WORD.findall(name)) >= _ENOUGH:
        return True
    if field.kind is Kind.LIST and field.item is not None and isinstance(value, list):
        return any(_speaks("", field.item, item) for item in value)
    if isinstance(value, dict):
        known = policy_objects()[field.object].fields if field.kind is Kind.OBJECT else {}
        return field.kind is Kind.FREE or not known.keys().isdisjoint(value)
    return field.kind is Kind.ENUM and value in field.values


def wrapped_policy(content: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the policy that is all that `content` holds, under the key `policy`, if so."""
    inner = content.get(WRAPPER)
    if len(content) == 1 and isinstance(inner, dict) and inner and is_policy(inner):
        return inner
    return None


def is_app_protection(content: Mapping[str, object]) -> bool:
    """Say whether `content` is an Intune app protection policy, as Microsoft Graph exports it."""
    kind = content.get("@odata.type")
    if isinstance(kind, str):
        return _PROTECTION_TYPE.fullmatch(kind) is not None
    return len(_protection_names() & content.keys()) >= _ENOUGH


def exported(content: Mapping[str, object]) -> Mapping[str, object]:
    """Return the one object of a Graph answer, `{"value": [{...}]}`, else `content` itself."""
    items = content.get("value")
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        return items[0]
    return content


def hints_at_document(text: bytes) -> bool:
    """Say whether damaged JSON `text` has keys of what devices take."""
    names = {match[1].decode() for match in _JSON_KEY.finditer(text)}
    return (
        {"Type", "Payload"} <= names
        or _hints_at_policy(frozenset(map(_spelling, names)))
        or len(names & _protection_names()) >= _ENOUGH
    )


def _hints_at_policy(names: frozenset[str]) -> bool:
    own = names & _policy_names() - _COMMON
    return bool(own - {_APPLICATIONS}) or (bool(own) and not _OF_APP.isdisjoint(names))


def _spelling(name: str) -> str:
    return name.replace("_", "").lower() if len(name) <= 100 else ""  # noqa: PLR2004


@cache
def _policy_names() -> frozenset[str]:
    return frozenset((*_policy_fields(), *map(_spelling, names_that_never_were())))


@cache
def _policy_fields() -> Mapping[str, tuple[str, Field]]:
    fields = policy_objects()[ROOT].fields
    return {_spelling(name): (name, field) for name, field in fields.items()}


@cache
def _objects_inside() -> tuple[Mapping[str, Field], ...]:
    return tuple(found.fields for name, found in policy_objects().items() if name != ROOT)


@cache
def _protection_names() -> frozenset[str]:
    return frozenset(read_data("app_protection.toml")["property"])
