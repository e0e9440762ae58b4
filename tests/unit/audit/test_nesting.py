from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.nesting import (
    MAX_NESTING,
    MAX_VALUES,
    check_json,
    check_json_nesting,
    check_tree,
)

MANY = b"[" + b"1," * (4 * MAX_VALUES) + b"1]"


def test_a_manifest_may_hold_any_number_of_values_but_a_document_may_not() -> None:
    check_json_nesting(MANY)
    with pytest.raises(ValueError, match="it holds more than 200,000 values"):
        check_json(MANY)


@pytest.mark.parametrize("check", [check_json, check_json_nesting])
def test_depth_is_limited(check: object) -> None:
    assert callable(check)
    check(b"[" * MAX_NESTING + b"]" * MAX_NESTING + b"[]")
    check(b'"' + b"[" * 1000 + b'"')
    with pytest.raises(ValueError, match="it nests deeper than 64 levels"):
        check(b'{"a":' * (MAX_NESTING + 1))


@given(st.recursive(st.integers() | st.text(), st.lists, max_leaves=200))
def test_what_a_tree_may_be_its_text_may_be(tree: object) -> None:
    check_tree(tree)
    check_json(json.dumps(tree).encode())


def test_a_tree_with_as_many_values_as_may_be() -> None:
    check_tree([0] * (MAX_VALUES - 1))
    with pytest.raises(ValueError, match="it holds more than 200,000 values"):
        check_tree([0] * MAX_VALUES)
