"""Makes nodes with places from the events of a YAML parser, without recursion.

Bounds depth and number of nodes, aliases counted as often as they are used, so that neither
deep nesting nor aliases of aliases cost more than the file is worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml.error import StringMark
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from profilegen.policy import scalars
from profilegen.policy.problems import Fault, Path, PolicyError, Position, Problem, clip

MAX_DEPTH = 32
MAX_NODES = 100_000

Plain: TypeAlias = scalars.Scalar | list["Plain"] | dict[str, "Plain"]

_MERGE_KEY = "<<"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place; `text` is what the file says for a scalar, "" for a collection.

    `keys` has the place of each key, `children` the values of a mapping or a list. `size` counts
    this node and all below it, `height` the levels below it.
    """

    value: Plain
    position: Position
    text: str = ""
    keys: Mapping[str, Position] = field(default_factory=dict)
    children: Mapping[str | int, Node] = field(default_factory=dict)
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class _Frame:
    """A collection whose end has not been read; `key` is "" while a mapping waits for a key."""

    start: NodeEvent
    position: Position
    is_mapping: bool
    keys: dict[str, Position] = field(default_factory=dict)
    children: dict[str | int, Node] = field(default_factory=dict)
    waiting_for_value: bool = False
    key: str | None = None

    def step(self) -> tuple[str | int, ...]:
        """Return the step from this collection to what is read next."""
        if not self.is_mapping:
            return (len(self.children),)
        return () if self.key is None else (self.key,)


class Composer:
    """Takes events one by one; `root` is the document's node once its end was fed."""

    def __init__(self, file: str) -> None:
        """Start; `file` is the name that refusals carry."""
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self._file = file
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._size = 0

    def feed(self, event: Event) -> None:
        """Take the next event; raise PolicyError when a limit is passed or an alias is wrong."""
        if isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, CollectionEndEvent):
            self._close()
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)

    def _open(self, event: CollectionStartEvent) -> None:
        self._grow(event, size=1, height=1)
        is_mapping = isinstance(event, MappingStartEvent)
        allowed = scalars.MAP if is_mapping else scalars.SEQ
        if event.tag not in (None, "!", allowed):
            self._foreign_tag(event)
        self._frames.append(_Frame(event, _position(event), is_mapping))

    def _close(self) -> None:
        frame = self._frames.pop()
        nodes = frame.children.values()
        value: Plain
        if frame.is_mapping:
            value = {str(key): node.value for key, node in frame.children.items()}
        else:
            value = [node.value for node in nodes]
        node = Node(
            value=value,
            position=frame.position,
            keys=frame.keys,
            children=frame.children,
            size=1 + sum(child.size for child in nodes),
            height=1 + max((child.height for child in nodes), default=0),
        )
        self._attach(node, frame.start)

    def _scalar(self, event: ScalarEvent) -> None:
        self._grow(event, size=1, height=0)
        value: Plain = event.value
        if event.tag is None and event.implicit[0]:
            value = scalars.resolve(event.value)
        elif event.tag not in (None, "!"):
            value = self._tagged(event)
        if scalars.holds_forbidden_character(event.value):
            message = "a control character or half of a surrogate pair"
            self._fault(event, message, "No file for devices can carry it; remove the escape.")
        self._attach(Node(value, _position(event), event.value), event)

    def _tagged(self, event: ScalarEvent) -> Plain:
        core = (scalars.STR, scalars.INT, scalars.FLOAT, scalars.BOOL, scalars.NULL)
        if event.tag not in core:
            self._foreign_tag(event)
            return str(event.value)
        try:
            return scalars.resolve_as(event.tag, event.value)
        except ValueError:
            kind = event.tag.rpartition(":")[2]
            message = f"{clip(event.value)} is not what the tag !!{kind} says"
            self._fault(event, message, "Remove the tag, or change the value.")
            return str(event.value)

    def _alias(self, event: AliasEvent) -> None:
        name = event.anchor
        if any(frame.start.anchor == name for frame in self._frames):
            message = f"the alias *{name} stands inside what it repeats"
            raise self._refused(event, message, "Write the values out.")
        node = self._anchors.get(name)
        if node is None:
            message = f"the alias *{name} has no anchor before it"
            raise self._refused(event, message, f"Write &{name} before the value to repeat.")
        self._grow(event, size=node.size, height=node.height)
        self._attach(node, event)

    def _attach(self, node: Node, event: NodeEvent) -> None:
        if event.anchor and not isinstance(event, AliasEvent):
            self._anchors[event.anchor] = node
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        if not frame.is_mapping:
            frame.children[len(frame.children)] = node
        elif not frame.waiting_for_value:
            frame.key = self._key(frame, node, event)
            frame.waiting_for_value = True
        else:
            if frame.key is not None:
                frame.children[frame.key] = node
            frame.key, frame.waiting_for_value = None, False

    def _key(self, frame: _Frame, node: Node, event: NodeEvent) -> str | None:
        """Return the key that `node` stands for, None (and a fault) when its member is dropped."""
        if not isinstance(event, ScalarEvent):
            self._fault(event, "a key must be text", "Write a single word before the colon.")
            return None
        key = node.text
        if key == _MERGE_KEY and event.implicit[0]:
            message = "merge keys (<<) are not part of YAML 1.2"
            self._fault(event, message, "Write the members out, or repeat a whole value (*alias).")
            return None
        if key in frame.keys:
            message = f"duplicate key, first on line {frame.keys[key].line}"
            self.faults.append(
                Fault((*self._path(), key), message, "Keep one of them.", _position(event))
            )
            return None
        frame.keys[key] = _position(event)
        return key

    def _grow(self, event: Event, *, size: int, height: int) -> None:
        self._size += size
        if len(self._frames) + height > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            raise self._refused(event, message, "No part of a policy is nested that deep.")
        if self._size > MAX_NODES:
            message = f"more than {MAX_NODES:,} values, repeated ones (*alias) counted each time"
            raise self._refused(event, message, "Split the policy, or use fewer aliases.")

    def _foreign_tag(self, event: ScalarEvent | CollectionStartEvent) -> None:
        message = f"the tag {clip(event.tag or '!')} is not allowed here"
        self._fault(event, message, "Remove it: the fields of a policy have fixed types.")

    def _fault(self, event: NodeEvent, message: str, hint: str) -> None:
        self.faults.append(Fault(self._path(), message, hint, _position(event)))

    def _path(self) -> Path:
        return tuple(step for frame in self._frames for step in frame.step())

    def _refused(self, event: Event, message: str, hint: str) -> PolicyError:
        place = _position(event)
        return PolicyError([Problem(self._file, place.line, place.column, "", message, hint)])


def _position(event: Event) -> Position:
    mark: StringMark = event.start_mark
    return Position(mark.line + 1, mark.column + 1)
