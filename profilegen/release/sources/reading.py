"""A stream of bytes as lines of text: bounded, digested while read, of a known encoding."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Self

from profilegen.errors import UsageError
from profilegen.release.sources.model import UsersError

MAX_LINE = 2 * 1024 * 1024
"""Characters of a line that are read at least; the rest of a much longer one is passed over."""
TOO_LONG = "a line of more than 2 Mi characters"
"""What is wrong with a row whose line was cut."""
_BLOCK = 64 * 1024
_PROBE = 4
_UTF_8, _UTF_16 = "utf-8-sig", "utf-16"
_SHOWN = {_UTF_8: "UTF-8", _UTF_16: "UTF-16"}
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP = b"PK\x03\x04"
_UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_ELSE = "Save the list as UTF-8, or name its encoding, such as --users-encoding cp1252."


class NotTextError(UsersError):
    """Bytes of a list are no text of its encoding."""

    def __init__(self, name: str, fault: str, *, before: str, row: str = "") -> None:
        """Say the `fault` in `row` of the list `name`; `before` is the text of its line so far."""
        super().__init__(f"{name}: {row}{': ' if row else ''}{fault}", hint=_ELSE)
        self.before = before
        self._name, self._fault = name, fault

    def within(self, row: str) -> Self:
        """Return the same with the `row` named, which only a reader of rows can tell."""
        return type(self)(self._name, self._fault, before=self.before, row=row)


class DigestedStream(io.RawIOBase):
    """The bytes of `stream`, which pass through a SHA-256 as they are read.

    `stream` is closed with this one, or when nobody has it any more, unless it is `shared`.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase, *, shared: bool = False) -> None:
        """Read on from where `stream` is."""
        super().__init__()
        self._stream = stream
        self._shared = shared
        self._digest = hashlib.sha256()
        self.passed = 0
        """How many bytes were read."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what io gives it
        """Fill `buffer` with what comes next; return the number of bytes, 0 at the end."""
        content = self._stream.read(len(buffer)) or b""
        buffer[: len(content)] = content
        self._digest.update(content)
        self.passed += len(content)
        return len(content)

    def close(self) -> None:
        """Close the stream below, too."""
        super().close()
        if not self._shared:
            self._stream.close()

    def hexdigest(self) -> str:
        """Return the SHA-256 of all bytes that were read, in hexadecimal."""
        return self._digest.hexdigest()


class Lines:
    """The lines of text in a stream of bytes, each with its end, which LF, CR or CR LF makes.

    Without a given `encoding`, a byte order mark tells UTF-8 or UTF-16, and text without one is
    UTF-8. Other encodings cannot be told apart: a guess would spoil names.
    """

    def __init__(self, name: str, stream: DigestedStream, encoding: str = "") -> None:
        """Read the text of the list `name`, for messages.

        Raises UsageError for an encoding that is none, UsersError for a stream that cannot be read.
        """
        self._name = name
        self._stream = stream
        buffered = io.BufferedReader(stream, _BLOCK)
        try:
            begin = buffered.peek(_PROBE)[:_PROBE]
            _refuse_workbook(name, begin)
            self._encoding = encoding or _detected(name, begin)
        except OSError as error:
            raise unreadable(name, error) from error
        self._buffered = buffered
        self._decoder = codecs.getincrementaldecoder(_codec(self._encoding))()
        self._taken = 0
        self._fault = ""
        self.cuts = 0
        """How many of the lines so far lack their end, for being longer than MAX_LINE."""

    def __iter__(self) -> Iterator[str]:
        """Yield the lines; raise NotTextError behind the last one before bytes that are no text."""
        begun, number = "", 1
        while text := self._read():
            # A CR at the end may be half of an end: the last line waits for more.
            *whole, begun = io.StringIO(begun + text, newline="")
            yield from whole
            number += len(whole)
            if len(begun) > MAX_LINE:
                self.cuts += 1
                yield begun[:MAX_LINE] + "\n"
                number += 1
                begun = self._after_line()
        if self._fault and begun.endswith(("\n", "\r")):
            yield begun
            begun, number = "", number + 1
        if self._fault:
            raise NotTextError(self._name, self._fault.format(line=number), before=begun)
        if begun:
            yield begun

    def _after_line(self) -> str:
        """Pass over the rest of a line; return what was read beyond it."""
        while text := self._read():
            _, *beyond = io.StringIO(text, newline="")
            if beyond:
                return "".join(beyond)
        return ""

    def _read(self) -> str:
        """Return more text, "" where it ends, or where bytes are none, which `_fault` tells."""
        text, at_end = "", bool(self._fault)
        while not (text or at_end):
            try:
                block = self._buffered.read1(_BLOCK)
            except OSError as error:
                raise unreadable(self._name, error) from error
            self._taken += len(block)
            at_end = not block
            state = self._decoder.getstate()
            try:
                text = self._decoder.decode(block, final=at_end)
            except UnicodeDecodeError as error:
                self._decoder.setstate(state)
                return self._before(error, block)
            except UnicodeError:  # by a codec that does not tell where
                self._fault = f"not {self._shown_encoding} (in line {{line}} or below)"
                return ""
        return text

    def _before(self, error: UnicodeDecodeError, block: bytes) -> str:
        """Note where bytes are no text; return the text of `block` before them."""
        behind = len(error.object) - error.start
        where = f"line {{line}}, byte {self._taken - behind} of the list"
        self._fault = f"not {self._shown_encoding} ({where})"
        with suppress(UnicodeError):
            return self._decoder.decode(block[: max(0, len(block) - behind)])
        return ""

    @property
    def _shown_encoding(self) -> str:
        return _SHOWN.get(self._encoding, self._encoding)


def _refuse_workbook(name: str, begin: bytes) -> None:
    if begin == _ZIP:
        message = f"{name}: the list of users is a workbook (.xlsx, .ods) or another zip file"
        raise UsersError(message, hint="Save it as CSV UTF-8, or unpack it.")


def _detected(name: str, begin: bytes) -> str:
    if begin in _UTF_32_MARKS:
        message = f"{name}: the list of users is UTF-32"
        raise UsersError(message, hint="Save it as UTF-8.")
    return _UTF_16 if begin.startswith(_UTF_16_MARKS) else _UTF_8


def _codec(encoding: str) -> str:
    """Return the name of the codec of `encoding`; a mark is never part of the text."""
    try:
        known = codecs.lookup(encoding)
        "".encode(known.name)  # refuses codecs that make no text of bytes
    except (LookupError, ValueError) as error:
        message = f"--users-encoding {encoding}: not a known encoding of text"
        raise UsageError(message, hint="Use utf-8, utf-16, cp1252, iso-8859-1, ...") from error
    return _UTF_8 if known.name == "utf-8" else known.name


def unreadable(name: str, error: OSError) -> UsersError:
    """Return the error for a list that the system does not let us read."""
    message = f"{name}: cannot read the file: {error.strerror or error}"
    return UsersError(message, hint="Check the path and that you may read it.")
