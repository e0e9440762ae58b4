"""The apps of a policy: how many there may be, and their managed configurations."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.audit.lint import app_configuration
from profilegen.audit.lint.android_entries import Entry, list_of, object_at, objects_in, text_at
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Platform
from profilegen.findings import Finding
from profilegen.places import key_at

_APPLICATIONS = "applications"
_CONFIGURATION = "managedConfiguration"
_TEMPLATE = "managedConfigurationTemplate"
_CONSTRAINT = "installConstraint"
_COMPLIANCE = "complianceRules"
_SETUP = "setupActions"
# Limits of Google's discovery document, revision 20261104.
_MOST_APPLICATIONS = 3000
_MOST_WITH_VERSION = 20
_MOST_CONSTRAINTS = 1
_MOST_COMPLIANCE_RULES = 100
_MOST_SETUP_ACTIONS = 1
_LONGEST_TEXT = 65_535


def findings(policy: Entry) -> Iterator[Finding]:
    """Yield what is wrong with the apps of a canonical policy, and with the sizes of its lists."""
    yield from _sizes(policy)
    for where, app in objects_in(policy.get(_APPLICATIONS), _APPLICATIONS):
        yield from app_findings(app, where)


def _sizes(policy: Entry) -> Iterator[Finding]:
    applications = list_of(policy.get(_APPLICATIONS))
    yield from _at_most(len(applications), _MOST_APPLICATIONS, "apps", _APPLICATIONS)
    versioned = sum(bool(app.get("minimumVersionCode")) for _, app in objects_in(applications, ""))
    what = "apps with a minimumVersionCode"
    yield from _at_most(versioned, _MOST_WITH_VERSION, what, _APPLICATIONS)
    rules = len(list_of(policy.get(_COMPLIANCE)))
    yield from _at_most(rules, _MOST_COMPLIANCE_RULES, "rules", _COMPLIANCE)
    actions = len(list_of(policy.get(_SETUP)))
    yield from _at_most(actions, _MOST_SETUP_ACTIONS, "actions", _SETUP)


def _at_most(count: int, most: int, what: str, where: str) -> Iterator[Finding]:
    if count > most:
        yield found("too-many", where, f"There are {count} {what}; the server takes {most}.")


def app_findings(app: Entry, where: str) -> Iterator[Finding]:
    """Yield what is wrong with one app, whose entry stands at `where`."""
    place = key_at(where, _CONSTRAINT)
    constraints = len(list_of(app.get(_CONSTRAINT)))
    yield from _at_most(constraints, _MOST_CONSTRAINTS, "constraints", place)
    if not isinstance(app.get(_CONFIGURATION), dict):
        return
    if _TEMPLATE in app:
        message = f"The app has a {_CONFIGURATION} too, so this template is ignored."
        yield found("template-ignored", key_at(where, _TEMPLATE), message)
    configuration = object_at(app, _CONFIGURATION)
    inside = key_at(where, _CONFIGURATION)
    yield from _long_texts(configuration, inside)
    package = text_at(app, "packageName")
    yield from app_configuration.findings_of(
        configuration, app=package, platform=Platform.ANDROID, where=inside
    )


def _long_texts(configuration: Entry, where: str) -> Iterator[Finding]:
    for key, value in configuration.items():
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            message = f"The text has {len(value)} characters; the server takes {_LONGEST_TEXT}."
            yield found("too-many", key_at(where, key), message)
