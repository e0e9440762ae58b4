"""The rules of audit for people and for scripts: the page of one rule, and the list of all."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from itertools import groupby

from profilegen.catalogue.rules import Rule

_WIDTH = 100
_SCHEMA = "profilegen.rules/1"


def rule_text(rule: Rule) -> str:
    """Return the page of one rule: severity, explanation, fix and sources."""
    return "\n".join(
        [
            *_wrapped(f"{rule.code}: {rule.title}"),
            "",
            f"Severity {rule.severity}, of the {rule.family} rules.",
            "",
            *_wrapped(rule.about),
            "",
            *_wrapped(f"Fix: {rule.fix}"),
            "",
            "Sources:",
            *(line for source in rule.sources for line in _wrapped(f"- {source}", "  ")),
        ]
    )


def rules_text(rules: Iterable[Rule]) -> str:
    """Return the list of `rules`, family by family: code, severity and title."""
    listed = list(rules)
    width = max(len(rule.code) for rule in listed)
    parts = []
    for family, members in groupby(listed, key=lambda rule: rule.family):
        rows = (f"  {rule.code:<{width}}  {rule.severity:<7}  {rule.title}" for rule in members)
        parts.append("\n".join([family, *rows]))
    return "\n\n".join(parts)


def rules_document(rules: Iterable[Rule]) -> dict[str, object]:
    """Return `rules` as the JSON of `--explain`, everything that the catalogue says of them."""
    return {
        "schema": _SCHEMA,
        "rules": [
            {
                "code": rule.code,
                "family": rule.family,
                "severity": rule.severity,
                "title": rule.title,
                "about": rule.about,
                "fix": rule.fix,
                "sources": list(rule.sources),
            }
            for rule in rules
        ],
    }


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
