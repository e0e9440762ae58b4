"""App-configuration files of an iOS target: accounts that live in another app than Apple Mail."""

from __future__ import annotations

from profilegen.plan.model import Delivery, Placement
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.configuration import managed_configuration
from profilegen.render.context import shared_context
from profilegen.render.environment import TemplateSet, render_text
from profilegen.render.parse import canonical_plist, parse_profile
from profilegen.render.payloads import Ingredients
from profilegen.render.readback import Check, require_keys

TEMPLATE = "ios/app-configuration.plist.j2"


def render_app_configurations(given: Ingredients, templates: TemplateSet) -> tuple[Artifact, ...]:
    """Return a file for each mail app that gets its account by managed configuration."""
    return tuple(
        _render(placement, given, templates)
        for placement in given.plan.placements
        if placement.by == Delivery.MANAGED_CONFIGURATION
    )


def _render(placement: Placement, given: Ingredients, templates: TemplateSet) -> Artifact:
    account = given.accounts[placement.account]
    configuration = managed_configuration(placement, given.plan, given.accounts)
    context = shared_context(given) | {
        "app": placement.app,
        "account": account,
        "configuration": configuration,
    }
    document = parse_profile(render_text(templates, TEMPLATE, context), TEMPLATE)
    where = f"the configuration of {placement.app}"
    require_keys(configuration, document, where, Check(given.plan, templates.source))
    return Artifact(
        kind=ArtifactKind.APP_CONFIGURATION,
        target=given.names.target,
        user=given.names.user,
        path=given.names.side_file("app-configuration", f"{placement.app}.plist"),
        content=canonical_plist(document, TEMPLATE),
    )
