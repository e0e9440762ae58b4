"""What of a policy a target cannot carry, or carries in a way to know of, as sentences.

Decisions cover channels and apps; everything else that would be dropped or surprise is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.load import newest_version
from profilegen.catalogue.terms import Enrollment, Platform
from profilegen.plan import ios
from profilegen.plan.model import Delivery, Placement
from profilegen.policy.certificates import Pkcs12Certificate, ScepEnrolment
from profilegen.policy.model import Account, IosTarget, Policy, Service, Target


def notes_of(policy: Policy, target: Target, placements: tuple[Placement, ...]) -> tuple[str, ...]:
    """Return the notes on one target, each a sentence."""
    notes = [note for item in placements for note in _left_behind(policy, target, item)]
    notes += _unguarded(policy, target, placements)
    if isinstance(target, IosTarget):
        notes += _profile_notes(policy, target)
    notes += secret_notes(policy, target)
    return tuple(notes)


def version_warnings(targets: Iterable[Target]) -> tuple[str, ...]:
    """Return a warning for each target that starts at a system the catalogue does not know yet."""
    return tuple(
        f"target {target.id}: minimum_os {target.minimum_os} is newer than the newest system the "
        f"catalogue knows, {newest_version(target.platform)}; what it says of it is a guess"
        for target in targets
        if target.minimum_os > newest_version(target.platform)
    )


def used_certificates(accounts: Iterable[Account]) -> frozenset[str]:
    """Return the ids of the certificates that `accounts` sign in, sign or decrypt with."""
    found: set[str] = set()
    for account in accounts:
        found.add(account.login)
        if account.smime is not None:
            found |= {account.smime.sign, account.smime.encrypt}
    return frozenset(found - {""})


def _left_behind(policy: Policy, target: Target, placement: Placement) -> Iterator[str]:
    """Yield a sentence for each field of the account that its placement cannot carry."""
    if placement.by in ios.ACCOUNT_PAYLOAD.values():
        return
    account = policy.account(placement.account)
    where = f"on target {target.id}"
    if account.login:
        yield (
            f"`login` of account {account.id} is not written {where}: only Apple's Exchange "
            "payload names a certificate that comes with it, so the person signs in instead."
        )
    others = (
        ("smime", account.smime is not None),
        ("vpn", bool(account.vpn)),
        ("call_app", bool(account.call_app)),
    )
    for name, given in others:
        if given:
            yield (
                f"`{name}` of account {account.id} is not written {where}: only Apple's account "
                "payloads have keys for it."
            )


def _unguarded(policy: Policy, target: Target, placements: tuple[Placement, ...]) -> Iterator[str]:
    """Yield a sentence for each mail app that cannot be told to refuse strangers' accounts.

    Its configuration would refuse the accounts that are added by hand as well (render writes
    nothing then); Outlook on Android alone takes a list of accounts.
    """
    for placement in placements:
        if placement.by != Delivery.MANAGED_CONFIGURATION:
            continue
        app = mail_app_of(placement.app, target.platform)
        by_hand = [
            policy.account(other.account)
            for other in placements
            if other.app == placement.app and other is not placement
        ]
        if app is None or not _refused(app.id, target.platform, by_hand):
            continue
        names = ", ".join(account.id for account in by_hand)
        yield (
            f"{app.name} on target {target.id} is not told to refuse accounts of other people's: "
            f"it would refuse {names}, added by hand, as well."
        )


def _refused(app: str, platform: Platform, by_hand: Iterable[Account]) -> bool:
    if app == "outlook":
        return platform is Platform.IOS and any(by_hand)
    return any(account.service is Service.EXCHANGE for account in by_hand)


def _profile_notes(policy: Policy, target: IosTarget) -> Iterator[str]:
    domains = policy.domains
    if (domains.mail or domains.web) and not ios.carries_domains(target):
        yield (
            f"`domains` is not written on target {target.id}: com.apple.domains is forbidden in "
            "User Enrollment, and a profile that holds it would be rejected whole."
        )
    elif domains.mail:
        yield (
            f"`domains.mail` on target {target.id} marks addresses outside the organization "
            "while a person writes; it blocks nothing."
        )
    if not policy.wording.removal.allowed and target.enrollment is not Enrollment.SUPERVISED:
        yield (
            f"`profile.removal.allowed: false` is not written on target {target.id}: "
            "PayloadRemovalDisallowed needs a supervised device."
        )


def secret_notes(policy: Policy, target: Target) -> Iterator[str]:
    """Yield a sentence for each secret that stands readable in the profile.

    Apple wants passwords in encrypted profiles only (schema of com.apple.security.pkcs12).
    """
    used = used_certificates(policy.accounts_of(target))
    if not isinstance(target, IosTarget):
        return
    for certificate in policy.certificates:
        if certificate.id not in used:
            continue
        if isinstance(certificate, Pkcs12Certificate):
            what = "passphrase"
        elif isinstance(certificate, ScepEnrolment) and certificate.challenge_env:
            what = "challenge"
        else:
            continue
        yield (
            f"The {what} of certificate {certificate.id} stands readable in the profile of target "
            f"{target.id}: whoever has the file has it. Keep the release as you keep the secret."
        )
