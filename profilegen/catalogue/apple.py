"""Apple's schema of payloads and declarations, typed: which keys there are, and what each demands.

The facts lie in data/schema/apple.json, made from Apple's YAML by scripts/refresh_apple_schema.py,
and in apple-newer.toml, laid over them. Levels are made when asked for: some contain themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from profilegen.catalogue.apple_data import (
    ABSENT,
    ANY,
    Entry,
    Table,
    files_by_type,
    items_in,
    keys_in,
    paths,
)
from profilegen.catalogue.apple_model import (
    Key,
    Level,
    Section,
    Support,
    System,
    Type,
    united_key,
    united_levels,
    widest_support,
)
from profilegen.versions import Version, parse_version

PROFILE_ENVELOPE, COMMON, DECLARATION_ENVELOPE = "TopLevel", "CommonPayloadKeys", "any"
"""The types of what stands around payloads and declarations, and of what all payloads have."""


@cache
def payload_type(name: str) -> Type | None:
    """Return the payload type `name`, with the keys that all payloads share; None if unknown."""
    if name not in type_names(Section.PAYLOADS):
        return None
    own = _type(Section.PAYLOADS, name)
    keys = {**_type(Section.PAYLOADS, COMMON).level.keys, **own.level.keys}
    return Type(name, own.on, Level(MappingProxyType(keys), own.level.other))


@cache
def declaration_type(name: str) -> Type | None:
    """Return the declaration type `name`, with the keys of its Payload; None if unknown."""
    known = name in type_names(Section.DECLARATIONS)
    return _type(Section.DECLARATIONS, name) if known else None


@cache
def profile_envelope() -> Type:
    """Return the top level of every profile."""
    return _type(Section.PAYLOADS, PROFILE_ENVELOPE)


@cache
def declaration_envelope() -> Type:
    """Return what stands around the Payload of every declaration."""
    return _type(Section.DECLARATIONS, DECLARATION_ENVELOPE)


@cache
def common_payload_keys() -> Level:
    """Return the level of a payload whose type is unknown: the common keys, and any others."""
    common = files_by_type(Section.PAYLOADS)[COMMON][0]
    anything = Entry(ANY, {"type": "any"}, common.on, is_item=False, file={})
    return Level(_type(Section.PAYLOADS, COMMON).level.keys, _key(anything))


@cache
def type_names(section: Section) -> frozenset[str]:
    """Return the names of all types that a payload or declaration can have."""
    return frozenset(files_by_type(section)) - {PROFILE_ENVELOPE, COMMON, DECLARATION_ENVELOPE}


@cache
def forbidden_in_user_enrollment() -> frozenset[str]:
    """Return the payload types that iOS has and that User Enrollment forbids there."""
    kinds = (_type(Section.PAYLOADS, name) for name in type_names(Section.PAYLOADS))
    return frozenset(
        kind.name
        for kind in kinds
        if (support := kind.on.get(System.IOS)) and not support.in_user_enrollment
    )


@cache
def level_of(key: Key) -> Level | None:
    """Return the keys of the dictionary that `key` holds, None where any may be."""
    fitting = {"dictionary", "any"}
    entries = [entry for entry in key.entries if not _kinds(entry).isdisjoint(fitting)]
    if not entries or not all("keys" in entry.row for entry in entries):
        return None
    return united_levels([_entry_level(entry) for entry in entries])


@cache
def item_of(key: Key) -> Key | None:
    """Return what each item of the list that `key` holds has to be, None for anything."""
    fitting = {"array", "any"}
    entries = [entry for entry in key.entries if not _kinds(entry).isdisjoint(fitting)]
    items = [_key(item) for entry in entries for item in items_in(entry)]
    if not items or not all("items" in entry.row for entry in entries):
        return None
    return united_key(items)


@cache
def owners(section: Section) -> Mapping[str, tuple[str, ...]]:
    """Return the types that have a key of this name in their first level, by the key.

    The envelope and the common keys are types here.
    """
    found: dict[str, tuple[str, ...]] = {}
    for kind, files in files_by_type(section).items():
        names = {name: None for file in files for name in file.row["keys"]}
        for name in names.keys() - {ANY}:
            found[name] = (*found.get(name, ()), kind)
    return MappingProxyType(found)


@cache
def key_places(section: Section, kind: str) -> Mapping[str, str]:
    """Return the path of the first place of each key of type `kind`, the common keys included.

    A type that is not known has no others.
    """
    names = (
        [kind] if section is Section.DECLARATIONS or kind == PROFILE_ENVELOPE else [COMMON, kind]
    )
    found: dict[str, str] = {}
    for file in (file for name in names for file in files_by_type(section).get(name, ())):
        for name, path in paths(file):
            found.setdefault(name, path)
    return MappingProxyType(found)


@cache
def _type(section: Section, name: str) -> Type:
    files = files_by_type(section)[name]
    on = widest_support([_supports(file) for file in files])
    return Type(name, on, united_levels([_entry_level(file) for file in files]))


def _entry_level(entry: Entry) -> Level:
    keys = {child.name: _key(child) for child in keys_in(entry)}
    other = keys.pop(ANY, None)
    return Level(MappingProxyType(keys), other)


def _key(entry: Entry) -> Key:
    row = entry.row
    bounds = row.get("range", {})
    # Apple's rows count the items of a list at the row of the item.
    counts: Table = next(
        (i.row["repetition"] for i in items_in(entry) if "repetition" in i.row), {}
    )
    counts = row.get("repetition", counts) if "array" in _kinds(entry) else {}
    form = row.get("format", "")
    return Key(
        name=entry.name,
        kinds=_kinds(entry),
        required=row.get("presence") == "required",
        unless=row.get("needless_with", ""),
        checked=not entry.file.get("preferences", False),
        allowed=tuple(row["rangelist"]) if "rangelist" in row else None,
        least=bounds.get("min"),
        greatest=bounds.get("max"),
        fewest=counts.get("min"),
        most=counts.get("max"),
        form=form if form.startswith("^") else "",
        on=_supports(entry),
        entries=(entry,),
    )


def _kinds(entry: Entry) -> frozenset[str]:
    kinds = entry.row["type"]
    return frozenset([kinds] if isinstance(kinds, str) else kinds)


def _supports(entry: Entry) -> Mapping[System, Support]:
    facts = {system: entry.on.get(system, {}) for system in System}
    return MappingProxyType(
        {name: _support(said) for name, said in facts.items() if said.get("introduced") != ABSENT}
    )


def _support(facts: Table) -> Support:
    """Return the facts of one system; declarations list the enrollments that may have them."""
    enrollments = facts.get("allowed-enrollments")
    if enrollments is None:
        supervised = facts.get("supervised", False)
        in_user_enrollment = facts.get("userenrollment") != "forbidden"
        by_hand = facts.get("allowmanualinstall", True)
    else:
        supervised = set(enrollments) <= {"supervised"}
        in_user_enrollment = "user" in enrollments
        by_hand = "local" in enrollments
    return Support(
        introduced=_version(facts.get("introduced")),
        deprecated=_version(facts.get("deprecated")),
        removed=_version(facts.get("removed")),
        multiple=facts.get("multiple", True),
        supervised=supervised,
        in_user_enrollment=in_user_enrollment,
        by_hand=by_hand,
    )


def _version(text: str | None) -> Version | None:
    return None if text is None or text == "all" else parse_version(text)
