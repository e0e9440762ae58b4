from __future__ import annotations

import pytest

from profilegen.policy.problems import (
    Path,
    PolicyError,
    Problem,
    clip,
    listing,
    path_text,
    suggestion,
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("accounts", 0, "server", "host"), "accounts[0].server.host"),
        (("a", "b c", 'd"'), 'a["b c"]["d\\""]'),
        ((0, 1), "[0][1]"),
    ],
)
def test_paths_in_words(path: Path, text: str) -> None:
    assert path_text(path) == text


def test_problems_print_as_editors_read_them() -> None:
    assert str(Problem("a.yaml", 3, 5, "x", "wrong", "")) == "a.yaml:3:5: x: wrong"
    assert str(Problem("a.yaml", 3, 5, "", "wrong", "")) == "a.yaml:3:5: wrong"


def test_the_error_holds_all_problems() -> None:
    problems = [Problem("a.yaml", line, 1, "", f"fault {line}", "mend it") for line in (1, 2)]
    error = PolicyError(problems)
    assert (error.exit_code, error.slug, error.message) == (3, "policy", "a.yaml:1:1: fault 1")
    assert error.reports() == (
        ("a.yaml:1:1: fault 1", "mend it"),
        ("a.yaml:2:1: fault 2", "mend it"),
    )


def test_shown_text_is_one_short_line() -> None:
    assert clip('a"\n\x1b') == '"a\\"\\n\\u001b"'
    assert clip("é" * 61) == '"' + "é" * 60 + '..."'


def test_suggestions() -> None:
    assert suggestion("Opne", ["open", "sealed"], otherwise="no") == 'Did you mean "open"?'
    assert suggestion("x", ["open", "sealed"], otherwise="no") == "no"


def test_listings_end() -> None:
    assert listing([]) == "none"
    assert listing("abc") == "a, b, c"
    assert listing(map(str, range(20))).endswith(", 11, ...")
