"""docs/exit-codes.md lists the exit code of every kind of error, and no code twice."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import profilegen
from profilegen.errors import ProfilegenError

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "exit-codes.md"
ROW = re.compile(r"^\| (\d+) \| (\S*) ?\|", re.MULTILINE)
DESIGN = {0, 1, 2, 3, 4, 5, 6, 70, 130}


def documented() -> dict[int, str]:
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    codes = {int(code): slug for code, slug in rows}
    assert len(codes) == len(rows), "a code is listed twice"
    return codes


def kinds(base: type[ProfilegenError]) -> set[type[ProfilegenError]]:
    return {base}.union(*(kinds(kind) for kind in base.__subclasses__()))


def test_the_document_lists_the_codes_of_the_interface() -> None:
    assert set(documented()) == DESIGN


def test_every_error_has_its_code_in_the_document() -> None:
    for module in pkgutil.walk_packages(profilegen.__path__, "profilegen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    codes = documented()
    for kind in kinds(ProfilegenError):
        if kind.__module__.startswith("profilegen."):
            assert kind.exit_code in codes, kind
        if kind.__module__ == "profilegen.errors":
            assert kind.slug == codes[kind.exit_code], kind


def test_no_error_is_a_success() -> None:
    assert all(kind.exit_code != 0 and kind.slug for kind in kinds(ProfilegenError))
