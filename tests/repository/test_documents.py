"""What README and the documents show is what the commands do."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.console import Difference, differences, matches, steps_in

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("certs/*.md"))
    if "_build" not in path.parts
)
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def run_document(document: str, folder: Path) -> tuple[Difference, ...]:
    return differences(steps_in(document), folder=folder, path=PATH)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_print_what_the_document_says(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    wrong = run_document((ROOT / name).read_text(encoding="utf-8"), tmp_path)
    assert not wrong, "\n\n".join(map(str, wrong))


def test_steps_are_commands_with_their_output() -> None:
    document = "text\n\n```console\n$ one\na\n\nb\n$ two\n```\n\n```sh\n$ not run\n```\n"
    assert [(step.line, step.command, step.expected) for step in steps_in(document)] == [
        (4, "one", "a\n\nb\n"),
        (8, "two", ""),
    ]


def test_output_without_a_command_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: output without a command"):
        steps_in("```console\nlost\n```\n")


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("", ""),
        ("a\n", "a  \n"),
        ("a ... c\n", "a b c\n"),
        ("...\n", ""),
        ("...\n", "a\nb\n"),
        ("a\n...\nd\n", "a\nb\nc\nd\n"),
        ("a\n...\n", "a\n"),
        ("[1] (x)\n", "[1] (x)\n"),
    ],
)
def test_output_matches(expected: str, printed: str) -> None:
    assert matches(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("", "a\n"),
        ("a\n", ""),
        ("a\n", "a\nb\n"),
        ("a ... c\n", "a b\nc\n"),
        ("a\n...\nd\n", "a\nb\n"),
        ("a.c\n", "abc\n"),
    ],
)
def test_output_differs(expected: str, printed: str) -> None:
    assert not matches(expected, printed)


def test_one_shell_runs_all_blocks(tmp_path: Path) -> None:
    document = "```console\n$ cd /; name=x\n```\n```console\n$ echo $name; pwd\nx\n/\n```\n"
    assert run_document(document, tmp_path) == ()


def test_a_failing_command_must_show_its_status(tmp_path: Path) -> None:
    assert run_document("```console\n$ (exit 3)\n$ echo $?\n3\n```\n", tmp_path) == ()
    (wrong,) = run_document("```console\n$ (exit 3)\n$ true\n```\n", tmp_path)
    assert wrong.status == 3


def test_wrong_output_is_told_with_its_line(tmp_path: Path) -> None:
    (wrong,) = run_document("```console\n$ printf 'b\\n'\na\n```\n", tmp_path)
    assert str(wrong).startswith("line 2: $ printf")
    assert wrong.printed == "b\n"


def test_a_document_cannot_end_the_shell(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="after 0 of 2 commands"):
        run_document("```console\n$ exit 0\n$ true\n```\n", tmp_path)
