"""What a comparison says of two builds is what their plans say, and every leaf is told once."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from profilegen.audit.diff.compare import compare, compare_as_device
from profilegen.audit.diff.model import Difference, Kind, Motion
from profilegen.audit.diff.movements import motion
from profilegen.audit.diff.versions import Version
from profilegen.audit.document import AndroidPolicy, Document, Profile
from profilegen.audit.flows import flows
from profilegen.plan.model import Decision, Placement
from profilegen.release.proof import context_of
from tests.properties.pipeline import Built, Table, built, planned
from tests.strategies import INTENTS, SHARINGS, policies, strictest
from tests.unit.audit.samples import context

PARTS = 2
EXAMPLES = 40
MIRRORED = {
    Motion.OPENS: Motion.CLOSES,
    Motion.MAY_OPEN: Motion.MAY_CLOSE,
    Motion.CLOSES: Motion.OPENS,
    Motion.MAY_CLOSE: Motion.MAY_OPEN,
}


@st.composite
def _two_policies(draw: st.DrawFn) -> tuple[Table, Table]:
    """Draw a policy, and the same one with other answers for one of its accounts."""
    before = strictest(draw(policies()))
    after = copy.deepcopy(before)
    account = draw(st.sampled_from(after["accounts"]))
    account["sharing"] = draw(st.sampled_from(SHARINGS))
    channel = draw(st.sampled_from(("open-in", "paste", "contacts-read", "screen-capture")))
    account["channels"] = account.get("channels", {}) | {channel: draw(st.sampled_from(INTENTS))}
    return before, after


def _versions(documents: Sequence[Document]) -> list[Version]:
    return [Version(document.name, document) for document in documents]


@pytest.mark.parametrize("part", range(PARTS))
def test_what_opens_is_what_the_plans_say(part: int) -> None:
    @seed(part)
    @settings(max_examples=EXAMPLES)
    @given(_two_policies())
    def agrees(two: tuple[Table, Table]) -> None:
        old, new = (planned(table) for table in two)
        assert old is not None
        assert new is not None
        for before, after in zip(built(old), built(new), strict=True):
            _check_target(before, after)

    agrees()


def _check_target(before: Built, after: Built) -> None:
    where = context_of(after.plan.target)
    sides = before.documents(), after.documents()
    old, new = (_versions(side) for side in sides)
    found, mirrored = compare_as_device(old, new, where), compare_as_device(new, old, where)
    told = {(item.account, item.channel): item.motion for item in found.movements}
    known = [{(flow.account, flow.channel) for flow in flows(side, where)} for side in sides]
    for decision, placement, moved in _decisions(before, after):
        covering = _covering(decision, placement, known)
        if covering:
            assert told.get((covering, decision.channel)) is moved, (covering, decision)
    assert _opposite(found) == _motions(mirrored)


def _decisions(before: Built, after: Built) -> Iterator[tuple[Decision, Placement, Motion | None]]:
    old = {(item.account, item.channel): item for item in before.plan.decisions}
    placements = {placement.account: placement for placement in after.plan.placements}
    for new in after.plan.decisions:
        state = old[new.account, new.channel].state
        yield new, placements[new.account], motion(state, new.state)


def _covering(
    decision: Decision, placement: Placement, known: Sequence[set[tuple[str, str]]]
) -> str:
    """Return the account of the flow that covers `decision`, "" where no file carries it."""
    accounts = [name for name, channel in known[0] & known[1] if channel == decision.channel]
    suffix = f".account.{placement.account}"
    for name in accounts:
        if name == placement.app or name.endswith(suffix):
            return name
    # An app that only one policy lists is told apart by itself; the property is on the others.
    listed = any((placement.app, decision.channel) in side for side in known)
    return "*" if "*" in accounts and not listed else ""


def _motions(found: Difference) -> set[tuple[str, str, str, Motion]]:
    return {(item.platform, item.account, item.channel, item.motion) for item in found.movements}


def _opposite(found: Difference) -> set[tuple[str, str, str, Motion]]:
    return {
        (platform, account, channel, MIRRORED[moved])
        for platform, account, channel, moved in _motions(found)
    }


HIDDEN = "hunter2"
LEAVES: st.SearchStrategy[Any] = (
    st.booleans() | st.integers(-5, 2**70) | st.text(max_size=5) | st.binary(max_size=5)
)
KEYS = st.sampled_from(("a", "b", "packageName", "id", "Password", "key", "value", "PayloadType"))
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.fixed_dictionaries(
    {"PayloadContent": st.lists(st.dictionaries(KEYS, TREES, max_size=3) | LEAVES, max_size=3)},
    optional={
        "PayloadIdentifier": st.sampled_from(("org.a", "org.b")),
        "PayloadDisplayName": TREES,
    },
)


@given(CONTENTS)
def test_nothing_differs_from_itself(content: Mapping[str, Any]) -> None:
    for document in (Profile("a", content), AndroidPolicy("a", content)):
        same = copy.deepcopy(document)
        assert compare([Version("a", document)], [Version("a", same)], context()).is_empty


@given(CONTENTS, CONTENTS)
def test_what_differs_is_told_from_either_side(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    one, two = ([Version("a", AndroidPolicy("a", content))] for content in (old, new))
    there, back = compare(one, two, context()), compare(two, one, context())
    assert there.is_empty is back.is_empty
    assert _opposite(there) == _motions(back)


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path


DICTS: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abcd"), DICTS, min_size=1), st.data())
def test_every_changed_leaf_is_told_once(content: dict[str, Any], data: st.DataObject) -> None:
    """Several leaves are changed; the settings told are these leaves, no more and no less."""
    places = list(_leaves(content))
    chosen = data.draw(st.lists(st.sampled_from(places), unique=True, min_size=1))
    changed = copy.deepcopy(content)
    for place in chosen:
        holder = changed
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = "something else"
    payload = {"PayloadType": "t", "PayloadIdentifier": "org.a", "PayloadUUID": "1"}
    old, new = (
        Profile("a", {"PayloadIdentifier": "p", "PayloadContent": [{**payload, **inner}]})
        for inner in (content, changed)
    )
    (file,) = compare([Version("a", old)], [Version("a", new)], context()).files
    assert all(change.kind is Kind.CHANGED for change in file.settings)
    assert sorted(change.key for change in file.settings) == sorted(
        ".".join(place) for place in chosen
    )
    assert not file.identity


@given(CONTENTS, CONTENTS, st.sampled_from(("Password", "SharedSecret", "Challenge")))
def test_a_secret_never_shows(old: dict[str, Any], new: dict[str, Any], key: str) -> None:
    def hidden(content: dict[str, Any], secret: str) -> Profile:
        payloads = [
            {**item, key: [secret, {"x": secret}]} if isinstance(item, dict) else item
            for item in content["PayloadContent"]
        ]
        return Profile("a", {**content, "PayloadContent": payloads, key: secret})

    found = compare(
        [Version("a", hidden(old, HIDDEN))], [Version("a", hidden(new, f"{HIDDEN}3"))], context()
    )
    assume(not found.is_empty)
    assert HIDDEN not in repr(found)
    assert HIDDEN not in json.dumps([repr(file.settings) for file in found.files])
