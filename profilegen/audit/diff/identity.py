"""By what devices know files and payloads apart: what is replaced, made anew or refused.

Apple, CommonPayloadKeys: a profile with the PayloadIdentifier of an installed one replaces it, and
payloads with the same PayloadIdentifier and PayloadUUID are updated. That others are removed and
installed anew is inferred from it. Apple DTS: a signed profile that was installed by hand is
replaced only by one of the same signing identity; over MDM by any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.diff.model import Change, IdentityChange, Kind, Reason
from profilegen.audit.diff.payloads import Matched, Payload
from profilegen.audit.diff.values import frozen, shown
from profilegen.audit.diff.versions import Pair, SignedBy
from profilegen.audit.document import Declaration, Profile
from profilegen.findings import Severity

PROFILE_KEYS = frozenset(
    {"PayloadIdentifier", "PayloadUUID", "PayloadScope", "PayloadRemovalDisallowed"}
)
"""The keys of a profile whose changes are told here, not as settings."""
_PAYLOAD_CODES = {
    "PayloadIdentifier": "payload-identifier",
    "PayloadUUID": "payload-uuid",
    "PayloadType": "payload-type",
}
PAYLOAD_KEYS = frozenset(_PAYLOAD_CODES)
"""The same of a payload."""
DECLARATION_KEYS = frozenset({"Identifier", "ServerToken", "Type"})
"""The same of a declaration."""

_BESIDE = (
    "The profile's PayloadIdentifier changed: a device installs NEW beside OLD instead of "
    "replacing it, and both act until OLD is removed."
)
_SAME_PROFILE = "The profile's PayloadUUID changed; its PayloadIdentifier did not: an update."
_SCOPE = (
    "PayloadScope changed: on a Mac it says whether the profile is the device's or one user's; "
    "some servers refuse one identifier in two scopes."
)
_OTHER_PROFILE = "The profile's PayloadUUID changed too."
_REMOVABLE = (
    "PayloadRemovalDisallowed is true no longer: a profile that was installed by hand may be "
    "removed by hand, also on a supervised device."
)
_LOCKED = "PayloadRemovalDisallowed is true now: on a supervised device nobody removes it by hand."
_REMOVAL_ALIKE = "PayloadRemovalDisallowed is written otherwise and means the same."
_OTHER_SIGNER = (
    "Another signer: a device that got OLD by hand refuses NEW as its update; over MDM it is taken."
)
_DROPPED = (
    "No longer signed: a device that got OLD by hand refuses NEW as its update; over MDM it is "
    "taken."
)
_SIGNED = "Now signed; OLD was not."
_UNKNOWN_SIGNER = (
    "A signer's certificate is not in the file: whether the signer is the same cannot be said."
)
_OTHER_FILE_SIGNER = "Another signer."
_FILE_DROPPED = "No longer signed."
_DECLARED_BESIDE = (
    "The declaration's Identifier changed: for a device it is another one, and NEW acts beside OLD "
    "until OLD is taken from it."
)
_DECLARED_TYPE = "The declaration's Type changed under the same Identifier."
_UPDATED = "ServerToken changed: this is how a device knows that the declaration is to be updated."
_FOLLOWS = "It names the same certificate, whose PayloadUUID changed."
_ANEW = "The device removes it and installs it anew."
_REMOVED = "This payload is removed."
_ADDED = "This payload is added."
_LONGEST = 120
_REFERENCE = re.compile(r"Certificate(Anchor)?UUID$")


@dataclass(frozen=True, slots=True)
class _Rule:
    """A key by which devices know things, and what is said when it changes."""

    key: str
    code: str
    message: str
    severity: Severity = Severity.WARNING


_PROFILE = _Rule("PayloadIdentifier", "profile-identifier", _BESIDE)


def signer_changes(pair: Pair) -> Iterator[IdentityChange]:
    """Yield what a changed signature does to the update of `pair`."""
    old, new = pair.old.signer, pair.new.signer
    if old == new or (old and new and old.fingerprint == new.fingerprint != ""):
        return
    is_profile = isinstance(pair.new.document, Profile)
    if old is None:
        code, message, severity = "signature-added", _SIGNED, Severity.NOTE
    elif new is None:
        code, message = "signature-dropped", _DROPPED if is_profile else _FILE_DROPPED
        severity = Severity.WARNING
    elif not (old.fingerprint and new.fingerprint):
        code, message, severity = "signer-unknown", _UNKNOWN_SIGNER, Severity.WARNING
    else:
        code, message = "signer-changed", _OTHER_SIGNER if is_profile else _OTHER_FILE_SIGNER
        severity = Severity.WARNING if is_profile else Severity.NOTE
    yield IdentityChange(code, severity, "", message, _signer_text(old), _signer_text(new))


def profile_changes(
    old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[IdentityChange]:
    """Yield the changes of a profile's own identity, scope and removal."""
    beside = tuple(_changed(old, new, _PROFILE))
    yield from beside
    message = _OTHER_PROFILE if beside else _SAME_PROFILE
    yield from _changed(old, new, _Rule("PayloadUUID", "profile-uuid", message, Severity.NOTE))
    yield from _changed(old, new, _Rule("PayloadScope", "scope", _SCOPE))
    yield from _changed(old, new, _removal(old, new))


def _removal(old: Mapping[str, object], new: Mapping[str, object]) -> _Rule:
    key, code = "PayloadRemovalDisallowed", "removal"
    before, after = (side.get(key) is True for side in (old, new))
    if before is after:
        return _Rule(key, code, _REMOVAL_ALIKE, Severity.NOTE)
    if before:
        return _Rule(key, code, _REMOVABLE)
    return _Rule(key, code, _LOCKED, Severity.NOTE)


def declaration_changes(old: Declaration, new: Declaration) -> Iterator[IdentityChange]:
    """Yield the changes of a declaration's identity."""
    before, after = old.content, new.content
    yield from _changed(
        before, after, _Rule("Identifier", "declaration-identifier", _DECLARED_BESIDE)
    )
    yield from _changed(before, after, _Rule("Type", "declaration-type", _DECLARED_TYPE))
    yield from _changed(
        before, after, _Rule("ServerToken", "server-token", _UPDATED, Severity.NOTE)
    )


def recreated(old: Payload, new: Payload) -> tuple[Reason, ...]:
    """Return why a device makes a payload anew instead of updating it, () where it updates."""
    return tuple(
        Reason(code, f"its {key} changed", _text(old.content.get(key)), _text(new.content.get(key)))
        for key, code in _PAYLOAD_CODES.items()
        if frozen(old.content.get(key)) != frozen(new.content.get(key))
    )


def payload_changes(matched: Matched) -> Iterator[IdentityChange]:
    """Yield the payloads that come, go or are made anew; accounts are told apart from these."""
    for old, new in matched.pairs:
        for reason in () if old.is_account or new.is_account else recreated(old, new):
            yield _payload_change(new, reason.code, _ANEW, reason.old, reason.new)
    for payload in matched.removed:
        if not payload.is_account:
            yield _payload_change(payload, "payload-removed", _REMOVED, payload.identifier, "")
    for payload in matched.added:
        if not payload.is_account:
            yield _payload_change(payload, "payload-added", _ADDED, "", payload.identifier)


def _payload_change(
    payload: Payload, code: str, message: str, old: str, new: str
) -> IdentityChange:
    before, after = short(old), short(new)
    return IdentityChange(code, Severity.NOTE, payload.place, message, before, after, payload.part)


def split_references(
    found: Sequence[Change], matched: Matched
) -> tuple[tuple[Change, ...], tuple[IdentityChange, ...]]:
    """Return what of `found` are settings, and the references that follow their certificate.

    References name certificates by PayloadUUID, so they change with it and still mean the same.
    """
    follows = {(old.uuid, new.uuid) for old, new in matched.pairs if old.uuid and new.uuid}
    settings: list[Change] = []
    references: list[IdentityChange] = []
    for change in found:
        old, new = change.old, change.new
        if (
            change.kind is Kind.CHANGED
            and _REFERENCE.search(change.key)
            and isinstance(old, str)
            and isinstance(new, str)
            and (old, new) in follows
        ):
            references.append(
                IdentityChange(
                    "reference", Severity.NOTE, change.where, _FOLLOWS, old, new, change.part
                )
            )
        else:
            settings.append(change)
    return tuple(settings), tuple(references)


def _changed(
    old: Mapping[str, object], new: Mapping[str, object], rule: _Rule
) -> Iterator[IdentityChange]:
    key = rule.key
    if (key in old) is not (key in new) or frozen(old.get(key)) != frozen(new.get(key)):
        before, after = _text(old.get(key)), _text(new.get(key))
        yield IdentityChange(rule.code, rule.severity, key, rule.message, before, after)


def _text(value: object) -> str:
    """Return an identity as text, "" for one that is not there."""
    if value is None:
        return ""
    return short(value if isinstance(value, str) else str(shown(value, secret=False)))


def short(text: str) -> str:
    """Return a stranger's `text` in at most 120 characters."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _signer_text(signer: SignedBy | None) -> str:
    if signer is None:
        return ""
    known = f", SHA-256 {signer.fingerprint}" if signer.fingerprint else ""
    return f"{short(signer.name)}{known}"
