"""Placeholders that MDM services replace in the files they send, from `variables.toml`.

What is documented of each service; whether it replaces a placeholder in a certain file, no file
says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from profilegen.catalogue.load import read_data

_DATA = "variables.toml"
# macOS replaces these on the device, in 802.1X settings (Apple Platform Deployment, "Payload
# variables"), which no signature minds.
_OF_MACOS = frozenset({"%SerialNumber%"})


class Escaping(StrEnum):
    """What a service does to a value before it puts it into XML."""

    XML = "xml"
    OPTION = "option"
    UNKNOWN = "unknown"


class SignedUpload(StrEnum):
    """What a service does with a profile that is signed and holds placeholders."""

    REFUSED = "refused"
    LEFT_ALONE = "left-alone"
    UNACCEPTED = "unaccepted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class VariableService:
    """What one service fills in, and how.

    `placeholders` are by field. `syntax` matches a whole placeholder, also of an attribute that an
    organization has defined; `example` is one. `files` are the kinds of artifact (`profile`,
    `app-configuration`) known to be filled in. `cautions` are sentences by field.
    """

    id: str
    name: str
    placeholders: Mapping[str, str]
    syntax: re.Pattern[str]
    example: str
    escaping: Escaping
    escaping_detail: str
    signed: SignedUpload
    files: frozenset[str]
    cautions: Mapping[str, str]
    source: str

    def placeholder(self, field: str) -> str:
        """Return the placeholder of a field by any of its names, "" where none is known."""
        return self.placeholders.get(_field(field), "")

    def caution(self, field: str) -> str:
        """Return what to know of a field's placeholder, "" where there is nothing."""
        return self.cautions.get(_field(field), "")

    def stands_alone(self, text: str, start: int, end: int) -> bool:
        """Say whether the placeholder at `start` to `end` of `text` ends where the service ends it.

        `$EMAIL_2` is another placeholder than `$EMAIL`, whatever was meant.
        """
        return any(match.span() == (start, end) for match in self.syntax.finditer(text))


@cache
def variable_services() -> Mapping[str, VariableService]:
    """Return the services by id, in the order of the data."""
    rows = read_data(_DATA)["service"]
    return MappingProxyType({name: _service(name, row) for name, row in rows.items()})


def placeholders_in(text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the known placeholders in `text`, each with the names of its services.

    Left out is what macOS replaces by itself as well.
    """
    found: dict[str, tuple[str, ...]] = {}
    for service in variable_services().values():
        for placeholder in dict.fromkeys(match[0] for match in service.syntax.finditer(text)):
            if _is_known(service, placeholder):
                found[placeholder] = (*found.get(placeholder, ()), service.name)
    return found


def _is_known(service: VariableService, placeholder: str) -> bool:
    if placeholder in _OF_MACOS:
        return False
    # No other tool writes FLEET_VAR, so that every one of them is Fleet's.
    return service.id == "fleet" or placeholder in service.placeholders.values()


def _service(name: str, row: Mapping[str, Any]) -> VariableService:
    return VariableService(
        id=name,
        name=row["name"],
        placeholders=MappingProxyType(row["fields"]),
        syntax=re.compile(row["syntax"]),
        example=row["example"],
        escaping=Escaping(row["escaping"]),
        escaping_detail=row.get("escaping_detail", ""),
        signed=SignedUpload(row["signed"]),
        files=frozenset(row["files"]),
        cautions=MappingProxyType(row["cautions"]),
        source=row["source"].strip(),
    )


def _field(name: str) -> str:
    """Return the field's own name by one of its names; an unknown one comes back folded."""
    folded = _folded(name)
    return _fields().get(folded, folded)


@cache
def _fields() -> Mapping[str, str]:
    return MappingProxyType(
        {
            _folded(alias): field
            for field, aliases in read_data(_DATA)["aliases"].items()
            for alias in (field, *aliases)
        }
    )


def _folded(name: str) -> str:
    return name.lower().replace("_", "")
