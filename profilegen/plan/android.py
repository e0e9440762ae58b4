"""What holds on an Android target: the profile-wide channels, and those of one mail app.

The boundary on Android is the work profile, not the account: every field but the per-app ones
acts on all accounts of the profile (Android Management API, Policy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel, ClosingValue, PolicyField
from profilegen.catalogue.terms import Basis, Combine, Mode, Platform, Role, State
from profilegen.plan import wording
from profilegen.plan.model import FieldSetting, Reason
from profilegen.plan.outcome import Outcome
from profilegen.plan.strength import choose
from profilegen.plan.wish import Wish, Wishes
from profilegen.policy.accounts import Intent
from profilegen.policy.targets import AndroidTarget
from profilegen.versions import Version

_SHARING_OUT = "open-in"
_SHARING_IN = "open-in-from"
_APP_FUNCTIONS = "app-functions"
_CROSS_APP_FUNCTIONS = "cross-profile-app-functions"
_PER_APP = "connected-apps"
_DECIDING = (Role.PRIMARY, Role.RADIO)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A field with the closing value that was chosen for it."""

    field: PolicyField
    closing: ClosingValue


def is_app_channel(channel: Channel) -> bool:
    """Whether the channel is controlled app by app, not for the whole profile."""
    return channel.id == _PER_APP


def settle_profile(target: AndroidTarget, wishes: Wishes) -> dict[str, Outcome]:
    """Return the outcome of every profile-wide channel, by channel id."""
    channels = decided_channels(Platform.ANDROID)
    outcomes = {
        channel.id: _settle(channel, wishes[channel.id], target)
        for channel in channels.values()
        if not is_app_channel(channel)
    }
    if target.mode is not Mode.FULLY_MANAGED:
        outcomes |= _sharing(channels[_SHARING_OUT], wishes)
        outcomes[_CROSS_APP_FUNCTIONS] = _cross_app_functions(
            channels[_CROSS_APP_FUNCTIONS], outcomes, wishes, target
        )
    return outcomes


def settle_app(target: AndroidTarget, channel: Channel, wish: Wish, app: str) -> Outcome:
    """Return the outcome of a per-app channel for the mail app with package name `app`."""
    outcome = _settle(channel, wish, target)
    if outcome.state is State.ABSENT:
        return outcome
    if not app:
        silent = _silent(channel, target)
        return replace(silent, detail=wording.UNKNOWN_APP)
    settings = tuple(
        FieldSetting(setting.path, setting.value, app)
        for setting in outcome.settings
        if isinstance(setting, FieldSetting)
    )
    basis = Basis.APP if settings else outcome.basis
    return replace(outcome, basis=basis, settings=settings)


def _settle(channel: Channel, wish: Wish, target: AndroidTarget) -> Outcome:
    if target.mode in channel.absent_on:
        return Outcome(State.ABSENT, Basis.NONE, Reason.WRONG_MANAGEMENT_MODE, wording.ABSENT)
    fields = _deciding_fields(channel, target.mode)
    if not fields:
        return _uncontrolled(channel, target.mode)
    match wish.intent:
        case Intent.DENY:
            return _deny(channel, fields, wish, target)
        case Intent.ALLOW:
            return _allow(channel, fields, target)
        case Intent.LEAVE:
            return _silent(channel, target)


def _deciding_fields(channel: Channel, mode: Mode) -> list[PolicyField]:
    return [
        field
        for field in channel.fields
        if field.role in _DECIDING and mode in field.modes and field.writable and field.close
    ]


def _uncontrolled(channel: Channel, mode: Mode) -> Outcome:
    if not channel.fields:
        return Outcome(State.OPEN, Basis.NONE, Reason.NO_CONTROL, wording.NO_KEY)
    detail = wording.wrong_mode(channel.fields[0].path, mode)
    return Outcome(State.OPEN, Basis.DEFAULT, Reason.WRONG_MANAGEMENT_MODE, detail)


def _deny(
    channel: Channel, fields: list[PolicyField], wish: Wish, target: AndroidTarget
) -> Outcome:
    if channel.combine is Combine.ALL:
        chosen = [_choice([field], wish, target.minimum_os) for field in fields]
    else:
        chosen = [_choice(fields, wish, target.minimum_os)]
    settings = [FieldSetting(item.field.path, item.closing.value) for item in chosen]
    if wish.strongest:
        settings += _personal_side(channel, target.mode)
    newer = [item for item in chosen if item.closing.since > target.minimum_os]
    if not newer:
        return Outcome(State.CLOSED, Basis.DEVICE, settings=tuple(settings))
    detail = wording.newer_os(newer[0].field.path, newer[0].closing.since, target.minimum_os)
    if not newer[0].field.version_stated:
        detail = f"{detail} {wording.VERSION_ASSUMED}"
    return Outcome(State.NARROWED, Basis.DEVICE, Reason.NEEDS_NEWER_OS, detail, tuple(settings))


def _choice(fields: Sequence[PolicyField], wish: Wish, minimum_os: Version) -> _Choice:
    choices = [_Choice(field, closing) for field in fields for closing in field.close]
    return choose(
        choices,
        strongest=wish.strongest,
        minimum_os=minimum_os,
        since=lambda choice: choice.closing.since,
    )


def _personal_side(channel: Channel, mode: Mode) -> list[FieldSetting]:
    """Return the same channel's settings in the personal profile, where the mode has one."""
    return [
        FieldSetting(field.path, field.close[0].value)
        for field in channel.fields
        if field.role is Role.PERSONAL_SIDE and mode in field.modes and field.close
    ]


def _allow(channel: Channel, fields: list[PolicyField], target: AndroidTarget) -> Outcome:
    silent = _silent(channel, target)
    opening = [
        FieldSetting(field.path, field.open)
        for field in fields
        if field.role is Role.PRIMARY and field.open is not None
    ]
    if opening:
        return Outcome(State.OPEN, Basis.DEVICE, settings=tuple(opening))
    if silent.state is State.OPEN:
        return replace(silent, detail=wording.ABSENCE_OPENS)
    return replace(silent, reason=Reason.NO_CONTROL, detail=wording.NOTHING_OPENS)


def _silent(channel: Channel, target: AndroidTarget) -> Outcome:
    states = {
        field.silent[target.mode]
        for field in channel.fields
        if field.role is Role.PRIMARY and target.mode in field.modes
    }
    state = states.pop() if len(states) == 1 else State.NARROWED
    return Outcome(state, Basis.DEFAULT, Reason.PLATFORM_DEFAULT, wording.default_state(state))


def _sharing(channel: Channel, wishes: Wishes) -> dict[str, Outcome]:
    """Settle both directions of the share sheet, which are values of one field.

    No value allows or closes the inbound direction alone (crossProfileDataSharing).
    """
    field = channel.fields[0]
    one_way, both_ways = (closing.value for closing in field.close)
    outward, inward = wishes[_SHARING_OUT], wishes[_SHARING_IN]
    silent_in = Outcome(
        State.OPEN,
        Basis.DEFAULT,
        Reason.PLATFORM_DEFAULT,
        wording.default_state(State.OPEN),
    )
    if not outward.denied:
        if inward.denied:
            silent_in = replace(
                silent_in, reason=Reason.DEPENDS_ON_CHANNEL, detail=wording.INBOUND_ALONE
            )
        return {_SHARING_IN: silent_in}
    strict = inward.denied or (outward.strongest and inward.intent is not Intent.ALLOW)
    settings = (FieldSetting(field.path, both_ways if strict else one_way),)
    closed = Outcome(State.CLOSED, Basis.DEVICE, settings=settings)
    if inward.denied:
        return {_SHARING_OUT: closed, _SHARING_IN: closed}
    if strict:
        detail = wording.STRICTER_SHARING
        other = replace(closed, reason=Reason.DEPENDS_ON_CHANNEL, detail=detail)
    else:
        allowed = inward.intent is Intent.ALLOW
        other = Outcome(State.OPEN, Basis.DEVICE, settings=settings) if allowed else silent_in
    return {_SHARING_OUT: closed, _SHARING_IN: other}


def _cross_app_functions(
    channel: Channel, outcomes: dict[str, Outcome], wishes: Wishes, target: AndroidTarget
) -> Outcome:
    """Settle app functions across profiles, which follow app functions where nothing is written.

    Google's server rejects a policy that allows the first and disallows the second.
    """
    wish = wishes[channel.id]
    functions = outcomes[_APP_FUNCTIONS]
    if wish.denied or not wishes[_APP_FUNCTIONS].denied:
        return _settle(channel, wish, target)
    detail = (
        wording.REJECTED_PAIR
        if wish.intent is Intent.ALLOW
        else wording.follows(_APP_FUNCTIONS, "")
    )
    return Outcome(functions.state, Basis.DEVICE, Reason.DEPENDS_ON_CHANNEL, detail)
