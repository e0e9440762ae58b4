"""The plan's settings, each with the place in a file where it belongs and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from profilegen.catalogue.model import DECLARATION_PREFIX
from profilegen.plan.model import FieldSetting, PayloadSetting, Setting, TargetPlan
from profilegen.render.paths import Entry, apple_path

NOTIFICATIONS_PAYLOAD = "com.apple.notificationsettings"
# Apple Mail's bundle id; general knowledge, in none of Apple's schema files.
_APPLE_MAIL_BUNDLE = "com.apple.mobilemail"


@dataclass(frozen=True, slots=True)
class PlacedSetting:
    """A setting with its path inside the payload or policy, and the list entry the path means."""

    setting: Setting
    path: str
    entry: Entry | None


def profile_settings(plan: TargetPlan) -> tuple[tuple[PayloadSetting, PlacedSetting], ...]:
    """Return the settings that stand in payloads of the profile, in the plan's order.

    A notification setting stands for Apple Mail and for each other mail app of the target.
    """
    return tuple(
        (setting, PlacedSetting(setting, apple_path(setting.key), entry))
        for setting in plan.settings
        if isinstance(setting, PayloadSetting)
        and not setting.payload.startswith(DECLARATION_PREFIX)
        for entry in _entries(setting, plan)
    )


def declaration_settings(plan: TargetPlan) -> tuple[tuple[PayloadSetting, PlacedSetting], ...]:
    """Return the settings that stand in declarations, in the plan's order."""
    return tuple(
        (setting, PlacedSetting(setting, setting.key, None))
        for setting in plan.settings
        if isinstance(setting, PayloadSetting) and setting.payload.startswith(DECLARATION_PREFIX)
    )


def policy_settings(plan: TargetPlan) -> tuple[PlacedSetting, ...]:
    """Return the settings of an Android policy, in the plan's order."""
    return tuple(
        PlacedSetting(
            setting, setting.path, Entry("packageName", setting.app) if setting.app else None
        )
        for setting in plan.settings
        if isinstance(setting, FieldSetting)
    )


def purpose(setting: Setting, plan: TargetPlan) -> str:
    """Return what a setting is for, by the names of a plan: channels and blocked apps."""
    channels = dict.fromkeys(
        decision.channel
        for decision in plan.decisions
        if any(_same_place(setting, control) for control in decision.controls)
    )
    apps = [
        decision.app
        for decision in plan.apps
        if any(_same_place(setting, control) for control in decision.controls)
    ]
    names = [f"channel {channel}" for channel in channels]
    names += [f"blocked app {app}" for app in apps]
    return ", ".join(names)


def _same_place(one: Setting, other: Setting) -> bool:
    return _place(one) == _place(other)


def _place(setting: Setting) -> tuple[str, ...]:
    match setting:
        case PayloadSetting():
            return (setting.payload, setting.key, setting.account)
        case FieldSetting():
            return (setting.path, setting.app)
        case _:
            assert_never(setting)


def _entries(setting: PayloadSetting, plan: TargetPlan) -> tuple[Entry | None, ...]:
    if setting.payload != NOTIFICATIONS_PAYLOAD:
        return (None,)
    apps = {placement.account: placement.app for placement in plan.placements}
    others = (
        apps.get(decision.account, "")
        for decision in plan.decisions
        if any(_same_place(setting, control) for control in decision.controls)
    )
    # Apple Mail is always there and may show an account that a person added to it by hand.
    bundles = dict.fromkeys((_APPLE_MAIL_BUNDLE, *filter(None, others)))
    return tuple(Entry("BundleIdentifier", bundle) for bundle in bundles)
