"""The simple values of XML property lists from their text, as plistlib reads them.

Each function raises ValueError with a cause in plain words.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from profilegen.audit.damage import quoted

LONGEST_NUMBER = 100
"""Digits of a number; devices hold 64 bits, and longer ones only cost time and memory."""
LONGEST_REAL = 1200
"""Characters of a number with a fraction; the exact decimal of a double has at most 1,076."""

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?Z", re.ASCII
)
_HEXADECIMAL = re.compile(r"\s*[+-]?0[xX]")


def _integer(text: str) -> int:
    if len(text.strip()) > LONGEST_NUMBER:
        message = f"an <integer> is {len(text.strip()):,} characters long"
        raise ValueError(message)
    try:
        return int(text, 16 if _HEXADECIMAL.match(text) else 10)
    except ValueError as error:
        message = f"an <integer> holds {quoted(text)}, which is none"
        raise ValueError(message) from error


def _real(text: str) -> float:
    if len(text) > LONGEST_REAL:
        message = f"a <real> is {len(text):,} characters long"
        raise ValueError(message)
    try:
        return float(text)
    except ValueError as error:
        message = f"a <real> holds {quoted(text)}, which is no number"
        raise ValueError(message) from error


def _date(text: str) -> datetime:
    """Return a naive datetime in UTC, as plistlib does; what stands behind the Z is ignored."""
    match = _DATE.match(text)
    parts = [int(part) for part in match.groups() if part is not None] if match else []
    try:
        # Hours, minutes and seconds may be left out; with fewer parts than a day nothing fits.
        year, month, day, hour, minute, second = (*parts, *(0, 0, 0)[len(parts) - 3 :])
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  (always UTC)
    except ValueError as error:
        message = f"a <date> holds {quoted(text)}; it must be like 2026-11-30T09:00:00Z"
        raise ValueError(message) from error


def _data(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text.encode("utf-8"))
    except binascii.Error as error:
        message = "the base64 text of <data> is damaged"
        raise ValueError(message) from error


SCALARS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "integer": _integer,
        "real": _real,
        "date": _date,
        "data": _data,
        "true": lambda _: True,
        "false": lambda _: False,
    }
)
