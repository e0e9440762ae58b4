"""Install types of a policy's apps: what each demands of the app and of the rest of the policy.

The conditions stand in descriptions of Google's discovery document, revision 20261104.
"""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.lint.android_entries import Entry, list_of, object_at, objects_in, text_at
from profilegen.audit.lint.shown import shown
from profilegen.audit.placeholders import is_placeholder
from profilegen.catalogue.rules import found
from profilegen.findings import Finding
from profilegen.places import key_at

_APPLICATIONS = "applications"
_TYPE = "installType"
_CERTIFICATES = "signingKeyCerts"
_CUSTOM_CONFIG = "customAppConfig"
_ACTIONS = "setupActions"
_CUSTOM = "CUSTOM"
_KIOSK = "KIOSK"
_FOR_SETUP = "REQUIRED_FOR_SETUP"
# What is of Google Play, where a custom app never comes from.
_OF_PLAY = (
    "minimumVersionCode",
    "accessibleTrackIds",
    "autoUpdateMode",
    "installConstraint",
    "installPriority",
)


def findings(policy: Entry) -> Iterator[Finding]:
    """Yield what is wrong with the install types of the apps of a canonical policy."""
    kiosk = ""
    for where, app in objects_in(policy.get(_APPLICATIONS), _APPLICATIONS):
        kind = text_at(app, _TYPE)
        if kind == _CUSTOM:
            yield from _custom(app, where)
        elif app.get(_CUSTOM_CONFIG) and not is_placeholder(kind):
            message = f"It is for apps with {_TYPE} {_CUSTOM} only."
            yield found("custom-app", key_at(where, _CUSTOM_CONFIG), message)
        if kind == _KIOSK and kiosk:
            message = f"{kiosk} is the kiosk app of this policy already; there can be one."
            yield found("kiosk-app-twice", key_at(where, _TYPE), message)
        elif kind == _KIOSK:
            kiosk = where
    yield from _repeated(policy)
    yield from _setup_actions(policy)


def _repeated(policy: Entry) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for where, app in objects_in(policy.get(_APPLICATIONS), _APPLICATIONS):
        package = text_at(app, "packageName")
        if not package or is_placeholder(package):
            continue
        if package in first:
            message = f"{shown(package)} has an entry already, {first[package]}."
            yield found("app-repeated", key_at(where, "packageName"), message)
        first.setdefault(package, where)


def _custom(app: Entry, where: str) -> Iterator[Finding]:
    if not app.get(_CERTIFICATES):
        message = f"An app with {_TYPE} {_CUSTOM} must have {_CERTIFICATES}."
        yield found("custom-app", where, message)
    for key in _OF_PLAY:
        if app.get(key) and not text_at(app, key).endswith("_UNSPECIFIED"):
            message = f"{key} is about Google Play; an app with {_TYPE} {_CUSTOM} cannot have it."
            yield found("custom-app", key_at(where, key), message)


def _setup_actions(policy: Entry) -> Iterator[Finding]:
    """Yield apps that setup opens before they are certain to be there.

    A policy without the list of apps may be a fragment that a tool joins with others.
    """
    if not list_of(policy.get(_APPLICATIONS)):
        return
    types = {
        text_at(app, "packageName"): text_at(app, _TYPE)
        for _, app in objects_in(policy.get(_APPLICATIONS), _APPLICATIONS)
    }
    for where, action in objects_in(policy.get(_ACTIONS), _ACTIONS):
        package = text_at(object_at(action, "launchApp"), "packageName")
        kind = types.get(package, "")
        if (
            package
            and kind != _FOR_SETUP
            and not is_placeholder(package)
            and not is_placeholder(kind)
        ):
            message = f"{shown(package)} is not {_FOR_SETUP} in {_APPLICATIONS}, so setup fails."
            place = key_at(key_at(where, "launchApp"), "packageName")
            yield found("setup-action", place, message)
