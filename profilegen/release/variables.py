"""Files whose values an MDM service fills in: which they are, and what cannot be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profilegen.errors import UsageError
from profilegen.plan.model import TargetPlan
from profilegen.plan.variables import places_of, service_of
from profilegen.policy.model import Policy
from profilegen.policy.targets import IosTarget, Target


def filled_in_by(content: bytes, target: Target) -> str:
    """Return the id of the service that has to fill in values in a file, "" for none.

    Told by the bytes, so that a placeholder of an engineer's own template counts too. No
    placeholder has a character that XML or JSON escapes.
    """
    service = service_of(target)
    if service is None:
        return ""
    text = content.decode("utf-8", "replace")
    written = (match[0] for match in service.syntax.finditer(text))
    known = {*_placeholders(target), *service.placeholders.values()}
    return service.id if any(placeholder in known for placeholder in written) else ""


def refuse_encrypted_variables(policy: Policy, plans: Iterable[TargetPlan]) -> None:
    """Raise UsageError when profiles that a service has to fill in would be encrypted."""
    for plan in plans:
        service = service_of(plan.target)
        if service is not None and places_of(policy, plan.target):
            message = (
                f"--encrypt-for: {service.name} fills in values in the profile of target "
                f"{plan.target.id}, which it cannot in an encrypted one"
            )
            hint = "Leave it out, choose another target with --target, or remove `variables`."
            raise UsageError(message, hint=hint)


def _placeholders(target: Target) -> Iterator[str]:
    if isinstance(target, IosTarget) and target.variables is not None:
        yield from target.variables.placeholders.values()
