"""Limits on untrusted trees: how deep they nest, and how many values they hold.

Works on raw JSON text before it is parsed, since the parser recurses, and on parsed values after
it, since binary property lists can share or contain themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

MAX_NESTING = 64
MAX_VALUES = 200_000
"""Keys and values in one file; the longest lists that profiles are known to carry have a tenth."""

# A string token runs to its end quote or to the end of the text and never backtracks, so that
# no text takes more than one pass.
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]|,', re.DOTALL)


def check_json(text: bytes) -> None:
    """Raise ValueError when the JSON `text` nests too deep or holds too many values."""
    for count, _ in enumerate(_nested(text)):
        # Strings, commas and brackets: at most four of them to a value.
        if count >= 4 * MAX_VALUES:
            raise too_many()


def check_json_nesting(text: bytes) -> None:
    """Raise ValueError when brackets of the JSON `text` nest deeper than the limit."""
    for _ in _nested(text):
        pass


def _nested(text: bytes) -> Iterator[int]:
    """Yield the depth behind each token; raise ValueError where it passes the limit."""
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        match text[token.start()]:
            case 0x5B | 0x7B:
                depth += 1
                if depth > MAX_NESTING:
                    raise too_deep()
            case 0x5D | 0x7D:
                depth -= 1
        yield depth


def check_tree(tree: object) -> None:
    """Raise ValueError when `tree` is too deep, holds too many values or has keys of other types.

    A container inside itself ends at the nesting limit; one that many others hold is counted as
    often as it is held.
    """
    budget = MAX_VALUES
    stack: list[Iterator[object]] = [iter((tree,))]
    while stack:
        for node in stack[-1]:
            budget -= 1
            if budget < 0:
                raise too_many()
            if isinstance(node, list | dict):
                if len(stack) > MAX_NESTING:
                    raise too_deep()
                stack.append(_children(node))
                break
        else:
            stack.pop()


def too_deep() -> ValueError:
    """Return the error for what nests deeper than the limit."""
    return ValueError(f"it nests deeper than {MAX_NESTING} levels")


def too_many() -> ValueError:
    """Return the error for what holds more keys and values than the limit."""
    return ValueError(f"it holds more than {MAX_VALUES:,} values")


def _children(node: list[object] | Mapping[object, object]) -> Iterator[object]:
    if isinstance(node, list):
        return iter(node)
    if not all(isinstance(key, str) for key in node):
        message = "a dictionary has a key that is no text"
        raise ValueError(message)
    return iter(node.values())
