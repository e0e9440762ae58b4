"""Collect from iOS documents what the catalogue knows: accounts, and the values of known keys.

Collects only; whether a device honours a key, and what a value does, is decided elsewhere. What
files hide is collected too: that it is hidden, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from profilegen.audit.document import SEALED, AppConfiguration, Declaration, Profile
from profilegen.audit.placeholders import Placeholder, is_placeholder
from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.plist import PlistValue

AppleDocument = Profile | Declaration | AppConfiguration
Place = tuple[str, str]
"""A payload or declaration type, and a key path in it."""
Values = dict[Place, list[PlistValue]]

APPLE_MAIL = "com.apple.mobilemail"
"""The bundle id of Mail: general knowledge, in none of Apple's published schema files."""
NOTIFICATION_ITEM = "NotificationSettings.NotificationSettingsItem."
_MDM = "com.apple.mdm"
_NOTIFICATIONS = "com.apple.notificationsettings"
ACCOUNT_PAYLOADS = frozenset(
    {"com.apple.mail.managed", "com.apple.eas.account", "com.apple.google-oauth"}
)
_ACCOUNT_DECLARATIONS = frozenset(
    f"com.apple.configuration.account.{kind}" for kind in ("exchange", "google", "mail")
)
_LEGACY = frozenset(f"com.apple.configuration.legacy{kind}" for kind in ("", ".interactive"))
_ENCRYPTED = "The payloads of a profile are encrypted, so it is not known what they set."
_ELSEWHERE = "A declaration installs a profile that lies elsewhere; what that sets is not known."
_NAMELESS = "The type of a payload is a placeholder, so it is not known what it sets."
_UNREAD = Placeholder("")
UNSETTLED = Placeholder("")
"""Stands for the value of a key that profiles which replace each other set differently."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values found for each place, and why there may be more in profiles, "" if not."""

    values: Mapping[Place, Sequence[PlistValue]]
    hidden: str = ""

    def of(self, payload: str, key: str) -> Sequence[PlistValue]:
        """Return the values of `key` in payloads or declarations of the type `payload`."""
        return self.values.get((payload, key), ())


@dataclass(frozen=True, slots=True)
class Account:
    """An account that documents bring, and the app that shows its mail.

    `payloads` has its payloads' types and settings: several only where documents repeat an
    identifier, none for an account that lives in another mail app.
    """

    name: str
    app: str = APPLE_MAIL
    payloads: list[tuple[str, Values]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Collected:
    """The settings of a device: device-wide, per app for notifications, and per account.

    `hidden` has a sentence for each way in which documents hide what they set; `enrolling` has the
    names of profiles that enrol the device with a management service.
    """

    device: Values = field(default_factory=dict)
    notifications: dict[str, Values] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    hidden: dict[str, None] = field(default_factory=dict)
    enrolling: list[str] = field(default_factory=list)

    def beside(self, app: str) -> Settings:
        """Return the settings that act on every account which `app` shows."""
        values = self.device | self.notifications.get(app, {})
        return Settings(values, self.why_hidden)

    @property
    def why_hidden(self) -> str:
        """Return why not all is known, "" when it is."""
        return " ".join(self.hidden)


def collect(documents: Sequence[AppleDocument]) -> Collected:
    """Return what `documents` set together."""
    found = Collected()
    for document in documents:
        match document:
            case Profile(content=content, opened=opened):
                payloads = content.get("PayloadContent")
                if SEALED in content and not opened:
                    found.hidden[_ENCRYPTED] = None
                for payload in _dictionaries(payloads):
                    _add_payload(found, payload)
                    if payload.get("PayloadType") == _MDM:
                        found.enrolling.append(document.name)
            case Declaration(content=content):
                _add_declaration(found, content)
            case AppConfiguration(app=app):
                if mail_app_of(app, Platform.IOS) is not None:
                    found.accounts.setdefault(app, Account(app, app))
    return found


def _dictionaries(value: object) -> Iterator[Mapping[str, PlistValue]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _add_payload(found: Collected, payload: Mapping[str, PlistValue]) -> None:
    kind = payload.get("PayloadType")
    if not isinstance(kind, str):
        return
    if is_placeholder(kind):
        found.hidden[_NAMELESS] = None
    elif kind in ACCOUNT_PAYLOADS:
        _add_account(found, payload.get("PayloadIdentifier"), kind, payload)
    elif kind == _NOTIFICATIONS:
        for item in _dictionaries(payload.get("NotificationSettings")):
            app = item.get("BundleIdentifier")
            if is_placeholder(app):
                _take(found.device, kind, dict.fromkeys(item, _UNREAD))
            elif isinstance(app, str):
                _take(found.notifications.setdefault(app, {}), kind, item)
    else:
        _take(found.device, kind, payload)


def _add_declaration(found: Collected, content: Mapping[str, object]) -> None:
    kind, payload = content.get("Type"), content.get("Payload")
    if not isinstance(kind, str) or not isinstance(payload, dict):
        return
    if kind in _LEGACY:
        found.hidden[_ELSEWHERE] = None
    if kind in _ACCOUNT_DECLARATIONS:
        _add_account(found, content.get("Identifier"), kind, payload)
    else:
        _take(found.device, kind, payload)


def _add_account(
    found: Collected, identifier: object, kind: str, payload: Mapping[str, PlistValue]
) -> None:
    # An account without an identifier is invalid; its type still tells the reader which it is.
    name = identifier if isinstance(identifier, str) and identifier else kind
    settings: Values = {}
    _take(settings, kind, payload)
    found.accounts.setdefault(name, Account(name)).payloads.append((kind, settings))


def _take(into: Values, kind: str, payload: Mapping[str, PlistValue]) -> None:
    for key, parts in _known_keys().get(kind, ()):
        value: PlistValue | None = payload
        for part in parts:
            if isinstance(value, dict):
                value = value.get(part)
            elif not is_placeholder(value):
                value = None
        if value is not None:
            into.setdefault((kind, key), []).append(value)


@cache
def _known_keys() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the keys that the catalogue knows, each with its path, by payload type."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for channel in decided_channels(Platform.IOS).values():
        for key in channel.keys:
            # Items of the notification payload are taken one by one, each for its own app.
            path = tuple(key.key.removeprefix(NOTIFICATION_ITEM).split("."))
            for payload in key.payloads if key.key else ():
                found.setdefault(payload, {})[key.key] = path
    return MappingProxyType({kind: tuple(keys.items()) for kind, keys in found.items()})
