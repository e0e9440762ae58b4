"""The settings that all accounts of a target share, whichever its platform."""

from __future__ import annotations

from collections.abc import Iterable

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.plan import android, ios
from profilegen.plan.model import Setting
from profilegen.plan.outcome import Outcome
from profilegen.plan.placement import app_of
from profilegen.plan.wish import Wishes
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target


def settle_shared(policy: Policy, target: Target, wishes: Wishes) -> dict[str, Outcome]:
    """Return the outcome of every channel that has one state for all accounts of `target`."""
    if isinstance(target, IosTarget):
        return ios.settle_device(target, wishes, policy.domains)
    return android.settle_profile(target, wishes)


def shared_settings(policy: Policy, target: Target, wishes: Wishes) -> frozenset[Setting]:
    """Return the settings that follow from `wishes`, those of single mail apps included."""
    outcomes = list(settle_shared(policy, target, wishes).values())
    if not isinstance(target, IosTarget):
        apps = {app_of(account, Platform.ANDROID) for account in policy.accounts_of(target)}
        outcomes += [
            android.settle_app(target, channel, wishes[channel.id], app)
            for channel in decided_channels(Platform.ANDROID).values()
            if android.is_app_channel(channel)
            for app in sorted(apps)
        ]
    return frozenset(settings_of(outcomes))


def settings_of(outcomes: Iterable[Outcome]) -> list[Setting]:
    """Return the settings of `outcomes`, each once, in their order."""
    return list(dict.fromkeys(setting for item in outcomes for setting in item.settings))
