"""Rules of the Android Management API that its schema does not state."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.android_canonical import canonical, is_app_alone
from profilegen.audit.document import AndroidPolicy
from profilegen.audit.lint import (
    android_applications,
    android_default_apps,
    android_enforcement,
    android_install,
)
from profilegen.audit.lint.android_entries import Entry, object_at, text_at
from profilegen.audit.lint.shown import shown
from profilegen.audit.model import Context
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Mode
from profilegen.findings import Finding
from profilegen.places import ROOT, key_at

_CROSS = "crossProfilePolicies"
_PERSONAL = "personalUsagePolicies"
_CONNECTIVITY = "deviceConnectivityManagement"
_ACCOUNT = "workAccountSetupConfig"
_CONTACTS = "showWorkContactsInPersonalProfile"
_EXEMPTIONS = "exemptionsToShowWorkContactsInPersonalProfile"
_CONTACTS_ALLOWED = "SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE_ALLOWED"
_UNSPECIFIED = "_UNSPECIFIED"
_SPECIFIED_HOST = "PRIVATE_DNS_SPECIFIED_HOST"
_FEWEST_DAYS = 3
# Where Google gives accounts to consumers; an organization's account never ends so.
_CONSUMER_DOMAINS = ("@gmail.com", "@googlemail.com")


def findings(document: AndroidPolicy, context: Context) -> Iterator[Finding]:
    """Yield what rules beyond the schema say against the policy."""
    policy = canonical(document.content)
    if is_app_alone(document.content):
        yield from android_applications.app_findings(policy, ROOT)
        return
    yield from android_enforcement.findings(policy)
    yield from _app_functions(policy)
    yield from _contacts(policy)
    yield from _work_off(policy)
    yield from _required_account(policy)
    yield from _private_dns(policy)
    yield from android_default_apps.findings(policy)
    yield from android_applications.findings(policy)
    yield from android_install.findings(policy)
    yield from _containment(policy, context)


def _app_functions(policy: Entry) -> Iterator[Finding]:
    key = "crossProfileAppFunctions"
    crossing = object_at(policy, _CROSS).get(key)
    if (
        policy.get("appFunctions") == "APP_FUNCTIONS_DISALLOWED"
        and crossing == "CROSS_PROFILE_APP_FUNCTIONS_ALLOWED"
    ):
        message = "appFunctions closes what this field allows to personal apps."
        yield found("app-functions-conflict", key_at(_CROSS, key), message)


def _contacts(policy: Entry) -> Iterator[Finding]:
    crossing = object_at(policy, _CROSS)
    where = key_at(_CROSS, _EXEMPTIONS)
    if _EXEMPTIONS not in crossing:
        return
    setting = text_at(crossing, _CONTACTS)
    if not setting or setting.endswith(_UNSPECIFIED):
        message = f"The exemptions need {_CONTACTS} to be set; they are to what it says."
        yield found("contacts-exemption", where, message)
    elif setting == _CONTACTS_ALLOWED and object_at(crossing, _EXEMPTIONS).get("packageNames"):
        message = (
            "Work contacts are shown to all personal apps, so the list names those that may not."
        )
        yield found("contacts-exemption-blocks", where, message)


def _work_off(policy: Entry) -> Iterator[Finding]:
    key = "maxDaysWithWorkOff"
    days = object_at(policy, _PERSONAL).get(key)
    if isinstance(days, int) and not isinstance(days, bool) and days < _FEWEST_DAYS and days:
        message = f"{shown(days)} is refused: 0 switches the limit off, else at least 3 days."
        yield found("work-off-days", key_at(_PERSONAL, key), message)


def _required_account(policy: Entry) -> Iterator[Finding]:
    key = "requiredAccountEmail"
    setup = object_at(policy, _ACCOUNT)
    address = text_at(setup, key)
    if not address:
        return
    where = key_at(_ACCOUNT, key)
    if address != address.lower():
        yield found("required-account", where, "The address must be in lower case.")
    if setup.get("authenticationType") != "GOOGLE_AUTHENTICATED":
        message = "The address counts only where authenticationType is GOOGLE_AUTHENTICATED."
        yield found("required-account", where, message)
    if address.lower().endswith(_CONSUMER_DOMAINS):
        message = "It is a consumer's address; the account must be one of an organization."
        yield found("required-account", where, message)


def _private_dns(policy: Entry) -> Iterator[Finding]:
    keys = (_CONNECTIVITY, "privateDnsSettings")
    where = key_at(*keys)
    settings = object_at(policy, *keys)
    host = text_at(settings, "privateDnsHost")
    if is_placeholder(settings.get("privateDnsMode")):
        return
    specified = settings.get("privateDnsMode") == _SPECIFIED_HOST
    if specified and not host:
        message = f"{_SPECIFIED_HOST} needs a privateDnsHost."
        yield found("private-dns-host", key_at(where, "privateDnsMode"), message)
    elif host and not specified:
        message = f"A host is taken only with privateDnsMode {_SPECIFIED_HOST}."
        yield found("private-dns-host", key_at(where, "privateDnsHost"), message)


def _containment(policy: Entry, context: Context) -> Iterator[Finding]:
    if policy.get("playStoreMode") == "BLACKLIST":
        message = "People may install every app of Google Play that the policy does not block."
        yield found("open-play-store", "playStoreMode", message)
    yield from _bluetooth_sharing(policy, context)
    personal = object_at(policy, _PERSONAL)
    if personal.get("privateSpacePolicy") == "PRIVATE_SPACE_DISALLOWED":
        message = "A private space that exists on a device is removed with all that is in it."
        yield found("removes-private-space", key_at(_PERSONAL, "privateSpacePolicy"), message)
    services = "permittedAccessibilityServices"
    if services in policy and context.mode is not Mode.FULLY_MANAGED:
        message = "On a work profile the list holds for the personal side of the device as well."
        yield found("reaches-personal-side", services, message)


def _bluetooth_sharing(policy: Entry, context: Context) -> Iterator[Finding]:
    key = "bluetoothSharing"
    said = text_at(object_at(policy, _CONNECTIVITY), key)
    if context.mode is Mode.FULLY_MANAGED and (not said or said.endswith(_UNSPECIFIED)):
        message = (
            f"{_CONNECTIVITY}.{key} is not set: files may leave over Bluetooth on a fully managed "
            "device, though not on a work profile."
        )
        yield found("implicit-default", "", message)
