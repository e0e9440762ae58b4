"""Files made to exhaust their reader; run as a program, reads one of them with little memory.

`python -m tests.unit.audit.hostile NAME` prints what became of it.
"""

from __future__ import annotations

import plistlib
import resource
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from profilegen.audit.document import DocumentError, read_document

MEGABYTE = 1024 * 1024
MEMORY = 300 * MEGABYTE
"""What a reader may take beside the file itself."""


def _plist(body: bytes, *, doctype: bytes = b"") -> bytes:
    start = b'<?xml version="1.0"?>' + doctype + b"<plist><dict><key>PayloadContent</key><array>"
    return start + body + b"</array></dict></plist>"


def _text(content: bytes) -> bytes:
    return _plist(b"<string>" + content + b"</string>")


def _bomb() -> bytes:
    levels = [b'<!ENTITY a0 "%b">' % (b"a" * 100)]
    for level in range(1, 12):
        references = b"&a%d;" % (level - 1) * 10
        levels.append(b'<!ENTITY a%d "%b">' % (level, references))
    doctype = b"<!DOCTYPE plist [%b]>" % b"".join(levels)
    return _plist(b"<string>&a11;</string>", doctype=doctype)


def _defaults() -> bytes:
    attributes = b"".join(b' a%d CDATA "%b"' % (number, b"x" * 100) for number in range(1_000))
    doctype = b"<!DOCTYPE plist [<!ATTLIST true%b>]>" % attributes
    return _plist(b"<true/>" * 100_000, doctype=doctype)


def _binary(*objects: bytes, offsets: list[int], count: int = 0) -> bytes:
    body = b"bplist00" + b"".join(objects)
    table = b"".join(offset.to_bytes(4, "big") for offset in offsets)
    count = count or len(offsets)
    return body + table + struct.pack(">6xBBQQQ", 4, 4, count, 0, len(body))


def _reference(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _shared_binary() -> bytes:
    count = 50_000
    size = 8 * MEGABYTE
    top = b"\xaf\x12" + _reference(count) + b"".join(map(_reference, range(1, count + 1)))
    text = b"\x4f\x12" + _reference(size) + bytes(size)
    return _binary(top, text, offsets=[8, *[8 + len(top)] * count])


def _multiplying_binary() -> bytes:
    levels = [b"\xaa" + _reference(level + 1) * 10 for level in range(60)]
    return _binary(*levels, b"\xa0", offsets=[8 + 41 * level for level in range(61)])


def _deep_binary() -> bytes:
    levels = [b"\xa1" + _reference(level + 1) for level in range(100_000)]
    return _binary(*levels, b"\xa0", offsets=[8 + 5 * level for level in range(100_001)])


CASES: Mapping[str, Callable[[], bytes]] = {
    "100 MB of blanks": lambda: b" " * (100 * MEGABYTE),
    "blanks up to the limit": lambda: b"\n" * (32 * MEGABYTE),
    "blanks before a profile": lambda: b"\n" * (30 * MEGABYTE) + _plist(b""),
    "blanks inside a profile": lambda: _plist(b"\n " * (15 * MEGABYTE)),
    "NUL bytes behind a profile": lambda: _plist(b"") + bytes(30 * MEGABYTE),
    "byte order marks": lambda: b"\xef\xbb\xbf \0" * (6 * MEGABYTE),
    "60 MB of text": lambda: _text(b"a" * (60 * MEGABYTE)),
    "text up to the limit": lambda: _text(b"a" * (31 * MEGABYTE)),
    "text that is wide in memory": lambda: _text("😀".encode() + b"a" * (31 * MEGABYTE)),
    "references up to the limit": lambda: _text(b"&amp;" * (6 * MEGABYTE)),
    "UTF-16 up to the limit": lambda: _text(b"a" * (15 * MEGABYTE)).decode().encode("utf-16"),
    "placeholders up to the limit": lambda: _text(b"{{ x }}" * (4 * MEGABYTE)),
    "a broken template": lambda: _plist(b"<{{" * (10 * MEGABYTE)),
    "data up to the limit": lambda: _plist(b"<data>" + b"AAAA" * (7 * MEGABYTE) + b"</data>"),
    "a million keys": lambda: _plist(
        b"<dict>" + b"".join(b"<key>%d</key><true/>" % number for number in range(1_000_000))
    ),
    "as many keys as may be": lambda: _plist(
        b"<dict>"
        + b"".join(b"<key>%d</key><true/>" % number for number in range(99_000))
        + b"</dict>"
    ),
    "one key again and again": lambda: _plist(
        b"<dict>" + b"<key>a</key><true/>" * 99_000 + b"</dict>"
    ),
    "a million levels": lambda: _plist(b"<array>" * 1_000_000),
    "a million unknown levels": lambda: _plist(b"<a>" * 1_000_000),
    "a million digits": lambda: _plist(b"<integer>" + b"9" * 1_000_000 + b"</integer>"),
    "a million hexadecimal digits": lambda: _plist(
        b"<integer>0x" + b"f" * 1_000_000 + b"</integer>"
    ),
    "a fraction of a million digits": lambda: _plist(b"<real>0." + b"9" * 1_000_000 + b"</real>"),
    "a long comment": lambda: _plist(b"<!--" + b"a" * (30 * MEGABYTE) + b"-->"),
    "a tag with a million attributes": lambda: _plist(
        b"<true " + b"".join(b'a%d=">" ' % number for number in range(1_000_000)) + b"/>"
    ),
    "entities that multiply": _bomb,
    "attributes by default": _defaults,
    "an entity of a file": lambda: _plist(
        b"<string>&a;</string>",
        doctype=b'<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ),
    "an entity of a pipe": lambda: _plist(
        b"<string>&a;</string>", doctype=b'<!DOCTYPE plist SYSTEM "file:///dev/stdin">'
    ),
    "JSON of a million levels": lambda: b'{"a":' * 1_000_000,
    "JSON of a million keys": lambda: (
        b'{"applications":{' + b",".join(b'"%d":1' % number for number in range(600_000)) + b"}}"
    ),
    "JSON of a million digits": lambda: b'{"applications":' + b"9" * 1_000_000 + b"}",
    "JSON with a long exponent": lambda: b'{"applications":1e' + b"9" * 1_000_000 + b"}",
    "JSON text up to the limit": lambda: (
        b'{"usageLog":"' + "😀".encode() + b"a" * (7 * MEGABYTE) + b'"}'
    ),
    "JSON of 60 MB": lambda: b'{"name":"' + b"a" * (60 * MEGABYTE) + b'"}',
    "JSON that never ends": lambda: b'{"a": "' + b'\\"' * (3 * MEGABYTE),
    "a binary list in itself": lambda: _binary(b"\xa1" + _reference(0), offsets=[8]),
    "a binary list of a trillion objects": lambda: _binary(b"\xa0", offsets=[8], count=10**12),
    "binary objects in the same place": _shared_binary,
    "binary lists that multiply": _multiplying_binary,
    "binary lists of 100,000 levels": _deep_binary,
    "binary text up to the limit": lambda: plistlib.dumps(
        {"PayloadContent": ["é" * (15 * MEGABYTE)]}, fmt=plistlib.FMT_BINARY
    ),
}


def main(case: str) -> None:
    """Read the file `case`, having no more memory than allowed, and print what became of it."""
    data = CASES[case]()
    read_document("warm.mobileconfig", _text(b"{{x}}"))
    used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    try:
        outcome = type(read_document("hostile.mobileconfig", data)).__name__
    except DocumentError as error:
        outcome = error.message
    sys.stdout.write(outcome)


if __name__ == "__main__":
    main(sys.argv[1])
