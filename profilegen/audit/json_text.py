"""JSON, read strictly but for keys that stand twice, with the line of whatever is wrong.

Python's reader takes NaN, numbers without end and halves of characters; nothing that serves
devices does, so none of them gets through here.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import NoReturn

from profilegen.audit.damage import DamageError, quoted
from profilegen.audit.json_places import duplicate_keys
from profilegen.audit.nesting import check_json
from profilegen.audit.xml_scalars import LONGEST_NUMBER, LONGEST_REAL
from profilegen.catalogue.rules import found
from profilegen.findings import Finding

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s",:\[\]{}]++', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_COMMENT = re.compile(r"//|/\*|#")
_CAUSES = {
    "Unterminated string": "the text that begins here has no end",
    "Invalid control character": "a text holds a control character, perhaps a line break",
    "Invalid \\": "a text holds a backslash that means nothing in JSON",
    "Extra data": "something stands behind the end of the JSON value",
}


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON value as it was read."""

    value: object
    problems: tuple[Finding, ...]


class _RefusedError(Exception):
    """A number or word that Python reads and JSON or a device does not."""


def read_json(data: bytes) -> JsonText:
    """Return the value of the JSON text `data`; of a key that stands twice the last one counts.

    Raises DamageError with line and column.
    """
    check_json(data)
    text = _decoded(data)
    twice = False

    def pairs(found_pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal twice
        members = dict(found_pairs)
        twice = twice or len(members) < len(found_pairs)
        return members

    try:
        value: object = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise DamageError(_cause(text, error), line=error.lineno, column=error.colno) from error
    except _RefusedError as error:
        literal, cause = error.args
        _fail(text, _position(text, literal), cause)
    if _SURROGATE.search(text):
        _check_characters(text)
    return JsonText(value, tuple(_twice(data)) if twice else ())


def _decoded(data: bytes) -> str:
    try:
        return data.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        cause = "a byte stands here that is no UTF-8, which JSON must be"
        raise DamageError(cause, line=line, column=column) from error


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _RefusedError(text, f"a number is {len(text):,} characters long")
    return int(text)


def _real(text: str) -> float:
    if len(text) > LONGEST_REAL:
        raise _RefusedError(text, f"a number is {len(text):,} characters long")
    value = float(text)
    if math.isinf(value):
        raise _RefusedError(text, f"the number {quoted(text)} is larger than any that JSON carries")
    return value


def _constant(text: str) -> object:
    raise _RefusedError(text, f"{text} is no JSON")


def _cause(text: str, error: json.JSONDecodeError) -> str:
    for start, cause in _CAUSES.items():
        if error.msg.startswith(start):
            return cause
    rest = text[error.pos : error.pos + 20].lstrip()
    if not rest:
        return "the file ends before the JSON value does"
    if _COMMENT.match(rest):
        return "a comment stands here, which JSON does not have"
    if rest[0] in "]}" or error.msg.startswith("Illegal trailing comma"):
        return "a comma or colon stands before the end of a list or object"
    return f"{quoted(rest.split()[0])} stands where JSON has none"


def _position(text: str, literal: str) -> int:
    return next((m.start() for m in _TOKEN.finditer(text) if m[0] == literal), 0)


def _check_characters(text: str) -> None:
    """Refuse half a surrogate pair: it is no character, and nothing could print it."""
    for token in _TOKEN.finditer(text):
        if _SURROGATE.search(token[0]):
            try:
                json.loads(token[0]).encode("utf-8")
            except UnicodeEncodeError:
                _fail(text, token.start(), "a text holds half of a surrogate pair, no character")


def _fail(text: str, position: int, cause: str) -> NoReturn:
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    raise DamageError(cause, line=line, column=column)


def _twice(data: bytes) -> list[Finding]:
    return [
        found("duplicate-key", place, "The key stands twice in its object.")
        for place in duplicate_keys(data)
    ]
