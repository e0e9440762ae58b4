"""Builds the policy's frozen values from a document that passed every check.

All defaults that are not the schema's are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.policy.construct_accounts import account_from
from profilegen.policy.construct_certificates import certificate_from
from profilegen.policy.construct_variables import variables_from
from profilegen.policy.model import (
    Accept,
    BlockedApp,
    Domains,
    FieldKind,
    ManagedApp,
    Organization,
    Policy,
    Removal,
    UserField,
    Wording,
)
from profilegen.policy.targets import AndroidTarget, IosTarget, Target
from profilegen.versions import parse_version

_Table = Mapping[str, Any]

_DEVICE_TYPES = {"any": 0, "iphone": 1}  # TargetDeviceType, TopLevel.yaml
# Google, Android Management API, shortSupportMessage and longSupportMessage.
_SHORT_MESSAGE, _LONG_MESSAGE = 200, 4096


def policy_from(table: _Table) -> Policy:
    """Return the policy that `table`, a valid document's value, describes."""
    organization = Organization(
        **{key: text.strip() for key, text in table["organization"].items()}
    )
    apps = table.get("apps", {})
    domains = table.get("domains", {})
    return Policy(
        organization=organization,
        accounts=tuple(account_from(row, organization) for row in table["accounts"]),
        managed_apps=tuple(map(_managed_app, apps.get("managed", ()))),
        blocked_apps=tuple(map(_blocked_app, apps.get("blocked", ()))),
        domains=Domains(tuple(domains.get("mail", ())), tuple(domains.get("web", ()))),
        certificates=tuple(map(certificate_from, table.get("certificates", ()))),
        targets=tuple(_target(row, table) for row in table["targets"]),
        accepted=tuple(map(_accept, table.get("accept", ()))),
        users=tuple(_user_field(name, row) for name, row in table.get("users", {}).items()),
        wording=_wording(table, organization),
    )


def _managed_app(row: _Table) -> ManagedApp:
    return ManagedApp(row["name"], row.get("ios", ""), row.get("android", ""))


def _blocked_app(row: _Table) -> BlockedApp:
    return BlockedApp(
        name=row["name"],
        ios=_one_or_many(row.get("ios", [])),
        android=_one_or_many(row.get("android", [])),
        starts=_day(row.get("from")),
        because=row["because"].strip(),
    )


def _target(row: _Table, table: _Table) -> Target:
    version = parse_version(row["minimum_os"])
    accounts = tuple(row["accounts"])
    strictest = "conflicts" in row
    if row["platform"] == Platform.ANDROID:
        return AndroidTarget(row["id"], Mode(row["mode"]), version, accounts, strictest)
    return IosTarget(
        id=row["id"],
        enrollment=Enrollment(row["enrollment"]),
        minimum_os=version,
        accounts=accounts,
        strictest=strictest,
        declarations=row.get("declarations", False),
        variables=variables_from(row["variables"], table) if "variables" in row else None,
    )


def _accept(row: _Table) -> Accept:
    return Accept(
        target=row["target"],
        channel=row.get("channel", ""),
        app=row.get("app", ""),
        account=row.get("account", ""),
        because=row["because"].strip(),
    )


def _user_field(name: str, row: _Table) -> UserField:
    return UserField(
        name=name,
        kind=FieldKind(row.get("kind", FieldKind.TEXT)),
        required=row.get("required", True),
        pattern=row.get("pattern", ""),
    )


def _wording(table: _Table, organization: Organization) -> Wording:
    profile, support = table.get("profile", {}), table.get("support", {})
    removal = profile.get("removal", {})
    days = removal.get("after_days")
    name = organization.name
    short = f"{name} does not allow this here. Questions: {organization.contact}"
    long = (
        f"{name} manages its mail on this device and has switched this off."
        f" Questions: {organization.contact}"
    )
    default = f"Mail accounts of {name} and what they may share."
    return Wording(
        description=profile.get("description", default).strip(),
        consent=MappingProxyType(
            {language: text.strip() for language, text in profile.get("consent", {}).items()}
        ),
        support_short=support.get("short", short[:_SHORT_MESSAGE]).strip(),
        support_long=support.get("long", long[:_LONG_MESSAGE]).strip(),
        removal=Removal(
            allowed=removal.get("allowed", True),
            on=_day(removal.get("on")),
            after_days=None if days is None else int(days),
        ),
        expires=_day(profile.get("expires")),
        device_type=_DEVICE_TYPES[profile.get("device_type", "iphone")],
    )


def _one_or_many(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
