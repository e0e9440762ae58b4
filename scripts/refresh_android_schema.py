"""Make data/schema/android.json from the discovery document of the Android Management API.

    python scripts/refresh_android_schema.py androidmanagement.v1.json
    python scripts/refresh_android_schema.py androidmanagement.v1.json --compare

The result is a JSON Schema (2020-12) of `Policy` without descriptions. Google's Python client
ships the document as googleapiclient/discovery_cache/documents/androidmanagement.v1.json. With
`--compare` nothing is written, one line tells each change, and the exit code is 1 if there is any.
What Google says in sentences only (modes, versions, ranges, replacements) stands in
data/android_fields.toml and is edited by hand: look there for every field that is new.
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from schema_data import report, stored, write

_NAME = "android.json"
_ROOT = "Policy"
_Table = Mapping[str, Any]
# protocol buffers in JSON: 64-bit numbers and durations are strings
# (protobuf.dev/programming-guides/json).
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"pattern": "^-?[0-9]+$"},
    "google-duration": {"pattern": "^-?[0-9]+(\\.[0-9]{1,9})?s$"},
    "google-datetime": {"format": "date-time"},
    "byte": {"contentEncoding": "base64"},
    "float": {},
    "double": {},
}
# The document marks few of them with `readOnly`; the rest it tells in the field's description.
_SERVER_SETS = re.compile(r"\boutput only\b|\bread-only field\b", re.IGNORECASE)


def main() -> int:
    """Read the document that the command line names, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("document", type=Path, help="the discovery document")
    parser.add_argument("--compare", action="store_true", help="print what would change")
    options = parser.parse_args()
    discovery = json.loads(options.document.read_text(encoding="utf-8"))
    schema = policy_schema(discovery)
    if options.compare:
        return report(tuple(changes_of(stored(_NAME), schema)))
    write(schema, _NAME)
    return 0


def policy_schema(discovery: _Table) -> dict[str, object]:
    """Return the JSON Schema of `Policy` and everything that it refers to.

    Unknown properties are refused, as the server refuses them. Deprecated properties carry
    `deprecated`, deprecated enum values stand in `x-enumDeprecated`, what only the server sets has
    `readOnly`, and `x-format` is the document's own word for a number or a text of a certain form.
    """
    schemas = discovery["schemas"]
    revision = discovery["revision"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:androidmanagement:v1:{_ROOT}:{revision}",
        "x-source": "Google, discovery document of the Android Management API",
        "x-discovery-revision": revision,
        "x-licence": "google-NOTICE.txt",
        "$ref": f"#/$defs/{_ROOT}",
        "$defs": {name: _definition(schemas[name]) for name in sorted(_reachable(schemas))},
    }


def _reachable(schemas: _Table) -> set[str]:
    found: set[str] = set()
    todo = [_ROOT]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += re.findall(r'"\$ref": "(\w+)"', json.dumps(schemas[name]))
    return found


def _definition(schema: _Table) -> dict[str, object]:
    properties = {name: _property(row) for name, row in schema.get("properties", {}).items()}
    marks = {"deprecated": True} if schema.get("deprecated") else {}
    return {"type": "object", **marks, "additionalProperties": False, "properties": properties}


def _property(row: _Table) -> dict[str, object]:
    """Return the JSON Schema of one property; raises KeyError on a format never seen before."""
    found: dict[str, object] = {}
    if "$ref" in row:
        found["$ref"] = f"#/$defs/{row['$ref']}"
    elif row.get("type", "any") != "any":
        found["type"] = row["type"]
    if "format" in row:
        found |= {"x-format": row["format"], **_FORMATS[row["format"]]}
    found |= {name: row[name] for name in ("enum", "deprecated", "readOnly") if name in row}
    if _SERVER_SETS.search(row.get("description", "")):
        found["readOnly"] = True
    if any(row.get("enumDeprecated", ())):
        marked = zip(row["enum"], row["enumDeprecated"], strict=True)
        found["x-enumDeprecated"] = [value for value, deprecated in marked if deprecated]
    for name in ("items", "additionalProperties"):
        if name in row:
            found[name] = _property(row[name])
    return found


def changes_of(old: _Table, new: _Table) -> Iterator[str]:
    """Yield a sentence for each change from one schema of this script to another."""
    revisions = old["x-discovery-revision"], new["x-discovery-revision"]
    if revisions[0] != revisions[1]:
        yield "the revision was {} and is {}".format(*revisions)
    for name in sorted(old["$defs"].keys() | new["$defs"].keys()):
        if name not in new["$defs"]:
            yield f"{name}: the object is gone"
        elif name not in old["$defs"]:
            fields = ", ".join(new["$defs"][name]["properties"]) or "none"
            yield f"{name}: a new object; its fields: {fields}"
        else:
            yield from _changes_of_object(name, old["$defs"][name], new["$defs"][name])


def _changes_of_object(name: str, old: _Table, new: _Table) -> Iterator[str]:
    yield from _changes_of_marks(name, old, new)
    before, after = old["properties"], new["properties"]
    for field in sorted(before.keys() | after.keys()):
        place = f"{name}.{field}"
        if field not in after:
            yield f"{place}: the field is gone"
        elif field not in before:
            yield f"{place}: a new field, {_in_words(after[field])}"
        else:
            yield from _changes_of_field(place, before[field], after[field])


def _changes_of_field(place: str, old: _Table, new: _Table) -> Iterator[str]:
    if _in_words(old) != _in_words(new):
        yield f"{place}: was {_in_words(old)} and is {_in_words(new)}"
    yield from _changes_of_marks(place, old, new)
    old, new = old.get("items", old), new.get("items", new)
    for key, words in (("enum", "new"), ("x-enumDeprecated", "now deprecated")):
        for value in new.get(key, ()):
            if value not in old.get(key, ()):
                yield f"{place}: the value {value} is {words}"
    for value in old.get("enum", ()):
        if value not in new.get("enum", ()):
            yield f"{place}: the value {value} is gone"


def _changes_of_marks(place: str, old: _Table, new: _Table) -> Iterator[str]:
    for mark, words in (("deprecated", "deprecated"), ("readOnly", "set by the server only")):
        if bool(old.get(mark)) is not bool(new.get(mark)):
            yield f"{place}: {'now' if new.get(mark) else 'no longer'} {words}"


def _in_words(row: _Table) -> str:
    """Return what a property takes: `a list of PackageNameList`, `integer (int32)`, `enum`."""
    if "items" in row:
        return f"a list of {_in_words(row['items'])}"
    if "$ref" in row:
        return str(row["$ref"]).rpartition("/")[2]
    kind = "enum" if "enum" in row else str(row.get("type", "any value"))
    if "additionalProperties" in row:
        return f"a map to {_in_words(row['additionalProperties'])}"
    return f"{kind} ({row['x-format']})" if "x-format" in row else kind


if __name__ == "__main__":
    sys.exit(main())
