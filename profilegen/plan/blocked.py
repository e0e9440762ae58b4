"""What becomes of the apps that a policy blocks, target by target."""

from __future__ import annotations

from datetime import date

from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.plan.model import (
    AppDecision,
    FieldSetting,
    PayloadSetting,
    Reason,
    Setting,
    Verdict,
)
from profilegen.policy.model import BlockedApp, Policy
from profilegen.policy.targets import AndroidTarget, IosTarget, Target

RESTRICTIONS = "com.apple.applicationaccess"
BLOCKED_BUNDLES = "blockedAppBundleIDs"
PERSONAL_INSTALL_TYPE = "personalUsagePolicies.personalApplications[].installType"
PERSONAL_STORE_MODE = "personalUsagePolicies.personalPlayStoreMode"
INSTALL_TYPE = "applications[].installType"


def decide_apps(policy: Policy, target: Target, *, today: date) -> tuple[AppDecision, ...]:
    """Return a decision for each blocked app that has an id of the target's platform."""
    return tuple(
        _decide(app, target, today=today)
        for app in policy.blocked_apps
        if app.ids_on(target.platform)
    )


def app_settings(decisions: tuple[AppDecision, ...]) -> tuple[Setting, ...]:
    """Return the settings of all decisions, with iOS bundle ids merged into one list."""
    settings = [setting for decision in decisions for setting in decision.controls]
    bundles = [
        bundle
        for setting in settings
        if isinstance(setting, PayloadSetting) and isinstance(setting.value, tuple)
        for bundle in setting.value
    ]
    fields = [setting for setting in settings if isinstance(setting, FieldSetting)]
    merged: list[Setting] = list(dict.fromkeys(fields))
    if bundles:
        value = tuple(sorted(set(bundles)))
        merged.append(PayloadSetting(RESTRICTIONS, BLOCKED_BUNDLES, value))
    return tuple(merged)


def _decide(app: BlockedApp, target: Target, *, today: date) -> AppDecision:
    ids = app.ids_on(target.platform)
    reason, detail = _obstacle(target)
    verdict = Verdict.ENFORCED
    controls: tuple[Setting, ...] = ()
    if reason is not Reason.NONE:
        verdict = Verdict.UNENFORCEABLE
    elif app.starts is not None and today < app.starts:
        verdict = Verdict.SCHEDULED
        detail = f"Builds on or after {app.starts.isoformat()} write it."
    else:
        controls = _controls(ids, target)
    return AppDecision(app.name, ids, verdict, reason, detail, controls, app.starts, app.because)


def _obstacle(target: Target) -> tuple[Reason, str]:
    if isinstance(target, IosTarget) and target.enrollment is not Enrollment.SUPERVISED:
        return Reason.NEEDS_SUPERVISION, f"{BLOCKED_BUNDLES} needs a supervised device."
    if isinstance(target, AndroidTarget) and target.mode is Mode.WORK_PROFILE:
        detail = (
            "Apps of the personal profile cannot be controlled on a personally-owned device; "
            "the work profile boundary is what protects the account."
        )
        return Reason.WRONG_MANAGEMENT_MODE, detail
    return Reason.NONE, ""


def _controls(ids: tuple[str, ...], target: Target) -> tuple[Setting, ...]:
    if target.platform is Platform.IOS:
        return (PayloadSetting(RESTRICTIONS, BLOCKED_BUNDLES, tuple(sorted(ids))),)
    if isinstance(target, AndroidTarget) and target.mode is Mode.COMPANY_OWNED:
        blocked = [FieldSetting(PERSONAL_INSTALL_TYPE, "BLOCKED", package) for package in ids]
        return (FieldSetting(PERSONAL_STORE_MODE, "BLOCKLIST"), *blocked)
    return tuple(FieldSetting(INSTALL_TYPE, "BLOCKED", package) for package in ids)
