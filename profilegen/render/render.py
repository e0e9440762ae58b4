"""The files of one target for one user: what the plan promises, through templates, checked.

Touches no file but templates. Whether the whole is not more open than the plan is asked by the
build, with the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.policy.targets import AndroidTarget, IosTarget
from profilegen.render.android import render_policy
from profilegen.render.app_configuration import render_app_configurations
from profilegen.render.artifact import Artifact
from profilegen.render.context import check_wording
from profilegen.render.declarations import render_declarations
from profilegen.render.environment import TemplateSet
from profilegen.render.material import CertificateMaterial
from profilegen.render.names import Names
from profilegen.render.payloads import Ingredients
from profilegen.render.profile import render_profile
from profilegen.render.user import User, fill_account, user_of_service


def render_target(  # noqa: PLR0913  (the names are left out as a rule)
    plan: TargetPlan,
    policy: Policy,
    *,
    user: User | None,
    templates: TemplateSet,
    certificates: Mapping[str, CertificateMaterial],
    names: Names | None = None,
) -> tuple[Artifact, ...]:
    """Return the artifacts of a target, the profile or policy first.

    Args:
        plan: what holds on the target.
        policy: the policy that the plan was made from.
        user: whose values fill the accounts; None for files that all users share. Where an MDM
            service fills in values, its placeholders stand in their place.
        templates: opened once for the whole build.
        certificates: the material of each certificate by id; needed on iOS only.
        names: other names than those that follow from the policy, the target and the user.

    Raises InputError for a text that cannot be filled or written, TemplateError for a template
    that fails, and TemplateRefused for one whose output does not hold what the plan decided.
    """
    check_wording(policy)
    target = plan.target
    filler = user_of_service(target) or user
    user_id = "" if filler is None else filler.id
    given = Ingredients(
        plan=plan,
        policy=policy,
        accounts={item.id: fill_account(item, filler) for item in policy.accounts_of(target)},
        user=filler,
        names=names or Names(policy.organization.identifier, target.id, user_id),
        certificates=certificates,
    )
    match target:
        case IosTarget():
            return (
                render_profile(given, target, templates),
                *render_declarations(given, target, templates),
                *render_app_configurations(given, templates),
            )
        case AndroidTarget():
            return (render_policy(given, target, templates),)
        case _:
            assert_never(target)
