"""What must hold for every rule: each explains itself, and each is used."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from profilegen.catalogue.rules import Rule, found, rules
from profilegen.findings import Finding, Severity

_EVERY = list(rules().values())
_SENTENCE = re.compile(r"[.!?](?:[\"'`)]*)(?= |$)")
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
# How code makes findings: `found("code", ...)`, also with the code in a line of its own.
_FOUND = re.compile(r"\bfound\(\s*\"([^\"]+)\"")


@pytest.fixture(scope="module")
def sources(checkout: Path) -> dict[Path, str]:
    paths = sorted((checkout / "profilegen").rglob("*.py"))
    return {path: path.read_text(encoding="utf-8") for path in paths}


def test_every_code_is_there_once() -> None:
    folder = files("profilegen.catalogue").joinpath("data", "rules")
    codes = Counter(
        row["code"]
        for entry in folder.iterdir()
        for row in tomllib.loads(entry.read_text("utf-8"))["rule"]
    )
    assert [code for code, count in codes.items() if count > 1] == []
    assert set(codes) == set(rules())


@pytest.mark.parametrize("rule", _EVERY, ids=lambda rule: str(rule.code))
def test_a_rule_explains_itself(rule: Rule) -> None:
    assert _CODE.fullmatch(rule.code)
    assert rule.title[0].isupper() or not rule.title[0].isalpha() or rule.title[0] == "`"
    assert not rule.title.endswith(".")
    assert len(_SENTENCE.findall(rule.about)) >= 3
    assert rule.title not in {rule.about.rstrip("."), rule.fix.rstrip(".")}
    assert rule.fix.endswith(".")
    assert rule.sources
    assert all(len(source) > len("profilegen") for source in rule.sources)


@pytest.mark.parametrize("rule", _EVERY, ids=lambda rule: str(rule.code))
def test_a_rule_is_used(rule: Rule, sources: dict[Path, str]) -> None:
    assert [path for path, text in sources.items() if f'"{rule.code}"' in text]


def test_every_code_that_is_used_is_a_rule(sources: dict[Path, str]) -> None:
    used = {code for text in sources.values() for code in _FOUND.findall(text)}
    assert used
    assert used - set(rules()) == set()


def test_a_finding_has_the_fix_of_its_rule_unless_it_brings_one() -> None:
    rule = rules()["unreadable"]
    assert found("unreadable", "A", "Wrong.") == Finding(
        "unreadable", rule.severity, "A", "Wrong.", rule.fix
    )
    assert found("unreadable", "A", "Wrong.", fix="Mend it.").fix == "Mend it."


def test_an_unknown_code_is_a_bug() -> None:
    with pytest.raises(KeyError):
        found("no-such-rule", "", "Wrong.")


def test_severities_reach_themselves_and_milder_ones() -> None:
    reached = {level: [s for s in Severity if s.reaches(level)] for level in Severity}
    assert reached == {
        Severity.ERROR: [Severity.ERROR],
        Severity.WARNING: [Severity.ERROR, Severity.WARNING],
        Severity.NOTE: list(Severity),
    }
