"""Inputs made from samples: bytes flipped, cut, joined and repeated; values exchanged."""

from __future__ import annotations

import copy
import json
import plistlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from random import Random
from typing import Any

_LARGEST = 200_000
_ROUNDS = 4
_Tree = Any

_TOKENS = (
    b"<dict>",
    b"</dict>",
    b"<key>PayloadContent</key>",
    b"<array/>",
    b"<integer>",
    b"<!--",
    b"]]>",
    b"&#0;",
    b"&lt;",
    b"{{x}}",
    b"{% if a %}",
    b"</plist>",
    b"<?xml version='1.0'?>",
    b"<!DOCTYPE plist [<!ENTITY a 'b'>]>",
    b'{"a":',
    b'"a":1,"a":2',
    b"[[[[",
    b"\\ud800",
    b"1e999",
    b"NaN",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
)
HOSTILE: tuple[_Tree, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**31,
    2**63 - 1,
    10**40,
    0.5,
    float("inf"),
    float("nan"),
    "",
    " ",
    "\x1b[31m",
    "\u202e\u0000",
    "x" * 5_000,
    "0" * 5_000,
    "9" * 5_000,
    "{{user.email}}",
    "$FLEET_VAR_X",
    "00000000-0000-4000-8000-000000000002",
    "com.apple.applicationaccess",
    "com.apple.mail.managed",
    "Configuration",
    "DISALLOWED",
    b"",
    b"\x30\x82\xff\xff",
    datetime(1, 1, 1),  # noqa: DTZ001  (property lists hold naive dates)
    [],
    {},
    [None],
    [[]],
    {"": ""},
    {"a": {"a": {"a": 1}}},
    [{"PayloadType": "com.apple.applicationaccess"}] * 3,
)


def inputs(groups: Sequence[Sequence[bytes]], *, seed: str) -> Iterator[bytes]:
    """Yield mutated samples for ever, the same for the same `seed`, as many of each group."""
    random = Random(seed)  # noqa: S311  (no secret)
    samples = [[(sample, _parsed(sample)) for sample in group] for group in groups if group]
    everything = [sample for group in groups for sample in group]
    while True:
        sample, tree = random.choice(random.choice(samples))
        if tree is None or random.random() < 0.3:
            data = _changed_bytes(random, sample, everything)
        else:
            is_json = sample.lstrip().startswith(b"{") is (random.random() < 0.9)
            data = _written(_changed_tree(random, tree), _forms(random, is_json=is_json))
            if random.random() < 0.2:
                data = _changed_bytes(random, data, everything)
        yield data[:_LARGEST]


def _changed_bytes(random: Random, data: bytes, samples: Sequence[bytes]) -> bytes:
    for _ in range(random.choice((1, 1, 2, _ROUNDS))):
        data = random.choice(_BYTE_CHANGES)(random, data, samples)[:_LARGEST]
    return data


def _flip(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _put(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice(_TOKENS) + data[at:]


def _overwrite(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    new = random.randbytes(random.randint(1, 8))
    return data[:at] + new + data[at + len(new) :]


def _cut(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    start = random.randint(0, len(data))
    return data[:start] + data[start + random.randint(0, len(data) // 2) :]


def _end(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    return data[: random.randint(0, len(data))]


def _join(random: Random, data: bytes, samples: Sequence[bytes]) -> bytes:
    other = random.choice(samples)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _repeat(random: Random, data: bytes, _samples: Sequence[bytes]) -> bytes:
    start = random.randint(0, len(data))
    piece = data[start : start + random.randint(1, 60)]
    return data[:start] + piece * random.choice((2, 3, 70, 700)) + data[start:]


_BYTE_CHANGES: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip,
    _put,
    _overwrite,
    _cut,
    _end,
    _join,
    _repeat,
)


def _parsed(data: bytes) -> _Tree | None:
    for load in (plistlib.loads, json.loads):
        try:
            tree = load(data)
        except Exception:  # noqa: BLE001, S112  (plistlib leaks many kinds; no tree, no mutation)
            continue
        return tree if isinstance(tree, dict) else None
    return None


def _changed_tree(random: Random, tree: _Tree) -> _Tree:
    tree = copy.deepcopy(tree)
    for _ in range(random.randint(1, _ROUNDS)):
        _change_somewhere(random, tree)
    return tree


def _change_somewhere(random: Random, tree: _Tree) -> None:
    """Change one place: exchange, delete, double, nest or rename what stands there."""
    node = random.choice([*_containers(tree)])
    if not node:
        return
    place = random.choice([*node]) if isinstance(node, dict) else random.randrange(len(node))
    match random.randrange(6):
        case 0:
            node[place] = random.choice((node[place], [node[place]], {"a": node[place]}))
        case 1:
            del node[place]
        case 2 if isinstance(node, list):
            node += [copy.deepcopy(node[place])] * random.choice((1, 2, 50))
        case 3 if isinstance(node, dict):
            names = (str(place).lower(), f"{place}s", "", "x" * 300)
            node[random.choice(names)] = node.pop(place)
        case 4:
            other = random.choice([*_containers(tree)])
            node[place] = copy.deepcopy(other)
        case _:
            node[place] = copy.deepcopy(random.choice(HOSTILE))


def _containers(tree: _Tree) -> Iterator[_Tree]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        inside = node.values() if isinstance(node, dict) else node
        stack += [child for child in inside if isinstance(child, dict | list)]


def _forms(random: Random, *, is_json: bool) -> list[Callable[[_Tree], bytes]]:
    plists = [_xml, _binary] if random.random() < 0.5 else [_binary, _xml]
    return [_json, *plists] if is_json else [*plists, _json]


def _written(tree: _Tree, forms: Sequence[Callable[[_Tree], bytes]]) -> bytes:
    """Return `tree` in the first of `forms` that can hold it; JSON can, with texts for the rest."""
    for write in forms:
        try:
            return write(tree)
        except (ValueError, TypeError, OverflowError, AttributeError):
            continue
    return _json(tree)


def _xml(tree: _Tree) -> bytes:
    return plistlib.dumps(tree)


def _binary(tree: _Tree) -> bytes:
    return plistlib.dumps(tree, fmt=plistlib.FMT_BINARY)


def _json(tree: _Tree) -> bytes:
    return json.dumps(tree, default=str).encode("utf-8", "replace")
