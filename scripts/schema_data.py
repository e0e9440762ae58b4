"""What both refresh scripts share: writing compact data, and reporting what would change."""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "profilegen" / "catalogue" / "data" / "schema"
_INSIDE = ("keys", "items")


def write(document: Mapping[str, object], name: str) -> None:
    """Write `document` as `name` into the catalogue, one entry a line so that diffs read well."""
    path = FOLDER / name
    path.write_text(_dump(document, indent=0) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {name}\n")


def write_tree(document: Mapping[str, object], name: str) -> None:
    """Write `document` as `name`, one line for an entry and what is inside it on lines below.

    What is inside an entry are its mappings `keys` and `items`; all else stays on its line.
    """
    path = FOLDER / name
    rows = (_dump_section(key, value) for key, value in document.items())
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    sys.stdout.write(f"wrote {name}\n")


def stored(name: str) -> dict[str, object]:
    """Return what the catalogue's `name` holds."""
    document: dict[str, object] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return document


def report(changes: Sequence[str]) -> int:
    """Print `changes`, one a line, and their number; return 1 if there are any."""
    for line in changes:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(changes)} changes\n")
    return 1 if changes else 0


def _dump(value: object, *, indent: int) -> str:
    """Return JSON in which only mappings of mappings are spread over several lines."""
    if not isinstance(value, dict) or not any(isinstance(item, dict) for item in value.values()):
        return json.dumps(value, ensure_ascii=False)
    inner = " " * (indent + 1)
    rows = (
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_dump(item, indent=indent + 1)}"
        for key, item in value.items()
    )
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"


def _dump_section(key: str, value: object) -> str:
    name = json.dumps(key)
    if not isinstance(value, dict) or not all(isinstance(item, dict) for item in value.values()):
        return f" {name}: {json.dumps(value, ensure_ascii=False)}"
    return f" {name}: {_dump_entries(value, indent=1)}"


def _dump_entries(entries: Mapping[str, Mapping[str, object]], *, indent: int) -> str:
    inner = " " * (indent + 1)
    rows = (
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_dump_entry(entry, indent=indent + 1)}"
        for key, entry in entries.items()
    )
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"


def _dump_entry(entry: Mapping[str, object], *, indent: int) -> str:
    line = {key: value for key, value in entry.items() if key not in _INSIDE}
    text = json.dumps(line, ensure_ascii=False)
    for key in _INSIDE:
        inside = entry.get(key)
        if isinstance(inside, dict):
            text = f'{text[:-1]}, "{key}": {_dump_entries(inside, indent=indent)}}}'
    return text
