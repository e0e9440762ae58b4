"""Policies and plans made by hand, so that these tests rest on no decision but their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from profilegen.catalogue.terms import (
    Basis,
    Direction,
    Enrollment,
    Mode,
    Platform,
    State,
)
from profilegen.plan.model import (
    AppDecision,
    Decision,
    Delivery,
    FieldSetting,
    PayloadSetting,
    Placement,
    Reason,
    Setting,
    TargetPlan,
    Verdict,
)
from profilegen.plist import PlistDict, PlistValue, load_plist
from profilegen.policy.accounts import (
    Account,
    Authentication,
    ExchangeServer,
    ImapServers,
    Intent,
    MailServer,
    Service,
    Sharing,
    Smime,
    Sync,
)
from profilegen.policy.certificates import CaCertificate, Pkcs12Certificate, ScepEnrolment
from profilegen.policy.model import Domains, ManagedApp, Organization, Policy, Removal, Wording
from profilegen.policy.targets import AndroidTarget, IosTarget, Target
from profilegen.render.artifact import Artifact
from profilegen.render.environment import TemplateSet, open_templates
from profilegen.render.material import CertificateMaterial
from profilegen.render.render import render_target
from profilegen.render.user import User
from profilegen.secrets import Secret
from profilegen.versions import parse_version

RESTRICTIONS = "com.apple.applicationaccess"
EXCHANGE = "com.apple.eas.account"
IMAP = "com.apple.mail.managed"
GOOGLE = "com.apple.google-oauth"
OUTLOOK_IOS = "com.microsoft.Office.Outlook"
OUTLOOK_ANDROID = "com.microsoft.office.outlook"
GMAIL_ANDROID = "com.google.android.gm"

BUILTIN = open_templates()
ANNA = User("anna", {"id": "anna", "email": "anna@northwindtraders.example"})

ORGANIZATION = Organization(
    name="Northwind Traders",
    identifier="com.northwindtraders.mail",
    contact="IT Service Desk, +1 555 0100",
)
WORDING = Wording(
    description="",
    consent={},
    support_short="",
    support_long="",
    removal=Removal(allowed=True, on=None, after_days=None),
    expires=None,
    device_type=0,
)
STAFF = Account(
    id="staff",
    name="Northwind Mail",
    service=Service.EXCHANGE,
    address="staff@northwindtraders.example",
    username="staff@northwindtraders.example",
    server=ExchangeServer(
        host="outlook.office365.com",
        oauth=True,
        oauth_sign_in_url="",
        oauth_token_url="",
        tls=True,
    ),
    client={Platform.IOS: "mail", Platform.ANDROID: "outlook"},
    sharing=Sharing.CONTAINED,
    channels={},
    login="",
    smime=None,
    vpn="",
    sync=None,
    call_app="",
)
PRESS = replace(
    STAFF,
    id="press",
    name="",
    service=Service.IMAP,
    address="press@northwindtraders.example",
    username="",
    server=ImapServers(
        incoming=MailServer(
            "imap.northwindtraders.example",
            993,
            tls=True,
            authentication=Authentication.PASSWORD,
            username="",
        ),
        outgoing=MailServer(
            "smtp.northwindtraders.example",
            587,
            tls=True,
            authentication=Authentication.CRAM_MD5,
            username="",
        ),
    ),
    sharing=Sharing.OPEN,
)
TEAM = replace(
    STAFF,
    id="team",
    name="Team",
    service=Service.GOOGLE,
    address="team@northwindtraders.example",
    server=None,
)
SYNC = Sync(
    mail=True,
    contacts=True,
    calendars=True,
    reminders=False,
    notes=False,
    days=14,
    user_may_change=False,
)
SMIME = Smime(sign="signing", encrypt="encryption", user_may_override=False)

CA = CaCertificate("company-ca", "certificates/company-ca.pem")
SIGNING = Pkcs12Certificate("signing", "signing.p12", "SIGNING_PASSPHRASE")
ENCRYPTION = Pkcs12Certificate("encryption", "encryption.p12", "ENCRYPTION_PASSPHRASE")
DEVICE = ScepEnrolment(
    id="device",
    url="https://scep.northwindtraders.example/scep",
    subject=(("O", "Northwind Traders"), ("CN", "{{ user.email }}")),
    name="Northwind Device CA",
    challenge_env="SCEP_CHALLENGE",
    key_size=2048,
    key_usage=5,
    fingerprint="00:ff:10",
)
MATERIAL = {
    "company-ca": CertificateMaterial(b"\x30\x03ca"),
    "signing": CertificateMaterial(b"\x30\x03p1", Secret("one & two")),
    "encryption": CertificateMaterial(b"\x30\x03p2", Secret("three")),
    "device": CertificateMaterial(b"", Secret("challenge")),
}


def iphone(
    *accounts: str, enrollment: Enrollment = Enrollment.DEVICE, declarations: bool = False
) -> IosTarget:
    return IosTarget(
        id=f"iphone-{enrollment}",
        enrollment=enrollment,
        minimum_os=parse_version("17"),
        accounts=accounts,
        strictest=False,
        declarations=declarations,
    )


def android(*accounts: str, mode: Mode = Mode.WORK_PROFILE) -> AndroidTarget:
    return AndroidTarget(
        id=f"android-{mode}",
        mode=mode,
        minimum_os=parse_version("13"),
        accounts=accounts,
        strictest=False,
    )


def policy_of(*accounts: Account, target: Target) -> Policy:
    return Policy(
        organization=ORGANIZATION,
        accounts=accounts,
        managed_apps=(ManagedApp("Outlook", OUTLOOK_IOS, OUTLOOK_ANDROID),),
        blocked_apps=(),
        domains=Domains((), ()),
        certificates=(),
        targets=(target,),
        accepted=(),
        users=(),
        wording=WORDING,
    )


def place(account: str, by: str, app: str = "") -> Placement:
    return Placement(account, by, app, Reason.NONE, "", ())


def configured(account: str, app: str) -> Placement:
    return place(account, Delivery.MANAGED_CONFIGURATION, app)


def restriction(key: str, *, value: bool) -> PayloadSetting:
    return PayloadSetting(RESTRICTIONS, key, value)


def decide(account: str, channel: str, *controls: Setting) -> Decision:
    return Decision(
        account=account,
        channel=channel,
        direction=Direction.OUT,
        intent=Intent.DENY,
        state=State.CLOSED,
        basis=Basis.DEVICE,
        verdict=Verdict.ENFORCED,
        reason=Reason.NONE,
        detail="",
        controls=controls,
    )


def block(app: str, *controls: Setting) -> AppDecision:
    return AppDecision(app, (), Verdict.ENFORCED, Reason.NONE, "", controls, date(2026, 1, 1), "")


def plan_of(
    target: Target,
    *placements: Placement,
    decisions: tuple[Decision, ...] = (),
    apps: tuple[AppDecision, ...] = (),
) -> TargetPlan:
    written = [setting for item in decisions for setting in item.controls]
    written += [setting for item in apps for setting in item.controls]
    return TargetPlan(
        target=target,
        placements=placements,
        decisions=decisions,
        apps=apps,
        settings=tuple(dict.fromkeys(written)),
        notes=(),
    )


def render(
    plan: TargetPlan,
    policy: Policy,
    *,
    user: User | None = None,
    templates: TemplateSet = BUILTIN,
    certificates: Mapping[str, CertificateMaterial] = MATERIAL,
) -> tuple[Artifact, ...]:
    return render_target(plan, policy, user=user, templates=templates, certificates=certificates)


def staff_plan(target: IosTarget) -> TargetPlan:
    """Return a plan with one contained Exchange account in Apple Mail."""
    return plan_of(
        target,
        place("staff", EXCHANGE),
        decisions=(
            decide("staff", "open-in", restriction("allowOpenFromManagedToUnmanaged", value=False)),
            decide("staff", "paste", restriction("requireManagedPasteboard", value=True)),
            decide(
                "staff",
                "move-message",
                PayloadSetting(EXCHANGE, "PreventMove", value=True, account="staff"),
            ),
            decide(
                "staff",
                "mail-drop",
                PayloadSetting(EXCHANGE, "allowMailDrop", value=False, account="staff"),
            ),
        ),
    )


def work_profile_plan(target: AndroidTarget) -> TargetPlan:
    """Return a plan with one contained Exchange account in Outlook."""
    sharing = FieldSetting(
        "crossProfilePolicies.crossProfileDataSharing",
        "DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED",
    )
    connected = FieldSetting(
        "applications[].connectedWorkAndPersonalApp",
        "CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED",
        OUTLOOK_ANDROID,
    )
    return plan_of(
        target,
        configured("staff", OUTLOOK_ANDROID),
        decisions=(
            decide("staff", "open-in", sharing),
            decide("staff", "connected-apps", connected),
            decide("staff", "screen-capture", FieldSetting("screenCaptureDisabled", value=True)),
            decide(
                "staff",
                "notification-preview",
                FieldSetting("keyguardDisabledFeatures[]", "UNREDACTED_NOTIFICATIONS"),
            ),
            decide("staff", "keyboards", FieldSetting("permittedInputMethods.packageNames", ())),
        ),
    )


def profile_in(artifact: Artifact) -> PlistDict:
    value = load_plist(artifact.content)
    assert isinstance(value, Mapping)
    return value


def payloads_in(artifact: Artifact) -> dict[str, PlistDict]:
    """Return the payloads of a profile by the last part of their type; each type once."""
    content = profile_in(artifact)["PayloadContent"]
    assert isinstance(content, list)
    return {str(item["PayloadType"]).rpartition(".")[2]: item for item in content}


def json_in(artifact: Artifact) -> dict[str, PlistValue]:
    value = json.loads(artifact.content)
    assert isinstance(value, dict)
    return value


def own_templates(folder: Path, **files: str) -> TemplateSet:
    """Write an engineer's templates below `folder` and open them."""
    for name, text in files.items():
        path = folder / _TEMPLATE_NAMES[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return open_templates(folder)


_TEMPLATE_NAMES = {
    "profile": "ios/profile.mobileconfig.j2",
    "restrictions": "ios/payloads/restrictions.plist.j2",
    "exchange": "ios/payloads/exchange.plist.j2",
    "policy": "android/policy.json.j2",
    "configuration": "ios/app-configuration.plist.j2",
    "declaration": "declarations/configuration.json.j2",
    "activation": "declarations/activation.json.j2",
}
