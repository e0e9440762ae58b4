"""The configuration profile of an iOS target: rendered, read back, compared, in canonical form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from profilegen.catalogue.terms import Enrollment
from profilegen.plan.model import PayloadSetting
from profilegen.plist import PlistDict, PlistValue
from profilegen.policy.model import Wording
from profilegen.policy.targets import IosTarget
from profilegen.render.artifact import Artifact, ArtifactKind
from profilegen.render.context import shared_context
from profilegen.render.environment import TemplateSet, render_text
from profilegen.render.parse import canonical_plist, parse_profile
from profilegen.render.payloads import (
    ACCOUNT_TEMPLATES,
    DOMAINS_PAYLOAD,
    RESTRICTIONS_PAYLOAD,
    Ingredients,
    Payload,
    identifier_of,
    payloads_of,
)
from profilegen.render.readback import (
    Check,
    entries,
    refuse_faults,
    require_distinct,
    require_keys,
    setting_fault,
    shown,
)
from profilegen.render.settings import NOTIFICATIONS_PAYLOAD, profile_settings, purpose
from profilegen.render.text import check_values

TEMPLATE = "ios/profile.mobileconfig.j2"
_SECONDS_A_DAY = 86400
# One payload of these types per device (Apple's schema, `multiple: false`).
_SINGLE = (DOMAINS_PAYLOAD, NOTIFICATIONS_PAYLOAD)


@dataclass(frozen=True, slots=True)
class Profile:
    """The outermost dictionary; `keys` must be written as they are."""

    identifier: str
    uuid: str
    keys: Mapping[str, PlistValue]


def render_profile(given: Ingredients, target: IosTarget, templates: TemplateSet) -> Artifact:
    """Return the profile of `target`, with a payload for each account that lives in Apple Mail.

    Raises TemplateError for a template that fails, TemplateRefused for one that weakens the plan.
    """
    payloads = payloads_of(given)
    for payload in payloads:
        check_values(payload.keys, f"target {target.id}: {payload.type}")
        check_values(payload.settings, f"target {target.id}: {payload.type}")
    profile = Profile(
        identifier=given.names.identifier(),
        uuid=given.names.uuid("profile"),
        keys=_lifetime(given.policy.wording, target),
    )
    context = shared_context(given) | {"profile": profile, "payloads": payloads}
    document = parse_profile(render_text(templates, TEMPLATE, context), TEMPLATE)
    _compare(document, profile, payloads, given, Check(given.plan, templates.source))
    return Artifact(
        kind=ArtifactKind.PROFILE,
        target=target.id,
        user=given.names.user,
        path=given.names.main_file(".mobileconfig"),
        content=canonical_plist(document, TEMPLATE),
    )


def _lifetime(wording: Wording, target: IosTarget) -> Mapping[str, PlistValue]:
    """Return the keys that say when the profile ends and for which devices it is.

    PayloadRemovalDisallowed needs supervision and is forbidden in User Enrollment (TopLevel).
    """
    keys: dict[str, PlistValue] = {}
    removal = wording.removal
    if not removal.allowed and target.enrollment is Enrollment.SUPERVISED:
        keys["PayloadRemovalDisallowed"] = True
    if removal.on is not None:
        keys["RemovalDate"] = datetime.combine(removal.on, time.min)
    if removal.after_days is not None:
        keys["DurationUntilRemoval"] = float(removal.after_days * _SECONDS_A_DAY)
    if wording.expires is not None:
        keys["PayloadExpirationDate"] = datetime.combine(wording.expires, time.min)
    if wording.device_type:
        keys["TargetDeviceType"] = wording.device_type
    return keys


def _compare(
    document: PlistDict,
    profile: Profile,
    payloads: Sequence[Payload],
    given: Ingredients,
    check: Check,
) -> None:
    envelope: dict[str, PlistValue] = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": profile.identifier,
        "PayloadUUID": profile.uuid,
    }
    require_keys(envelope | dict(profile.keys), document, "the profile", check)
    found = _content(document, check)
    _compare_settings(found, given, check)
    _compare_payloads(found, payloads, check)
    _check_identities(document, found, check)
    _check_added(found, payloads, check)


def _content(document: PlistDict, check: Check) -> tuple[PlistDict, ...]:
    if "EncryptedPayloadContent" in document:
        check.refuse("the template gives EncryptedPayloadContent, which nobody can check")
    content = document.get("PayloadContent")
    found = entries(content)
    if not isinstance(content, list) or len(found) != len(content):
        check.refuse("the template gives a PayloadContent that is no list of dictionaries")
    return found


def _compare_settings(found: Sequence[PlistDict], given: Ingredients, check: Check) -> None:
    faults = []
    for setting, placed in profile_settings(given.plan):
        identifier = identifier_of(setting, given.names)
        container = _payload_in(found, identifier, setting.payload)
        where = f"{setting.payload} ({identifier})"
        faults.append(setting_fault(placed, container, where, check))
    refuse_faults(faults, check)
    for setting, _ in profile_settings(given.plan):
        if setting.payload == RESTRICTIONS_PAYLOAD:
            _require_alone(setting, found, check)


def _require_alone(setting: PayloadSetting, found: Sequence[PlistDict], check: Check) -> None:
    """Refuse a restriction in two payloads: what the device does then is undefined (Apple)."""
    holders = [
        item
        for item in found
        if item.get("PayloadType") == RESTRICTIONS_PAYLOAD and setting.key in item
    ]
    if len(holders) > 1:
        for_what = purpose(setting, check.plan) or "the plan"
        check.refuse(f"{for_what} needs {setting.key} once, but the template gives it twice")


def _compare_payloads(
    found: Sequence[PlistDict], payloads: Sequence[Payload], check: Check
) -> None:
    for payload in payloads:
        container = _payload_in(found, payload.identifier, payload.type)
        where = f"{payload.type} ({payload.identifier})"
        if not container:
            check.refuse(f"the template leaves out the payload {where}")
        own: dict[str, PlistValue] = {"PayloadUUID": payload.uuid}
        require_keys(own | dict(payload.keys), container, where, check)


def _check_identities(document: PlistDict, found: Sequence[PlistDict], check: Check) -> None:
    for item in found:
        for key in ("PayloadType", "PayloadIdentifier", "PayloadUUID"):
            if not isinstance(item.get(key), str) or not item[key]:
                check.refuse(f"the template gives a payload without {key}")
        require_keys({"PayloadVersion": 1}, item, f"{item['PayloadIdentifier']}", check)
    for key in ("PayloadIdentifier", "PayloadUUID"):
        require_distinct((str(item[key]).upper() for item in (document, *found)), key, check)


def _check_added(found: Sequence[PlistDict], payloads: Sequence[Payload], check: Check) -> None:
    """Refuse a second payload where a device takes one, and an account the policy does not have."""
    types = [item["PayloadType"] for item in found]
    require_distinct((kind for kind in types if kind in _SINGLE), "single payload", check)
    planned = {payload.identifier for payload in payloads}
    for item in found:
        if item["PayloadType"] in ACCOUNT_TEMPLATES and item["PayloadIdentifier"] not in planned:
            check.refuse(
                f"the template adds the account {shown(item['PayloadIdentifier'])}, "
                "for which the policy decides nothing"
            )


def _payload_in(found: Sequence[PlistDict], identifier: str, payload_type: str) -> PlistDict:
    for item in found:
        if (item.get("PayloadIdentifier"), item.get("PayloadType")) == (identifier, payload_type):
            return item
    return {}
