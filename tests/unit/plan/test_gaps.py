"""Gaps that a strict plan names, and the ones that a policy accepts."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.plan.decide import make_plan
from profilegen.plan.gaps import Gap, gaps_of
from profilegen.plan.model import AppDecision, Plan
from tests.unit.plan.policies import TODAY, account, android, ios, policy_of

Table = dict[str, Any]

STAFF = account("contained")
PRESS = account("contained", name="press", client={"android": "gmail"})
BECAUSE = "We know."


def _plan(target: Table, *accounts: Table, **rest: object) -> Plan:
    return make_plan(policy_of(target, accounts, rest=rest), today=TODAY)


def _gaps(plan: Plan) -> dict[str, Gap]:
    found = {}
    for gap in gaps_of(plan.policy, plan.targets):
        decision = gap.decision
        name = (
            decision.app
            if isinstance(decision, AppDecision)
            else f"{decision.account}/{decision.channel}"
        )
        found[name] = gap
    return found


def _accept(**fields: str) -> list[Table]:
    return [{"target": "target", "because": BECAUSE, **fields}]


def test_partial_unenforceable_and_overblocked_are_gaps() -> None:
    staff = account("contained", channels={"paste-from": "deny", "notification-listeners": "allow"})
    plan = _plan(android("work-profile", "17"), staff)

    verdicts = {name: str(gap.decision.verdict) for name, gap in _gaps(plan).items()}
    assert verdicts == {
        "staff/paste-from": "unenforceable",
        "staff/handoff": "partial",
        "staff/notification-listeners": "overblocked",
    }


def test_what_is_enforced_allowed_left_or_absent_is_no_gap() -> None:
    assert not _gaps(_plan(ios("device"), STAFF))
    assert not _gaps(_plan(android("fully-managed", "17 QPR1"), account("open")))


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ({"channel": "handoff"}, {"staff", "press"}),
        ({"channel": "handoff", "account": "press"}, {"press"}),
    ],
)
def test_accepted_for_all_accounts_or_one(accept: dict[str, str], accepted: set[str]) -> None:
    plan = _plan(android("work-profile", "17"), STAFF, PRESS, accept=_accept(**accept))
    gaps = _gaps(plan)

    found = {name for name in ("staff", "press") if gaps[f"{name}/handoff"].accepted == BECAUSE}
    assert found == accepted
    assert not plan.warnings


def test_an_app_that_cannot_be_blocked_is_a_gap_and_may_be_accepted() -> None:
    app = {"name": "TikTok", "android": "com.zhiliaoapp.musically", "because": "x"}
    rest: Table = {"apps": {"blocked": [app]}}
    target = android("work-profile", "17 QPR1")
    plain = _plan(target, STAFF, **rest)
    accepted = _plan(target, STAFF, accept=_accept(app="TikTok"), **rest)
    early = _plan(target, STAFF, apps={"blocked": [{**app, "from": "2030-01-01"}]})

    assert _gaps(plain)["TikTok"].accepted == ""
    assert _gaps(accepted)["TikTok"].accepted == BECAUSE
    assert not accepted.warnings
    assert set(_gaps(early)) == {"TikTok"}


def test_a_scheduled_app_is_no_gap() -> None:
    app = {
        "name": "TikTok",
        "ios": "com.zhiliaoapp.musically",
        "because": "x",
        "from": "2030-01-01",
    }

    assert not _gaps(_plan(ios("supervised"), STAFF, apps={"blocked": [app]}))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"channel": "printing"}, "printing"),
        ({"channel": "handoff", "account": "staff"}, "handoff"),
        ({"app": "TikTok"}, "TikTok"),
    ],
)
def test_an_accept_that_accepts_nothing_is_a_warning(fields: dict[str, str], named: str) -> None:
    app = {"name": "TikTok", "android": "com.zhiliaoapp.musically", "because": "x"}
    plan = _plan(
        android("fully-managed", "17 QPR1"),
        STAFF,
        accept=_accept(**fields),
        apps={"blocked": [app]},
    )

    assert len(plan.warnings) == 1
    assert named in plan.warnings[0]
    assert "target" in plan.warnings[0]
