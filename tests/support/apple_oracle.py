"""What Apple's YAML files say against a profile: written from them and from the rules' pages alone.

An oracle for the linter: it walks the published files directly, shares no code and no data with
profilegen, and knows as little as possible. Only rule codes and places are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Row = Mapping[str, Any]
Hit = tuple[str, str]
"""A rule's code and a place."""

OSES = ("iOS", "macOS")
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "real": (int, float),
    "boolean": (bool,),
    "date": (datetime,),
    "data": (bytes,),
    "array": (list,),
    "dictionary": (dict,),
}


# Where Apple's rows contradict Apple's own words: the text of the key, docs/errata.md (iOS 17,
# names of a certificate), and the home screen's file of release 26.2.
ONE_NAME_OR_SEVERAL = {"type": ["<string>", "<array>"]}
CORRECTIONS: Sequence[tuple[str, str, Mapping[str, Any]]] = [
    ("TopLevel", "ConsentText", {"subkeys": [{"key": "ANY", "type": "<string>"}]}),
    ("TopLevel", "PayloadContent", {"needless_with": "EncryptedPayloadContent"}),
    ("com.apple.security.scep", "PayloadContent/SubjectAltName/rfc822Name", ONE_NAME_OR_SEVERAL),
    ("com.apple.security.scep", "PayloadContent/SubjectAltName/dNSName", ONE_NAME_OR_SEVERAL),
    (
        "com.apple.security.scep",
        "PayloadContent/SubjectAltName/uniformResourceIdentifier",
        ONE_NAME_OR_SEVERAL,
    ),
    ("com.apple.security.acme", "SubjectAltName/*", ONE_NAME_OR_SEVERAL),
    (
        "com.apple.TCC.configuration-profile-policy",
        "Services/*/IdentityDict/Allowed",
        {"needless_with": "Authorization"},
    ),
    (
        "com.apple.configurationprofile.identification",
        "PayloadIdentification/Password",
        {"presence": "optional"},
    ),
    ("com.apple.xsan", "sharedSecret", {"presence": "optional"}),
    # Of iOS 14, in a dictionary of iOS 10: profiles of that time had none.
    ("com.apple.vpn.managed", "DNS/DNSProtocol", {"presence": "optional"}),
    # Apple's Configuration Profile Reference has both in the items of PayloadContent.
    ("com.apple.apn.managed", "DefaultsData", {"needless_with": "PayloadContent"}),
    ("com.apple.apn.managed", "DefaultsDomainName", {"needless_with": "PayloadContent"}),
    (
        "com.apple.homescreenlayout",
        "Dock/IconItem/Type",
        {"rangelist": ["Application", "Folder", "WebClip"]},
    ),
]

# Keys that Apple's rows leave out: the vendor's own, and three of its Configuration Profile
# Reference.
ADDITIONS: Sequence[tuple[str, str, Mapping[str, str]]] = [
    ("com.apple.vpn.managed", "VendorConfig", {"ANY": "<any>"}),
    (
        "com.apple.vpn.managed",
        "VPN",
        {"RemoteAddress": "<string>", "AuthName": "<string>", "AuthPassword": "<string>"},
    ),
]


@dataclass(frozen=True)
class Where:
    """How the device is managed, and the oldest version of each system in use."""

    enrollment: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Spec:
    """Every YAML row that describes one key, each with what it says of each system."""

    rows: tuple[tuple[Row, Mapping[str, Row]], ...]

    def on(self, os: str) -> list[Row]:
        return [support[os] for _, support in self.rows if reaches(support[os])]

    @property
    def types(self) -> set[str]:
        found: set[str] = set()
        for row, _ in self.rows:
            kinds = row["type"] if isinstance(row["type"], list) else [row["type"]]
            found |= {kind.strip("<>") for kind in kinds}
        return found

    @cached_property
    def children(self) -> dict[str, Spec]:
        found: dict[str, list[tuple[Row, Mapping[str, Row]]]] = {}
        for row, support in self.rows:
            for child in row.get("subkeys") or ():
                found.setdefault(str(child["key"]), []).append((child, below(child, support)))
        return {key: Spec(tuple(rows)) for key, rows in found.items()}


@dataclass
class Oracle:
    """Apple's files below `schema`, and the facts that changed after them, from `newer`."""

    schema: Path
    newer: Path

    @cached_property
    def files(self) -> list[Row]:
        reader = YAML(typ="safe")
        paths = sorted(self.schema.joinpath("mdm", "profiles").glob("*.yaml"))
        files = [reader.load(path.read_text("utf-8")) for path in paths]
        for kind, path, change in CORRECTIONS:
            for row in rows_of(files, kind, path):
                row.update(change)
        for kind, path, types in ADDITIONS:
            for row in rows_of(files, kind, path):
                row["subkeys"] += [{"key": key, "type": types[key]} for key in types]
        return files

    @cached_property
    def payloads(self) -> dict[str, Spec]:
        """Return for each payload type a specification whose children are its keys."""
        found: dict[str, list[tuple[Row, Mapping[str, Row]]]] = {}
        for file in self.files:
            payload = file["payload"]
            said = payload.get("supportedOS")
            # One file does not say where it works: everywhere, from the first version on.
            support = {os: dict((said or {os: {"introduced": "1.0"}})[os]) for os in OSES}
            keys = [*(file.get("payloadkeys") or ())]
            if payload["payloadtype"] == "com.apple.applicationaccess":
                keys = [*self.changed(keys), *new_restrictions(self.newer)]
            row = {"key": payload["payloadtype"], "type": "<dictionary>", "subkeys": keys}
            found.setdefault(payload["payloadtype"], []).append((row, support))
        return {kind: Spec(tuple(rows)) for kind, rows in found.items()}

    def changed(self, keys: Sequence[Row]) -> Iterator[Row]:
        changes = changed_restrictions(self.newer)
        for key in keys:
            support = dict(key.get("supportedOS") or {})
            if key["key"] in changes:
                support["iOS"] = {**support.get("iOS", {}), **changes[key["key"]]}
            yield {**key, "supportedOS": support}


def rows_of(files: Sequence[Row], kind: str, path: str) -> list[dict[str, Any]]:
    rows = [
        row
        for file in files
        if file["payload"]["payloadtype"] == kind
        for row in rows_at(file["payloadkeys"], path.split("/"))
    ]
    assert rows, (kind, path)
    return rows


def rows_at(rows: Sequence[Any], path: Sequence[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if path[0] in {"*", row["key"]}:
            if len(path) == 1:
                yield row
            else:
                yield from rows_at(row.get("subkeys") or (), path[1:])


def below(row: Row, support: Mapping[str, Row]) -> dict[str, Row]:
    """Return what a key says of each system, with what it inherits."""
    found: dict[str, Row] = {}
    for os in OSES:
        own = (row.get("supportedOS") or {}).get(os, {})
        found[os] = {**support[os], **own}
        if not reaches(support[os]):
            found[os] = {"introduced": "n/a"}
    return found


def reaches(support: Row) -> bool:
    return support.get("introduced") != "n/a"


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)) or (0,)


def not_older(version: str, than: str) -> bool:
    first, second = number(version), number(than)
    size = max(len(first), len(second))
    return first + (0,) * (size - len(first)) >= second + (0,) * (size - len(second))


def new_restrictions(newer: Path) -> Iterator[Row]:
    """Read table A of the list of newer facts: restrictions that came after release 18.3."""
    for cells in table(newer, "## A."):
        name, kind, _, introduced, deprecated, supervised, user, manual, _ = cells
        match = re.fullmatch(r"array<(\w+)>.*", kind)
        facts = {
            "introduced": introduced,
            "supervised": supervised == "yes",
            "userenrollment": {"mode": "forbidden" if user == "no" else "allowed"},
            "allowmanualinstall": manual == "yes",
        }
        if deprecated != "-":
            facts["deprecated"] = deprecated
        row: dict[str, Any] = {
            "key": name,
            "type": "<array>" if match else f"<{kind}>",
            "presence": "optional",
            "supportedOS": {"iOS": facts, "macOS": {"introduced": "n/a"}},
        }
        if match:
            row["subkeys"] = [{"key": "Item", "type": f"<{match[1]}>"}]
            limit = re.search(r"max (\d+)", kind)
            if limit:
                row["repetition"] = {"min": 0, "max": int(limit[1])}
        yield row


def changed_restrictions(newer: Path) -> dict[str, dict[str, Any]]:
    """Read table B: what release 27 says of keys that 18.3 has already."""
    found: dict[str, dict[str, Any]] = {}
    for names, _, now, _ in table(newer, "## B."):
        facts: dict[str, Any] = {}
        if match := re.search(r"deprecated (\d+\.\d+)", now):
            facts["deprecated"] = match[1]
        if match := re.search(r"removed (\d+\.\d+)", now):
            facts["removed"] = match[1]
        if now.startswith("**sup no, UE ok**"):
            facts |= {"supervised": False, "userenrollment": {"mode": "allowed"}}
        for name in names.split(", "):
            found.setdefault(name.strip(), {}).update(facts)
    return found


def table(newer: Path, heading: str) -> Iterator[list[str]]:
    text = newer.read_text("utf-8").split(heading, 1)[1].split("\n## ", 1)[0]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for row in rows[2:]:
        yield [cell.strip() for cell in row.strip("|").split("|")]


def platform_of(content: Mapping[str, Any], payloads: Mapping[str, Spec]) -> str | None:
    """Return the system that a profile is for; None when its payloads are for several."""
    named = {1: "iOS", 5: "macOS"}.get(content.get("TargetDeviceType", 0))
    if named:
        return named
    members = [item for item in items(content) if isinstance(item.get("PayloadType"), str)]
    known = [payloads[m["PayloadType"]] for m in members if m["PayloadType"] in payloads]
    left = [os for os in OSES if all(spec.on(os) for spec in known)]
    if len(left) != len(OSES):
        return left[0] if left else None
    exclusive: list[str] = []
    for member in members:
        children = spec.children if (spec := payloads.get(member["PayloadType"])) else {}
        for key in member.keys() & children.keys():
            there = [os for os in OSES if children[key].on(os)]
            exclusive += there if len(there) == 1 else []
    on_ios, on_mac = (exclusive.count(os) for os in OSES)
    mac = on_mac > on_ios or (on_mac == on_ios and len(known) < len(members))
    return "macOS" if mac else "iOS"


def items(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = content.get("PayloadContent")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


class Walk:
    """One walk over one profile; `hits` collects what is wrong."""

    def __init__(self, oracle: Oracle, where: Where) -> None:
        self.payloads = oracle.payloads
        self.where = where
        self.hits: list[Hit] = []

    def profile(self, content: Mapping[str, Any]) -> list[Hit]:
        found = platform_of(content, self.payloads)
        if found is None:
            self.hits.append(("mixed-platforms", ""))
        top = self.payloads["TopLevel"]
        self.keys(content, top, "", found or "iOS", "TopLevel", skip=frozenset({"PayloadContent"}))
        payloads = content.get("PayloadContent")
        if isinstance(payloads, list):
            if not payloads:
                self.hits.append(("empty-profile", "PayloadContent"))
            self.members(payloads, found)
        elif "PayloadContent" in content:
            self.value(payloads, top.children["PayloadContent"], "PayloadContent", "iOS", set())
        return self.hits

    def members(self, payloads: Sequence[Any], os: str | None) -> None:
        seen: set[str] = set()
        rejected = [
            item
            for item in payloads
            if isinstance(item, dict) and self.refused_whole(item.get("PayloadType"))
        ]
        if rejected and os != "macOS":
            self.hits.append(("rejected-in-user-enrollment", "*"))
        for index, item in enumerate(payloads):
            place = f"PayloadContent[{index}]"
            if not isinstance(item, dict):
                self.hits.append(("wrong-type", place))
                continue
            self.member(item, place, os, seen)

    def refused_whole(self, kind: object) -> bool:
        spec = self.payloads.get(kind) if isinstance(kind, str) else None
        return (
            self.where.enrollment == "user"
            and spec is not None
            and any(mode(support) == "forbidden" for support in spec.on("iOS"))
        )

    def member(self, item: Mapping[str, Any], place: str, os: str | None, seen: set[str]) -> None:
        kind = item.get("PayloadType")
        common = self.payloads["CommonPayloadKeys"]
        spec = self.payloads.get(kind) if isinstance(kind, str) else None
        if spec is None or not isinstance(kind, str):
            if isinstance(kind, str):
                self.hits.append(("unknown-payload-type", place))
            self.keys(item, common, place, os or "iOS", "", open_ended=True)
            return
        judged = os or ("iOS" if spec.on("iOS") else "macOS")
        said = self.available(spec, place, judged, set())
        if any(s.get("multiple") is False for s in spec.on(judged)) and kind in seen:
            self.hits.append(("payload-repeated", place))
        seen.add(kind)
        both = Spec((*common.rows, *spec.rows))
        self.keys(item, both, place, judged, kind, said=said)

    def available(self, spec: Spec, place: str, os: str, said: set[str]) -> set[str]:
        """Note what this system, enrolment and version have against a payload or key."""
        facts = spec.on(os)
        if not facts:
            if "not-on-platform" not in said:
                self.hits.append(("not-on-platform", place))
            return said | {"not-on-platform"}
        version, enrollment = self.where.versions[os], self.where.enrollment
        payload = place.count("[") == 1 and place.endswith("]")
        wrong = {
            "newer-than-os": all(not not_older(version, f["introduced"]) for f in facts),
            "removed-key": all("removed" in f and not_older(version, f["removed"]) for f in facts),
            "needs-supervision": all(f.get("supervised") for f in facts)
            and enrollment
            in ({"user", "manual"} if os == "macOS" else {"user", "manual", "device"}),
            "mdm-only": enrollment == "manual"
            and all(f.get("allowmanualinstall") is False for f in facts),
            "forbidden-in-user-enrollment": enrollment == "user"
            and all(mode(f) == "forbidden" for f in facts)
            and not (payload and os == "iOS"),
        }
        wrong["deprecated-key"] = not wrong["removed-key"] and all(
            "deprecated" in f and not_older(version, f["deprecated"]) for f in facts
        )
        if (
            payload
            and os == "iOS"
            and enrollment == "user"
            and any(mode(f) == "forbidden" for f in facts)
        ):
            said = said | {"forbidden-in-user-enrollment"}
        found = {rule for rule, holds in wrong.items() if holds}
        self.hits += [(rule, place) for rule in sorted(found - said)]
        return said | found

    def keys(  # noqa: PLR0913  (all that differs between levels)
        self,
        found: Mapping[str, Any],
        spec: Spec,
        place: str,
        os: str,
        kind: str,
        *,
        said: set[str] | None = None,
        skip: frozenset[str] = frozenset(),
        open_ended: bool = False,
    ) -> None:
        children = spec.children
        any_key = children.get("ANY")
        for key, value in found.items():
            at = key_at(place, key)
            child = children.get(key) or any_key
            if child is None:
                if not open_ended:
                    self.hits.append((self.unknown(key, spec, kind), at))
                continue
            heard = self.available(child, at, os, set(said or ()))
            if key not in skip:
                self.value(value, child, at, os, heard, kind)
        for key, child in children.items():
            facts = child.on(os)
            demanded = [
                row.get("presence") == "required" and row.get("needless_with") not in found
                for row, _ in child.rows
            ]
            everywhere = len(child.rows) == len(spec.rows) or "CommonPayloadKeys" in [
                str(row["key"]) for row, _ in spec.rows
            ]
            if key != "ANY" and facts and all(demanded) and everywhere and key not in found:
                self.hits.append(("missing-key", place))

    def unknown(self, key: str, spec: Spec, kind: str) -> str:
        if any(key.lower() == known.lower() for known in spec.children):
            return "miscased-key"
        own = self.payloads.get(kind)
        levels = set(all_keys(own, 6)) if own else set()
        others = [k for k, other in self.payloads.items() if k != kind and key in other.children]
        if key in levels or len(others) == 1:
            return "misplaced-key"
        return "unknown-key"

    def value(  # noqa: PLR0913, PLR0917  (as above)
        self, value: object, spec: Spec, place: str, os: str, said: set[str], kind: str = ""
    ) -> None:
        if is_template(value):
            return
        if "any" not in spec.types and not any(fits(value, name) for name in spec.types):
            self.hits.append(("loose-type" if loosely(value, spec.types) else "wrong-type", place))
            return
        for row, _ in spec.rows[:1]:
            self.row(value, row, spec, place)
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.item(item, spec, f"{place}[{index}]", os, said, kind)
        elif isinstance(value, dict) and spec.children:
            self.keys(value, spec, place, os, kind, said=said)

    def row(self, value: object, row: Row, spec: Spec, place: str) -> None:
        lists = [r["rangelist"] for r, _ in spec.rows if "rangelist" in r]
        limits = row.get("range") or {}
        if lists and len(lists) == len(spec.rows) and not isinstance(value, list):
            allowed = [item for some in lists for item in some]
            if any(same(value, item) for item in allowed):
                limits = {}  # beside a range, the list holds further values
            elif not limits:
                self.hits.append(("value-not-allowed", place))
        if isinstance(value, int | float) and not isinstance(value, bool):
            low, high = limits.get("min", value), limits.get("max", value)
            if not low <= value <= high:
                self.hits.append(("out-of-range", place))
        inner: Sequence[Row] = row.get("subkeys") or ()
        count = (
            row.get("repetition") or (inner[0].get("repetition") if len(inner) == 1 else {}) or {}
        )
        if isinstance(value, list):
            low, high = count.get("min", 0), count.get("max", len(value))
            if not low <= len(value) <= high:
                self.hits.append(("wrong-count", place))
        pattern = str(row.get("format", ""))
        if pattern.startswith("^") and isinstance(value, str) and not re.match(pattern, value):
            self.hits.append(("bad-format", place))

    def item(  # noqa: PLR0913, PLR0917  (as above)
        self, item: object, spec: Spec, place: str, os: str, said: set[str], kind: str
    ) -> None:
        choices = list(spec.children.values())
        if not choices or is_template(item):
            return
        tries: list[list[Hit]] = []
        for choice in choices:
            before = len(self.hits)
            self.value(item, choice, place, os, self.available(choice, place, os, set(said)), kind)
            tries.append(self.hits[before:])
            del self.hits[before:]
        self.hits += min(tries, key=len)  # type: ignore[arg-type]  # mypy: len takes Sized


def mode(support: Row) -> str:
    return str((support.get("userenrollment") or {}).get("mode", ""))


def all_keys(spec: Spec, depth: int) -> Iterator[str]:
    for key, child in spec.children.items():
        yield key
        if depth:
            yield from all_keys(child, depth - 1)


def fits(value: object, name: str) -> bool:
    if isinstance(value, bool) and name != "boolean":
        return False
    return isinstance(value, TYPES[name])


def loosely(value: object, names: set[str]) -> bool:
    if isinstance(value, bool):
        return "integer" in names
    if isinstance(value, int):
        return "boolean" in names and value in {0, 1}
    return isinstance(value, float) and "integer" in names and value.is_integer()


def same(value: object, allowed: object) -> bool:
    return isinstance(value, bool) == isinstance(allowed, bool) and value == allowed


def is_template(value: object) -> bool:
    """Say whether text is to be filled in by somebody: `{{ x }}`, `{% if %}`, `$X`, `%X%`.

    The reader gives text a type of its own where a template stands for a number or a date.
    """
    if isinstance(value, str) and type(value) is not str:
        return True
    return isinstance(value, str) and bool(
        re.search(r"\{\{.*\}\}|\{%.*%\}|<%.*%>|\$\{\w+\}|\$FLEET_\w+|^\$[A-Z_]+$|^%\w+%$", value)
    )


def key_at(place: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key):
        return f"{place}.{key}" if place else key
    escaped = key.encode("ascii", "backslashreplace").decode().replace('"', '\\"')
    return f'{place}["{escaped}"]'
