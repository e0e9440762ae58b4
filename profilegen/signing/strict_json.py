"""JSON that says one thing only: what two readers could take differently is refused.

For what profilegen wrote itself and a signature vouches for. `audit.json_text` reads what others
wrote: it tells a key that stands twice and goes on, and says in which line a text is broken.
"""

from __future__ import annotations

import json
from typing import NoReturn


def load_strict_json(text: bytes) -> object:
    """Return the value of a JSON text in UTF-8.

    Raises ValueError for what is no JSON, for a key that stands twice in its object, for NaN and
    infinity, and for values that nest deeper than Python reads, which is some hundred levels.
    """
    try:
        return json.loads(
            text.decode(), object_pairs_hook=_distinct, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        message = "it nests too deep"
        raise ValueError(message) from error


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        message = "a key stands twice in its object"
        raise ValueError(message)
    return members


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)
