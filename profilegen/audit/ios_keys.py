"""What one payload key does on one device: does the device honour it, and does its value close.

Apple's schema gives one rule for repeated restrictions, "do not"; so of contradicting values the
one that lets more through counts. Two declarations state how they combine, and only those do.
A value that files do not tell decides nothing; the key is unknown unless another value decides it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from profilegen.audit.ios_settings import NOTIFICATION_ITEM, UNSETTLED, Settings
from profilegen.audit.model import Context, PayloadControl
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.model import PayloadKey
from profilegen.catalogue.terms import Effect, Enrollment, State
from profilegen.plist import PlistValue

# PreviewType 1, "when unlocked", hides previews on the lock screen as well as 2, "never", does.
_ALSO_CLOSING: dict[str, tuple[PlistValue, ...]] = {f"{NOTIFICATION_ITEM}PreviewType": (1,)}

# Apple's schema: allow keys combine by boolean-and, force keys by boolean-or, so one declaration
# that closes is enough.
_STRICTEST_WINS = frozenset(
    {
        "com.apple.configuration.intelligence.settings",
        "com.apple.configuration.siri.settings",
    }
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one key does: the state it gives, and the setting found, None where it is silent."""

    key: PayloadKey
    state: State
    control: PayloadControl | None = None
    reason: str = ""


def obstacle(key: PayloadKey, enrollment: Enrollment) -> str:
    """Return a sentence on why no device of this enrolment can rest on `key`, "" when it can.

    Apple's schema says that some keys cannot be used in User Enrollment, not what happens to them.
    """
    if enrollment is Enrollment.USER and not key.in_user_enrollment:
        return (
            f"{key.key} may not be used in User Enrollment; "
            "whether the device ignores it or refuses the profile is not known."
        )
    if key.supervised and enrollment is not Enrollment.SUPERVISED:
        return f"This device ignores {key.key}: it needs supervision."
    if enrollment is Enrollment.MANUAL and not key.in_manual_install:
        return f"This device ignores {key.key}: it must come from a management service."
    return ""


def read_key(key: PayloadKey, settings: Settings, context: Context) -> Reading:
    """Return what `key` does on a device that has `settings`, its dependencies left aside.

    A value of another type than the key's is as good as none.
    """
    everything = [
        PayloadControl(payload, key.key, value)
        for payload in key.payloads
        for value in settings.of(payload, key.key)
    ]
    found = [control for control in everything if _has_type(key, control.value)]
    silent = key.silent if key.effect is Effect.CLOSES else State.OPEN
    why_not = obstacle(key, context.enrollment)
    if why_not:
        return Reading(key, silent, reason=why_not if found else "")
    closing = [control for control in found if _closes(key, control.value)]
    opening = [control for control in found if not _closes(key, control.value)]
    if not (closing if key.payloads[0] in _STRICTEST_WINS else opening):
        unknown = _unknown(key, settings, everything)
        if unknown is not None:
            return unknown
    if not found:
        return Reading(key, silent)
    closed = bool(closing) and (not opening or key.payloads[0] in _STRICTEST_WINS)
    control = closing[0] if closed else opening[0]
    if not closed:
        reason = "Other files or payloads set this key otherwise." if closing else ""
        return Reading(key, State.OPEN, control, reason)
    if key.introduced > context.ios:
        reason = f"{key.key} works from iOS {key.introduced} on only."
        return Reading(key, State.NARROWED, control, reason)
    state = State.CLOSED if key.effect is Effect.CLOSES else State.NARROWED
    return Reading(key, state, control)


def _unknown(
    key: PayloadKey, settings: Settings, controls: Iterable[PayloadControl]
) -> Reading | None:
    """Return the reading of a key of which files hide a value, None when they hide none.

    Nothing but profiles is hidden, so that declarations are always known.
    """
    for control in controls:
        if control.value is UNSETTLED:
            reason = (
                f"Profiles of one identifier set {key.key} differently, or only one of them does; "
                "on a device the last one counts."
            )
            return Reading(key, State.UNKNOWN, reason=reason)
        if is_placeholder(control.value):
            reason = f"The value of {key.key} is a placeholder."
            return Reading(key, State.UNKNOWN, control, reason)
    if settings.hidden and not key.declaration:
        return Reading(key, State.UNKNOWN, reason=settings.hidden)
    return None


def _has_type(key: PayloadKey, value: PlistValue) -> bool:
    # In Python True equals 1, on a device <true/> is no <integer>1</integer>.
    return type(value) is (list if key.close is None else type(key.close))


def _closes(key: PayloadKey, value: PlistValue) -> bool:
    if key.close is None:
        return bool(value)
    return value == key.close or value in _ALSO_CLOSING.get(key.key, ())
