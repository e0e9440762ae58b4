"""Reads a YAML 1.2 file into plain values, with the place of every key.

Everything read is untrusted: size, depth and number of nodes are bounded before values exist.
Knows nothing of the policy's fields.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    DocumentStartEvent,
    Event,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from profilegen.policy.compose import Composer, Node, Plain
from profilegen.policy.problems import Fault, Path, PolicyError, Position, Problem

MAX_BYTES = 1024 * 1024

_YAML_1_2 = (1, 2)
# What the parser lets out of numbers in a %YAML directive and of escapes beyond Unicode.
_NOT_WRAPPED = (ValueError, OverflowError, AssertionError)
# The scanner's time for one tag grows with the square of its length: a tag of 1 MiB takes 17 s.
_LONG_TAG = re.compile(r"![^\s]{1000}")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read; `faults` holds what is wrong in it all the same."""

    file: str
    root: Node
    faults: tuple[Fault, ...]

    @property
    def value(self) -> Plain:
        """The whole document as plain values."""
        return self.root.value

    def node(self, path: Path) -> Node:
        """Return the node at `path`, or the last one on the way there."""
        node = self.root
        for step in path:
            if step not in node.children:
                break
            node = node.children[step]
        return node

    def position(self, path: Path) -> Position:
        """Return where `path` stands: its key for a member, the mapping for a missing one."""
        node, position = self.root, self.root.position
        for step in path:
            if step not in node.children:
                return node.position
            child = node.children[step]
            position = node.keys[step] if isinstance(step, str) else child.position
            node = child
        return position

    def problem(self, fault: Fault, path_text: str) -> Problem:
        """Return `fault` with its place in the file; `path_text` is its path in words."""
        place = fault.position or self.position(fault.path)
        return Problem(self.file, place.line, place.column, path_text, fault.message, fault.hint)


def read_document(file: str, data: bytes) -> Document:
    """Read `data`, the content of `file`; raise PolicyError where nothing can be made of it.

    Members whose key stands a second time, carries a tag or is no text are left out, with a
    fault for each.
    """
    composer = Composer(file)
    try:
        for event in _events(file, _decode(file, data)):
            composer.feed(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
        what = str(error.problem or error.context or "unreadable").replace("\n", " ")
        raise _refused(file, position, f"not YAML: {what}", _CHECK_SYNTAX) from error
    except (YAMLError, YAMLStreamError, *_NOT_WRAPPED) as error:
        raise _refused(file, Position(1, 1), "not YAML", _CHECK_SYNTAX) from error
    if composer.root is None:
        raise _refused(file, Position(1, 1), "the file is empty", "`profilegen init` writes one.")
    return Document(file, composer.root, tuple(composer.faults))


_CHECK_SYNTAX = "Check the indentation, the quotes and the brackets up to there."


def _events(file: str, text: str) -> Iterator[Event]:
    documents = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, DocumentStartEvent):
                documents += 1
                _check_start(file, event, documents)
            if not isinstance(event, StreamStartEvent | StreamEndEvent):
                yield event
    except ReaderError as error:
        before = text[: error.position]
        line = before.count("\n") + 1
        position = Position(line, len(before) - before.rfind("\n"))
        message = f"a character that YAML does not allow: U+{error.character:04X}"
        raise _refused(file, position, message, "Remove it, or write it as an escape.") from error


def _check_start(file: str, event: DocumentStartEvent, count: int) -> None:
    position = Position(event.start_mark.line + 1, event.start_mark.column + 1)
    if count > 1:
        message = "a second document in the same file"
        raise _refused(file, position, message, "Write one file for each policy, without `---`.")
    if event.version not in (None, _YAML_1_2):
        message = "policies are YAML 1.2, this file says otherwise"
        raise _refused(file, position, message, "Remove the %YAML line.")


def _decode(file: str, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB"
        hint = "A policy is a text of a few pages; is this the right file?"
        raise _refused(file, Position(1, 1), message, hint)
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        position = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _refused(file, position, "not UTF-8 text", "Save the file as UTF-8.") from error
    long_tag = _LONG_TAG.search(text)
    if long_tag:
        before = text[: long_tag.start()]
        position = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = "a word of more than 1,000 characters behind an exclamation mark"
        raise _refused(file, position, message, "Policies need no tags; shorten the text.")
    return text


def _refused(file: str, position: Position, message: str, hint: str) -> PolicyError:
    return PolicyError([Problem(file, position.line, position.column, "", message, hint)])
