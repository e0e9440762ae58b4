"""What holds on an iOS target: the device-wide channels, and those of one account's payload.

Sources of the rules: Apple's schema texts as the catalogue quotes them, above all that the
pasteboard, contacts and soft AirDrop keys have no effect while managed open-in is allowed
(com.apple.applicationaccess).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from profilegen.catalogue.apps import APPLE_MAIL
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import (
    Basis,
    Combine,
    Enrollment,
    Platform,
    Scope,
    State,
)
from profilegen.plan import wording
from profilegen.plan.ios_keys import Device, by_intent, closing, silent, without_effect
from profilegen.plan.model import PayloadSetting, Reason
from profilegen.plan.outcome import Outcome
from profilegen.plan.wish import Wish, Wishes
from profilegen.policy.accounts import Account, Intent, Service
from profilegen.policy.model import Domains
from profilegen.policy.targets import IosTarget

ACCOUNT_PAYLOAD: Mapping[Service, str] = {
    Service.EXCHANGE: "com.apple.eas.account",
    Service.IMAP: "com.apple.mail.managed",
    Service.GOOGLE: "com.apple.google-oauth",
}
DOMAINS_PAYLOAD = "com.apple.domains"
_BOUNDARY_OF_PASTE = {"paste": "open-in", "paste-from": "open-in-from"}
_ROOTS = ("open-in", "open-in-from")


def is_account_channel(channel: Channel) -> bool:
    """Whether the channel is controlled by keys of each account's own payload."""
    return any(key.scope is Scope.ACCOUNT for key in channel.keys)


def carries_domains(target: IosTarget) -> bool:
    """Whether the target may carry com.apple.domains, which User Enrollment forbids."""
    return target.enrollment is not Enrollment.USER


def settle_device(target: IosTarget, wishes: Wishes, domains: Domains) -> dict[str, Outcome]:
    """Return the outcome of every device-wide channel, by channel id."""
    channels = decided_channels(Platform.IOS)
    device = Device(target, wishes, domains)
    roots = {root: _settle(channels[root], device) for root in _ROOTS}
    closed = frozenset(root for root, outcome in roots.items() if outcome.state is State.CLOSED)
    device = replace(device, closed=closed)
    outcomes = {
        channel.id: roots.get(channel.id) or _settle(channel, device)
        for channel in channels.values()
        if not is_account_channel(channel)
    }
    if target.enrollment is Enrollment.MANUAL:
        outcomes = {key: _unproven(channels[key], value) for key, value in outcomes.items()}
    return {key: _following(channels[key], value, outcomes) for key, value in outcomes.items()}


def settle_account(
    target: IosTarget, account: Account, channel: Channel, intent: Intent
) -> Outcome:
    """Return the outcome of a channel that only keys of this account's payload control."""
    if account.client[Platform.IOS] != APPLE_MAIL:
        return Outcome(State.OPEN, Basis.NONE, Reason.NO_CONTROL, wording.OTHER_MAIL_APP)
    payload = ACCOUNT_PAYLOAD[account.service]
    keys = [key for key in channel.keys if payload in key.payloads]
    if not keys:
        detail = wording.no_key_for_service(payload)
        return Outcome(State.OPEN, Basis.NONE, Reason.NO_CONTROL_FOR_SERVICE, detail)
    outcome = by_intent(channel, keys, Wish(intent), Device(target, {}, Domains((), ())))
    settings = tuple(
        PayloadSetting(payload, setting.key, setting.value, account.id)
        for setting in outcome.settings
        if isinstance(setting, PayloadSetting)
    )
    basis = Basis.ACCOUNT if settings else outcome.basis
    return replace(outcome, basis=basis, settings=settings)


def domain_settings(target: IosTarget, domains: Domains) -> tuple[PayloadSetting, ...]:
    """Return the settings that mark the organization's own domains, where they may be carried."""
    if not carries_domains(target):
        return ()
    lists = (("EmailDomains", domains.mail), ("WebDomains", domains.web))
    return tuple(PayloadSetting(DOMAINS_PAYLOAD, key, value) for key, value in lists if value)


def _settle(channel: Channel, device: Device) -> Outcome:
    wish = device.wishes[channel.id]
    if channel.id in _BOUNDARY_OF_PASTE:
        return _pasteboard(channel, device)
    if any(key.payloads == (DOMAINS_PAYLOAD,) for key in channel.keys[:1]):
        return _web_downloads(device)
    keys = [key for key in channel.keys if key.writable and key.close is not None]
    if not keys:
        detail = channel.unknown or wording.NO_KEY
        return Outcome(State.OPEN, Basis.NONE, Reason.NO_CONTROL, detail)
    return by_intent(channel, keys, wish, device)


def _pasteboard(channel: Channel, device: Device) -> Outcome:
    """Settle one direction of copy and paste, which share a key.

    The key makes pasting obey managed open-in; it closes a direction only while that direction
    of open-in is closed (com.apple.applicationaccess, requireManagedPasteboard).
    """
    key = channel.keys[0]
    bounded = [way for way, root in _BOUNDARY_OF_PASTE.items() if root in device.closed]
    intents = [device.wishes[way].intent for way in bounded]
    boundary = _BOUNDARY_OF_PASTE[channel.id]
    if boundary not in device.closed:
        return replace(without_effect([key]), detail=wording.without_effect(key.key, (boundary,)))
    if Intent.DENY in intents:
        outcome = Outcome(State.CLOSED, Basis.DEVICE, settings=(closing(key),))
        if device.wishes[channel.id].denied:
            return outcome
        return replace(outcome, reason=Reason.DEPENDS_ON_CHANNEL, detail=wording.BOTH_WAYS)
    if Intent.ALLOW in intents and key.open is not None:
        setting = PayloadSetting(key.payloads[0], key.key, key.open)
        return Outcome(State.OPEN, Basis.DEVICE, settings=(setting,))
    return silent([key], Combine.ANY, device)


def _web_downloads(device: Device) -> Outcome:
    """Settle downloads from the organization's own web domains, which follow open-in."""
    if not carries_domains(device.target):
        reason = Reason.FORBIDDEN_IN_USER_ENROLLMENT
        return Outcome(State.OPEN, Basis.DEFAULT, reason, wording.obstacle(reason, "WebDomains"))
    written = tuple(
        setting
        for setting in domain_settings(device.target, device.domains)
        if setting.key == "WebDomains"
    )
    if not written:
        return Outcome(State.OPEN, Basis.DEFAULT, Reason.NO_CONTROL, wording.NO_WEB_DOMAINS)
    if "open-in" not in device.closed:
        detail = wording.without_effect("WebDomains", ("open-in",))
        return Outcome(State.OPEN, Basis.DEFAULT, Reason.DEPENDS_ON_CHANNEL, detail, written)
    detail = wording.LISTED_DOMAINS_ONLY
    return Outcome(State.NARROWED, Basis.DEVICE, Reason.DEPENDS_ON_CHANNEL, detail, written)


def _following(channel: Channel, outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Outcome:
    if not channel.follows:
        return outcome
    leader = outcomes[channel.follows]
    basis = leader.basis if leader.settings else Basis.DEFAULT
    detail = wording.follows(channel.follows, channel.unknown)
    return Outcome(leader.state, basis, Reason.DEPENDS_ON_CHANNEL, detail)


def _unproven(channel: Channel, outcome: Outcome) -> Outcome:
    """Cap a channel that rests on management at narrowed.

    Nothing documents that an account from a hand-installed profile counts as managed.
    """
    if not channel.rests_on_management or outcome.state is not State.CLOSED:
        return outcome
    reason = Reason.MANAGEMENT_UNPROVEN
    return replace(outcome, state=State.NARROWED, reason=reason, detail=wording.UNPROVEN)
