"""Whatever stands in a file, reading ends in a document or in one error, and flows in states."""

from __future__ import annotations

import json
import plistlib
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.document import (
    AndroidPolicy,
    Declaration,
    DocumentError,
    Profile,
    read_document,
)
from profilegen.audit.flows import flows
from profilegen.audit.nesting import MAX_NESTING
from profilegen.catalogue.load import channels
from profilegen.catalogue.terms import Enrollment, Mode, Platform, State
from tests.unit.audit.samples import context

SCALARS: st.SearchStrategy[Any] = (
    st.booleans()
    | st.integers(-10, 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.just(datetime(2026, 1, 1))  # noqa: DTZ001  (property lists hold naive dates)
    | st.sampled_from(
        [
            value.value
            for channel in channels(Platform.ANDROID).values()
            for field in channel.fields
            for value in field.close
        ]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
CONTEXTS = st.builds(context, st.sampled_from(Enrollment), st.sampled_from(Mode))
PAYLOAD_KEYS = sorted(
    {
        (payload, key.key.partition(".")[0])
        for channel in channels(Platform.IOS).values()
        for key in channel.keys
        for payload in key.payloads
    }
)
FIELDS = sorted(
    {
        tuple(field.path.split("."))
        for channel in channels(Platform.ANDROID).values()
        for field in channel.fields
    }
)


def depth(value: object) -> int:
    if isinstance(value, list | tuple):
        return 1 + max(map(depth, value), default=0)
    return 1 + max(map(depth, value.values()), default=0) if isinstance(value, dict) else 0


def check_reading(data: bytes) -> None:
    try:
        document = read_document("file.plist", data)
    except DocumentError:
        return
    assert depth(document.content) <= MAX_NESTING
    assert all(flow.state in State for flow in flows([document], context()))


@given(st.binary())
def test_arbitrary_bytes(data: bytes) -> None:
    check_reading(data)


@given(st.sampled_from([b"bplist00", b"<?xml?><plist>", b"{", b'{"applications":']), st.binary())
def test_arbitrary_bytes_behind_a_known_start(start: bytes, data: bytes) -> None:
    check_reading(start + data)


@given(st.binary(min_size=1, max_size=4), st.integers(0, 400))
def test_a_damaged_binary_property_list(damage: bytes, at: int) -> None:
    content = {"PayloadType": "Configuration", "PayloadContent": [{"a": [1, "b", {"c": b"d"}]}]}
    data = bytearray(plistlib.dumps(content, fmt=plistlib.FMT_BINARY))
    place = at % len(data)
    data[place : place + len(damage)] = damage
    check_reading(bytes(data))


@given(
    st.lists(st.tuples(st.sampled_from(PAYLOAD_KEYS), VALUES), max_size=6),
    st.lists(VALUES, max_size=2),
    CONTEXTS,
)
def test_arbitrary_values_in_known_keys(
    settings: list[tuple[tuple[str, str], Any]],
    strangers: list[Any],
    where: Any,  # noqa: ANN401
) -> None:
    payloads = [{"PayloadType": kind, key: value} for (kind, key), value in settings]
    profile = Profile("a", {"PayloadContent": [*payloads, *strangers]})
    declared = [
        Declaration("b", {"Type": kind, "Payload": {key: value}}) for (kind, key), value in settings
    ]
    assert all(flow.state in State for flow in flows([profile, *declared], where))


@given(st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=6), CONTEXTS)
def test_arbitrary_values_in_known_fields(
    settings: list[tuple[tuple[str, ...], Any]],
    where: Any,  # noqa: ANN401
) -> None:
    policies = []
    for path, value in settings:
        content = value
        for part in reversed(path):
            name = part.removesuffix("[]")
            content = {name: [content] if part != name else content}
        policies.append(AndroidPolicy("a", content))
    assert all(flow.state in State for flow in flows(policies, where))


@given(st.recursive(st.none() | st.booleans() | st.text(max_size=3), st.lists, max_leaves=6))
def test_arbitrary_json(value: object) -> None:
    check_reading(json.dumps({"applications": value}).encode())
