"""The payloads of a profile, as a plan and a policy demand them; templates only give them form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from profilegen.plan.model import PayloadSetting, Placement, TargetPlan
from profilegen.plist import PlistValue
from profilegen.policy.accounts import Account
from profilegen.policy.certificates import Certificate
from profilegen.policy.model import Policy
from profilegen.render.accounts import (
    EXCHANGE_PAYLOAD,
    GOOGLE_PAYLOAD,
    IMAP_PAYLOAD,
    account_keys,
)
from profilegen.render.certificates import (
    PAYLOAD_OF_KIND,
    certificate_keys,
    certificates_for,
    fill_certificate,
    kind_of,
)
from profilegen.render.material import CertificateMaterial
from profilegen.render.names import Names
from profilegen.render.paths import Tree, plain, put
from profilegen.render.settings import NOTIFICATIONS_PAYLOAD, profile_settings
from profilegen.render.user import User

RESTRICTIONS_PAYLOAD = "com.apple.applicationaccess"
DOMAINS_PAYLOAD = "com.apple.domains"
ACCOUNT_TEMPLATES: Mapping[str, str] = MappingProxyType(
    {EXCHANGE_PAYLOAD: "exchange", IMAP_PAYLOAD: "imap", GOOGLE_PAYLOAD: "google"}
)
_ACCOUNT = "account"
_CERTIFICATE = "certificate"
_DEVICE_TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        RESTRICTIONS_PAYLOAD: "restrictions",
        DOMAINS_PAYLOAD: "domains",
        NOTIFICATIONS_PAYLOAD: "notifications",
    }
)
# For a payload type that the catalogue gains before it gets a partial of its own.
_ANY_DEVICE_TEMPLATE = "settings"


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload of a profile.

    `template` names the partial in ios/payloads/. `name` is the account's name or the
    certificate's id, "" for the settings of a device. `keys` follow from the policy, `settings`
    from the plan; both are nested as in the file, and a template must write both.
    """

    template: str
    type: str
    identifier: str
    uuid: str
    name: str
    keys: Mapping[str, PlistValue]
    settings: Mapping[str, PlistValue]


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What the files of one target and user are made from; `accounts` are filled in."""

    plan: TargetPlan
    policy: Policy
    accounts: Mapping[str, Account]
    user: User | None
    names: Names
    certificates: Mapping[str, CertificateMaterial]


def payloads_of(given: Ingredients) -> tuple[Payload, ...]:
    """Return every payload: certificates first, since accounts refer to them, then accounts."""
    placed = [item for item in given.plan.placements if item.by in ACCOUNT_TEMPLATES]
    carried = certificates_for(given.policy, [given.accounts[item.account] for item in placed])
    types = dict.fromkeys(
        setting.payload for setting, _ in profile_settings(given.plan) if not setting.account
    )
    return (
        *(_certificate(certificate, given) for certificate in carried),
        *(_account(placement, given) for placement in placed),
        *(_device(payload_type, given) for payload_type in types),
    )


def identifier_of(setting: PayloadSetting, names: Names) -> str:
    """Return the PayloadIdentifier of the payload in which `setting` belongs."""
    if setting.account:
        return names.identifier(_ACCOUNT, setting.account)
    return names.identifier(_device_kind(setting.payload))


def _certificate(certificate: Certificate, given: Ingredients) -> Payload:
    kind = kind_of(certificate)
    filled = fill_certificate(certificate, given.user)
    return Payload(
        template=kind.value,
        type=PAYLOAD_OF_KIND[kind],
        identifier=given.names.identifier(_CERTIFICATE, certificate.id),
        uuid=given.names.uuid(_CERTIFICATE, certificate.id),
        name=certificate.id,
        keys=certificate_keys(filled, given.certificates.get(certificate.id)),
        settings={},
    )


def _account(placement: Placement, given: Ingredients) -> Payload:
    account = given.accounts[placement.account]

    def certificate_uuid(certificate_id: str) -> str:
        return given.names.uuid(_CERTIFICATE, certificate_id)

    return Payload(
        template=ACCOUNT_TEMPLATES[placement.by],
        type=placement.by,
        identifier=given.names.identifier(_ACCOUNT, account.id),
        uuid=given.names.uuid(_ACCOUNT, account.id),
        name=account.name or account.address,
        keys=account_keys(account, placement.by, certificate_uuid),
        settings=_nested(given.plan, placement.by, account.id),
    )


def _device(payload_type: str, given: Ingredients) -> Payload:
    kind = _device_kind(payload_type)
    return Payload(
        template=_DEVICE_TEMPLATES.get(payload_type, _ANY_DEVICE_TEMPLATE),
        type=payload_type,
        identifier=given.names.identifier(kind),
        uuid=given.names.uuid(kind),
        name="",
        keys={},
        settings=_nested(given.plan, payload_type, ""),
    )


def _device_kind(payload_type: str) -> str:
    return _DEVICE_TEMPLATES.get(payload_type) or payload_type.rpartition(".")[2]


def _nested(plan: TargetPlan, payload_type: str, account: str) -> Tree:
    tree: Tree = {}
    for setting, placed in profile_settings(plan):
        if (setting.payload, setting.account) == (payload_type, account):
            put(tree, placed.path, plain(setting.value), entry=placed.entry)
    return tree
