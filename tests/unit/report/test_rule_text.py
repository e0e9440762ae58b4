"""The pages of rules."""

from __future__ import annotations

import pytest

from profilegen.catalogue.rules import Rule, rules
from profilegen.findings import Severity
from profilegen.report.rule_text import rule_text, rules_document, rules_text

RULE = Rule(
    code="some-rule",
    family="schema",
    severity=Severity.WARNING,
    title="Something",
    about="Why it matters. " * 10,
    fix="Mend it.",
    sources=("Apple, a.yaml", "RFC 5652 section 5 " * 8),
)


def test_one_page() -> None:
    lines = rule_text(RULE).splitlines()
    assert lines[:4] == ["some-rule: Something", "", "Severity warning, of the schema rules.", ""]
    assert lines[4].startswith("Why it matters. Why it")
    assert "Fix: Mend it." in lines
    sources = lines[lines.index("Sources:") + 1 :]
    assert sources[0] == "- Apple, a.yaml"
    assert sources[1].startswith("- RFC 5652")
    assert all(line.startswith("  ") for line in sources[2:])
    assert sources[2:]


def test_the_list_is_by_family() -> None:
    other = Rule("r", "android", Severity.NOTE, "Other", "", "", ())
    assert rules_text([other, RULE]).splitlines() == [
        "android",
        "  r          note     Other",
        "",
        "schema",
        "  some-rule  warning  Something",
    ]


@pytest.mark.parametrize("code", rules())
def test_pages_fit_the_width(code: str) -> None:
    assert all(
        len(line) <= 100 or " " not in line.strip()
        for line in rule_text(rules()[code]).splitlines()
    )


def test_the_json_has_everything() -> None:
    document = rules_document([RULE])
    assert document["schema"] == "profilegen.rules/1"
    assert document["rules"] == [
        {
            "code": "some-rule",
            "family": "schema",
            "severity": "warning",
            "title": "Something",
            "about": RULE.about,
            "fix": "Mend it.",
            "sources": list(RULE.sources),
        }
    ]
