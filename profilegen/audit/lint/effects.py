"""Settings without effect, and settings that open what the platform or a neighbour keeps closed.

Judges what stands in one file. That another profile of the device may set what a setting needs is
said in the message; for several files together flows tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from profilegen.audit.lint.payloads import Payload
from profilegen.audit.model import Context
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.accounts import Moot, moot_settings
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel, PayloadKey
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Effect, Enrollment, Platform, Scope, State
from profilegen.findings import Finding

_ONCE = "OutgoingPasswordSameAsIncomingPassword"
_EXCHANGE = "com.apple.eas.account"
_SERVICES = ("EnableMail", "EnableContacts", "EnableCalendars", "EnableReminders", "EnableNotes")
_Acting = Sequence[tuple[Channel, PayloadKey]]


def findings(payloads: Sequence[Payload], context: Context) -> Iterator[Finding]:
    """Yield what settings of `payloads`, those of one file, do not do or do too much."""
    closed = _closed_channels(payloads)
    for payload in payloads:
        for path, acting in _channel_keys().get(payload.kind, {}).items():
            for place, value in payload.values(path):
                if not is_placeholder(value):
                    yield from _of_key(place, value, acting, closed)
        for moot in moot_settings().get(payload.kind, ()):
            yield from _moot(payload, moot)
        yield from _of_accounts(payload, context)


def _of_key(
    place: str, value: object, acting: _Acting, closed: frozenset[str]
) -> Iterator[Finding]:
    """Yield what is wrong with one value of a key that acts on the channels of `acting`."""
    needs = [need for _, key in acting for need in key.needs]
    key = acting[0][1]
    if needs and _says_something(value, key) and closed.isdisjoint(needs):
        wanted = " or ".join(f"{need} ({_closing_key(need)})" for need in dict.fromkeys(needs))
        yield found(
            "no-effect",
            place,
            f"{key.key} has no effect: nothing in this file closes {wanted}.",
        )
    elif _is(value, key.open) and key.silent is State.CLOSED and key.effect is not Effect.NONE:
        channels = ", ".join(channel.id for channel, _ in acting)
        yield found(
            "opens-channel",
            place,
            f"{key.key} is {_shown(value)}, which opens {channels}; without the key it is closed.",
        )
    elif _is(value, key.open) and key.scope is Scope.ACCOUNT and key.effect is Effect.CLOSES:
        channels = ", ".join(channel.id for channel, _ in acting)
        yield found(
            "left-open",
            place,
            f"{key.key} is {_shown(value)}, so {channels} is open for this account.",
        )


def _says_something(value: object, key: PayloadKey) -> bool:
    """Say whether the value asks for anything that silence would not give."""
    if key.close is None:
        return isinstance(value, list) and bool(value)
    if key.silent is State.CLOSED:
        return _is(value, key.close) or _is(value, key.open)
    return _is(value, key.close)


def _closed_channels(payloads: Sequence[Payload]) -> frozenset[str]:
    """Return the channels that a value closes or, being a placeholder, may close."""
    return frozenset(
        channel.id
        for payload in payloads
        for path, acting in _channel_keys().get(payload.kind, {}).items()
        for _, value in payload.values(path)
        for channel, key in acting
        if key.effect is Effect.CLOSES and (_is(value, key.close) or is_placeholder(value))
    )


def _closing_key(channel: str) -> str:
    key = decided_channels(Platform.IOS)[channel].keys[0]
    return f"{key.key} {_shown(key.close)}"


def _moot(payload: Payload, moot: Moot) -> Iterator[Finding]:
    if moot.beside and not _holds(payload.value(moot.beside), moot):
        return
    for path in moot.keys:
        for place, value in payload.values(path):
            if not moot.of or any(_is(value, wanted) for wanted in moot.of):
                yield found("no-effect", place, f"{path} has no effect: {moot.because}.")


def _holds(value: object, moot: Moot) -> bool:
    if value is None or value == "":
        return moot.absent
    return moot.present or any(_is(value, wanted) for wanted in moot.values)


def _of_accounts(payload: Payload, context: Context) -> Iterator[Finding]:
    if payload.value(_ONCE) is True and context.enrollment is not Enrollment.MANUAL:
        yield found(
            "no-effect",
            payload.at(_ONCE),
            f"{_ONCE} has no effect: it works only where a person installs the profile, "
            "not when a management service does.",
        )
    if payload.kind == _EXCHANGE and all(payload.value(key) is False for key in _SERVICES):
        yield found(
            "no-effect",
            payload.place,
            "The account has no effect: all its services are off. At least one must be on.",
        )


@cache
def _channel_keys() -> Mapping[str, Mapping[str, _Acting]]:
    """Return the keys that act on a decided channel, by the type of their payload and by path."""
    keys: dict[str, dict[str, list[tuple[Channel, PayloadKey]]]] = {}
    for channel in decided_channels(Platform.IOS).values():
        for key in channel.keys:
            for payload in key.payloads if key.key else ():
                keys.setdefault(payload, {}).setdefault(key.key, []).append((channel, key))
    return keys


def _is(value: object, wanted: object) -> bool:
    # In Python True equals 1; on a device they are different types.
    return wanted is not None and type(value) is type(wanted) and value == wanted


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
