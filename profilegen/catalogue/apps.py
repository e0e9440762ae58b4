"""Mail apps: their ids on both platforms and what their managed configuration can carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from profilegen.catalogue.load import read_data
from profilegen.catalogue.terms import Platform

APPLE_MAIL = "mail"
# Android has no mail app of its own: one that the policy does not name is not known.
DEFAULT_CLIENT: Mapping[Platform, str] = MappingProxyType(
    {Platform.IOS: APPLE_MAIL, Platform.ANDROID: ""}
)


@dataclass(frozen=True, slots=True)
class MailApp:
    """A mail app; `ios` is its bundle id, `android` its package name, "" where there is none."""

    id: str
    name: str
    ios: str
    android: str
    capacity: int
    configures: tuple[str, ...]
    ios_keys_documented: bool
    source: str

    def id_on(self, platform: Platform) -> str:
        """Return the app's bundle id or package name on `platform`, "" where it has none."""
        return self.ios if platform is Platform.IOS else self.android


class KeyType(StrEnum):
    """What a key of a managed configuration takes."""

    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class AppKey:
    """A key of a mail app's managed configuration on one platform.

    `values` are the only ones that a text takes, if there are any; `least` and `most` bound an
    integer, both included. A key that is not `on_device` is read from Intune's app protection
    only, never from what a device is given. `about` is a phrase, `source` says who names the key.
    """

    name: str
    type: KeyType
    values: tuple[str, ...]
    least: int | None
    most: int | None
    on_device: bool
    about: str
    source: str


@cache
def mail_apps() -> Mapping[str, MailApp]:
    """Return the known mail apps by the name that a policy's `client` uses."""
    rows = read_data("apps.toml")["app"]
    return MappingProxyType({row["id"]: _mail_app(row) for row in rows})


def mail_app_of(app_id: str, platform: Platform) -> MailApp | None:
    """Return the mail app with this bundle id or package name, None when it is none we know."""
    found = (app for app in mail_apps().values() if app.id_on(platform) == app_id)
    return next(found, None)


@cache
def keys_of(app: str, platform: Platform) -> Mapping[str, AppKey]:
    """Return the managed-configuration keys that sources name for a mail app, by name.

    `app` is the name that a policy's `client` uses. Empty where nobody checked a list: the app has
    keys, and nothing is known of them.
    """
    return MappingProxyType(_keys(app, platform))


@cache
def keys_of_every_app(platform: Platform) -> Mapping[str, AppKey]:
    """Return the keys that every app with Microsoft's Intune SDK takes on `platform`, by name."""
    return MappingProxyType(_keys("", platform))


def _keys(app: str, platform: Platform) -> dict[str, AppKey]:
    rows = [
        row
        for row in read_data("apps.toml")["keys"]
        if row["app"] == app and platform in row["platforms"]
    ]
    return {key["name"]: _app_key(key, row) for row in rows for key in row["key"]}


def _app_key(key: Mapping[str, Any], row: Mapping[str, Any]) -> AppKey:
    return AppKey(
        name=key["name"],
        type=KeyType(key["type"]),
        values=tuple(key.get("values", ())),
        least=key.get("least"),
        most=key.get("most"),
        on_device=row.get("channel", "") != "app-protection",
        about=key["about"],
        source=row["source"],
    )


def _mail_app(row: Mapping[str, object]) -> MailApp:
    fields = dict(row)
    configures = fields.pop("configures")
    documented = fields.pop("ios_keys") == "documented"
    if not isinstance(configures, list):
        raise TypeError(configures)
    return MailApp(configures=tuple(configures), ios_keys_documented=documented, **fields)  # type: ignore[arg-type]  # the data file is ours
