"""The Android Management API policy of a target: rendered, read back, compared, as RFC 8785.

Sources: Google's discovery document (Policy, ApplicationPolicy); `name` and `version` are the
server's to set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profilegen.plan.model import Delivery
from profilegen.plist import PlistDict, PlistValue
from profilegen.policy.targets import AndroidTarget
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.configuration import managed_configuration
from profilegen.render.context import shared_context
from profilegen.render.environment import TemplateSet, render_text
from profilegen.render.parse import canonical_json, parse_json
from profilegen.render.paths import Entry, Tree, plain, put, values_at
from profilegen.render.payloads import Ingredients
from profilegen.render.readback import (
    Check,
    entries,
    refuse_faults,
    require_distinct,
    require_keys,
    setting_fault,
)
from profilegen.render.settings import policy_settings
from profilegen.render.text import check_values

TEMPLATE = "android/policy.json.j2"
_APPLICATIONS = "applications"
_PERSONAL_APPLICATIONS = "personalUsagePolicies.personalApplications"
_PACKAGE = "packageName"
# Only listed apps beside the mail app: any other could be handed its data (Google, PlayStoreMode).
_STORE_MODE = {"playStoreMode": "WHITELIST"}


def render_policy(given: Ingredients, target: AndroidTarget, templates: TemplateSet) -> Artifact:
    """Return the policy of `target`.

    Raises TemplateError for a template that fails, TemplateRefused for one that weakens the plan.
    """
    fields = _fields(given)
    check_values(fields, f"target {target.id}")
    applications = fields.pop(_APPLICATIONS)
    context = shared_context(given) | {"fields": fields, "applications": applications}
    document = parse_json(render_text(templates, TEMPLATE, context), TEMPLATE)
    _compare(document, given, Check(given.plan, templates.source))
    return Artifact(
        kind=ArtifactKind.POLICY,
        target=target.id,
        user=given.names.user,
        path=given.names.main_file(".json"),
        content=canonical_json(document, TEMPLATE),
    )


def _fields(given: Ingredients) -> Tree:
    """Return the whole policy but its wording: apps by package, then what the plan decided."""
    tree: Tree = {_APPLICATIONS: [], **_STORE_MODE}
    for package, install_type in _install_types(given).items():
        put(
            tree,
            f"{_APPLICATIONS}[].installType",
            install_type,
            entry=Entry(_PACKAGE, package),
        )
    for package, configuration in _configurations(given).items():
        put(
            tree,
            f"{_APPLICATIONS}[].managedConfiguration",
            configuration,
            entry=Entry(_PACKAGE, package),
        )
    for placed in policy_settings(given.plan):
        put(tree, placed.path, plain(placed.setting.value), entry=placed.entry)
    return tree


def _install_types(given: Ingredients) -> Mapping[str, str]:
    """Return how each app gets onto the device; a blocked app's setting replaces its type."""
    managed = {app.android: "AVAILABLE" for app in given.policy.managed_apps if app.android}
    mail = {item.app: "FORCE_INSTALLED" for item in given.plan.placements if item.app}
    return mail | {package: kind for package, kind in managed.items() if package not in mail}


def _configurations(given: Ingredients) -> Mapping[str, Mapping[str, PlistValue]]:
    return {
        item.app: managed_configuration(item, given.plan, given.accounts)
        for item in given.plan.placements
        if item.by == Delivery.MANAGED_CONFIGURATION
    }


def _compare(document: PlistDict, given: Ingredients, check: Check) -> None:
    require_keys(_STORE_MODE, document, "the policy", check)
    settings = policy_settings(given.plan)
    refuse_faults((setting_fault(item, document, "the policy", check) for item in settings), check)
    for path in (_APPLICATIONS, _PERSONAL_APPLICATIONS):
        found = [entry for value in values_at(document, path) for entry in _entries(value, check)]
        require_distinct((entry.get(_PACKAGE, "") for entry in found), f"{path} entry", check)
    for package, configuration in _configurations(given).items():
        path = f"{_APPLICATIONS}[].managedConfiguration"
        held = entries(list(values_at(document, path, entry=Entry(_PACKAGE, package))))
        where = f"the managed configuration of {package}"
        require_keys(configuration, held[0] if held else {}, where, check)


def _entries(value: PlistValue, check: Check) -> Sequence[PlistDict]:
    found = entries(value)
    if not isinstance(value, list) or len(found) != len(value):
        check.refuse("the template gives a list of apps that is no list of objects")
    return found
