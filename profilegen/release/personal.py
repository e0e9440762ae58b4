"""Which targets have files for each user, and what a list of users must hold for them."""

from __future__ import annotations

from collections.abc import Iterable

from profilegen.plan.model import TargetPlan
from profilegen.plan.variables import places_of, service_of
from profilegen.policy.fields import FieldPlace
from profilegen.policy.model import FieldKind, Policy, UserField
from profilegen.policy.targets import IosTarget


def user_places(policy: Policy, plan: TargetPlan) -> tuple[FieldPlace, ...]:
    """Return the places of user fields that a list of users must fill in the files of one target.

    A target that has none, or whose MDM service fills them in, gets the same files for all users.
    """
    return places_of(policy, plan.target) if service_of(plan.target) is None else ()


def user_fields(policy: Policy, plans: Iterable[TargetPlan]) -> tuple[UserField, ...]:
    """Return the fields that a list of users must hold: the declared ones and those in use.

    Where the policy declares none, a field is text that must be there.
    """
    fields = {field.name: field for field in policy.users}
    for plan in plans:
        for place in user_places(policy, plan):
            default = UserField(place.field, FieldKind.TEXT, required=True, pattern="")
            fields.setdefault(place.field, default)
    return tuple(fields.values())


def profile_kinds(policy: Policy, plans: Iterable[TargetPlan]) -> frozenset[bool]:
    """Return whether `plans` give profiles of single users (True) and of all users (False)."""
    return frozenset(
        bool(user_places(policy, plan)) for plan in plans if isinstance(plan.target, IosTarget)
    )
