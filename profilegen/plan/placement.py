"""How each account gets onto the devices of a target."""

from __future__ import annotations

from collections.abc import Mapping

from profilegen.catalogue.apps import APPLE_MAIL, MailApp, mail_apps
from profilegen.catalogue.terms import Enrollment, Platform
from profilegen.plan.ios import ACCOUNT_PAYLOAD
from profilegen.plan.model import Delivery, Placement, Reason
from profilegen.policy.accounts import Account, Service
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target

_SERVICE_NAMES = {
    Service.EXCHANGE: "Exchange",
    Service.IMAP: "IMAP",
    Service.GOOGLE: "Google",
}
# Stands among the apps for the account that a device is enrolled with.
_GOOGLE = "enrolment"
_ARTICLES = {Service.EXCHANGE: "an", Service.IMAP: "an", Service.GOOGLE: "a"}


def placements_of(policy: Policy, target: Target) -> tuple[Placement, ...]:
    """Return the placement of every account of `target`, in the target's order.

    An app takes as many accounts as its managed configuration has room for; the first in the
    target's list have it.
    """
    placed: dict[str, str] = {}
    placements = []
    for account in policy.accounts_of(target):
        placement = _place(account, target, placed)
        if placement.by == Delivery.MANAGED_CONFIGURATION:
            placed[placement.app] = account.id
        elif placement.by == Delivery.ENROLMENT:
            placed.setdefault(_GOOGLE, account.id)
        placements.append(placement)
    return tuple(placements)


def app_of(account: Account, platform: Platform) -> str:
    """Return the bundle id or package of the account's mail app, "" for Apple Mail or none."""
    app = mail_apps().get(account.client[platform])
    return "" if app is None else app.id_on(platform)


def _place(account: Account, target: Target, placed: Mapping[str, str]) -> Placement:
    platform = target.platform
    if platform is Platform.IOS and account.client[platform] == APPLE_MAIL:
        return Placement(account.id, ACCOUNT_PAYLOAD[account.service], "", Reason.NONE, "", ())
    app = mail_apps().get(account.client[platform])
    if platform is Platform.ANDROID and account.service is Service.GOOGLE:
        return _enrolment(account, app, placed)
    reason, detail = _obstacle(account, target, app, placed)
    if app is None or reason is not Reason.NONE:
        return _by_hand(account, target, app, reason, detail)
    by = Delivery.MANAGED_CONFIGURATION
    return Placement(account.id, by, app.id_on(platform), reason, _caveat(app, platform), ())


def _obstacle(
    account: Account, target: Target, app: MailApp | None, placed: Mapping[str, str]
) -> tuple[Reason, str]:
    """Return why no managed configuration can bring the account, NONE when it can."""
    platform = target.platform
    if app is None:
        return Reason.NO_CONTROL, f"The policy names no mail app: `client: {{{platform}: ...}}`."
    if _by_hand_only(target):
        detail = f"Without device management nothing configures {app.name}, nor makes it managed."
        return Reason.MDM_ONLY, detail
    if account.service.value not in app.configures:
        service = _SERVICE_NAMES[account.service]
        detail = f"The managed configuration of {app.name} has no keys for {service} accounts."
        return Reason.NO_CONTROL_FOR_SERVICE, detail
    holder = placed.get(app.id_on(platform))
    if holder is not None:
        detail = f"{app.name} takes one account by configuration, and {holder} has it."
        return Reason.OTHER_ACCOUNT, detail
    return Reason.NONE, ""


def _by_hand_only(target: Target) -> bool:
    return isinstance(target, IosTarget) and target.enrollment is Enrollment.MANUAL


def _caveat(app: MailApp, platform: Platform) -> str:
    if platform is Platform.IOS and not app.ios_keys_documented:
        return f"The configuration keys of {app.name} are documented for Android only."
    return ""


def _enrolment(account: Account, app: MailApp | None, placed: Mapping[str, str]) -> Placement:
    first = placed.get(_GOOGLE)
    if first is None:
        detail = "A Google account is set up when the device is enrolled."
        steps: tuple[str, ...] = (f"Enrol the device with {account.address}.",)
    else:
        detail = f"A device is enrolled with one Google account, here {first}."
        steps = (f"After the enrolment, add {account.address} in the settings of the device.",)
    app_id = "" if app is None else app.android
    return Placement(account.id, Delivery.ENROLMENT, app_id, Reason.NONE, detail, steps)


def _by_hand(
    account: Account, target: Target, app: MailApp | None, reason: Reason, detail: str
) -> Placement:
    service = f"{_ARTICLES[account.service]} {_SERVICE_NAMES[account.service]}"
    store = "the App Store" if _by_hand_only(target) else "the managed store"
    steps = (
        f"Install {'a mail app' if app is None else app.name} from {store}.",
        f"Open it and add {service} account for {account.address}.",
        "Enter the password, or sign in, when the app asks.",
    )
    app_id = "" if app is None else app.id_on(target.platform)
    return Placement(account.id, Delivery.BY_HAND, app_id, reason, detail, steps)
