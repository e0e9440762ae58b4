"""The sentences of decisions: why a state is what it is, for the person who answers for it."""

from __future__ import annotations

from collections.abc import Iterable

from profilegen.catalogue.terms import Mode, State
from profilegen.plan.model import Reason
from profilegen.versions import Version

NO_KEY = "No key or field controls this."
NOTHING_CLOSES = "No control closes it."
OTHER_MAIL_APP = "The account lives in another mail app, which Apple's account keys do not reach."
NO_WEB_DOMAINS = "The policy lists no web domains, so no download counts as managed."
LISTED_DOMAINS_ONLY = "Only downloads from the listed web domains follow managed open-in."
BOTH_WAYS = "One pasteboard key serves both directions, and the other direction is denied."
UNPROVEN = (
    "Nothing documents that an account from a hand-installed profile counts as managed, "
    "so no more than narrowed is claimed."
)
UNKNOWN_APP = "The mail app has no package name to write this for; the platform's default holds."
ABSENT = "A fully managed device has no personal profile, so the channel does not exist."
REJECTED_PAIR = (
    "Google's server rejects cross-profile app functions while app functions are disallowed."
)
NOTHING_OPENS = "No policy can open this for an account."
ABSENCE_OPENS = "Leaving the field out is what opens this."
INBOUND_ALONE = "The inbound direction can only be closed together with the outward one."
VERSION_ASSUMED = "The version is general platform knowledge; Google states none."
STRICTER_SHARING = "The strictest value of cross-profile sharing closes both directions."
_DEFAULTS = {
    State.CLOSED: "Nothing is written; the platform closes this by default.",
    State.NARROWED: "Nothing is written; the platform narrows this by default.",
    State.OPEN: "Nothing is written; the platform leaves this open by default.",
}
_OBSTACLES = {
    Reason.NEEDS_SUPERVISION: "{key} needs a supervised device.",
    Reason.FORBIDDEN_IN_USER_ENROLLMENT: "{key} is forbidden in User Enrollment.",
    Reason.MDM_ONLY: "{key} may not stand in a hand-installed profile.",
    Reason.NO_CONTROL: "{key} exists as a declaration only; `declarations: true` would write it.",
}


def default_state(state: State) -> str:
    """Say that nothing is written and what the platform does then."""
    return _DEFAULTS[state]


def no_key_for_service(payload: str) -> str:
    """Say that the account's payload has no key for the channel."""
    return f"{payload} has no key for this."


def obstacle(reason: Reason, key: str) -> str:
    """Say why a target cannot use `key`."""
    return _OBSTACLES.get(reason, NO_KEY).format(key=key)


def newer_os(key: str, since: Version, minimum_os: Version) -> str:
    """Say that a written control acts from a newer system on only."""
    return f"{key} closes this from version {since} on; the target starts at {minimum_os}."


def narrows_only(written: str, since: Version | None, why: str) -> str:
    """Say that only a narrowing control could be written, since when it acts and why no other."""
    acts = "" if since is None else f" from version {since} on"
    return f"{written} makes this smaller{acts}. {why}"


def without_effect(key: str, needs: Iterable[str]) -> str:
    """Say that a control has no effect because of another channel."""
    return f"{key} has no effect while {' and '.join(needs)} is open."


def follows(channel: str, unknown: str) -> str:
    """Say that a channel without a key takes another one's state."""
    sentence = f"No key of its own; follows {channel}."
    return f"{sentence} {unknown}" if unknown else sentence


def wrong_mode(path: str, mode: Mode) -> str:
    """Say that an Android field does not act in this management mode."""
    return f"{path} does not act on a {mode} device."


def other_account(names: Iterable[str]) -> str:
    """Say whose intent decides on a shared device."""
    return f"The device is shared with {', '.join(names)}, whose intent decides here."


def also_narrowed(paths: Iterable[str]) -> str:
    """Say which settings of other channels make this one smaller without changing its state."""
    return f"{', '.join(paths)} makes this smaller too."
