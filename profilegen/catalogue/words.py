"""A channel and its controls in words: every fact of the data as a short sentence.

Lines are not laid out here: commands wrap them, documents make lists of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from profilegen.catalogue.load import channels
from profilegen.catalogue.model import Channel, FieldValue, PayloadKey, PolicyField
from profilegen.catalogue.terms import Combine, Direction, Effect, Mode, Platform, Preset, Role

_DENIED_BY = {
    Preset.BOUNDARY: (
        "Denied by `sharing: contained` and `sealed`; `open` allows it, unless it is opened app by"
        " app."
    ),
    Preset.SEALED: "Denied by `sharing: sealed`; `contained` and `open` leave it alone.",
    Preset.SETTING: "Not part of `sharing`: the policy has a field of its own for it, or none.",
}
_DIRECTIONS = {
    Direction.OUT: "out, from the managed to the unmanaged side",
    Direction.IN: "in, from the unmanaged to the managed side",
}
_EFFECTS = {
    Effect.CLOSES: "closes the channel",
    Effect.NARROWS: "narrows the channel",
    Effect.MARKS: "marks only",
    Effect.NONE: "does not count",
}
_ROLES = {
    Role.PRIMARY: "decides the channel",
    Role.PER_APP: "decides it for one app",
    Role.EXEMPTION: "exempts named apps",
    Role.PERSONAL_SIDE: "decides it on the personal side",
    Role.RADIO: "switches the radio off, stronger than the field above",
    Role.BY_TYPE: "decides it for types of account",
    Role.SUPPORT: "supports the field above",
}


@dataclass(frozen=True, slots=True)
class ControlWords:
    """A control in words: the setting as it is written, then its facts, one sentence a line."""

    setting: str
    facts: tuple[str, ...]


def channel_facts(channel: Channel) -> tuple[str, ...]:
    """Return what holds for the channel as a whole, one sentence or two a line."""
    return tuple(_channel_facts(channel))


def control_words(channel: Channel) -> tuple[ControlWords, ...]:
    """Return the channel's controls in words, weakest first."""
    return (*map(_key_words, channel.keys), *map(_field_words, channel.fields))


def controls_heading(channel: Channel) -> str:
    """Return the line above the controls: whether one is enough, or that there is none."""
    effects = {key.effect for key in channel.keys} or ({Effect.CLOSES} if channel.fields else set())
    count = len(channel.keys) + len(channel.fields)
    if not count:
        return "No setting exists for it."
    verb = "Touched by"
    if effects & {Effect.CLOSES, Effect.NARROWS}:
        verb = "Closed by" if Effect.CLOSES in effects else "Narrowed by"
    if count == 1:
        return f"{verb}:"
    if channel.combine is Combine.ALL:
        return f"{verb} (each covers a part):"
    return f"{verb} (weakest first):" if channel.keys else f"{verb}:"


def _channel_facts(channel: Channel) -> Iterator[str]:
    yield f"Direction: {_DIRECTIONS[channel.direction]}."
    yield _DENIED_BY[channel.preset]
    if channel.platform is Platform.IOS:
        reach = "the whole device, personal use too" if channel.whole_device else "managed data"
        yield f"Reaches: {reach}."
    if channel.rests_on_management:
        yield (
            "Rests on the account being managed, which nothing documents for a profile installed"
            " by hand."
        )
    if channel.follows:
        yield f"Follows {channel.follows}, since it has no control of its own."
    resting = _resting_on(channel)
    if resting:
        yield f"Needed by: {', '.join(resting)}."
    if channel.platform is Platform.ANDROID:
        yield from _mode_facts(channel)
    if channel.unknown:
        yield f"Not known: {channel.unknown}"


def _resting_on(channel: Channel) -> tuple[str, ...]:
    return tuple(
        other.id
        for other in channels(channel.platform).values()
        if other.follows == channel.id
        or any(channel.id in key.needs for key in other.keys)
        or any(channel.id in field.needs for field in other.fields)
    )


def _mode_facts(channel: Channel) -> Iterator[str]:
    if channel.absent_on:
        yield f"Does not exist on: {', '.join(channel.absent_on)}."
    covered = {mode for field in channel.fields for mode in field.modes} | {*channel.absent_on}
    without = [mode for mode in Mode if mode not in covered]
    if without:
        yield f"No field on: {', '.join(without)}."


def _key_words(key: PayloadKey) -> ControlWords:
    value = "(a value from the policy)" if key.close is None else _literal(key.close)
    name = key.key or "(key names not known)"
    return ControlWords(f"{name} = {value}", tuple(_key_facts(key)))


def _key_facts(key: PayloadKey) -> Iterator[str]:
    yield f"In {', '.join(key.payloads)}; {_EFFECTS[key.effect]}{_opens(key.open)}."
    yield f"Without it: {key.silent}. Scope: {key.scope}. Since iOS {key.introduced}."
    if key.deprecated is not None:
        replaced = f", replaced by {key.replaced_by}" if key.replaced_by else ""
        yield f"Deprecated in iOS {key.deprecated}{replaced}."
    yield (
        f"Supervision: {'needed' if key.supervised else 'not needed'}."
        f" User Enrollment: {_allowed(key.in_user_enrollment)}."
        f" Installed by hand: {_allowed(key.in_manual_install)}."
    )
    if key.services:
        yield f"Accounts: {', '.join(key.services)}."
    yield from _common_facts(key)
    yield f"Source: {key.source}."


def _field_words(field: PolicyField) -> ControlWords:
    values = " or, stricter, ".join(
        _literal(closing.value)
        + (f" (from Android {closing.since})" if closing.since != field.introduced else "")
        for closing in field.close
    )
    setting = f"{field.path} = {values or '(named in the policy)'}"
    return ControlWords(setting, tuple(_field_facts(field)))


def _field_facts(field: PolicyField) -> Iterator[str]:
    yield f"{_ROLES[field.role].capitalize()}{_opens(field.open)}."
    states = (f"{state} on {mode}" for mode, state in field.silent.items())
    yield f"Without it: {', '.join(states)}."
    if field.introduced.major:
        basis = "" if field.version_stated else " (from general platform knowledge)"
        yield f"Since Android {field.introduced}{basis}."
    else:
        yield "Google states no minimum version."
    if field.whole_device:
        yield f"Reaches the whole device on: {', '.join(field.whole_device)}."
    if field.also_narrows:
        yield f"Also narrows: {', '.join(field.also_narrows)}."
    if field.replaces:
        yield f"Replaces the deprecated: {', '.join(field.replaces)}."
    yield from _common_facts(field)
    yield f"Source: {field.source}."


def _common_facts(control: PayloadKey | PolicyField) -> Iterator[str]:
    if control.needs:
        yield f"Has an effect only while closed: {', '.join(control.needs)}."
    if not control.writable:
        yield "Understood in files, not written by `sharing`."
    if control.note:
        yield control.note


def _opens(value: FieldValue | None) -> str:
    return "" if value is None else f"; opens with {_literal(value)}"


def _allowed(allowed: bool) -> str:  # noqa: FBT001  (the fact itself, not a switch)
    return "allowed" if allowed else "forbidden"


def _literal(value: FieldValue) -> str:
    return json.dumps(value)
