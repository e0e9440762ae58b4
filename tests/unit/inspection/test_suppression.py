"""Findings that are switched off: by rule, by file, with who and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.catalogue.rules import found
from profilegen.inspection.model import Suppressed
from profilegen.inspection.suppression import Files, Silence, pattern_of, split

KEY = found("unknown-key", "A", "Unknown.")
TYPE = found("wrong-type", "B", "Wrong.")


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("a.json", "a.json", True),
        ("a.json", "b/a.json", False),
        ("*.json", "a.json", True),
        ("*.json", "b/a.json", False),
        ("**/*.json", "a.json", True),
        ("**/*.json", "b/c/a.json", True),
        ("b/**", "b/c/a.json", True),
        ("b/**", "bc/a.json", False),
        ("b/**/a.json", "b/a.json", True),
        ("?.json", "a.json", True),
        ("?.json", "/.json", False),
        ("[a].json", "a.json", False),
        ("[a].json", "[a].json", True),
        ("*", "a\nb", True),
    ],
)
def test_globs(glob: str, path: str, *, matches: bool) -> None:
    assert (pattern_of(glob).fullmatch(path) is not None) is matches


@given(st.text())
def test_any_glob_is_a_pattern(glob: str) -> None:
    assert pattern_of(glob).fullmatch(glob) or {"*", "?"} & set(glob) or "/" in glob


def test_files_are_those_below_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = Files(tmp_path / "old", pattern_of("**"))
    monkeypatch.chdir(tmp_path)
    assert "old/a.json" in files
    assert "./old/b/../a.json" in files
    assert str(tmp_path / "old" / "a.json") in files
    assert "new/a.json" not in files
    assert "old/../a.json" not in files


def test_the_first_silence_that_covers_a_finding_counts(tmp_path: Path) -> None:
    everywhere = Silence(frozenset({"unknown-key"}), "--ignore")
    here = Silence(
        frozenset({"unknown-key", "wrong-type"}),
        "audit.file[0]",
        "Old.",
        Files(tmp_path, pattern_of("a.json")),
    )
    silences = (here, everywhere)
    name = str(tmp_path / "a.json")
    assert split((KEY, TYPE), name, silences) == (
        (),
        (Suppressed(KEY, "audit.file[0]", "Old."), Suppressed(TYPE, "audit.file[0]", "Old.")),
    )
    other = str(tmp_path / "b.json")
    assert split((KEY, TYPE), other, silences) == ((TYPE,), (Suppressed(KEY, "--ignore", ""),))
    assert split((KEY, TYPE), other, ()) == ((KEY, TYPE), ())


def test_all_but_some_rules_can_be_switched_off() -> None:
    only = Silence(frozenset({"wrong-type"}), "--only", others=True)
    assert split((KEY, TYPE), "a", (only,)) == ((TYPE,), (Suppressed(KEY, "--only", ""),))


def test_what_is_for_files_does_not_count_for_the_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = Silence(frozenset({"unknown-key"}), "x", files=Files(tmp_path, pattern_of("**")))
    assert split((KEY,), "", (one,)) == ((KEY,), ())
