"""Declarations of an iOS target: settings that exist in declarative management only.

Sources: Apple's schema, declarationbase (Type, Identifier, ServerToken, Payload) and
activation.simple.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from profilegen.catalogue.model import DECLARATION_PREFIX
from profilegen.plist import PlistDict, PlistValue
from profilegen.policy.targets import IosTarget
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.context import shared_context
from profilegen.render.environment import TemplateSet, render_text
from profilegen.render.parse import canonical_json, parse_json
from profilegen.render.paths import Tree, plain, put
from profilegen.render.payloads import Ingredients
from profilegen.render.readback import Check, refuse_faults, require_keys, setting_fault
from profilegen.render.settings import declaration_settings
from profilegen.render.text import check_values

CONFIGURATION_TEMPLATE = "declarations/configuration.json.j2"
ACTIVATION_TEMPLATE = "declarations/activation.json.j2"
ACTIVATION_TYPE = "com.apple.activation.simple"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration as templates see it; `payload` is nested as in the file."""

    type: str
    identifier: str
    payload: Mapping[str, PlistValue]


def render_declarations(
    given: Ingredients, target: IosTarget, templates: TemplateSet
) -> tuple[Artifact, ...]:
    """Return one declaration for each type the plan has settings of, and their activation.

    Returns nothing for a target without declarations.
    """
    placed = declaration_settings(given.plan)
    types = dict.fromkeys(setting.payload for setting, _ in placed)
    if not target.declarations or not types:
        return ()
    made = [_configuration(kind, given, templates) for kind in types]
    identifiers: list[PlistValue] = [given.names.declaration(_short(kind)) for kind in types]
    activation = Declaration(
        type=ACTIVATION_TYPE,
        identifier=given.names.declaration("activation"),
        payload={"StandardConfigurations": identifiers},
    )
    document = _rendered(activation, ACTIVATION_TEMPLATE, given, templates)
    check = Check(given.plan, templates.source)
    require_keys(activation.payload, _payload(document), activation.type, check)
    return (*made, _artifact("activation", document, ACTIVATION_TEMPLATE, given))


def _configuration(kind: str, given: Ingredients, templates: TemplateSet) -> Artifact:
    placed = [item for setting, item in declaration_settings(given.plan) if setting.payload == kind]
    tree: Tree = {}
    for item in placed:
        put(tree, item.path, plain(item.setting.value))
    check_values(tree, f"target {given.names.target}: {kind}")
    declaration = Declaration(kind, given.names.declaration(_short(kind)), tree)
    document = _rendered(declaration, CONFIGURATION_TEMPLATE, given, templates)
    check = Check(given.plan, templates.source)
    faults = (setting_fault(item, _payload(document), kind, check) for item in placed)
    refuse_faults(faults, check)
    return _artifact(_short(kind), document, CONFIGURATION_TEMPLATE, given)


def _rendered(
    declaration: Declaration, template: str, given: Ingredients, templates: TemplateSet
) -> PlistDict:
    context = shared_context(given) | {"declaration": declaration}
    document = parse_json(render_text(templates, template, context), template)
    fixed = {"Type": declaration.type, "Identifier": declaration.identifier}
    require_keys(fixed, document, declaration.type, Check(given.plan, templates.source))
    return document


def _artifact(name: str, document: PlistDict, template: str, given: Ingredients) -> Artifact:
    """Return the declaration with its token, which changes exactly when its content does."""
    token = given.names.server_token(canonical_json(document, template))
    content = {**document, "ServerToken": token}
    return Artifact(
        kind=ArtifactKind.DECLARATION,
        target=given.names.target,
        user=given.names.user,
        path=given.names.side_file("declarations", f"{name}.json"),
        content=canonical_json(content, template),
    )


def _payload(document: PlistDict) -> PlistDict:
    payload = document.get("Payload")
    return payload if isinstance(payload, Mapping) else {}


def _short(kind: str) -> str:
    return kind.removeprefix(DECLARATION_PREFIX)
