"""Builds the variables of a target: the placeholder of every field that its service fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profilegen.catalogue.variables import variable_services
from profilegen.policy.fields import placeholders
from profilegen.policy.lenient import all_texts
from profilegen.policy.targets import Variables

_Table = Mapping[str, Any]


def variables_from(value: str | _Table, table: _Table) -> Variables:
    """Return the variables that `value` of a target describes, for the fields of policy `table`."""
    row: _Table = {"service": value} if isinstance(value, str) else value
    service = variable_services()[row["service"]]
    found = {
        field: service.placeholder(field) for field in (*service.placeholders, *_fields(table))
    }
    known = {field: text for field, text in found.items() if text}
    own: Mapping[str, str] = row.get("fields", {})
    return Variables(service.id, {**known, **own})


def _fields(table: _Table) -> Iterator[str]:
    """Yield the fields that the policy declares and those in its texts."""
    yield from table.get("users", {})
    for key in ("accounts", "certificates"):
        for _, text in all_texts((key,), table.get(key, [])):
            yield from placeholders(text)
