"""For which system a profile or declaration is, as far as its own content says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from profilegen.audit.lint.apple_scope import system_with
from profilegen.catalogue.apple import payload_type
from profilegen.catalogue.apple_model import Level, System, Type
from profilegen.plist import PlistDict

_DEVICE_TYPES = {1: System.IOS, 5: System.MACOS}


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload of a profile: its place from 0, its type's name, and the type if it is known.

    `name` is "" for a payload without one.
    """

    index: int
    content: PlistDict
    name: str
    type: Type | None


def payloads_of(profile: PlistDict) -> tuple[Payload, ...]:
    """Return the dictionaries of the profile's PayloadContent."""
    content = profile.get("PayloadContent")
    found = []
    for index, item in enumerate(content if isinstance(content, list) else ()):
        if isinstance(item, dict):
            name = item.get("PayloadType")
            name = name if isinstance(name, str) else ""
            found.append(Payload(index, item, name, payload_type(name)))
    return tuple(found)


def system_of(profile: PlistDict, payloads: Sequence[Payload]) -> System | None:
    """Return the system that the profile is for, None where no single one has all its payloads."""
    target = profile.get("TargetDeviceType")
    if type(target) is int and target in _DEVICE_TYPES:
        return _DEVICE_TYPES[target]
    known = [payload for payload in payloads if payload.type is not None]
    left = [s for s in System if all(p.type is not None and s in p.type.on for p in known)]
    if len(left) == 1:
        return left[0]
    if not left:
        return None
    balance = sum(_balance_of_keys(p.type.level, p.content) for p in known if p.type is not None)
    if balance:
        return System.MACOS if balance > 0 else System.IOS
    # Payloads of unknown type are preferences of other vendors, which only macOS takes.
    unknown = any(payload.name and payload.type is None for payload in payloads)
    return System.MACOS if unknown else System.IOS


def system_of_declaration(kind: Type, payload: object) -> System:
    """Return the system that a declaration of `kind` is for, iOS where nothing says otherwise."""
    if len(kind.on) == len(System) and isinstance(payload, dict):
        return System.MACOS if _balance_of_keys(kind.level, payload) > 0 else System.IOS
    return system_with(kind.on)


def _balance_of_keys(level: Level, content: Mapping[str, object]) -> int:
    """Return how many more keys of `content` exist on macOS only than on iOS only.

    A key too many is common, above all in profiles that a form with every key made.
    """
    there = [key.on for name in content if (key := level.keys.get(name)) is not None]
    single = [next(iter(on)) for on in there if len(on) == 1]
    return single.count(System.MACOS) - single.count(System.IOS)
