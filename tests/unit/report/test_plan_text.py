"""The matrix for people: it fits, and it drops nothing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from profilegen.plan.decide import make_plan
from profilegen.plan.gaps import gaps_of
from profilegen.plan.model import AppDecision, Plan, TargetPlan, Verdict
from profilegen.policy.load import load_policy
from profilegen.report.plan_text import gap_line, plan_text
from tests.properties.pipeline import planned
from tests.strategies import Table, policies, strictest
from tests.unit.plan.policies import account, android, ios, plan_of

WIDTH = 100
TODAY = date(2026, 11, 23)
EXAMPLES = (
    "app-ban",
    "byod-only",
    "executives",
    "northwind",
    "two-accounts-strictest",
)


def _sections(plan: Plan) -> list[tuple[TargetPlan, str]]:
    """Return each target with its part of the text."""
    return [(target, plan_text(plan, only=target.target.id)) for target in plan.targets]


def _too_wide(section: str) -> list[str]:
    return [line for line in section.splitlines() if len(line) > WIDTH]


def _assert_whole(plan: Plan) -> None:
    text = plan_text(plan)
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    for target, section in _sections(plan):
        assert section in text
        assert _too_wide(section) == []
        words = set(re.findall(r"[a-z][a-z0-9-]*", section))
        assert {item.channel for item in target.decisions} <= words
        for placement in target.placements:
            assert placement.account in section
        for app in target.apps:
            assert app.app in section


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_fit_and_are_whole(name: str, checkout: Path) -> None:
    path = checkout / "examples" / f"{name}.yaml"
    _assert_whole(make_plan(load_policy(path.name, path.read_bytes()), today=TODAY))


@settings(max_examples=150)
@given(policies())
def test_generated_policies_fit_and_are_whole(table: Table) -> None:
    plan = planned(strictest(table))
    assert plan is not None
    _assert_whole(plan)


@settings(max_examples=50)
@given(policies())
def test_every_gap_is_named_with_its_reason(table: Table) -> None:
    plan = planned(strictest(table))
    assert plan is not None
    for target, section in _sections(plan):
        flat = " ".join(section.split())
        gaps = gaps_of(plan.policy, [target])
        for gap in gaps:
            decision = gap.decision
            name = (
                f"app {decision.app}"
                if isinstance(decision, AppDecision)
                else f"{decision.channel} of {decision.account}"
            )
            assert name in flat
            assert f"{decision.verdict} ({decision.reason}): {decision.detail}" in flat
        assert ("no gaps" in section) is (not gaps)


def test_one_target_only() -> None:
    target = ios("user")
    text = plan_text(plan_of(target, account("contained")), only="target")

    assert text == plan_text(plan_of(target, account("contained")))
    assert plan_text(plan_of(target, account("contained")), only="other") == ""


def test_long_names_are_cut_and_four_accounts_take_two_tables() -> None:
    names = [f"{'x' * 50}{number}" for number in range(4)]
    accounts = [account("contained", name=name, service="imap") for name in names]
    plan = plan_of(ios("user"), *accounts)

    _assert_whole(plan)
    text = plan_text(plan)
    assert text.count("\nchannel ") == 2
    assert "..." in text


@pytest.mark.parametrize(
    ("marked", "verdicts"),
    [
        (True, {Verdict.UNENFORCEABLE, Verdict.PARTIAL, Verdict.OVERBLOCKED}),
        (False, {Verdict.ENFORCED, Verdict.ALLOWED}),
    ],
)
def test_gaps_are_marked_in_the_matrix(*, marked: bool, verdicts: set[Verdict]) -> None:
    staff = account("sealed", channels={"notification-listeners": "allow", "nfc": "allow"})
    plan = plan_of(android("work-profile"), staff)
    rows = {line.split()[0]: line for line in plan_text(plan).splitlines() if line.strip()}

    of_kind = [item for item in plan.targets[0].decisions if item.verdict in verdicts]
    assert {item.verdict for item in of_kind} == verdicts
    for item in of_kind:
        assert (f"! {item.state} {item.verdict}" in rows[item.channel]) is marked
        assert f"{item.state} {item.verdict}" in rows[item.channel]


def test_absent_channels_are_called_absent() -> None:
    text = plan_text(plan_of(android("fully-managed"), account("contained")))

    assert re.search(r"^open-in +absent$", text, re.MULTILINE)


def test_a_gap_in_one_line() -> None:
    plan = plan_of(android("work-profile", "17"), account("contained"))
    (gap,) = gaps_of(plan.policy, plan.targets)

    line = gap_line(gap)
    assert line.startswith("target: handoff of staff: partial (needs-newer-os): ")
    assert "\n" not in line


def test_accepted_gaps_say_why() -> None:
    accept = [{"target": "target", "channel": "handoff", "because": "The fleet moves in spring."}]
    plan = plan_of(android("work-profile", "17"), account("contained"), rest={"accept": accept})

    text = plan_text(plan)
    assert "Accepted: The fleet moves in spring." in text
    assert text.endswith("gaps: 1, accepted: 1")
