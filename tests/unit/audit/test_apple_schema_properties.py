"""What holds for every key of the schema, and for every tree that a file can hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profilegen.audit.document import Declaration, Profile, read_document
from profilegen.audit.lint.apple_schema import declaration_findings, profile_findings
from profilegen.audit.model import Context
from profilegen.catalogue.apple import (
    declaration_type,
    item_of,
    level_of,
    payload_type,
    type_names,
)
from profilegen.catalogue.apple_model import Key, Level, Section, Type
from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.findings import Severity
from profilegen.versions import Version
from tests.unit.audit.apple_samples import (
    context,
    declared,
    envelope,
    full,
    in_declaration,
    payload,
)

PAYLOADS = sorted(type_names(Section.PAYLOADS))
DECLARATIONS = sorted(type_names(Section.DECLARATIONS))
OWN = {name for name, rule in rules().items() if rule.family == "schema"}
TYPES = {"wrong-type", "loose-type"}
DEEPEST = 6
FOLDER = Path(__file__).parents[2] / "golden"

SAMPLES: dict[str, Any] = {
    "string": "x",
    "integer": 7,
    "real": 7.5,
    "boolean": True,
    "data": b"x",
    "date": datetime(2026, 1, 1),  # noqa: DTZ001  (as property lists have it)
    "array": [],
    "dictionary": {},
    "any": {"any": ["thing"]},
}


def right(key: Key, depth: int = 0) -> object:
    """Return a value for `key` with a value for each key inside, down to some depth."""
    if key.allowed:
        return key.allowed[0]
    kind = min(key.kinds)
    if depth < DEEPEST and kind == "array" and (item := item_of(key)) is not None:
        return [right(item, depth + 1)]
    if depth < DEEPEST and kind == "dictionary" and (level := level_of(key)) is not None:
        return filled(level, depth + 1)
    if kind == "integer" and key.least is not None:
        return int(key.least)
    return float(key.least) if kind == "real" and key.least is not None else SAMPLES[kind]


def filled(level: Level, depth: int = 0) -> dict[str, Any]:
    found = {name: right(key, depth) for name, key in level.keys.items()}
    return found if level.other is None else {**found, "Other": right(level.other, depth)}


def known(kind: Type | None) -> Type:
    assert kind is not None
    return kind


@pytest.mark.parametrize("name", PAYLOADS)
def test_right_values_of_every_key_have_the_right_type(name: str) -> None:
    content = filled(known(payload_type(name)).level) | payload(name)
    found = {finding.rule for finding in full(envelope(content))}
    assert found.isdisjoint(TYPES | {"unknown-key", "miscased-key", "misplaced-key"})
    assert found.isdisjoint({"missing-key", "value-not-allowed", "out-of-range"})


@pytest.mark.parametrize("name", DECLARATIONS)
def test_right_values_of_every_declaration_have_the_right_type(name: str) -> None:
    content = declared(name, filled(known(declaration_type(name)).level))
    found = {finding.rule for finding in in_declaration(content)}
    assert found.isdisjoint(TYPES | {"unknown-key", "missing-key", "value-not-allowed"})


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_wrong_value_of_every_key_has_the_wrong_type(name: str) -> None:
    for key in known(payload_type(name)).level.keys.values():
        if "any" in key.kinds:
            continue
        wrong = next(value for kind, value in SAMPLES.items() if not _near(kind, key))
        content = payload(name) | {key.name: wrong}
        places = [f.where for f in full(envelope(content)) if f.rule == "wrong-type"]
        assert len(places) == 1, key.name


def _near(kind: str, key: Key) -> bool:
    """Say whether a sample of `kind` fits `key`, if only loosely."""
    near = {"integer": {"integer", "real", "boolean"}, "boolean": {"boolean", "integer"}}
    return not key.kinds.isdisjoint(near.get(kind, {kind}))


NAMES = st.sampled_from(
    ["PayloadType", "PayloadContent", "Payload", "Type", "PayloadVersion", "Pages", "Services"]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.sampled_from([*PAYLOADS, *DECLARATIONS, "{{ x }}"])
    | st.integers(20_000, 70_000).map(lambda bits: 1 << bits)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner, max_size=5)
    ),
    max_leaves=25,
)
CONTEXTS = st.builds(
    Context,
    st.sampled_from(Enrollment),
    st.just(Mode.WORK_PROFILE),
    *(st.builds(Version, st.integers(1, 40)) for _ in range(3)),
)


def _tamper(draw: st.DrawFn, value: object) -> object:
    """Return `value` with some of what it holds replaced by anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(TREES)
    if isinstance(value, dict):
        return {key: _tamper(draw, item) for key, item in value.items()}
    return [_tamper(draw, item) for item in value] if isinstance(value, list) else value


@st.composite
def tampered(draw: st.DrawFn) -> object:
    name = draw(st.sampled_from(PAYLOADS))
    content = filled(known(payload_type(name)).level, DEEPEST - 2) | payload(name)
    return _tamper(draw, content)


@settings(max_examples=200)
@given(st.dictionaries(NAMES | st.text(), TREES), st.lists(TREES | tampered()), CONTEXTS)
def test_no_profile_makes_it_raise(
    content: dict[str, Any], payloads: list[Any], where: Context
) -> None:
    for tree in (content, {**content, "PayloadContent": payloads}):
        for finding in profile_findings(Profile("x", tree), where):
            assert finding.rule in OWN
            assert finding.message.isprintable()
            assert len(finding.message) < 1500


@settings(max_examples=100)
@given(st.dictionaries(NAMES | st.text(), TREES), st.sampled_from(DECLARATIONS), TREES, CONTEXTS)
def test_no_declaration_makes_it_raise(
    content: dict[str, Any],
    kind: str,
    inside: object,
    where: Context,
) -> None:
    for tree in (content, {**content, "Type": kind, "Payload": inside}):
        found = list(declaration_findings(Declaration("x", tree), where))
        assert {finding.rule for finding in found} <= OWN


OWN_FILES = {
    "byod/anna.mobileconfig": Enrollment.USER,
    "certificates/anna.mobileconfig": Enrollment.SUPERVISED,
    "google/iphone-device.mobileconfig": Enrollment.DEVICE,
    "manual/iphone-manual.mobileconfig": Enrollment.MANUAL,
    "supervised/iphone-supervised.mobileconfig": Enrollment.SUPERVISED,
    "app_configuration/iphone-supervised.mobileconfig": Enrollment.SUPERVISED,
}


def _own_files() -> Iterator[str]:
    return (f"{path.parent.name}/{path.name}" for path in FOLDER.glob("*/*.mobileconfig"))


def test_our_own_profiles_are_all_judged() -> None:
    assert set(_own_files()) == OWN_FILES.keys()


@pytest.mark.parametrize("name", OWN_FILES)
def test_our_own_profiles_have_nothing_worse_than_notes(name: str) -> None:
    document = read_document(name, FOLDER.joinpath(name).read_bytes())
    assert isinstance(document, Profile)
    found = profile_findings(document, context(OWN_FILES[name], ios="27"))
    assert [f for f in found if f.severity is not Severity.NOTE] == []
