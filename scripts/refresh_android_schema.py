"""Make data/schema/android.json from the discovery document of the Android Management API.

    python scripts/refresh_android_schema.py androidmanagement.v1.json
    python scripts/refresh_android_schema.py androidmanagement.v1.json --compare

The result is a JSON Schema (2020-12) of `Policy` without descriptions. Google's Python client
ships the document as googleapiclient/discovery_cache/documents/androidmanagement.v1.json. With
`--compare` nothing is written and the exit code is 1 when the document differs from the data.
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schema_data import compare, write

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


def main() -> int:
    """Read the document that the command line names, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("document", type=Path, help="the discovery document")
    parser.add_argument("--compare", action="store_true", help="print what would change")
    options = parser.parse_args()
    discovery = json.loads(options.document.read_text(encoding="utf-8"))
    schema = policy_schema(discovery)
    if options.compare:
        return compare(schema, _NAME)
    write(schema, _NAME)
    return 0


def policy_schema(discovery: _Table) -> dict[str, object]:
    """Return the JSON Schema of `Policy` and everything that it refers to.

    Unknown properties are refused, as the server refuses them. Deprecated properties carry
    `deprecated`, deprecated enum values stand in `x-enumDeprecated`.
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
    found |= _FORMATS[row["format"]] if "format" in row else {}
    found |= {name: row[name] for name in ("enum", "deprecated", "readOnly") if name in row}
    if any(row.get("enumDeprecated", ())):
        marked = zip(row["enum"], row["enumDeprecated"], strict=True)
        found["x-enumDeprecated"] = [value for value, deprecated in marked if deprecated]
    for name in ("items", "additionalProperties"):
        if name in row:
            found[name] = _property(row[name])
    return found


if __name__ == "__main__":
    sys.exit(main())
