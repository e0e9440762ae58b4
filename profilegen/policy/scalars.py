"""The core schema of YAML 1.2 (section 10.3): which value a plain scalar stands for.

`no`, `on` and `yes` are text, and so are dates; only what the tables below name is not.
"""

from __future__ import annotations

import re

Scalar = bool | int | float | str | None

STR, INT, FLOAT, BOOL, NULL, MAP, SEQ = (
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

# Conversion takes quadratic time, and no field needs more digits: a longer number stays text.
_LONGEST_NUMBER = 100

# What XML 1.0 cannot carry (section 2.2), so no property list either.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def resolve(text: str) -> Scalar:
    """Return the value of a plain scalar without a tag."""
    for tag in (NULL, BOOL, INT, FLOAT):
        try:
            return resolve_as(tag, text)
        except ValueError:
            continue
    return text


def resolve_as(tag: str, text: str) -> Scalar:
    """Return the value of a scalar with one of the core tags; ValueError when it is no such."""
    if tag == STR:
        return text
    if tag == NULL and _NULL.fullmatch(text):
        return None
    if tag == BOOL and _BOOL.fullmatch(text):
        return text.lower() == "true"
    if tag == INT and len(text) <= _LONGEST_NUMBER:
        return _integer(text)
    if tag == FLOAT and len(text) <= _LONGEST_NUMBER:
        return _float(text)
    raise ValueError(text)


def holds_forbidden_character(text: str) -> bool:
    """Tell whether `text` has a character that no file for devices can carry."""
    return _FORBIDDEN.search(text) is not None


def _integer(text: str) -> int:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _PREFIXED.fullmatch(text):
        return int(text, base=0)
    raise ValueError(text)


def _float(text: str) -> float:
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    raise ValueError(text)
