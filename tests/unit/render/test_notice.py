from __future__ import annotations

from datetime import date

import pytest

from profilegen.catalogue.terms import Mode
from profilegen.plan.model import AppDecision, Reason, TargetPlan, Verdict
from profilegen.policy.targets import AndroidTarget
from profilegen.render.context import notice_of
from profilegen.versions import Version


def app(verdict: Verdict, *, starts: date | None = None, because: str = "") -> AppDecision:
    return AppDecision("TikTok", ("com.x",), verdict, Reason.NONE, "", (), starts, because)


def plan(*apps: AppDecision) -> TargetPlan:
    target = AndroidTarget("t", Mode.FULLY_MANAGED, Version(16), ("a",), strictest=False)
    return TargetPlan(target, (), (), apps, (), ())


@pytest.mark.parametrize(
    ("decision", "notice"),
    [
        (app(Verdict.ENFORCED), "TikTok is blocked."),
        (app(Verdict.ENFORCED, because="It spies."), "TikTok is blocked: It spies."),
        (
            app(Verdict.SCHEDULED, starts=date(2026, 12, 10), because="It spies.\n"),
            "TikTok is blocked from 2026-12-10 on: It spies.",
        ),
        (app(Verdict.UNENFORCEABLE, because="It spies."), ""),
    ],
)
def test_staff_read_which_app_is_blocked_from_when_on_and_why(
    decision: AppDecision, notice: str
) -> None:
    assert notice_of(plan(decision)) == notice


def test_several_apps_stand_in_one_text() -> None:
    first, second = app(Verdict.ENFORCED), app(Verdict.ENFORCED, because="It spies.")
    assert notice_of(plan(first, second)) == "TikTok is blocked. TikTok is blocked: It spies."


def test_no_app_no_notice() -> None:
    assert notice_of(plan()) == ""
