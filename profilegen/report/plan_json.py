"""A plan as JSON, schema profilegen.plan/1: fields are added over time, none goes away."""

from __future__ import annotations

from typing import Any

from profilegen.catalogue.load import decided_channels, revision
from profilegen.plan.gaps import Gap, gaps_of
from profilegen.plan.model import (
    AppDecision,
    Decision,
    PayloadSetting,
    Placement,
    Plan,
    Setting,
    TargetPlan,
)
from profilegen.policy.targets import IosTarget, Target

SCHEMA = "profilegen.plan/1"


def plan_document(plan: Plan, *, only: str = "") -> dict[str, Any]:
    """Return `plan` as JSON values, all targets or the one named by `only`."""
    chosen = [item for item in plan.targets if only in {"", item.target.id}]
    gaps = gaps_of(plan.policy, chosen)
    return {
        "schema": SCHEMA,
        "catalogue": revision(),
        "targets": [_target(item, gaps) for item in chosen],
        "warnings": list(plan.warnings),
    }


def _target(plan: TargetPlan, gaps: tuple[Gap, ...]) -> dict[str, Any]:
    target = plan.target
    management = (
        {"enrollment": str(target.enrollment)}
        if isinstance(target, IosTarget)
        else {"mode": str(target.mode)}
    )
    accepted = {id(gap.decision): gap.accepted for gap in gaps}
    unknown = {key: value.unknown for key, value in decided_channels(plan.platform).items()}
    return {
        "id": target.id,
        "platform": str(target.platform),
        **management,
        "minimum_os": str(target.minimum_os),
        **_variables(target),
        "accounts": [_placement(item) for item in plan.placements],
        "decisions": [
            _decision(item, accepted.get(id(item), ""), unknown[item.channel])
            for item in plan.decisions
        ],
        "apps": [_app(item, accepted.get(id(item), "")) for item in plan.apps],
        "notes": list(plan.notes),
    }


def _variables(target: Target) -> dict[str, Any]:
    if not isinstance(target, IosTarget) or target.variables is None:
        return {}
    variables = target.variables
    return {
        "variables": {"service": variables.service, "placeholders": dict(variables.placeholders)}
    }


def _placement(placement: Placement) -> dict[str, Any]:
    return {
        "account": placement.account,
        "by": str(placement.by),
        "app": placement.app,
        "reason": str(placement.reason),
        "detail": placement.detail,
        "steps": list(placement.steps),
    }


def _decision(decision: Decision, accepted: str, unknown: str) -> dict[str, Any]:
    return {
        "account": decision.account,
        "channel": decision.channel,
        "direction": str(decision.direction),
        "intent": str(decision.intent),
        "state": str(decision.state),
        "basis": str(decision.basis),
        "verdict": str(decision.verdict),
        "reason": str(decision.reason),
        "detail": decision.detail,
        "controls": [_setting(item) for item in decision.controls],
        "accepted": accepted,
        "unknown": unknown,
    }


def _app(decision: AppDecision, accepted: str) -> dict[str, Any]:
    return {
        "app": decision.app,
        "ids": list(decision.ids),
        "verdict": str(decision.verdict),
        "reason": str(decision.reason),
        "detail": decision.detail,
        "controls": [_setting(item) for item in decision.controls],
        "from": None if decision.starts is None else decision.starts.isoformat(),
        "because": decision.because,
        "accepted": accepted,
    }


def _setting(setting: Setting) -> dict[str, Any]:
    value = list(setting.value) if isinstance(setting.value, tuple) else setting.value
    if isinstance(setting, PayloadSetting):
        return {"payload": setting.payload, "key": setting.key, "value": value}
    document = {"path": setting.path, "value": value}
    return {**document, "app": setting.app} if setting.app else document
