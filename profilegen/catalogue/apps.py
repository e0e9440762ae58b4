"""Mail apps: their ids on both platforms and what their managed configuration can carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

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


@cache
def mail_apps() -> Mapping[str, MailApp]:
    """Return the known mail apps by the name that a policy's `client` uses."""
    rows = read_data("apps.toml")["app"]
    return MappingProxyType({row["id"]: _mail_app(row) for row in rows})


def mail_app_of(app_id: str, platform: Platform) -> MailApp | None:
    """Return the mail app with this bundle id or package name, None when it is none we know."""
    found = (app for app in mail_apps().values() if app.id_on(platform) == app_id)
    return next(found, None)


def _mail_app(row: Mapping[str, object]) -> MailApp:
    fields = dict(row)
    configures = fields.pop("configures")
    documented = fields.pop("ios_keys") == "documented"
    if not isinstance(configures, list):
        raise TypeError(configures)
    return MailApp(configures=tuple(configures), ios_keys_documented=documented, **fields)  # type: ignore[arg-type]  # the data file is ours
