"""What holds for any policy, and for anything at all."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from profilegen.catalogue.terms import Platform
from profilegen.policy.document import read_document
from profilegen.policy.load import load_policy
from profilegen.policy.problems import PolicyError, Problem
from profilegen.policy.schema import validator
from profilegen.policy.shape import shape_faults
from tests.strategies import as_file, policies, strictest

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
# Pieces that YAML gives a meaning, so that random text is more than one long scalar.
YAML_PIECES = st.sampled_from(
    (
        *("a", "b: ", "- ", "\n", "\n  ", "{", "}", "[", "]", ", ", ": ", "? ", "&a ", "*a "),
        *("!t ", "!!int ", "|\n", ">\n", "'", '"', "\\", "#", "%YAML 1.2", "---", "...", "<<: "),
        *("~", "0x1", "policy: 1\n", "accounts:\n", "targets: []\n", "\ufeff", "\x85", "\t"),
    )
)


@given(policies())
def test_drawn_policies_load(table: dict[str, Any]) -> None:
    policy = load_policy("x", as_file(table))
    assert [account.id for account in policy.accounts] == [row["id"] for row in table["accounts"]]
    assert [str(target.minimum_os) for target in policy.targets] == [
        row["minimum_os"] for row in table["targets"]
    ]
    assert all(set(account.client) == set(Platform) for account in policy.accounts)
    assert all(policy.accounts_of(target) for target in policy.targets)
    resolved = load_policy("x", as_file(strictest(table)))
    assert all(target.strictest for target in resolved.targets)


@given(st.binary(max_size=200))
@example(b"a: \x80")
@example(b'"\\U00110000"')
def test_any_bytes_load_or_are_refused(data: bytes) -> None:
    refuse_or_load(data)


@given(st.lists(YAML_PIECES, max_size=40).map("".join))
def test_any_yaml_loads_or_is_refused(text: str) -> None:
    refuse_or_load(text.encode())


@given(policies(), st.data())
def test_one_wrong_value_is_found_where_it_stands(
    table: dict[str, Any], data: st.DataObject
) -> None:
    """A value of any kind in any place loads, or is refused in so many words."""
    section = data.draw(st.sampled_from(sorted(table)))
    value = data.draw(VALUES)
    if isinstance(table[section], list) and data.draw(st.booleans()):
        row = dict(table[section][0])
        row[data.draw(st.sampled_from(sorted(row)))] = value
        value = [row, *table[section][1:]]
    refuse_or_load(as_file(table | {section: value}))


@given(policies(), st.text(max_size=10), VALUES)
def test_the_loader_refuses_what_the_schema_refuses(
    table: dict[str, Any],
    key: str,
    value: Any,  # noqa: ANN401  (any value at all)
) -> None:
    refuse_or_load(as_file(table | {key: value}))


def refuse_or_load(data: bytes) -> None:
    """Load `data`; whatever is refused has a place, one line that says why, and a hint."""
    for problem in problems_of(data):
        assert problem.line >= 1
        assert problem.column >= 1
        message = str(problem)
        assert message.startswith(f"x:{problem.line}:{problem.column}: ")
        assert message.splitlines() == [message]
        assert problem.hint.splitlines() == [problem.hint]
        (message + problem.hint).encode()
    try:
        document = read_document("x", data)
    except PolicyError:
        return
    assert validator().is_valid(document.value) == (not list(shape_faults(document)))


def problems_of(data: bytes) -> tuple[Problem, ...]:
    try:
        load_policy("x", data)
    except PolicyError as error:
        return error.problems
    return ()
