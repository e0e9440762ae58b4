"""The flows of an Android device: one state a channel for all accounts, and some app by app.

No field of the policy can tell two accounts of one work profile apart, so most flows are for the
account `*`. A fully managed device has no personal profile: what crosses profiles is absent there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from profilegen.audit.android_fields import Grade, applications, package_lists, read_field
from profilegen.audit.document import JsonDict
from profilegen.audit.model import (
    EVERY_ACCOUNT,
    Context,
    Flow,
    Verdict,
    all_parts,
    most_closed,
)
from profilegen.catalogue.apps import mail_apps
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import Channel, PolicyField
from profilegen.catalogue.terms import Basis, Combine, Platform, Role, State

_ENTRY = "applications[]."
# Google's discovery document: unspecified means what the field of the other channel says.
_SILENCE_FOLLOWS = {"cross-profile-app-functions": "app-functions"}

_ABSENT = Verdict(State.ABSENT, Basis.NONE, reason="There is no personal profile on this device.")
_NO_FIELD = Verdict(State.OPEN, Basis.NONE, reason="No field controls it.")
_NOT_IN_MODE = Verdict(
    State.OPEN, Basis.DEFAULT, reason="No field controls it in this management mode."
)


def flows(policies: Sequence[JsonDict], context: Context) -> tuple[Flow, ...]:
    """Return the flows of a device on which all `policies` hold: `*` first, then app by app.

    Of a channel that is controlled app by app, `*` is for the apps that no policy lists.
    """
    found: dict[str, Verdict] = {}
    channels = decided_channels(Platform.ANDROID).values()
    for channel in channels:
        found[channel.id] = _verdict(channel, policies, context, found)
    shared = (_flow(EVERY_ACCOUNT, channel, found[channel.id]) for channel in channels)
    return (*shared, *_app_flows(policies, context))


def _flow(account: str, channel: Channel, verdict: Verdict) -> Flow:
    return Flow(
        account,
        channel.id,
        channel.direction,
        verdict.state,
        verdict.basis,
        verdict.controls,
        verdict.reason,
    )


def _verdict(
    channel: Channel,
    policies: Sequence[JsonDict],
    context: Context,
    found: Mapping[str, Verdict],
) -> Verdict:
    if context.mode in channel.absent_on:
        return _ABSENT
    parts = [
        _part(field, policies, context)
        for field in _fields(channel, context, Role.PRIMARY, Role.RADIO)
    ]
    if not parts:
        return _NOT_IN_MODE if channel.fields else _NO_FIELD
    follows = _SILENCE_FOLLOWS.get(channel.id)
    if follows is not None and all(not part.controls for part in parts):
        verdict = found[follows]
        reason = f"No field says otherwise, so it follows {follows}."
        return Verdict(verdict.state, verdict.basis, verdict.controls, reason)
    verdict = _together(channel, parts)
    for field in _fields(channel, context, Role.EXEMPTION, Role.BY_TYPE):
        verdict = _with_list(verdict, field, policies)
    return verdict


def _fields(channel: Channel, context: Context, *roles: Role) -> Iterator[PolicyField]:
    for field in channel.fields:
        if field.role in roles and context.mode in field.modes:
            yield field


def _part(field: PolicyField, policies: Sequence[JsonDict], context: Context) -> Verdict:
    # What stands in a list's entries is read app by app; for all others silence decides.
    grade = None if _ENTRY in field.path else read_field(field, policies, context.android)
    return _graded(grade, Basis.DEVICE) or Verdict(field.silent[context.mode], Basis.DEFAULT)


def _graded(grade: Grade | None, basis: Basis) -> Verdict | None:
    if grade is None:
        return None
    return Verdict(grade.state, basis, (grade.control,), grade.reason)


def _together(channel: Channel, parts: Sequence[Verdict]) -> Verdict:
    combined = all_parts if channel.combine is Combine.ALL else most_closed
    state = combined(part.state for part in parts)
    said = [part for part in parts if channel.combine is Combine.ALL or part.state is state]
    controls = tuple(control for part in said for control in part.controls)
    reasons = dict.fromkeys(part.reason for part in said if part.reason)
    basis = Basis.DEVICE if controls else Basis.DEFAULT
    return Verdict(state, basis, controls, " ".join(reasons))


def _with_list(verdict: Verdict, field: PolicyField, policies: Sequence[JsonDict]) -> Verdict:
    """Return the verdict with a list applied: of apps let through, or of account types kept out."""
    grade = package_lists(field, policies)
    if grade is None or grade.state is State.OPEN or verdict.state is State.UNKNOWN:
        return verdict
    exempts = field.role is Role.EXEMPTION
    is_open = verdict.state is State.OPEN
    if is_open if exempts else not is_open:
        return verdict
    reason = "Apps named in it are let through." if exempts else "It names some account types only."
    return Verdict(State.NARROWED, Basis.DEVICE, (*verdict.controls, grade.control), reason)


def _app_flows(policies: Sequence[JsonDict], context: Context) -> Iterator[Flow]:
    apps = applications(policies)
    for channel in decided_channels(Platform.ANDROID).values():
        for field in channel.fields:
            if not field.path.startswith(_ENTRY):
                continue
            for package, entries in apps.items():
                verdict = _app_verdict(channel, field, entries, context)
                if verdict is not None or (_is_per_app(channel) and package in _mail_packages()):
                    yield _flow(package, channel, verdict or _silent(channel, field, context))


def _app_verdict(
    channel: Channel, field: PolicyField, entries: Sequence[JsonDict], context: Context
) -> Verdict | None:
    if context.mode in channel.absent_on or context.mode not in field.modes:
        return None
    path = field.path.removeprefix(_ENTRY)
    return _graded(read_field(field, entries, context.android, path=path), Basis.APP)


def _silent(channel: Channel, field: PolicyField, context: Context) -> Verdict:
    if context.mode in channel.absent_on:
        return _ABSENT
    return Verdict(field.silent[context.mode], Basis.DEFAULT)


def _is_per_app(channel: Channel) -> bool:
    """Tell whether the channel exists app by app only, with no value for the whole profile."""
    primary = [field for field in channel.fields if field.role is Role.PRIMARY]
    return bool(primary) and all(field.path.startswith(_ENTRY) for field in primary)


@cache
def _mail_packages() -> frozenset[str]:
    return frozenset(app.android for app in mail_apps().values() if app.android)
