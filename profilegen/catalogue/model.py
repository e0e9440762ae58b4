"""Channels and controls as frozen values, as they stand in the data files.

Knows nothing of policies or plans: what follows from a fact is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from profilegen.catalogue.terms import (
    Combine,
    Direction,
    Effect,
    Mode,
    Platform,
    Preset,
    Role,
    Scope,
    State,
)
from profilegen.versions import Version

Scalar = bool | int | str
FieldValue = Scalar | tuple[str, ...]

DECLARATION_PREFIX = "com.apple.configuration."


@dataclass(frozen=True, slots=True)
class PayloadKey:
    """A key of an iOS payload or declaration that acts on a channel.

    `payloads` lists every payload type that carries the key; `key` is a path with dots between
    levels. `close` is None where the value comes from the policy. `silent` is the state while
    the key is absent; `needs` names channels that must be closed for the key to have an effect.
    A key that is not `writable` is understood in files but never written, for example because
    its type is not published. `rejected_in_user_enrollment` is stronger than not being allowed
    there: iOS then refuses the whole profile, for its payload alone.
    """

    payloads: tuple[str, ...]
    key: str
    close: Scalar | None
    open: Scalar | None
    effect: Effect
    writable: bool
    scope: Scope
    introduced: Version
    deprecated: Version | None
    replaced_by: str
    supervised: bool
    in_user_enrollment: bool
    rejected_in_user_enrollment: bool
    in_manual_install: bool
    silent: State
    needs: tuple[str, ...]
    services: tuple[str, ...]
    source: str
    note: str

    @property
    def declaration(self) -> bool:
        """Whether the key belongs to a declarative configuration, not to a profile."""
        return self.payloads[0].startswith(DECLARATION_PREFIX)


@dataclass(frozen=True, slots=True)
class ClosingValue:
    """A value of an Android field that closes a channel, and since which Android it does."""

    value: FieldValue
    since: Version


@dataclass(frozen=True, slots=True)
class PolicyField:
    """A field of the Android Management API policy that acts on a channel.

    `path` has dots between levels and `[]` behind a list. `close` lists closing values, weakest
    first; `open` is None where leaving the field out is what opens. `silent` gives, for each
    management mode the field works in, the state while it is absent.
    """

    id: str
    role: Role
    path: str
    close: tuple[ClosingValue, ...]
    open: FieldValue | None
    writable: bool
    introduced: Version
    version_stated: bool
    modes: tuple[Mode, ...]
    silent: Mapping[Mode, State]
    whole_device: tuple[Mode, ...]
    needs: tuple[str, ...]
    also_narrows: tuple[str, ...]
    replaces: tuple[str, ...]
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Channel:
    """One way in which an account's data can leave to, or enter from, the unmanaged side.

    `keys` (iOS) and `fields` (Android) stand weakest first. `follows` names the channel whose
    state this one takes because it has no control of its own. `absent_on` lists the management
    modes in which the channel cannot exist. `unknown` says what no source documents.
    """

    id: str
    platform: Platform
    title: str
    about: str
    unknown: str
    direction: Direction
    preset: Preset
    combine: Combine
    follows: str
    rests_on_management: bool
    whole_device: bool
    absent_on: tuple[Mode, ...]
    keys: tuple[PayloadKey, ...]
    fields: tuple[PolicyField, ...]

    @property
    def decided(self) -> bool:
        """Whether `sharing` decides this channel; settings with fields of their own are not."""
        return self.preset is not Preset.SETTING
