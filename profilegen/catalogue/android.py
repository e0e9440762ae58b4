"""Google's schema of an Android policy with typed access, and what it says in sentences only.

The schema is made from the discovery document by scripts/refresh_android_schema.py. Modes,
versions, ranges and replacements stand in descriptions there; they are copied as facts by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from profilegen.catalogue.load import channels, read_data
from profilegen.catalogue.terms import Mode, Platform
from profilegen.versions import Version, parse_version

ROOT = "Policy"
"""The object that a policy is."""

_Table = Mapping[str, Any]
_REFERENCE = "#/$defs/"


class Kind(StrEnum):
    """What a field takes, as protocol buffers have it in JSON."""

    OBJECT = "object"
    LIST = "list"
    TEXTS = "map of texts"
    FREE = "object of any content"
    ENUM = "enum"
    TEXT = "text"
    BOOLEAN = "boolean"
    INT32 = "int32"
    INT64 = "int64"
    DURATION = "duration"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a policy or of an object in it.

    `object` names what an OBJECT is, `item` is what a LIST holds, `values` are those of an ENUM.
    """

    kind: Kind
    object: str = ""
    item: Field | None = None
    values: tuple[str, ...] = ()
    deprecated_values: frozenset[str] = frozenset()
    deprecated: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class PolicyObject:
    """An object of the schema with its fields by name."""

    name: str
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What Google says in words about a field, or about one value of it.

    `path` has dots between levels and `[]` behind a list. `value` is "" where the whole field is
    meant. `modes` is empty where every mode has it, `since` None where no version is stated.
    `least` and `most` bound a number, both included.
    """

    path: str
    value: str = ""
    modes: frozenset[Mode] = frozenset()
    since: Version | None = None
    least: int | None = None
    most: int | None = None


@cache
def policy_objects() -> Mapping[str, PolicyObject]:
    """Return every object that a policy may hold, by name; `ROOT` is the policy itself."""
    rows = _schema()["$defs"].items()
    return MappingProxyType({name: _policy_object(name, row) for name, row in rows})


@cache
def discovery_revision() -> str:
    """Return the revision of the discovery document that the schema was made from."""
    return str(_schema()["x-discovery-revision"])


@cache
def places_of_fields() -> Mapping[str, tuple[str, ...]]:
    """Return for each field's name the paths at which a policy may have it, shortest first."""
    found: dict[str, list[str]] = {}
    for path, _ in _paths(ROOT, ""):
        found.setdefault(path.removesuffix("[]").rpartition(".")[2], []).append(path)
    return _sorted(found)


@cache
def places_of_objects() -> Mapping[str, tuple[str, ...]]:
    """Return for each object inside a policy the paths at which it may stand, shortest first."""
    found: dict[str, list[str]] = {}
    for path, name in _paths(ROOT, ""):
        if name:
            found.setdefault(name, []).append(path)
    return _sorted(found)


@cache
def field_notes() -> tuple[FieldNote, ...]:
    """Return what Google states in words: of the channels' fields, then of all others."""
    rows = read_data("android_fields.toml")["field"]
    return (*_notes_of_channels(), *map(_note, rows))


@cache
def replacements() -> Mapping[str, str]:
    """Return by `path`, or by `path=VALUE`, what to use instead of what is deprecated."""
    rows = read_data("android_fields.toml")["deprecated"]
    return MappingProxyType({row["path"]: row["use"] for row in rows})


@cache
def names_that_never_were() -> Mapping[str, str]:
    """Return fields that widespread examples use and the API lacks, with what was meant."""
    rows = read_data("android_fields.toml")["mistaken"]
    return MappingProxyType({row["name"]: row["meant"] for row in rows})


@cache
def set_by_request() -> frozenset[str]:
    """Return the top-level fields that the address of a request decides."""
    return frozenset(read_data("android_fields.toml")["addressed"])


@cache
def _schema() -> _Table:
    path = files("profilegen.catalogue").joinpath("data", "schema", "android.json")
    schema: _Table = json.loads(path.read_text("utf-8"))
    return schema


def _policy_object(name: str, row: _Table) -> PolicyObject:
    fields = {key: _field(value) for key, value in row["properties"].items()}
    return PolicyObject(name, MappingProxyType(fields))


def _field(row: _Table) -> Field:
    return Field(
        kind=_kind(row),
        object=row.get("$ref", "").removeprefix(_REFERENCE),
        item=_field(row["items"]) if "items" in row else None,
        values=tuple(row.get("enum", ())),
        deprecated_values=frozenset(row.get("x-enumDeprecated", ())),
        deprecated=bool(row.get("deprecated")),
        read_only=bool(row.get("readOnly")),
    )


_BY_FORMAT = {
    "int32": Kind.INT32,
    "int64": Kind.INT64,
    "google-duration": Kind.DURATION,
    "byte": Kind.BYTES,
}
_BY_TYPE = {"array": Kind.LIST, "boolean": Kind.BOOLEAN, "string": Kind.TEXT}


def _kind(row: _Table) -> Kind:
    """Return the kind of a property; raise KeyError for one that the schema never had."""
    if "$ref" in row:
        return Kind.OBJECT
    if "enum" in row:
        return Kind.ENUM
    if "x-format" in row:
        return _BY_FORMAT[row["x-format"]]
    if row["type"] == "object":
        return Kind.TEXTS if row["additionalProperties"] else Kind.FREE
    return _BY_TYPE[row["type"]]


def _paths(name: str, place: str) -> Iterator[tuple[str, str]]:
    """Yield the path of every field below `place`, with the object that it is or lists, if any."""
    for key, field in policy_objects()[name].fields.items():
        inner = field.item or field
        path = (f"{place}.{key}" if place else key) + ("[]" if field.item else "")
        yield path, inner.object
        if inner.object:
            yield from _paths(inner.object, path)


def _sorted(paths: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(
        {
            name: tuple(sorted(found, key=lambda path: (path.count("."), path)))
            for name, found in paths.items()
        }
    )


def _notes_of_channels() -> Iterator[FieldNote]:
    """Yield the modes and versions that the catalogue of channels has, versions if stated."""
    for channel in channels(Platform.ANDROID).values():
        for field in channel.fields:
            modes = frozenset(field.modes) if set(field.modes) != set(Mode) else frozenset()
            since = field.introduced if field.version_stated else None
            yield FieldNote(field.path, modes=modes, since=since)
            for closing in field.close:
                newer = closing.since > field.introduced
                if newer and isinstance(closing.value, str):
                    yield FieldNote(field.path, value=closing.value, since=closing.since)


def _note(row: _Table) -> FieldNote:
    return FieldNote(
        path=row["path"],
        value=row.get("value", ""),
        modes=frozenset(map(Mode, row.get("modes", ()))),
        since=parse_version(row["since"]) if "since" in row else None,
        least=row.get("least"),
        most=row.get("most"),
    )
