"""Make data/schema/apple.json from a checkout of github.com/apple/device-management.

    python scripts/refresh_apple_schema.py CHECKOUT --revision "TAG (COMMIT)"
    python scripts/refresh_apple_schema.py CHECKOUT --compare

Only facts about iOS keys are kept, no text of Apple's; the licence lies beside the data. With
`--compare` nothing is written and the exit code is 1 when the checkout differs from the data.
"""

# ruff: noqa: INP001  (a folder of scripts, not a package)

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from schema_data import compare, write

_NAME = "apple.json"
_PAYLOADS = (
    "CommonPayloadKeys",
    "TopLevel",
    "com.apple.airplay",
    "com.apple.applicationaccess",
    "com.apple.caldav.account",
    "com.apple.carddav.account",
    "com.apple.domains",
    "com.apple.eas.account",
    "com.apple.google-oauth",
    "com.apple.ldap.account",
    "com.apple.mail.managed",
    "com.apple.notificationsettings",
    "com.apple.security.acme",
    "com.apple.security.pem",
    "com.apple.security.pkcs1",
    "com.apple.security.pkcs12",
    "com.apple.security.root",
    "com.apple.security.scep",
    "com.apple.subscribedcalendar.account",
    "com.apple.vpn.managed.applayer",
)
# Some payloads refer to their own keys through YAML anchors, without end.
_MAX_DEPTH = 8
_ABSENT = "n/a"
_Table = Mapping[str, Any]


def main() -> int:
    """Read the checkout that the command line names, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path, help="folder that holds mdm/profiles")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--revision", help="release tag and commit of the checkout, recorded")
    action.add_argument("--compare", action="store_true", help="print what would change")
    options = parser.parse_args()
    payloads = {name: payload_facts(options.checkout, name) for name in _PAYLOADS}
    if options.compare:
        return compare({"payloads": payloads}, _NAME)
    source = {
        "repository": "https://github.com/apple/device-management",
        "revision": options.revision,
        "licence": "apple-LICENSE.txt",
    }
    write({"source": source, "payloads": payloads}, _NAME)
    return 0


def payload_facts(checkout: Path, name: str) -> dict[str, object]:
    """Return the facts of payload `name` and of its keys by path, dots between levels."""
    file = checkout / "mdm" / "profiles" / f"{name}.yaml"
    document = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    support = document["payload"]["supportedOS"]["iOS"]
    facts: dict[str, object] = _support_facts(support)
    facts["multiple"] = support["multiple"]
    facts["keys"] = dict(_key_facts(document["payloadkeys"], support, ()))
    return facts


def _key_facts(
    rows: Sequence[_Table], inherited: _Table, above: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield path and facts of each iOS key; a key inherits what it does not say itself.

    Apple's docs/schema.md lets keys inherit from the payload; a key inside another one cannot
    reach further than that one, so it inherits from there.
    """
    for row in rows:
        path = (*above, str(row["key"]))
        support = {**inherited, **row.get("supportedOS", {}).get("iOS", {})}
        if support["introduced"] == _ABSENT:
            continue
        facts: dict[str, object] = {"type": row["type"].strip("<>")}
        for name in ("presence", "default", "rangelist", "range", "format", "repetition"):
            if name in row:
                facts[name] = _plain(row[name])
        yield ".".join(path), facts | _support_facts(support)
        if len(path) < _MAX_DEPTH:
            yield from _key_facts(row.get("subkeys", ()), support, path)


def _support_facts(support: _Table) -> dict[str, object]:
    facts: dict[str, object] = {"introduced": support["introduced"]}
    facts |= {name: support[name] for name in ("deprecated", "removed") if name in support}
    facts["supervised"] = support["supervised"]
    facts["userenrollment"] = support["userenrollment"]["mode"]
    facts["allowmanualinstall"] = support["allowmanualinstall"]
    return facts


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


if __name__ == "__main__":
    sys.exit(main())
