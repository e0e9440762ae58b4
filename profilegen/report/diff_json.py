"""A comparison as JSON, schema profilegen.diff/1: fields are added over time, none goes away.

docs/diff.md describes the document.
"""

from __future__ import annotations

from dataclasses import asdict

from profilegen.audit.diff.model import (
    AccountChange,
    Change,
    Fate,
    FileDifference,
    IdentityChange,
    Motion,
    Movement,
    Part,
    Reason,
)
from profilegen.audit.diff.people import People, Personal
from profilegen.audit.diff.versions import SignedBy
from profilegen.inspection.comparing import Comparison, different_facts
from profilegen.inspection.sides import Side
from profilegen.inspection.signers import SignerDifference, signer_differences
from profilegen.report.audit_json import control_document

SCHEMA = "profilegen.diff/1"


def diff_document(comparison: Comparison) -> dict[str, object]:
    """Return `comparison` as JSON values, in the order in which files were matched."""
    difference = comparison.difference
    document: dict[str, object] = {
        "schema": SCHEMA,
        "old": _side(comparison.old),
        "new": _side(comparison.new),
        "assumed": [
            {"option": option, "value": value} for option, value in comparison.assumed.items()
        ],
        "summary": _summary(comparison),
        "release": [asdict(fact) for fact in different_facts(comparison.old, comparison.new)],
        "signers": [
            _signers(item, meant=comparison.rotation) for item in signer_differences(difference)
        ],
        "faults": [message for message, _ in comparison.faults],
        "people": _people(difference.people),
        "files": [_file(file) for file in difference.files],
    }
    if difference.device is not None:
        document["device"] = {"flows": [_movement(item) for item in difference.device]}
    return document


def _signers(item: SignerDifference, *, meant: bool) -> dict[str, object]:
    return {
        "old": _signer(item.old),
        "new": None if item.new is None else _signer(item.new),
        "same_key": None if item.new is None else item.old.has_key_of(item.new),
        "files": item.files,
        "profiles": item.profiles,
        "meant": meant,
    }


def _signer(signer: SignedBy) -> dict[str, object]:
    return {"name": signer.name, "fingerprint": signer.fingerprint or None}


def _side(side: Side) -> dict[str, object]:
    return {
        "path": side.name,
        "kind": side.kind,
        "files": side.files,
        "skipped": list(side.skipped),
    }


def _summary(comparison: Comparison) -> dict[str, int]:
    difference = comparison.difference
    motions = difference.motions
    files = difference.files
    return {
        "opens": motions[Motion.OPENS],
        "may_open": motions[Motion.MAY_OPEN],
        "closes": motions[Motion.CLOSES],
        "may_close": motions[Motion.MAY_CLOSE],
        "accounts_added": difference.fates(Fate.ADDED),
        "accounts_removed": difference.fates(Fate.REMOVED),
        "accounts_recreated": difference.fates(Fate.RECREATED),
        "accounts_updated": difference.fates(Fate.UPDATED),
        "identity": sum(file.count * len(file.identity) for file in files),
        "settings": sum(file.count * len(file.settings) for file in files),
        "files_changed": sum(file.count for file in files if file.old and file.new),
        "files_added": sum(file.count for file in files if not file.old),
        "files_removed": sum(file.count for file in files if not file.new),
        "files_same": difference.same,
        "files_not_compared": difference.missed,
        **_counts(difference.people),
    }


def _counts(people: People | None) -> dict[str, int]:
    return {
        "people_added": 0 if people is None else len(people.added),
        "people_removed": 0 if people is None else len(people.removed),
        "people_changed": 0 if people is None else len(people.changed),
    }


def _people(people: People | None) -> dict[str, object] | None:
    if people is None:
        return None
    return {
        "added": list(people.added),
        "removed": list(people.removed),
        "changed": list(people.changed),
        "strangers": list(people.strangers),
    }


def _file(file: FileDifference) -> dict[str, object]:
    status = "changed" if file.old and file.new else "added" if file.new else "removed"
    return {
        "old": file.old or None,
        "new": file.new or None,
        "old_identifier": file.old_identifier or None,
        "new_identifier": file.new_identifier or None,
        "kind": file.kind,
        "status": status,
        "matched_by": file.by,
        "compared_with": file.stand_in or None,
        "people": _personal(file.personal),
        "flows": [_movement(item) for item in file.movements],
        "accounts": [_account(item) for item in file.accounts],
        "identity": [_identity(item) for item in file.identity],
        "settings": [_setting(item) for item in file.settings],
    }


def _personal(personal: Personal | None) -> dict[str, object] | None:
    if personal is None:
        return None
    return {
        "target": personal.target,
        "count": len(personal.users),
        "users": list(personal.users),
        "moved": personal.moved,
    }


def _movement(item: Movement) -> dict[str, object]:
    return {
        "platform": item.platform,
        "account": item.account,
        "channel": item.channel,
        "direction": item.direction,
        "old": item.old,
        "new": item.new,
        "motion": item.motion,
        "old_controls": [control_document(control) for control in item.old_controls],
        "new_controls": [control_document(control) for control in item.new_controls],
        "reason": item.reason,
    }


def _account(item: AccountChange) -> dict[str, object]:
    return {
        "account": item.name,
        "before": item.before or None,
        "type": item.type,
        "fate": item.fate,
        "reasons": [_reason(reason) for reason in item.reasons],
        "notes": list(item.notes),
    }


def _reason(reason: Reason) -> dict[str, object]:
    said = {
        "code": reason.code,
        "message": reason.message,
        "old": reason.old,
        "new": reason.new,
    }
    return said | _varies(reason)


def _varies(item: Change | IdentityChange | Reason) -> dict[str, object]:
    return {"varies": True} if item.varies else {}


def _identity(item: IdentityChange) -> dict[str, object]:
    return {
        "code": item.code,
        "severity": item.severity,
        "where": item.where,
        "payload": _part(item.part),
        "message": item.message,
        "old": item.old,
        "new": item.new,
        **_varies(item),
    }


def _setting(item: Change) -> dict[str, object]:
    return {
        "where": item.where,
        "payload": _part(item.part),
        "key": item.key,
        "change": item.kind,
        "old": item.old,
        "new": item.new,
        **_varies(item),
    }


def _part(part: Part) -> dict[str, str] | None:
    return asdict(part) if part.type or part.identifier else None
