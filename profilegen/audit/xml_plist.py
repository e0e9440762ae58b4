"""XML property lists, read with their positions and with patience for what strangers publish.

What plistlib accepts has plistlib's value. Templates, bytes around the document and keys that
stand twice are read as well, each with a finding; docs/decisions/xml-plist.md says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat

from profilegen.audit.damage import DamageError, ForeignError
from profilegen.audit.sought import Sought
from profilegen.audit.xml_builder import Builder, Oddities
from profilegen.audit.xml_templates import without_markup
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import ROOT

_CHUNK = 64 * 1024
_LONGEST_TAG = 1024 * 1024
_LARGEST_TEMPLATE = 1024 * 1024
_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")

# What may stand before the header: blanks, comments, a document type, lines of template engines.
_BEFORE = re.compile(
    rb"(?:[\s\x00]++|\xef\xbb\xbf|<!--(?s:.*?)-->|<!DOCTYPE[^>\[]*+>"
    rb"|#jinja2:[^\n]*+\n|\{\{[^{}]*+\}\}|\{%[^{}]*%\}|\{#[^{}]*#\}|<%[^<>]*%>)*+"
)
_MARKUP = re.compile(rb"<(?:\?xml\s|!DOCTYPE\s+plist|(?:plist|dict|array)[\s/>])")
_TEMPLATE = (b"{{", b"{%", b"{#", b"<%")
_CAUSES = {
    4: "a character stands here that XML does not allow",
    5: "the file ends inside a tag or comment",
    7: "the closing tag is not that of {innermost}",
    8: "a tag has the same attribute twice",
    11: "no property list knows this entity",
    17: "a second XML header begins",
    20: "the file ends inside a CDATA section",
}


@dataclass(frozen=True, slots=True)
class XmlPlist:
    """A property list as it was read; `blocks` counts the parts of templates between elements."""

    value: object
    problems: tuple[Finding, ...]
    blocks: int


@dataclass(frozen=True, slots=True)
class _Text:
    """XML from `start` of `content` on; `encoding` overrides what the document says."""

    content: bytes
    start: int
    encoding: str | None

    @property
    def lines_before(self) -> int:
        ends = (self.content.count(end, 0, self.start) for end in (b"\n", b"\r", b"\r\n"))
        feeds, returns, both = ends
        return feeds + returns - both


def looks_like_xml(data: bytes) -> bool:
    """Say whether `data` starts as property lists do, perhaps behind blanks or comments."""
    return data.startswith(_UTF_16) or _MARKUP.match(data, _end_of_prefix(data)) is not None


def read_xml(data: bytes) -> XmlPlist:
    """Return the value of the XML property list `data`.

    Raises DamageError with line and column for a broken one and for one that declares entities,
    ForeignError for XML that is no property list.
    """
    return _read(data, None)


def find_xml_lines(data: bytes, places: Sought) -> None:
    """Write lines of the XML property list `data` into `places`; raises what read_xml raises."""
    _read(data, places)


def _read(data: bytes, places: Sought | None) -> XmlPlist:
    text = _located(data)
    try:
        return _parsed(text, places)
    except DamageError:
        if len(text.content) > _LARGEST_TEMPLATE:
            raise
        repaired = without_markup(text.content)
        if repaired == text.content:
            raise
    return _parsed(_Text(repaired, _end_of_prefix(repaired), text.encoding), places)


def _located(data: bytes) -> _Text:
    encoding = None
    if data.startswith(_UTF_16):
        try:
            data = data.decode(_utf_16(data)).encode("utf-8")
        except UnicodeError as error:
            message = "its text is no valid UTF-16"
            raise DamageError(message) from error
        encoding = "utf-8"
    return _Text(data, _end_of_prefix(data), encoding)


def _utf_16(data: bytes) -> str:
    return {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(data[:2], "utf-16")


def _end_of_prefix(data: bytes) -> int:
    match = _BEFORE.match(data)
    return match.end() if match else 0


def _parsed(text: _Text, places: Sought | None) -> XmlPlist:
    builder = Builder(text.encoding, lines_before=text.lines_before, places=places)
    rest = 0
    try:
        _feed(builder, text)
    except expat.ExpatError as error:
        if not builder.complete:
            _explain(builder, error)
        rest = len(text.content) - text.start - builder.parser.ErrorByteIndex
    except (DamageError, ForeignError):
        raise
    except (LookupError, ValueError) as error:
        # Python's codecs refuse the encoding, each in its own way.
        message = "it names an encoding that no property list has"
        raise DamageError(message) from error
    finally:
        builder.disconnect()
    before = text.content[: text.start]
    blocks = builder.odd.blocks + any(mark in before for mark in _TEMPLATE)
    problems = (*_around(text, rest), *_inside(builder.odd))
    return XmlPlist(builder.value, problems, blocks)


def _feed(builder: Builder, text: _Text) -> None:
    parser, content = builder.parser, memoryview(text.content)
    for start in range(text.start, len(content), _CHUNK):
        parser.Parse(content[start : start + _CHUNK], False)  # noqa: FBT003  (expat's way)
        # A tag that is not complete yet is scanned anew with every piece, and its attributes
        # are held several times.
        if start + _CHUNK - text.start - parser.CurrentByteIndex > _LONGEST_TAG:
            builder.fail(f"a tag or comment is longer than {_LONGEST_TAG // 1024} KiB")
    parser.Parse(b"", True)  # noqa: FBT003


def _explain(builder: Builder, error: expat.ExpatError) -> NoReturn:
    innermost = builder.innermost
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS] and innermost:
        cause = f"the file ends inside {innermost}"
    else:
        cause = _CAUSES.get(error.code, expat.ErrorString(error.code))
        cause = cause.format(innermost=innermost)
    line = error.lineno + builder.lines_before
    raise DamageError(cause, line=line, column=error.offset + 1) from error


def _around(text: _Text, rest: int) -> Iterator[Finding]:
    if text.start and text.content.startswith(b"<?xml", text.start):
        message = f"{_bytes(text.start)} before <?xml in line {text.lines_before + 1}."
        yield found("bytes-before-header", ROOT, message)
    if rest:
        left = text.content[-rest:]
        kind = "" if left.strip(b"\x00\r\n\t ") else ", nothing but NUL and blanks"
        yield found("bytes-after-end", ROOT, f"{_bytes(rest)} behind </plist>{kind}.")


def _bytes(count: int) -> str:
    return "1 byte stands" if count == 1 else f"{count:,} bytes stand"


def _inside(odd: Oddities) -> Iterator[Finding]:
    for place in odd.twice:
        yield found("duplicate-key", place, "The key stands twice in its dictionary.")
    for place, what in odd.malformed:
        yield found("malformed-plist", place, f"{what[:1].upper()}{what[1:]}.")
