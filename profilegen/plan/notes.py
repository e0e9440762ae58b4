"""What of a policy a target cannot carry, or carries in a way to know of, as sentences.

Decisions cover channels and apps; everything else that would be dropped or surprise is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from profilegen.catalogue.apps import mail_app_of
from profilegen.catalogue.load import decided_channels, newest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.plan import ios
from profilegen.plan.carried import left_behind
from profilegen.plan.model import Delivery, FieldSetting, Placement, Setting
from profilegen.policy.accounts import Account, Service
from profilegen.policy.certificates import AcmeEnrolment, Pkcs12Certificate, ScepEnrolment
from profilegen.policy.model import Policy
from profilegen.policy.targets import AndroidTarget, IosTarget, Target
from profilegen.versions import Version

_NO_NEW_ACCOUNTS = "modifyAccountsDisabled"
_PRIVATE_SPACE = "personalUsagePolicies.privateSpacePolicy"
# com.apple.security.acme (Apple's schema).
_ACME_SINCE = Version(16)


def notes_of(
    policy: Policy,
    target: Target,
    placements: tuple[Placement, ...],
    settings: Iterable[Setting],
) -> tuple[str, ...]:
    """Return the notes on one target, each a sentence."""
    notes = [note for item in placements for note in left_behind(policy, target, item)]
    notes += _unguarded(policy, target, placements)
    if isinstance(target, IosTarget):
        notes += _profile_notes(policy, target)
        notes += _certificate_notes(policy, target)
    else:
        notes += _device_notes(target, placements, settings)
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


def _unguarded(policy: Policy, target: Target, placements: tuple[Placement, ...]) -> Iterator[str]:
    """Yield a sentence for each mail app that cannot be told to refuse strangers' accounts.

    Its configuration would refuse the accounts that are added by hand as well (render writes
    nothing then); Outlook on Android alone takes a list of accounts.
    """
    for placement in placements:
        if placement.by != Delivery.MANAGED_CONFIGURATION:
            continue
        app = mail_app_of(placement.app, target.platform)
        neighbours = [
            policy.account(other.account)
            for other in placements
            if other.app == placement.app and other is not placement
        ]
        refused = [] if app is None else _refused(app.id, target.platform, neighbours)
        if app is None or not refused:
            continue
        yield (
            f"{app.name} on target {target.id} is not told to refuse accounts of other people's: "
            f"it would refuse {', '.join(refused)} as well, which a person adds."
        )


def _refused(app: str, platform: Platform, neighbours: Iterable[Account]) -> list[str]:
    """Return the accounts that the app would refuse; Gmail refuses Exchange accounts only."""
    if app == "outlook":
        return [account.id for account in neighbours] if platform is Platform.IOS else []
    return [account.id for account in neighbours if account.service is Service.EXCHANGE]


def _device_notes(
    target: AndroidTarget,
    placements: tuple[Placement, ...],
    settings: Iterable[Setting],
) -> Iterator[str]:
    """Yield what a person on an Android device runs into."""
    paths = {item.path for item in settings if isinstance(item, FieldSetting)}
    added = [
        item.account for item in placements if item.by in {Delivery.BY_HAND, Delivery.ENROLMENT}
    ]
    if _NO_NEW_ACCOUNTS in paths and added:
        yield (
            f"{_NO_NEW_ACCOUNTS} on target {target.id} may keep {', '.join(added)} from being "
            "added; whether it spares an app's own sign-in is not documented for all vendors. "
            "Try it on one device first."
        )
    if target.mode is Mode.WORK_PROFILE:
        reaching = sorted(path for path in paths if path in _beyond_the_work_profile())
        if reaching:
            yield (
                f"{', '.join(reaching)} on target {target.id} also acts on the personal side of "
                "the device: tell its owners."
            )
    if _PRIVATE_SPACE in paths:
        yield f"{_PRIVATE_SPACE} on target {target.id} removes a private space that exists."


@cache
def _beyond_the_work_profile() -> frozenset[str]:
    return frozenset(
        field.path
        for channel in decided_channels(Platform.ANDROID).values()
        for field in channel.fields
        if Mode.WORK_PROFILE in field.whole_device
    )


def _certificate_notes(policy: Policy, target: IosTarget) -> Iterator[str]:
    used = used_certificates(policy.accounts_of(target))
    for certificate in policy.certificates:
        new = isinstance(certificate, AcmeEnrolment) and target.minimum_os < _ACME_SINCE
        if certificate.id in used and new:
            yield (
                f"Certificate {certificate.id} comes by ACME, which needs iOS {_ACME_SINCE}; "
                f"target {target.id} starts at {target.minimum_os}."
            )


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


@dataclass(frozen=True, slots=True)
class ReadableSecret:
    """A secret that the profile of `target` holds; `what` is `passphrase` or `challenge`."""

    what: str
    certificate: str
    target: str

    def __str__(self) -> str:
        """Return which it is, for a message."""
        return f"the {self.what} of certificate {self.certificate} (target {self.target})"


def readable_secrets(policy: Policy, target: Target) -> tuple[ReadableSecret, ...]:
    """Return the secrets that the profile of `target` holds, unless it is encrypted.

    Apple wants passwords in encrypted profiles only (schema of com.apple.security.pkcs12). A policy
    has no secret that would stand in another kind of file.
    """
    if not isinstance(target, IosTarget):
        return ()
    used = used_certificates(policy.accounts_of(target))
    found = []
    for certificate in policy.certificates:
        if certificate.id not in used:
            continue
        if isinstance(certificate, Pkcs12Certificate):
            found.append(ReadableSecret("passphrase", certificate.id, target.id))
        elif isinstance(certificate, ScepEnrolment) and certificate.challenge_env:
            found.append(ReadableSecret("challenge", certificate.id, target.id))
    return tuple(found)


def secret_notes(policy: Policy, target: Target) -> Iterator[str]:
    """Yield a sentence for each secret that stands readable in the profile."""
    for secret in readable_secrets(policy, target):
        yield (
            f"The {secret.what} of certificate {secret.certificate} stands readable in the profile "
            f"of target {target.id}, unless that is encrypted for its devices: whoever has the "
            "file has it. `build` needs --encrypt-for, or --allow-clear-secrets."
        )
