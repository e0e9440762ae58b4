"""Limits on untrusted trees: how deep they nest, and that they hold no more than their bytes.

Works on raw JSON text before it is parsed, since the parser recurses, and on parsed values after
it, since binary property lists can share or contain themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

MAX_NESTING = 64
_EXPANSION = 16
_SLACK = 1000

# A string token runs to its end quote or to the end of the text and never backtracks, so that
# no text takes more than one pass.
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def check_json_nesting(text: bytes) -> None:
    """Raise ValueError when brackets of the JSON `text` nest deeper than the limit."""
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        match text[token.start()]:
            case 0x5B | 0x7B:
                depth += 1
                if depth > MAX_NESTING:
                    raise _too_deep()
            case 0x5D | 0x7D:
                depth -= 1


def check_tree(tree: object, *, size: int) -> None:
    """Raise ValueError when `tree`, read from `size` bytes, is too deep, too wide or has odd keys.

    Every node needs at least one byte, unless a binary property list refers to a container more
    than once; a tree that holds far more nodes than bytes was made to exhaust its reader. A
    container inside itself ends at the nesting limit.
    """
    budget = _EXPANSION * size + _SLACK
    stack: list[Iterator[object]] = [iter((tree,))]
    while stack:
        for node in stack[-1]:
            budget -= 1
            if budget < 0:
                message = "its containers refer to each other too often"
                raise ValueError(message)
            if isinstance(node, list | dict):
                if len(stack) > MAX_NESTING:
                    raise _too_deep()
                stack.append(_children(node))
                break
        else:
            stack.pop()


def _children(node: list[object] | Mapping[object, object]) -> Iterator[object]:
    if isinstance(node, list):
        return iter(node)
    if not all(isinstance(key, str) for key in node):
        message = "a dictionary has a key that is no text"
        raise ValueError(message)
    return iter(node.values())


def _too_deep() -> ValueError:
    return ValueError(f"it nests deeper than {MAX_NESTING} levels")
