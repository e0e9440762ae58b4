"""Apps that a policy blocks: where they can be, from when on, and by which settings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from profilegen.plan.decide import make_plan
from profilegen.plan.model import PayloadSetting
from profilegen.report.plan_json import plan_document
from tests.unit.plan.policies import TODAY, account, android, document_of, ios, policy_of

Table = dict[str, Any]

TIKTOK: Table = {
    "name": "TikTok",
    "ios": ["com.zhiliaoapp.musically"],
    "android": ["com.zhiliaoapp.musically", "com.ss.android.ugc.trill"],
    "because": "It read the clipboard of other apps.",
}
CHESS: Table = {"name": "Chess", "ios": "com.example.chess", "because": "It is too good."}
BUNDLES = {"payload": "com.apple.applicationaccess", "key": "blockedAppBundleIDs"}
TARGETS = (
    ios("supervised"),
    ios("device"),
    ios("user"),
    ios("manual"),
    android("work-profile"),
    android("company-owned"),
    android("fully-managed"),
)


def _apps(target: Table, *apps: Table, today: date = TODAY) -> dict[str, Table]:
    policy = policy_of(target, [account("contained")], rest={"apps": {"blocked": list(apps)}})
    document = plan_document(make_plan(policy, today=today))
    return {item["app"]: item for item in document["targets"][0]["apps"]}


@pytest.mark.parametrize(
    ("target", "verdict", "reason"),
    [
        (ios("supervised"), "enforced", ""),
        (ios("device"), "unenforceable", "needs-supervision"),
        (ios("user"), "unenforceable", "needs-supervision"),
        (ios("manual"), "unenforceable", "needs-supervision"),
        (android("work-profile"), "unenforceable", "wrong-management-mode"),
        (android("company-owned"), "enforced", ""),
        (android("fully-managed"), "enforced", ""),
    ],
)
@pytest.mark.parametrize("starts", [None, "2026-11-23", "2020-01-01"])
def test_where_an_app_can_be_blocked(
    target: Table, verdict: str, reason: str, starts: str | None
) -> None:
    app = TIKTOK if starts is None else {**TIKTOK, "from": starts}
    found = _apps(target, app)["TikTok"]

    assert (found["verdict"], found["reason"]) == (verdict, reason)
    assert bool(found["controls"]) is (verdict == "enforced")
    assert bool(found["detail"]) is (verdict != "enforced")


@pytest.mark.parametrize("target", TARGETS)
def test_before_its_date_an_app_is_scheduled_unless_it_can_never_be_blocked(
    target: Table,
) -> None:
    app = {**TIKTOK, "from": "2026-12-10"}
    before = _apps(target, app, today=date(2026, 12, 9))["TikTok"]
    then = _apps(target, app, today=date(2026, 12, 10))["TikTok"]

    expected = "scheduled" if then["verdict"] == "enforced" else "unenforceable"
    assert before["verdict"] == expected
    assert before["controls"] == []
    if expected == "scheduled":
        assert "2026-12-10" in before["detail"]


def test_bundle_ids_are_one_list() -> None:
    policy = policy_of(
        ios("supervised"), [account("sealed")], rest={"apps": {"blocked": [TIKTOK, CHESS]}}
    )
    target = make_plan(policy, today=TODAY).targets[0]
    written = [
        setting
        for setting in target.settings
        if isinstance(setting, PayloadSetting) and setting.key == BUNDLES["key"]
    ]

    assert [item.value for item in written] == [("com.example.chess", "com.zhiliaoapp.musically")]
    found = _apps(ios("supervised"), TIKTOK, CHESS)
    assert found["Chess"]["controls"] == [{**BUNDLES, "value": ["com.example.chess"]}]


def test_packages_on_a_company_owned_device_are_blocked_on_the_personal_side() -> None:
    controls = _apps(android("company-owned"), TIKTOK)["TikTok"]["controls"]
    path = "personalUsagePolicies.personalApplications[].installType"

    for package in TIKTOK["android"]:
        assert {"path": path, "app": package, "value": "BLOCKED"} in controls


def test_packages_on_a_fully_managed_device() -> None:
    controls = _apps(android("fully-managed"), TIKTOK)["TikTok"]["controls"]

    assert controls == [
        {"path": "applications[].installType", "app": package, "value": "BLOCKED"}
        for package in TIKTOK["android"]
    ]


def test_an_app_without_an_id_of_the_platform_gets_no_decision() -> None:
    assert set(_apps(android("fully-managed"), TIKTOK, CHESS)) == {"TikTok"}
    assert set(_apps(ios("user"), TIKTOK, CHESS)) == {"TikTok", "Chess"}


def test_staff_can_read_why() -> None:
    found = _apps(ios("supervised"), {**TIKTOK, "from": "2026-12-10"})["TikTok"]

    assert found["because"] == TIKTOK["because"]
    assert found["from"] == "2026-12-10"
    assert document_of(ios("user"), account("open"))["apps"] == []
