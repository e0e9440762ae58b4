"""300 users whose values try to break files for devices, and what is to become of each.

What becomes of a value is written here by hand, not asked of the program: it stands in the files as
it is, or its row is refused for a reason.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FIELDS = ("id", "email", "name", "note")
CONTROL = "holds a control character or line break"
LONG = "longer than 4096 characters"
BRACES = "address of account staff would be '{{"
ADDRESS = "not a valid email"
EMPTY = "empty"
_BIG = 1 << 20
_MOST = 4096

KEPT: tuple[str, ...] = (
    # What means something in XML and JSON.
    "<",
    "&",
    "]]>",
    "&amp;",
    "&#0;&#65;&lt;",
    "<![CDATA[x]]>",
    "<!-- x -- y -->",
    "<?xml version='1.0'?><!DOCTYPE p [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    "&e;",
    "</string><key>allowOpenFromManagedToUnmanaged</key><true/><string>",
    "</string></dict></array></dict></plist>",
    "<key>PayloadType</key>",
    "'><",
    "a\"b'c`d",
    '"',
    '","openIn":"ALLOWED","x":"',
    '"}]}',
    "\\",
    '\\"',
    "\\u0041\\u0000\\ud800\\n",
    "*)(uid=*))(|(uid=*",
    "\\2a\\28\\29\\00",
    "cn=a,dc=b;c+d",
    # What means something to templates, formats and MDM servers.
    "{{ user.email }}",
    "{{ 7 * 7 }}",
    "{% raw %}{% endraw %}",
    "{# x #}",
    "{{ ''.__class__.__mro__ }}",
    "%s%b%d%%%n",
    "{0}{name}",
    "$1\\1\\g<0>${x}",
    "$FLEET_VAR_HOST_UUID",
    "$USERNAME",
    "{{email}}",
    "%HardwareUUID%",
    "`id`;$(id)|id&",
    "-n --output=/x",
    # What spreadsheets take for formulas, and the mark against them.
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-2+3",
    "@SUM(1)",
    "\uff1d1+1",
    "'",
    "'=1",
    "''",
    # Paths and names that some system reserves.
    "../../../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "..\\..\\x",
    "C:\\x",
    "\\\\server\\share",
    "con",
    "CON.txt",
    "nul.mobileconfig",
    "com1",
    "lpt9.x.y",
    "index.csv",
    "app-configuration",
    "users",
    ".hidden",
    "trailing.",
    "a/b",
    "a:b*c?d|e",
    "~root",
    "-rf",
    "#",
    "a,b;c|d",
    "sep=;",
    # Numbers and words that some reader takes for something else.
    "0",
    "007",
    "-0",
    "1e5",
    "NaN",
    "true",
    "null",
    "None",
    "2026-11-27T00:00:00Z",
    # Letters of all kinds: combining, from right to left, beyond the first plane, alike.
    "Zoë",
    "Zoe\u0308",
    "o" + "\u0308" * 200,
    "\u05d3\u05e0\u05d4 \u0645\u0631\u064a\u0645",
    "\u200fabc\u200e",
    "\ufeffabc",
    "a\u200bb\u200dc",
    "\U0001f469\u200d\U0001f4bb\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0010fffd\U00020000",
    "\ufb01\u0130\u0131\u00df\u1e9e\u212a",
    "ANNA",
    "anna",
    "\u0430nna",
    "Stra\u00dfe",
    "STRASSE",
    "\u061cabc",
    "a\u00adb",
    "\ufffd\ufffc",
    "\ue000\uf8ff",
    "\U0001ffff\U0010fffe",
    "\U0001f1e9",
    "\u5f20\u4f1f",
    "a\u00a0b\u3000c",
    # Of the form that markers and made names have.
    "q7x2m9k4p1z8w3v6",
    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
    "0123456789abcdef0123456789abcdef",
    "x-0123456789abcdef0123456789abcdef",
    "com.example.mail.chief.user.harmless0.account.staff",
    # Long.
    "x" * _MOST,
    "\U0001f600" * _MOST,
    "<&\"'" * (_MOST // 4),
)
REFUSED: tuple[tuple[str, str], ...] = (
    ("", EMPTY),
    ("   ", EMPTY),
    ("a\0b", CONTROL),
    ("a\nb", CONTROL),
    ("a\rb", CONTROL),
    ("\tx", CONTROL),
    ("a\x1b[2Jb", CONTROL),
    ("a\x7fb", CONTROL),
    ("a\x85b", CONTROL),
    ("a\u2028b", CONTROL),
    ("a\u202egnp.exe", CONTROL),
    ("\u2066x\u2069", CONTROL),
    ("a\ufffeb", CONTROL),
    ("a\uffffb", CONTROL),
    ("\x1fx\x1f", CONTROL),
    ("x" * (_MOST + 1), LONG),
    ("x" * _BIG, LONG),
    ('\\"<&' * (_BIG // 4), LONG),
)
LONE_SURROGATES = ("a\ud800b", "\udfff", "\udc80x")
"""Texts that JSON can escape and no file can hold."""
EMAILS: tuple[tuple[str, str], ...] = (
    ("a&b@example.com", ""),
    ("o'brien+mail@example.co.uk", ""),
    ("%s%b%d%%n@example.com", ""),
    ("$x`|~#!?/=^*@example.com", ""),
    ("=1+1@example.com", ""),
    ("../../x@example.com", ""),
    ("m\u00fcller@example.com", ""),
    ("Zoe\u0308@example.com", ""),
    ("\U0001f600@example.com", ""),
    ("\u05d3\u05e0\u05d4@example.com", ""),
    ("A@B.C", ""),
    (f"{'x' * 4084}@example.com", ""),
    ("{{user.id}}@example.com", BRACES),
    ("{{email}}@example.com", BRACES),
    ("no-address", ADDRESS),
    ("a b@example.com", ADDRESS),
    ("a@b@example.com", ADDRESS),
    ("@example.com", ADDRESS),
    ("a@", ADDRESS),
    ("a@localhost", ADDRESS),
    ("a@example..com", ADDRESS),
    ('"a"@example.com', ADDRESS),
    ("<a@example.com>", ADDRESS),
    ("a\\b@example.com", ADDRESS),
    ("a,b@example.com", ADDRESS),
    ("a@example.com\u202e", CONTROL),
    ("a\0@example.com", CONTROL),
    ("a@example.com\r\nBcc: b@example.com", CONTROL),
    (f"{'x' * _BIG}@example.com", LONG),
    ("", EMPTY),
)
"""Addresses, with why they are refused, "" for those that are not."""


@dataclass(frozen=True, slots=True)
class HostileUser:
    """A row of a list: a value for each of FIELDS, and how its refusal begins, "" if it is kept."""

    values: tuple[str, ...]
    fault: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """Return the values as they stand in files: blanks at the ends mean nothing."""
        return {name: value.strip(" ") for name, value in zip(FIELDS, self.values, strict=True)}


def hostile_users(*, surrogates: bool = False) -> Iterator[HostileUser]:
    """Yield all of them; with `surrogates` also those that only JSON Lines can hold.

    Every kept text is the id of one and the name of another; what is refused stands in each field.
    """
    addresses = [text for text, reason in EMAILS if not reason]
    for number, text in enumerate(KEPT):
        other = KEPT[-1 - number]
        yield HostileUser((text, addresses[number % len(addresses)], other, text))
        yield HostileUser((f"named{number}", f"named{number}@example.com", text, other))
    lone = [(text, CONTROL) for text in LONE_SURROGATES] if surrogates else []
    for number, (text, reason) in enumerate((*REFUSED, *lone)):
        user, email, name, note = _harmless(f"refused{number}")
        yield HostileUser((text, email, name, note), f"id: {reason}")
        yield HostileUser((user, email, text, note), f"name: {reason}")
        # A note may be empty.
        yield HostileUser((user, email, name, text), "" if reason == EMPTY else f"note: {reason}")
    for number, (text, reason) in enumerate(EMAILS):
        user, _, name, note = _harmless(f"mail{number}")
        fault = reason if reason in {"", BRACES} else f"email: {reason}"
        yield HostileUser((user, text, name, note), fault)


def _harmless(user: str) -> tuple[str, ...]:
    return (user, f"{user}@example.com", "Anna Karenina", "none")


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a list of users as the csv module writes it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([FIELDS, *rows])
    return text.getvalue().encode()


def as_json_lines(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a list of users as JSON Lines, every second one with escapes for all but ASCII."""
    return b"".join(
        json.dumps(dict(zip(FIELDS, row, strict=True)), ensure_ascii=_escaped(number, row)).encode()
        + b"\n"
        for number, row in enumerate(rows)
    )


def _escaped(number: int, row: Sequence[str]) -> bool:
    return number % 2 == 0 or any("\ud800" <= character <= "\udfff" for character in "".join(row))
