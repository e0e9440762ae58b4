"""The words that every later station shares; design terms, one name for one thing."""

from __future__ import annotations

from enum import StrEnum


class Platform(StrEnum):
    """The operating systems profilegen writes for; iPadOS counts as iOS."""

    IOS = "ios"
    ANDROID = "android"


class Enrollment(StrEnum):
    """How an iOS device came under management."""

    USER = "user"
    DEVICE = "device"
    SUPERVISED = "supervised"
    MANUAL = "manual"


class Mode(StrEnum):
    """How an Android device is managed."""

    WORK_PROFILE = "work-profile"
    COMPANY_OWNED = "company-owned"
    FULLY_MANAGED = "fully-managed"


class Direction(StrEnum):
    """Which way a channel carries data, seen from the managed side."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """What holds on the device: how far a channel is closed.

    Only audit finds `UNKNOWN`, where files cannot tell; no plan has it.
    """

    CLOSED = "closed"
    NARROWED = "narrowed"
    OPEN = "open"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """What a state rests on."""

    ACCOUNT = "account"
    DEVICE = "device"
    APP = "app"
    DEFAULT = "default"
    NONE = "none"


class Effect(StrEnum):
    """What the closing value of a control does to its channel."""

    CLOSES = "closes"
    NARROWS = "narrows"
    MARKS = "marks"
    NONE = "none"


class Scope(StrEnum):
    """What one value of a control applies to."""

    ACCOUNT = "account"
    APP = "app"
    DEVICE = "device"
    ORGANIZATION = "organization"


class Preset(StrEnum):
    """Which answer to `sharing` denies a channel first; a setting has fields of its own instead."""

    BOUNDARY = "boundary"
    SEALED = "sealed"
    SETTING = "setting"


class Combine(StrEnum):
    """How several controls of one channel work together."""

    ANY = "any"
    ALL = "all"


class Role(StrEnum):
    """What an Android field is to its channel."""

    PRIMARY = "primary"
    PER_APP = "per-app"
    EXEMPTION = "exemption"
    PERSONAL_SIDE = "personal-side"
    RADIO = "radio"
    BY_TYPE = "by-type"
    SUPPORT = "support"
