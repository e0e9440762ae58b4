"""The rules that findings follow: code, severity, explanation, fix and source, as data.

One file a family under `data/rules/`. A rule's code is stable: people switch rules off by it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from profilegen.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `about` is the page that explains it, `sources` are where its facts come from."""

    code: str
    family: str
    severity: Severity
    title: str
    about: str
    fix: str
    sources: tuple[str, ...]


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by its code, family by family."""
    found: dict[str, Rule] = {}
    folder = files("profilegen.catalogue").joinpath("data", "rules")
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            family = entry.name.removesuffix(".toml")
            for row in tomllib.loads(entry.read_text("utf-8"))["rule"]:
                found[row["code"]] = _rule(row, family)
    return MappingProxyType(found)


def found(code: str, where: str, message: str, *, fix: str = "") -> Finding:
    """Return a finding of the rule `code`; without `fix` it has the rule's own.

    Raises KeyError for a code that no rule has, which is a bug.
    """
    rule = rules()[code]
    return Finding(code, rule.severity, where, message, fix or rule.fix)


def _rule(row: Mapping[str, object], family: str) -> Rule:
    sources = row["source"]
    return Rule(
        code=str(row["code"]),
        family=family,
        severity=Severity(str(row["severity"])),
        title=str(row["title"]),
        about=" ".join(str(row["about"]).split()),
        fix=" ".join(str(row["fix"]).split()),
        sources=tuple(map(str, sources)) if isinstance(sources, list) else (str(sources),),
    )
