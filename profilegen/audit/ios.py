"""The flows of an iOS device: its accounts, and for each the state of every channel.

Dependencies between channels, management that is not proven, and accounts without keys of their
own are decided here; what a single key does is decided in `ios_keys`.

A profile that enrols a device makes no state unknown: the service of any managed device may send
more than the files at hand, and flows are those of the files. Where silence decides, that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from graphlib import TopologicalSorter

from profilegen.audit.ios_keys import Reading, obstacle, read_key
from profilegen.audit.ios_replacement import collect_device
from profilegen.audit.ios_settings import (
    APPLE_MAIL,
    Account,
    AppleDocument,
    Collected,
    Settings,
)
from profilegen.audit.model import (
    EVERY_ACCOUNT,
    Context,
    Flow,
    Verdict,
    all_parts,
    most_closed,
    most_open,
)
from profilegen.audit.rejection import rejected_payloads
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel, PayloadKey
from profilegen.catalogue.terms import (
    Basis,
    Combine,
    Effect,
    Enrollment,
    Platform,
    Scope,
    State,
)

_NO_CONTROL = Verdict(State.OPEN, Basis.NONE, reason="The platform has no control for it.")
_OTHER_APP = Verdict(State.OPEN, Basis.NONE, reason="Keys of Mail do not reach another mail app.")
_NO_ACCOUNT_KEY = Verdict(
    State.OPEN, Basis.NONE, reason="Accounts of this kind have no key for it."
)
_MORE_MAY_COME = "The management service that the device enrols with may set more."
_UNPROVEN = "No source says that an account installed by hand counts as managed."


def flows(documents: Sequence[AppleDocument], context: Context) -> tuple[Flow, ...]:
    """Return the flows of a device that gets all of `documents`, account by account.

    Without any account, the channels that need no account's payload, for the account `*`. What a
    profile brings that the device refuses whole does not exist.
    """
    collected = collect_device(
        [d for d in documents if not rejected_payloads(d, context.enrollment)]
    )
    found = _flows_of(collected, context)
    return tuple(_with_service(flow) for flow in found) if collected.enrolling else found


def _with_service(flow: Flow) -> Flow:
    if flow.basis is not Basis.DEFAULT:
        return flow
    return replace(flow, reason=f"{flow.reason} {_MORE_MAY_COME}".lstrip())


def _flows_of(collected: Collected, context: Context) -> tuple[Flow, ...]:
    unseen = _unseen_accounts(collected)
    if not collected.accounts:
        verdicts = _shared_verdicts(collected.beside(APPLE_MAIL), context)
        return _as_flows(EVERY_ACCOUNT, {**verdicts, **unseen})
    by_app = {
        app: _shared_verdicts(collected.beside(app), context)
        for app in {account.app: None for account in collected.accounts.values()}
    }
    found: list[Flow] = []
    for account in collected.accounts.values():
        own = _own_verdicts(account, context)
        found += _as_flows(account.name, {**by_app[account.app], **own})
    return (*found, *_as_flows(EVERY_ACCOUNT, unseen))


def _unseen_accounts(collected: Collected) -> dict[str, Verdict]:
    """Return what is said of accounts that may stand in what the documents hide."""
    if not collected.hidden:
        return {}
    reason = f"{collected.why_hidden} Accounts may be among it."
    verdict = Verdict(State.UNKNOWN, Basis.NONE, reason=reason)
    return {channel.id: verdict for channel in _own_channels()}


def _as_flows(account: str, verdicts: Mapping[str, Verdict]) -> tuple[Flow, ...]:
    return tuple(
        Flow(
            account,
            channel.id,
            channel.direction,
            verdict.state,
            verdict.basis,
            verdict.controls,
            verdict.reason,
        )
        for channel in decided_channels(Platform.IOS).values()
        if (verdict := verdicts.get(channel.id)) is not None
    )


@cache
def _shared_channels() -> tuple[Channel, ...]:
    """Return the channels that no account decides for itself, each after those it rests on."""
    channels = decided_channels(Platform.IOS)
    graph = {
        channel.id: {channel.follows, *(need for key in channel.keys for need in key.needs)} - {""}
        for channel in channels.values()
    }
    ordered = (channels[name] for name in TopologicalSorter(graph).static_order())
    return tuple(channel for channel in ordered if channel not in _own_channels())


@cache
def _own_channels() -> tuple[Channel, ...]:
    """Return the channels whose keys stand in an account's own payload."""
    channels = decided_channels(Platform.IOS).values()
    return tuple(c for c in channels if any(key.scope is Scope.ACCOUNT for key in c.keys))


def _shared_verdicts(settings: Settings, context: Context) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for channel in _shared_channels():
        if channel.follows:
            verdict = _follow(found[channel.follows], channel.follows)
        else:
            readings = tuple(
                _with_needs(read_key(key, settings, context), found)
                for key in channel.keys
                if key.effect in {Effect.CLOSES, Effect.NARROWS}
            )
            verdict = _judge(channel, readings, context.enrollment)
        found[channel.id] = verdict
    return found


def _own_verdicts(account: Account, context: Context) -> dict[str, Verdict]:
    return {channel.id: _own_verdict(channel, account, context) for channel in _own_channels()}


def _own_verdict(channel: Channel, account: Account, context: Context) -> Verdict:
    if not account.payloads:
        return _OTHER_APP
    verdicts: list[Verdict] = []
    for kind, values in account.payloads:
        keys = [key for key in channel.keys if kind in key.payloads]
        readings = tuple(read_key(key, Settings(values), context) for key in keys)
        verdicts.append(
            _judge(channel, readings, context.enrollment) if readings else _NO_ACCOUNT_KEY
        )
    state = most_open(verdict.state for verdict in verdicts)
    return next(verdict for verdict in verdicts if verdict.state is state)


def _follow(followed: Verdict, name: str) -> Verdict:
    reason = f"It has no control of its own and follows {name}."
    if followed.state is State.UNKNOWN:
        reason = f"{reason} {followed.reason}"
    return Verdict(followed.state, followed.basis, followed.controls, reason)


def _with_needs(reading: Reading, found: Mapping[str, Verdict]) -> Reading:
    """Return what is left of a key whose effect needs other channels to be closed."""
    if reading.state is State.OPEN:
        return reading
    for need in reading.key.needs:
        needed = found[need].state
        if needed is State.OPEN:
            what = "It is open" if reading.control is None else f"{reading.key.key} has no effect"
            reason = f"{what} while {need} is open."
            return Reading(reading.key, State.OPEN, reason=reason)
        state = most_open((reading.state, needed))
        reason = reading.reason
        if state is State.UNKNOWN and reading.state is not state:
            reason = f"Whether {need} is closed is not known. {found[need].reason}"
        reading = Reading(reading.key, state, reading.control, reason)
    return reading


def _judge(channel: Channel, readings: Sequence[Reading], enrollment: Enrollment) -> Verdict:
    """Return the verdict that the readings of a channel's keys give together."""
    parts = _deciding(readings, enrollment)
    if not parts:
        return _NO_CONTROL
    state = _together(channel, parts)
    # Parts that are closed while the channel is not fully so have their share in what holds.
    said = [part for part in parts if channel.combine is Combine.ALL or part.state is state]
    controls = tuple(part.control for part in said if part.control is not None)
    reasons = list(dict.fromkeys(part.reason for part in said if part.reason))
    if channel.rests_on_management and enrollment is Enrollment.MANUAL and state is State.CLOSED:
        state = State.NARROWED
        reasons.append(_UNPROVEN)
    basis = _basis([part.key for part in said if part.control is not None])
    if not controls:
        # Keys exist, whether or not this device could use one: what holds is the default.
        basis = Basis.NONE if state is State.UNKNOWN else Basis.DEFAULT
    return Verdict(state, basis, controls, " ".join(reasons))


def _together(channel: Channel, parts: Sequence[Reading]) -> State:
    states = [part.state for part in parts]
    if channel.combine is Combine.ALL:
        return all_parts(states)
    if State.NARROWED in states and all(part.key.effect is Effect.NARROWS for part in parts):
        # No value that is hidden could do more.
        return State.NARROWED
    return most_closed(states)


def _deciding(readings: Sequence[Reading], enrollment: Enrollment) -> Sequence[Reading]:
    """Return the readings that count: keys that close, or, where none can be used, that narrow."""
    closers = [reading for reading in readings if reading.key.effect is Effect.CLOSES]
    if any(not obstacle(reading.key, enrollment) for reading in closers):
        return closers
    narrowing = [
        reading
        for reading in readings
        if reading.key.effect is Effect.NARROWS and not obstacle(reading.key, enrollment)
    ]
    return narrowing or closers or readings


def _basis(keys: Sequence[PayloadKey]) -> Basis:
    own = any(key.scope is Scope.ACCOUNT for key in keys)
    return Basis.ACCOUNT if own else Basis.DEVICE
