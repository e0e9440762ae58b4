"""How the keys of one iOS channel settle it: which are written, and what holds then.

Knows keys and their obstacles; which channels have rules of their own is for `ios`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from profilegen.catalogue.model import Channel, PayloadKey
from profilegen.catalogue.terms import Basis, Combine, Effect, Enrollment, State
from profilegen.plan import wording
from profilegen.plan.model import PayloadSetting, Reason
from profilegen.plan.outcome import Outcome, first_reason
from profilegen.plan.strength import choose
from profilegen.plan.wish import Wish, Wishes
from profilegen.policy.accounts import Intent
from profilegen.policy.model import Domains
from profilegen.policy.targets import IosTarget


@dataclass(frozen=True, slots=True)
class Device:
    """The target while its channels are settled; `closed` holds what is closed already."""

    target: IosTarget
    wishes: Wishes
    domains: Domains
    closed: frozenset[str] = frozenset()

    def effective(self, key: PayloadKey) -> bool:
        """Whether the channels that `key` rests on are closed."""
        return self.closed.issuperset(key.needs)


def by_intent(channel: Channel, keys: list[PayloadKey], wish: Wish, device: Device) -> Outcome:
    """Return the outcome of a channel that `keys`, weakest first, control."""
    match wish.intent:
        case Intent.DENY:
            return _deny(channel, keys, wish, device)
        case Intent.ALLOW:
            return _allow(keys, device)
        case Intent.LEAVE:
            return silent(keys, channel.combine, device)


def _deny(channel: Channel, keys: list[PayloadKey], wish: Wish, device: Device) -> Outcome:
    closers = [key for key in keys if key.effect is Effect.CLOSES]
    usable = [key for key in closers if not _obstacle(key, device.target)]
    acting = [key for key in usable if device.effective(key)]
    if acting:
        chosen = _chosen(acting, channel.combine, wish, device)
        partly = channel.combine is Combine.ALL and len(acting) < len(closers)
        return _written(chosen, closers if partly else [], device)
    if closers and not any(device.effective(key) for key in closers):
        return without_effect(closers)
    narrowers = [
        key for key in keys if key.effect is Effect.NARROWS and not _obstacle(key, device.target)
    ]
    if narrowers and not usable:
        chosen = _chosen(narrowers, channel.combine, wish, device)
        return _narrowed(chosen, closers, device)
    if usable:
        return without_effect(usable)
    return _blocked(keys, channel.combine, device)


def _chosen(
    keys: list[PayloadKey], combine: Combine, wish: Wish, device: Device
) -> list[PayloadKey]:
    if combine is Combine.ALL:
        return keys
    minimum = device.target.minimum_os
    return [
        choose(keys, strongest=wish.strongest, minimum_os=minimum, since=lambda key: key.introduced)
    ]


def _written(chosen: list[PayloadKey], lacking: list[PayloadKey], device: Device) -> Outcome:
    """Return the outcome of closing keys; `lacking` are parts that this target cannot use."""
    settings = tuple(closing(key) for key in chosen)
    newer = [key for key in chosen if key.introduced > device.target.minimum_os]
    obstacles = first_reason(_obstacle(key, device.target) for key in lacking)
    if newer:
        detail = wording.newer_os(newer[0].key, newer[0].introduced, device.target.minimum_os)
        reason = first_reason([obstacles, Reason.NEEDS_NEWER_OS])
        return Outcome(State.NARROWED, Basis.DEVICE, reason, detail, settings)
    if lacking:
        detail = wording.obstacle(obstacles, lacking[-1].key)
        return Outcome(State.NARROWED, Basis.DEVICE, obstacles, detail, settings)
    return Outcome(State.CLOSED, Basis.DEVICE, settings=settings)


def _narrowed(chosen: list[PayloadKey], closers: list[PayloadKey], device: Device) -> Outcome:
    newest = max(key.introduced for key in chosen)
    since = newest if newest > device.target.minimum_os else None
    obstacles = [_obstacle(key, device.target) for key in closers]
    why = (
        wording.obstacle(first_reason(obstacles), closers[0].key)
        if closers
        else wording.NOTHING_CLOSES
    )
    reasons = obstacles or [Reason.NO_CONTROL]
    reason = first_reason(reasons if since is None else [*reasons, Reason.NEEDS_NEWER_OS])
    detail = wording.narrows_only(", ".join(key.key for key in chosen), since, why)
    settings = tuple(closing(key) for key in chosen)
    return Outcome(State.NARROWED, Basis.DEVICE, reason, detail, settings)


def without_effect(keys: list[PayloadKey]) -> Outcome:
    """Return the outcome of keys that nothing is written for, since a channel they need is open."""
    detail = wording.without_effect(keys[0].key, keys[0].needs)
    return Outcome(State.OPEN, Basis.DEFAULT, Reason.DEPENDS_ON_CHANNEL, detail)


def _blocked(keys: list[PayloadKey], combine: Combine, device: Device) -> Outcome:
    default = silent(keys, combine, device)
    reason = first_reason(_obstacle(key, device.target) for key in keys)
    detail = wording.obstacle(reason, keys[0].key)
    return replace(default, reason=reason, detail=detail)


def _allow(keys: list[PayloadKey], device: Device) -> Outcome:
    closers = [key for key in keys if key.effect is Effect.CLOSES] or keys
    if not any(device.effective(key) for key in closers):
        return without_effect(closers)
    usable = [key for key in closers if not _obstacle(key, device.target)]
    acting = [key for key in usable if device.effective(key)]
    if not acting:
        return without_effect(usable) if usable else _blocked(closers, Combine.ANY, device)
    settings = tuple(
        PayloadSetting(key.payloads[0], key.key, key.open) for key in acting if key.open is not None
    )
    return Outcome(State.OPEN, Basis.DEVICE, settings=settings)


def silent(keys: list[PayloadKey], combine: Combine, device: Device) -> Outcome:
    """Return what the platform does when nothing is written."""
    closers = [key for key in keys if key.effect is Effect.CLOSES]
    if closers and not any(device.effective(key) for key in closers):
        return without_effect(closers)
    closed = [key.silent is State.CLOSED and device.effective(key) for key in closers]
    if closed and (all(closed) if combine is Combine.ALL else any(closed)):
        state = State.CLOSED
    else:
        state = State.NARROWED if any(closed) else State.OPEN
    return Outcome(state, Basis.DEFAULT, Reason.PLATFORM_DEFAULT, wording.default_state(state))


def _obstacle(key: PayloadKey, target: IosTarget) -> Reason:
    """Return why this target cannot use `key`, NONE when it can."""
    if key.supervised and target.enrollment is not Enrollment.SUPERVISED:
        return Reason.NEEDS_SUPERVISION
    if not key.in_user_enrollment and target.enrollment is Enrollment.USER:
        return Reason.FORBIDDEN_IN_USER_ENROLLMENT
    if not key.in_manual_install and target.enrollment is Enrollment.MANUAL:
        return Reason.MDM_ONLY
    if key.declaration and not target.declarations:
        return Reason.NO_CONTROL
    return Reason.NONE


def closing(key: PayloadKey) -> PayloadSetting:
    """Return the setting that closes; ValueError for a key whose value the policy supplies."""
    if key.close is None:
        raise ValueError(key.key)
    return PayloadSetting(key.payloads[0], key.key, key.close)
