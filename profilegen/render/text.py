"""Text that files can hold: no control characters, which XML forbids and JSON hides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from profilegen.errors import InputError
from profilegen.plist import PlistValue

# C0 and C1 controls, surrogates and non-characters: XML 1.0 section 2.2 has no place for most
# of them, and none belongs into an address, a host name or a title.
# U+202A to U+202E and U+2066 to U+2069 turn text round, so that it reads as something else.
_TURNING = r"\u202a-\u202e\u2066-\u2069"
_NEVER = rf"{_TURNING}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
_IN_A_LINE = re.compile(rf"[{_NEVER}\t\n\r\x85\u2028\u2029]")
_IN_A_PARAGRAPH = re.compile(rf"[{_NEVER}]")


def check_line(text: str, place: str) -> str:
    """Return `text`; InputError naming `place` when it holds a control character or line break."""
    return _checked(text, place, _IN_A_LINE)


def check_paragraph(text: str, place: str) -> str:
    """Return `text`, which may hold line breaks and tabs; otherwise as `check_line`."""
    return _checked(text, place, _IN_A_PARAGRAPH)


def is_line(text: str) -> bool:
    """Say whether `check_line` lets `text` through."""
    # What it refuses no printer prints; asking that first takes a tenth of the time.
    return text.isprintable() or _IN_A_LINE.search(text) is None


def check_values(value: PlistValue, place: str) -> None:
    """Check every text inside `value`; the key that leads to it is added to `place`."""
    if isinstance(value, str):
        check_line(value, place)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_values(item, f"{place}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for item in value:
            check_values(item, place)


def _checked(text: str, place: str, forbidden: re.Pattern[str]) -> str:
    found = forbidden.search(text)
    if found is None:
        return text
    message = (
        f"{place} holds the character U+{ord(found.group()):04X} at position "
        f"{found.start() + 1}, which cannot be written to a file for devices"
    )
    raise InputError(message, hint="Remove the control character or line break from the value.")
