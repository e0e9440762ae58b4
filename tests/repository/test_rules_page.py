"""docs/rules.md shows the rules of the catalogue."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from profilegen.catalogue.rules import rules
from tests.support.command import run

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    outcome = run(sys.executable, "docs/generate_rules.py", "--check", folder=DOCS.parent)
    assert outcome.exit_code == 0, outcome.stderr


def test_every_rule_has_its_row_and_its_section() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    for code in rules():
        assert f"| [`{code}`](#{code}) |" in page
        assert f"\n### {code}\n" in page


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain, with (brackets)", "plain, with (brackets)"),
        ("`a_b` and *c_d*", r"`a_b` and \*c\_d\*"),
        ("<dict> [x](y) | #", r"\<dict\> \[x\](y) \| \#"),
    ],
)
def test_only_code_is_markup(text: str, written: str) -> None:
    generator = runpy.run_path(str(DOCS / "generate_rules.py"))
    assert generator["_plain"](text) == written
