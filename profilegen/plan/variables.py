"""What to know of a target whose values an MDM service fills in, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from profilegen.catalogue.variables import (
    Escaping,
    SignedUpload,
    VariableService,
    variable_services,
)
from profilegen.plan.model import Delivery, Placement
from profilegen.plan.notes import used_certificates
from profilegen.policy.fields import FieldPlace, field_places
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target

PROFILE, APP_CONFIGURATION = "profile", "app-configuration"
_SIGNED = {
    SignedUpload.REFUSED: "{} refuses a signed one",
    SignedUpload.LEFT_ALONE: "{} sends a signed one as it is, with the placeholders in it",
    SignedUpload.UNACCEPTED: "{} takes no signed one",
    SignedUpload.UNKNOWN: "to fill one in breaks its signature",
}

_ESCAPING = {
    Escaping.XML: "{} escapes the values that it puts into XML.",
    Escaping.OPTION: "{} escapes the values that it puts into XML only if told to.",
    Escaping.UNKNOWN: (
        "that {} escapes the values that it puts into XML is not documented: a value with & or < "
        "may break the file. Try one on one device first."
    ),
}


def places_of(policy: Policy, target: Target) -> tuple[FieldPlace, ...]:
    """Return the places of user fields in the files of one target, whoever fills them in."""
    certificates = used_certificates(policy.accounts_of(target))
    return tuple(
        place
        for place in field_places(policy)
        if (
            place.account in target.accounts if place.account else place.certificate in certificates
        )
    )


def service_of(target: Target) -> VariableService | None:
    """Return the service that fills in the values of users, None where no service does."""
    if not isinstance(target, IosTarget) or target.variables is None:
        return None
    return variable_services()[target.variables.service]


def variable_notes(
    policy: Policy, target: Target, placements: tuple[Placement, ...]
) -> tuple[str, ...]:
    """Return the notes on one target, each a sentence; none where no service fills in values."""
    service = service_of(target)
    if service is None or not isinstance(target, IosTarget) or target.variables is None:
        return ()
    fields = dict.fromkeys(place.field for place in places_of(policy, target))
    if not fields:
        unused = "changes nothing: no text of its accounts has a user field."
        return (f"`variables` of target {target.id} {unused}",)
    texts = target.variables.placeholders
    filled = ", ".join(f"{field} ({texts[field]})" for field in fields)
    signed = _SIGNED[service.signed].format(service.name)
    first = f"{service.name} fills in {filled} on target {target.id}: one file serves all users. "
    notes = [f"{first}Its profile is not signed: {signed}."]
    notes += (
        f"{field} on target {target.id} is {texts[field]}. {caution}"
        for field in fields
        if (caution := service.caution(field)) and texts[field] == service.placeholder(field)
    )
    notes.append(_escaping(service, target))
    notes += _unproven(service, target, placements)
    return tuple(notes)


def _escaping(service: VariableService, target: Target) -> str:
    what = _ESCAPING[service.escaping].format(service.name)
    detail = f" {service.escaping_detail}" if service.escaping_detail else ""
    return f"Target {target.id}: {what}{detail}"


def _unproven(
    service: VariableService, target: Target, placements: tuple[Placement, ...]
) -> Iterator[str]:
    kinds = (
        [PROFILE] if any(item.by != Delivery.MANAGED_CONFIGURATION for item in placements) else []
    )
    if any(item.by == Delivery.MANAGED_CONFIGURATION for item in placements):
        kinds.append(APP_CONFIGURATION)
    words = {PROFILE: "custom profiles", APP_CONFIGURATION: "app configurations"}
    for kind in kinds:
        if kind not in service.files:
            yield (
                f"Target {target.id}: that {service.name} fills in values in {words[kind]} is not "
                "documented. Try it on one device first."
            )
