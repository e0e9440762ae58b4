"""Make data/schema/apple.json from a checkout of github.com/apple/device-management.

    python scripts/refresh_apple_schema.py CHECKOUT --revision "TAG (COMMIT)"
    python scripts/refresh_apple_schema.py CHECKOUT --compare

Only facts are kept, no text of Apple's; the licence lies beside the data. `--compare` writes
nothing: it says in words what the checkout would change, and which rows of apple-newer.toml it
makes needless; the exit code is 1 when there is anything.
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from apple_changes import changes, needless
from ruamel.yaml import YAML
from schema_data import FOLDER, report, stored, write_tree

_NAME = "apple.json"
_NEWER = "apple-newer.toml"
_SYSTEMS = ("iOS", "macOS")
_FACTS = (
    *("presence", "default", "rangelist", "range", "format", "repetition"),
    *("valuetype", "subtype", "combinetype"),
)
_SUPPORT = (
    *("introduced", "deprecated", "removed", "multiple", "supervised"),
    *("allowmanualinstall", "allowed-enrollments"),
)
_Table = Mapping[str, Any]


def main() -> int:
    """Read the checkout that the command line names, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="folder that holds mdm/profiles")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--revision", help="release tag and commit of the checkout, recorded")
    action.add_argument("--compare", action="store_true", help="say what would change")
    options = parser.parse_args()
    schema = read_schema(options.checkout)
    if options.compare:
        newer = tomllib.loads((FOLDER / _NEWER).read_text(encoding="utf-8"))
        return report([*changes(stored(_NAME), schema), *needless(newer["key"], schema)])
    source = {
        "repository": "https://github.com/apple/device-management",
        "revision": options.revision,
        "licence": "apple-LICENSE.txt",
    }
    write_tree({"source": source, **schema}, _NAME)
    return 0


def read_schema(checkout: Path) -> dict[str, dict[str, object]]:
    """Return the facts of all files by section and by name, the path without its ending.

    A credential is the data that an asset refers to, so it is no declaration of its own.
    """
    declarations = checkout / "declarative" / "declarations"
    found = _folder(declarations)
    credentials = {name: found.pop(name) for name in list(found) if "/credentials/" in f"/{name}"}
    return {
        "payloads": _folder(checkout / "mdm" / "profiles"),
        "declarations": found,
        "credentials": credentials,
    }


def _folder(folder: Path) -> dict[str, object]:
    yaml = YAML(typ="safe")
    return {
        file.relative_to(folder).with_suffix("").as_posix(): file_facts(
            yaml.load(file.read_text(encoding="utf-8"))
        )
        for file in sorted(folder.rglob("*.yaml"))
    }


def file_facts(document: _Table) -> dict[str, object]:
    """Return the facts of one file: its type, where it exists, and its keys by name."""
    payload = document["payload"]
    names = ("payloadtype", "declarationtype", "credentialtype")
    facts: dict[str, object] = {"type": next(payload[name] for name in names if name in payload)}
    if "apply" in payload:
        facts["apply"] = payload["apply"]
    facts |= _support(payload)
    facts["keys"] = dict(_keys(document["payloadkeys"], ()))
    return facts


def _keys(rows: list[_Table], above: tuple[_Table, ...]) -> Iterator[tuple[str, object]]:
    """Yield name and facts of each row; `above` are the rows that it stands in.

    Each has only what it says itself: it inherits the rest, as Apple's docs/schema.md says. A row
    that contains itself, through a YAML anchor, refers to the path of its outer self.
    """
    for row in rows:
        outer = next((n for n, item in enumerate(above) if item is row), None)
        if outer is None:
            yield str(row["key"]), _row(row, (*above, row))
        else:
            yield str(row["key"]), {"same": [str(item["key"]) for item in above[: outer + 1]]}


def _row(row: _Table, above: tuple[_Table, ...]) -> dict[str, object]:
    facts: dict[str, object] = {"type": row["type"].strip("<>")}
    facts |= {name: _plain(row[name]) for name in _FACTS if name in row}
    facts |= _support(row)
    if "subkeys" in row:
        inside = "items" if facts["type"] == "array" else "keys"
        facts[inside] = dict(_keys(row["subkeys"], above))
    return facts


def _support(row: _Table) -> dict[str, object]:
    """Return what `row` says of the systems that count, as {"on": {system: facts}}."""
    on = {name: _system(facts) for name, facts in row.get("supportedOS", {}).items()}
    on = {name: on[name] for name in _SYSTEMS if on.get(name)}
    return {"on": on} if on else {}


def _system(facts: _Table) -> dict[str, object]:
    found = {name: facts[name] for name in _SUPPORT if name in facts}
    if "mode" in facts.get("userenrollment", {}):
        found["userenrollment"] = facts["userenrollment"]["mode"]
    return found


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


if __name__ == "__main__":
    sys.exit(main())
