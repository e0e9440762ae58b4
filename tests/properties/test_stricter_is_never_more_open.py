"""An account that becomes stricter gets no channel that is more open than before."""

from __future__ import annotations

import copy

import pytest
from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from profilegen.catalogue.terms import State
from profilegen.plan.model import Plan
from profilegen.policy.schema import channel_ids
from profilegen.policy.targets import AndroidTarget, Target
from profilegen.versions import Version
from tests.properties.pipeline import Table, planned
from tests.strategies import policies, strictest

PARTS = 4
EXAMPLES = 100
OPENNESS = {State.ABSENT: 0, State.CLOSED: 0, State.NARROWED: 1, State.OPEN: 2}
SHARING = ("open", "contained", "sealed")
INTENTS = ("allow", "leave", "deny")


@st.composite
def _steps(draw: st.DrawFn) -> tuple[Table, Table, str]:
    """Draw a policy, the same one with an account a step stricter, and that account's id."""
    before = strictest(draw(policies()))
    position = draw(st.integers(0, len(before["accounts"]) - 1))
    after = copy.deepcopy(before)
    account = after["accounts"][position]
    if draw(st.booleans()):
        assume(account["sharing"] != SHARING[-1])
        account["sharing"] = SHARING[SHARING.index(account["sharing"]) + 1]
    else:
        channel = draw(st.sampled_from(channel_ids()))
        step = draw(st.integers(0, len(INTENTS) - 2))
        for policy, intent in ((before, INTENTS[step]), (after, INTENTS[step + 1])):
            exceptions = policy["accounts"][position].get("channels", {})
            policy["accounts"][position]["channels"] = {**exceptions, channel: intent}
    return before, after, account["id"]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_channel_of_the_account_opens(part: int) -> None:
    @seed(part)
    @settings(max_examples=EXAMPLES)
    @given(_steps())
    def stays_as_closed(step: tuple[Table, Table, str]) -> None:
        before, after, account = step
        lax, strict = planned(before), planned(after)
        assert lax is not None
        assert strict is not None
        opened = _states(strict, account).items() - _states(lax, account).items()
        assert not [
            (target, channel)
            for (target, channel), state in opened
            if OPENNESS[state] > OPENNESS[_states(lax, account)[target, channel]]
            and not _documented(strict, target, channel, state)
        ]

    stays_as_closed()


def _states(plan: Plan, account: str) -> dict[tuple[str, str], State]:
    return {
        (target.target.id, item.channel): item.state
        for target in plan.targets
        for item in target.decisions
        if item.account == account
    }


def _documented(plan: Plan, target_id: str, channel: str, state: State) -> bool:
    """Whether the design says so: a control newer than the target narrows, whatever the default.

    connected-apps is closed by default and its field is known from Android 11 on, so that on older
    targets `deny` gives `narrowed` where `leave` gives `closed`.
    """
    target: Target = next(item.target for item in plan.targets if item.target.id == target_id)
    return (
        channel == "connected-apps"
        and state is State.NARROWED
        and isinstance(target, AndroidTarget)
        and target.minimum_os < Version(11)
    )


def test_a_field_that_old_devices_ignore_narrows_what_is_closed_by_default() -> None:
    table: Table = {
        "policy": 1,
        "organization": {"name": "A", "identifier": "com.example.mail", "contact": "B"},
        "accounts": [
            {
                "id": "staff",
                "service": "google",
                "address": "a@example.com",
                "sharing": "open",
                "client": {"android": "gmail"},
            }
        ],
        "targets": [
            {
                "id": "old",
                "platform": "android",
                "mode": "work-profile",
                "minimum_os": "10",
                "accounts": ["staff"],
            }
        ],
    }
    contained = copy.deepcopy(table)
    contained["accounts"][0]["sharing"] = "contained"
    plans = [planned(table), planned(contained)]

    found = [_states(plan, "staff")["old", "connected-apps"] for plan in plans if plan]
    assert found == [State.CLOSED, State.NARROWED]
