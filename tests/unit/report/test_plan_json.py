"""The plan as JSON: the documented fields, their words, and nothing that JSON cannot hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from profilegen.plan.decide import make_plan
from profilegen.policy.load import load_policy
from profilegen.report.plan_json import plan_document
from tests.properties.pipeline import planned
from tests.strategies import Table, policies, strictest
from tests.unit.plan.policies import account, android, document_of, ios, plan_of

# The design's section 6; more fields are welcome, fewer are not.
TARGET = {"id", "platform", "accounts", "decisions", "apps"}
PLACEMENT = {"account", "by", "reason"}
DECISION = {
    "account",
    "channel",
    "direction",
    "intent",
    "state",
    "basis",
    "verdict",
    "reason",
    "detail",
    "controls",
}
APP = {"app", "verdict", "reason", "detail", "controls"}
CONTROL = {"ios": {"payload", "key", "value"}, "android": {"path", "value"}}
# The words of the design's section 5.
WORDS = {
    "direction": {"out", "in"},
    "intent": {"deny", "allow", "leave"},
    "state": {"closed", "narrowed", "open", "absent"},
    "basis": {"account", "device", "app", "default", "none"},
    "reason": {
        "",
        "needs-supervision",
        "needs-newer-os",
        "forbidden-in-user-enrollment",
        "mdm-only",
        "management-unproven",
        "wrong-management-mode",
        "no-control",
        "no-control-for-service",
        "depends-on-channel",
        "other-account",
        "platform-default",
        "marks-only",
    },
}
VERDICTS = {
    ("deny", "closed"): "enforced",
    ("deny", "narrowed"): "partial",
    ("deny", "open"): "unenforceable",
    ("allow", "open"): "allowed",
    ("allow", "closed"): "overblocked",
    ("allow", "narrowed"): "overblocked",
    ("deny", "absent"): "not-applicable",
    ("allow", "absent"): "not-applicable",
}
BY = {
    "ios": {
        "com.apple.eas.account",
        "com.apple.mail.managed",
        "com.apple.google-oauth",
        "managed-configuration",
        "by-hand",
    },
    "android": {"managed-configuration", "enrolment", "by-hand"},
}


def _assert_documented(document: Table) -> None:
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["schema"] == "profilegen.plan/1"
    for target in document["targets"]:
        assert set(target) >= TARGET
        platform = target["platform"]
        for placement in target["accounts"]:
            assert set(placement) >= PLACEMENT
            assert placement["by"] in BY[platform]
            assert bool(placement["steps"]) is (placement["by"] in {"by-hand", "enrolment"})
        for decision in target["decisions"]:
            _assert_decision(decision, platform)
        for app in target["apps"]:
            assert set(app) >= APP
            assert app["verdict"] in {"enforced", "scheduled", "unenforceable"}
            assert all(set(control) >= CONTROL[platform] for control in app["controls"])


def _assert_decision(decision: Table, platform: str) -> None:
    assert set(decision) >= DECISION
    assert all(decision[field] in words for field, words in WORDS.items())
    pair = (decision["intent"], decision["state"])
    assert decision["verdict"] == ("left" if pair[0] == "leave" else VERDICTS[pair])
    assert all(set(control) >= CONTROL[platform] for control in decision["controls"])
    if decision["verdict"] in {"partial", "unenforceable", "overblocked"}:
        assert decision["reason"]
        assert decision["detail"].endswith(".")
    if decision["reason"]:
        assert decision["detail"]


@settings(max_examples=150)
@given(policies())
def test_generated_policies(table: Table) -> None:
    plan = planned(strictest(table))
    assert plan is not None
    _assert_documented(plan_document(plan))


@pytest.mark.parametrize(
    "name", ["app-ban", "byod-only", "executives", "northwind", "two-accounts-strictest"]
)
def test_examples(name: str, checkout: Path) -> None:
    path = checkout / "examples" / f"{name}.yaml"
    plan = make_plan(load_policy(path.name, path.read_bytes()), today=date(2026, 12, 24))

    _assert_documented(plan_document(plan))


def test_one_target_only() -> None:
    plan = plan_of(ios("user"), account("contained"))

    assert plan_document(plan, only="target") == plan_document(plan)
    assert plan_document(plan, only="other")["targets"] == []


def test_how_a_target_is_managed() -> None:
    phone = document_of(ios("manual", "17.4"), account("open"))
    tablet = document_of(android("company-owned", "17 QPR1"), account("open"))

    assert (phone["enrollment"], phone["minimum_os"]) == ("manual", "17.4")
    assert (tablet["mode"], tablet["minimum_os"]) == ("company-owned", "17 QPR1")


def test_lists_stay_lists() -> None:
    decisions = document_of(android("work-profile"), account("sealed"))["decisions"]
    keyboards = next(item for item in decisions if item["channel"] == "keyboards")

    assert keyboards["controls"] == [{"path": "permittedInputMethods.packageNames", "value": []}]


def test_warnings_and_accepted_gaps() -> None:
    accept = [
        {"target": "target", "channel": "handoff", "because": "Spring."},
        {"target": "target", "channel": "printing", "because": "Never."},
    ]
    plan = plan_of(android("work-profile", "17"), account("contained"), rest={"accept": accept})
    document = plan_document(plan)
    accepted = {item["channel"]: item["accepted"] for item in document["targets"][0]["decisions"]}

    assert accepted["handoff"] == "Spring."
    assert accepted["printing"] == ""
    assert len(document["warnings"]) == 1
