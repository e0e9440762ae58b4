"""Start-up: the help needs no package that only single commands need."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.command import run

HEAVY = ("asn1crypto", "cryptography", "jinja2", "jsonschema", "ruamel", "plistlib", "subprocess")
PRINT_MODULES = """
import runpy, sys
sys.argv = ["profilegen", *sys.argv[1:]]
try:
    runpy.run_module("profilegen", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code, end.code
print("modules:", *sys.modules)
"""


def test_the_help_needs_no_parser(tmp_path: Path) -> None:
    outcome = run(sys.executable, "-c", PRINT_MODULES, "--help", folder=tmp_path)
    modules = outcome.stdout.splitlines()[-1].split()
    assert "profilegen.cli.main" in modules
    assert not {"click", "profilegen.cli.root"}.intersection(modules)


def test_both_ways_to_the_help_print_the_same(tmp_path: Path) -> None:
    direct, parsed = (
        run(sys.executable, "-m", "profilegen", *words, folder=tmp_path)
        for words in (["--help"], ["--traceback", "--help"])
    )
    assert parsed.stdout == direct.stdout
    assert max(map(len, direct.stdout.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_imports_nothing_heavy(option: str, tmp_path: Path) -> None:
    outcome = run(sys.executable, "-c", PRINT_MODULES, option, folder=tmp_path)
    assert outcome.exit_code == 0, outcome.stderr
    modules = outcome.stdout.splitlines()[-1].split()
    assert modules[0] == "modules:"
    tops = {name.partition(".")[0] for name in modules}
    assert not tops.intersection(HEAVY)
    ours = {name for name in modules if name.startswith("profilegen.") and name.count(".") > 1}
    started = ("main", "commands", "root", "core_files")
    assert ours <= {f"profilegen.cli.{name}" for name in started}
