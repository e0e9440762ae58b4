"""Accounts that want opposite things of one device.

Two accounts conflict on a channel when one denies and one allows it, no key of their own payloads
controls it, and the target would get different settings from the two intents with every other
channel as merged. A difference that no setting of this target can express is no conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform
from profilegen.errors import InputError
from profilegen.plan.android import is_app_channel
from profilegen.plan.ios import is_account_channel
from profilegen.plan.placement import app_of
from profilegen.plan.settle import shared_settings
from profilegen.plan.wish import Wish, Wishes, merged, wishes_of
from profilegen.policy.accounts import Account, Intent
from profilegen.policy.model import Policy
from profilegen.policy.presets import intent_of
from profilegen.policy.targets import Target


@dataclass(frozen=True, slots=True)
class Conflict:
    """One channel that two accounts of a target want opposite things of."""

    target: str
    channel: str
    denies: str
    allows: str


class ConflictError(InputError):
    """Accounts of a target cannot share a device as the policy wants it."""

    slug = "conflict"

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        """Keep every conflict of the policy; there is at least one."""
        self.conflicts = conflicts
        first, hint = self.reports()[0]
        super().__init__(first, hint=hint)

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a message and a hint for each pair of accounts, with all channels of theirs."""
        pairs: dict[tuple[str, str, str], list[str]] = {}
        for item in self.conflicts:
            pairs.setdefault((item.target, item.denies, item.allows), []).append(item.channel)
        return tuple(_report(*pair, channels) for pair, channels in pairs.items())


def refuse_conflicts(policy: Policy, targets: Iterable[Target]) -> None:
    """Raise ConflictError unless every target resolves its conflicts by `conflicts: strictest`."""
    found = tuple(
        conflict
        for target in targets
        if not target.strictest
        for conflict in conflicts_of(policy, target)
    )
    if found:
        raise ConflictError(found)


def conflicts_of(policy: Policy, target: Target) -> Iterator[Conflict]:
    """Yield a conflict for each channel on which two accounts of `target` cannot both be served."""
    accounts = policy.accounts_of(target)
    for channel in decided_channels(target.platform).values():
        if is_account_channel(channel):
            continue
        for group in _sharing_groups(accounts, channel, target.platform):
            denies, allows = (
                _first(group, channel, intent) for intent in (Intent.DENY, Intent.ALLOW)
            )
            if denies and allows and _differs(policy, target, channel, group):
                yield Conflict(target.id, channel.id, denies, allows)


def _sharing_groups(
    accounts: tuple[Account, ...], channel: Channel, platform: Platform
) -> list[tuple[Account, ...]]:
    """Return the sets of accounts that get one value: all of them, or those of one app."""
    if not is_app_channel(channel):
        return [accounts]
    apps = dict.fromkeys(app_of(account, platform) for account in accounts)
    return [
        tuple(account for account in accounts if app_of(account, platform) == app)
        for app in apps
        if app
    ]


def _first(accounts: tuple[Account, ...], channel: Channel, intent: Intent) -> str:
    found = (account.id for account in accounts if intent_of(account, channel) is intent)
    return next(found, "")


def _differs(policy: Policy, target: Target, channel: Channel, group: tuple[Account, ...]) -> bool:
    wishes = wishes_of(policy.accounts_of(target), target.platform)
    denied = wishes | {channel.id: merged(group, channel)}
    allowed: Wishes = wishes | {channel.id: Wish(Intent.ALLOW)}
    return shared_settings(policy, target, denied) != shared_settings(policy, target, allowed)


def _report(target: str, denies: str, allows: str, channels: list[str]) -> tuple[str, str]:
    message = (
        f"target {target}: accounts {denies} and {allows} conflict on {', '.join(channels)}: "
        f"{denies} denies, {allows} allows, and one device has one setting for both"
    )
    hint = (
        "Put the accounts on targets of their own, give both the same intent, or set "
        f"`conflicts: strictest` on {target} so that deny wins."
    )
    return message, hint
