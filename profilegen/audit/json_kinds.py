"""What a JSON object is meant to be, by its keys: declaration, Android policy, app protection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from profilegen.catalogue.android import ROOT, names_that_never_were, policy_objects
from profilegen.catalogue.load import read_data

_PROTECTION_TYPE = re.compile(
    r"#microsoft\.graph\.\w*managedApp(?:Protection|Policy)", re.IGNORECASE
)
# Names that objects of every kind have; they alone make no policy of an object with other keys.
_COMMON = frozenset({"name", "version"})
_ENOUGH = 3
WRAPPER = "policy"
"""The key under which some tools keep the whole policy."""
_JSON_KEY = re.compile(rb'"([A-Za-z_]{3,60})"\s{0,20}:')


def is_declaration(content: Mapping[str, object]) -> bool:
    """Say whether `content` has the type and the payload of a declaration."""
    return isinstance(content.get("Type"), str) and isinstance(content.get("Payload"), dict)


def is_policy(content: Mapping[str, object]) -> bool:
    """Say whether `content` is an Android policy or a fragment of one.

    Fields are known in any spelling of their name, as `screen_capture_disabled`, since what is
    misspelt is to be said and not to be passed over. A fragment of an object inside a policy
    must be it as a whole.
    """
    if any("@odata" in key for key in content):
        return False
    names = frozenset(map(_spelling, content))
    known = names & _policy_names()
    if known - _COMMON or names <= _COMMON:
        return True
    keys = content.keys()
    has_own_name = any(not key.islower() for key in keys)
    return has_own_name and any(keys <= fields for fields in _objects_inside())


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
        or not ({*map(_spelling, names)} & _policy_names() <= _COMMON)
        or len(names & _protection_names()) >= _ENOUGH
    )


def _spelling(name: str) -> str:
    return name.replace("_", "").lower() if len(name) <= 100 else ""  # noqa: PLR2004


@cache
def _policy_names() -> frozenset[str]:
    return frozenset(map(_spelling, (*policy_objects()[ROOT].fields, *names_that_never_were())))


@cache
def _objects_inside() -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(found.fields) for name, found in policy_objects().items() if name != ROOT
    )


@cache
def _protection_names() -> frozenset[str]:
    return frozenset(read_data("app_protection.toml")["property"])
