"""A plan as frozen values: decisions, settings and how accounts get onto devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from profilegen.catalogue.model import FieldValue
from profilegen.catalogue.terms import Basis, Direction, Platform, State
from profilegen.policy.accounts import Intent
from profilegen.policy.model import Policy
from profilegen.policy.targets import Target


class Verdict(StrEnum):
    """What became of an intent."""

    ENFORCED = "enforced"
    ALLOWED = "allowed"
    OVERBLOCKED = "overblocked"
    PARTIAL = "partial"
    UNENFORCEABLE = "unenforceable"
    LEFT = "left"
    NOT_APPLICABLE = "not-applicable"
    SCHEDULED = "scheduled"


class Reason(StrEnum):
    """Why a state is what it is; where two fit, the one that stands first here is given."""

    NONE = ""
    NEEDS_SUPERVISION = "needs-supervision"
    NEEDS_NEWER_OS = "needs-newer-os"
    FORBIDDEN_IN_USER_ENROLLMENT = "forbidden-in-user-enrollment"
    MDM_ONLY = "mdm-only"
    MANAGEMENT_UNPROVEN = "management-unproven"
    WRONG_MANAGEMENT_MODE = "wrong-management-mode"
    NO_CONTROL = "no-control"
    NO_CONTROL_FOR_SERVICE = "no-control-for-service"
    DEPENDS_ON_CHANNEL = "depends-on-channel"
    OTHER_ACCOUNT = "other-account"
    PLATFORM_DEFAULT = "platform-default"
    MARKS_ONLY = "marks-only"


class Delivery(StrEnum):
    """Ways for an account to get onto a device that are no payload type."""

    MANAGED_CONFIGURATION = "managed-configuration"
    ENROLMENT = "enrolment"
    BY_HAND = "by-hand"


@dataclass(frozen=True, slots=True)
class PayloadSetting:
    """One key written on iOS; `account` is the account whose payload holds it, "" for all."""

    payload: str
    key: str
    value: FieldValue
    account: str = ""


@dataclass(frozen=True, slots=True)
class FieldSetting:
    """One field written on Android; `app` is the package whose entry holds it, "" for none."""

    path: str
    value: FieldValue
    app: str = ""


Setting = PayloadSetting | FieldSetting


@dataclass(frozen=True, slots=True)
class Decision:
    """What was intended for one account and channel, what will hold, and by which settings."""

    account: str
    channel: str
    direction: Direction
    intent: Intent
    state: State
    basis: Basis
    verdict: Verdict
    reason: Reason
    detail: str
    controls: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class AppDecision:
    """What becomes of a blocked app on one target; `starts` is None for at once."""

    app: str
    ids: tuple[str, ...]
    verdict: Verdict
    reason: Reason
    detail: str
    controls: tuple[Setting, ...]
    starts: date | None
    because: str


@dataclass(frozen=True, slots=True)
class Placement:
    """How an account gets onto the devices of a target.

    `by` is a payload type or a `Delivery`. `app` is the bundle id or package name of the mail
    app it lives in, "" for Apple Mail or an app without id. `steps` are what a person must do.
    """

    account: str
    by: str
    app: str
    reason: Reason
    detail: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """Everything that will hold on one target.

    `settings` are the settings of all decisions and blocked apps, one value per key, in a fixed
    order. `notes` say what of the policy this target cannot carry although no decision covers it.
    """

    target: Target
    placements: tuple[Placement, ...]
    decisions: tuple[Decision, ...]
    apps: tuple[AppDecision, ...]
    settings: tuple[Setting, ...]
    notes: tuple[str, ...]

    @property
    def platform(self) -> Platform:
        """The platform of the target."""
        return self.target.platform


@dataclass(frozen=True, slots=True)
class Plan:
    """All targets of a policy; `warnings` are faults of the policy that stop nothing."""

    policy: Policy
    targets: tuple[TargetPlan, ...]
    warnings: tuple[str, ...]
