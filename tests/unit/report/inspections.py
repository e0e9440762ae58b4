"""Inspections made by hand: what reports get, without reading any file."""

from __future__ import annotations

from collections.abc import Mapping

from profilegen.catalogue.rules import found, rules
from profilegen.findings import Finding
from profilegen.inspection.model import Device, Inspected, Inspection, Suppressed

STRANGE_NAMES = (
    "profiles/a b.mobileconfig",
    "profiles/päckchen ñ 日本.mobileconfig",
    "50%.mobileconfig",
    "half%2Fway.mobileconfig",
    "#1?x=y&z.json",
    "c:colon.plist",
    "-dash.json",
    "undecodable-\udcff.plist",
    "line\nbreak.plist",
    "quote'\"<&>.plist",
)


def finding(where: str = "", *, rule: str = "unknown-key", message: str = "Wrong.") -> Finding:
    return found(rule, where, message, fix="Mend it.")


def inspected(
    name: str,
    *findings: Finding,
    suppressed: tuple[Suppressed, ...] = (),
    lines: Mapping[str, int] | None = None,
) -> Inspected:
    return Inspected(name, "profile", None, findings, suppressed, (), lines or {})


def inspection(*files: Inspected, device: Device | None = None) -> Inspection:
    return Inspection(files, device, {})


def nothing_found() -> Inspection:
    return inspection(inspected("clean.mobileconfig"))


def every_rule() -> Inspection:
    findings = (finding(f"Key[{i}]", rule=code) for i, code in enumerate(rules()))
    return inspection(inspected("all.mobileconfig", *findings, lines={"Key[0]": 7}))


def strange_names() -> Inspection:
    return inspection(*(inspected(name, finding("A.B")) for name in STRANGE_NAMES))


def switched_off() -> Inspection:
    given = Suppressed(finding("A"), "--ignore", "")
    reasoned = Suppressed(finding("B"), "profilegen.toml", "Known since spring.")
    file = inspected("a.mobileconfig", finding("C"), suppressed=(given, reasoned))
    return inspection(file, device=Device((finding("a.mobileconfig: D"),), (given,), ()))


def hostile_text() -> Inspection:
    texts = (
        "[click](https://evil.example)",
        "{0} {{1}}",
        "lone \ud800",
        "nul \0 bell \a",
        "\u202e",
    )
    return inspection(inspected("a.json", *(finding(text, message=text) for text in texts)))


SAMPLES = (nothing_found, every_rule, strange_names, switched_off, hostile_text)
