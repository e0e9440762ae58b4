"""docs/commands.md shows the help that the commands print."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    generated = runpy.run_path(str(DOCS / "generate_commands.py"))["page"]()
    written = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert generated == written, "run `make docs`"


def test_every_command_is_on_the_page() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    for command in ("init", "check", "plan", "build", "sign", "verify", "show", "channels"):
        assert f"## profilegen {command}\n" in page
