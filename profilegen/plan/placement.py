"""How each account gets onto the devices of a target."""

from __future__ import annotations

from profilegen.catalogue.apps import APPLE_MAIL, MailApp, mail_apps
from profilegen.catalogue.terms import Enrollment, Platform
from profilegen.plan.ios import ACCOUNT_PAYLOAD
from profilegen.plan.model import Delivery, Placement, Reason
from profilegen.policy.model import Account, IosTarget, Policy, Service, Target

_SERVICE_NAMES = {
    Service.EXCHANGE: "Exchange",
    Service.IMAP: "IMAP",
    Service.GOOGLE: "Google",
}
_ARTICLES = {Service.EXCHANGE: "an", Service.IMAP: "an", Service.GOOGLE: "a"}


def placements_of(policy: Policy, target: Target) -> tuple[Placement, ...]:
    """Return the placement of every account of `target`, in the target's order.

    An app takes as many accounts as its managed configuration has room for; the first in the
    target's list have it.
    """
    taken: dict[str, str] = {}
    placements = []
    for account in policy.accounts_of(target):
        placement = _place(account, target, taken)
        if placement.by == Delivery.MANAGED_CONFIGURATION:
            taken[placement.app] = account.id
        placements.append(placement)
    return tuple(placements)


def app_of(account: Account, platform: Platform) -> str:
    """Return the bundle id or package of the account's mail app, "" for Apple Mail or none."""
    app = mail_apps().get(account.client[platform])
    return "" if app is None else app.id_on(platform)


def _place(account: Account, target: Target, taken: dict[str, str]) -> Placement:
    platform = target.platform
    if platform is Platform.IOS and account.client[platform] == APPLE_MAIL:
        return Placement(account.id, ACCOUNT_PAYLOAD[account.service], "", Reason.NONE, "", ())
    app = mail_apps()[account.client[platform]]
    if platform is Platform.ANDROID and account.service is Service.GOOGLE:
        return _enrolment(account, app)
    if isinstance(target, IosTarget) and target.enrollment is Enrollment.MANUAL:
        detail = "Managed app configuration needs a device management service."
        return _by_hand(account, app, platform, Reason.MDM_ONLY, detail)
    if account.service.value not in app.configures:
        service = _SERVICE_NAMES[account.service]
        detail = f"The managed configuration of {app.name} has no keys for {service} accounts."
        return _by_hand(account, app, platform, Reason.NO_CONTROL_FOR_SERVICE, detail)
    app_id = app.id_on(platform)
    if app_id in taken:
        detail = f"{app.name} takes one account by configuration, and {taken[app_id]} has it."
        return _by_hand(account, app, platform, Reason.OTHER_ACCOUNT, detail)
    by = Delivery.MANAGED_CONFIGURATION
    return Placement(account.id, by, app_id, Reason.NONE, _caveat(app, platform), ())


def _caveat(app: MailApp, platform: Platform) -> str:
    if platform is Platform.IOS and not app.ios_keys_documented:
        return f"The configuration keys of {app.name} are documented for Android only."
    return ""


def _enrolment(account: Account, app: MailApp) -> Placement:
    detail = "A Google account is set up when the device is enrolled."
    steps = (f"Enrol the device with {account.address}.",)
    return Placement(account.id, Delivery.ENROLMENT, app.android, Reason.NONE, detail, steps)


def _by_hand(
    account: Account, app: MailApp, platform: Platform, reason: Reason, detail: str
) -> Placement:
    service = f"{_ARTICLES[account.service]} {_SERVICE_NAMES[account.service]}"
    steps = (
        f"Install {app.name} from the managed store.",
        f"Open it and add {service} account for {account.address}.",
        "Enter the password, or sign in, when the app asks.",
    )
    return Placement(account.id, Delivery.BY_HAND, app.id_on(platform), reason, detail, steps)
