"""Single changes of a comparison in words: a flow that moves, a setting, a value."""

from __future__ import annotations

import json

from profilegen.audit.diff.model import Change, Kind, Movement, Shown
from profilegen.audit.diff.values import shown
from profilegen.audit.model import Control, PayloadControl

_DIGEST = 16
_MARKS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~", Kind.REORDERED: "~"}


def moved(item: Movement) -> str:
    """Return which way a flow goes, and how far it was and is open."""
    return f"({item.platform}, {item.direction}): {item.old} -> {item.new}"


def causes(item: Movement) -> str:
    """Return the settings that decide a flow in OLD and NEW, and the reason, "" if nothing does."""
    old = {_label(control): _said(control.value) for control in item.old_controls}
    new = {_label(control): _said(control.value) for control in item.new_controls}
    parts = []
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, "not set"), new.get(name, "not set")
        parts.append(f"{name} = {after}" if before == after else f"{name}: {before} -> {after}")
    return ". ".join(filter(None, ("; ".join(parts), item.reason)))


def _label(control: Control) -> str:
    return control.key if isinstance(control, PayloadControl) else control.path


def _said(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_said(item) for item in value)}]"
    return _value(shown(value, secret=False))


def changed(change: Change) -> str:
    """Return a setting with what it was and what it is; `+` is new, `-` is gone."""
    mark = _MARKS[change.kind]
    match change.kind:
        case Kind.ADDED:
            said = _value(change.new)
        case Kind.REMOVED:
            said = _value(change.old)
        case Kind.REORDERED:
            said = "the same items in another order"
        case _:
            before, after = _value(change.old), _value(change.new)
            said = f"{before} -> {f'another {after}' if before == after else after}"
    if change.varies:
        said = f"each person's own, as {said}"
    return f"{mark} {change.key}: {said}"


def _value(value: Shown) -> str:
    match value:
        case {"secret": True}:
            return "(secret)"
        case {"sha256": str(digest), "size": size}:
            return f"({size} bytes, SHA-256 {digest[:_DIGEST]}...)"
        case {"date": date}:
            return str(date)
        case _:
            return json.dumps(value, ensure_ascii=False)
