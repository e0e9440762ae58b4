"""From a policy to its plan: one decision for each target, account and channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform, State
from profilegen.plan import android, ios, wording
from profilegen.plan.blocked import app_settings, decide_apps
from profilegen.plan.conflicts import refuse_conflicts
from profilegen.plan.gaps import unused_accepts
from profilegen.plan.model import (
    Decision,
    FieldSetting,
    PayloadSetting,
    Plan,
    Reason,
    Setting,
    TargetPlan,
)
from profilegen.plan.notes import notes_of, version_warnings
from profilegen.plan.outcome import Outcome, verdict_of
from profilegen.plan.placement import app_of, placements_of
from profilegen.plan.settle import settle_shared
from profilegen.plan.variables import variable_notes
from profilegen.plan.wish import merged, wishes_of
from profilegen.policy.accounts import Account, Intent
from profilegen.policy.model import Policy
from profilegen.policy.presets import intent_of
from profilegen.policy.targets import IosTarget, Target


def make_plan(policy: Policy, *, today: date) -> Plan:
    """Return the plan of `policy`, with apps blocked whose date has come by `today` (UTC).

    Raises ConflictError when accounts of a target want opposite things of one device and the
    target does not say that the strictest wins.
    """
    refuse_conflicts(policy, policy.targets)
    targets = tuple(_plan_target(policy, target, today=today) for target in policy.targets)
    warnings = (*version_warnings(policy.targets), *unused_accepts(policy, targets))
    return Plan(policy, targets, warnings)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all decisions of one target look at."""

    policy: Policy
    target: Target
    accounts: tuple[Account, ...]
    shared: Mapping[str, Outcome]


def _plan_target(policy: Policy, target: Target, *, today: date) -> TargetPlan:
    accounts = policy.accounts_of(target)
    shared = settle_shared(policy, target, wishes_of(accounts, target.platform))
    scene = _Scene(policy, target, accounts, shared)
    decisions = tuple(
        _decide(scene, account, channel)
        for account in accounts
        for channel in decided_channels(target.platform).values()
    )
    apps = decide_apps(policy, target, today=today)
    placements = placements_of(policy, target)
    settings = _all_settings(policy, target, decisions) + app_settings(apps)
    return TargetPlan(
        target=target,
        placements=placements,
        decisions=decisions,
        apps=apps,
        settings=settings,
        notes=(
            *notes_of(policy, target, placements, settings),
            *variable_notes(policy, target, placements),
        ),
    )


def _decide(scene: _Scene, account: Account, channel: Channel) -> Decision:
    intent = intent_of(account, channel)
    outcome = _outcome(scene, account, channel, intent)
    outcome = _with_other_account(scene, account, channel, intent, outcome)
    return Decision(
        account=account.id,
        channel=channel.id,
        direction=channel.direction,
        intent=intent,
        state=outcome.state,
        basis=outcome.basis,
        verdict=verdict_of(intent, outcome.state),
        reason=outcome.reason,
        detail=outcome.detail,
        controls=outcome.settings,
    )


def _outcome(scene: _Scene, account: Account, channel: Channel, intent: Intent) -> Outcome:
    if isinstance(scene.target, IosTarget):
        if ios.is_account_channel(channel):
            return ios.settle_account(scene.target, account, channel, intent)
        return scene.shared[channel.id]
    if android.is_app_channel(channel):
        app = app_of(account, Platform.ANDROID)
        neighbours = [item for item in scene.accounts if app_of(item, Platform.ANDROID) == app]
        return android.settle_app(scene.target, channel, merged(neighbours, channel), app)
    return _with_side_effects(channel, scene.shared)


def _with_side_effects(channel: Channel, shared: Mapping[str, Outcome]) -> Outcome:
    """Add to the detail which settings of other channels make this one smaller."""
    outcome = shared[channel.id]
    written = {
        setting.path
        for other in shared.values()
        for setting in other.settings
        if isinstance(setting, FieldSetting) and setting.value is True
    }
    narrowing = [
        field.path
        for other in decided_channels(Platform.ANDROID).values()
        for field in other.fields
        if channel.id in field.also_narrows and field.path in written
    ]
    if outcome.state not in {State.OPEN, State.NARROWED} or not narrowing:
        return outcome
    sentence = wording.also_narrowed(narrowing)
    return replace(outcome, detail=f"{outcome.detail} {sentence}".strip())


def _with_other_account(
    scene: _Scene, account: Account, channel: Channel, intent: Intent, outcome: Outcome
) -> Outcome:
    """Name the other accounts where their intent, not this account's, made the setting."""
    if intent is Intent.DENY or not outcome.settings or outcome.state is State.OPEN:
        return outcome
    if outcome.reason is Reason.DEPENDS_ON_CHANNEL:
        return outcome
    others = [
        other.id
        for other in scene.accounts
        if other is not account and intent_of(other, channel) is Intent.DENY
    ]
    if not others:
        return outcome
    return replace(outcome, reason=Reason.OTHER_ACCOUNT, detail=wording.other_account(others))


def _all_settings(
    policy: Policy, target: Target, decisions: Iterable[Decision]
) -> tuple[Setting, ...]:
    settings: list[Setting] = [item for decision in decisions for item in decision.controls]
    if isinstance(target, IosTarget):
        settings += ios.domain_settings(target, policy.domains)
    return tuple(sorted(dict.fromkeys(settings), key=_setting_order))


def _setting_order(setting: Setting) -> tuple[str, str, str]:
    if isinstance(setting, PayloadSetting):
        return (setting.account, setting.payload, setting.key)
    return (setting.app, setting.path, "")
