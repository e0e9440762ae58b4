"""Whether a payload type or key is there for the devices: system, version, enrollment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profilegen.audit.lint.apple_scope import Scope
from profilegen.catalogue.apple_model import Support, System
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Finding

FORBIDDEN = "forbidden-in-user-enrollment"
_MANAGED_AS: Mapping[Enrollment, str] = {
    Enrollment.USER: "in User Enrollment",
    Enrollment.DEVICE: "enrolled without supervision",
    Enrollment.MANUAL: "without management",
}
# Apple calls every Mac supervised that a management service enrolled as a device.
_UNSUPERVISED = {
    System.IOS: {Enrollment.USER, Enrollment.DEVICE, Enrollment.MANUAL},
    System.MACOS: {Enrollment.USER, Enrollment.MANUAL},
}


def availability(
    label: str, on: Mapping[System, Support], where: str, scope: Scope
) -> Iterator[Finding]:
    """Yield what keeps the devices of `scope` from having what exists as `on` says.

    `label` names it in messages. What stands above has not got the same rule already.
    """
    every = _every(label, on, where, scope)
    yield from (item for item in every if item.rule not in scope.given)


def _every(label: str, on: Mapping[System, Support], where: str, scope: Scope) -> Iterator[Finding]:
    support = on.get(scope.system)
    if support is None:
        yield _not_there(label, on, where, scope)
        return
    yield from _by_version(label, support, where, scope)
    yield from _by_enrollment(label, support, where, scope)


def _not_there(label: str, on: Mapping[System, Support], where: str, scope: Scope) -> Finding:
    there = f"on {' and '.join(on)}" if on else "neither on iOS nor on macOS"
    message = f"{label} exists {there}; this is judged for {scope.system}."
    return found("not-on-platform", where, message)


def _by_version(label: str, support: Support, where: str, scope: Scope) -> Iterator[Finding]:
    system, used = scope.system, scope.version
    if support.removed is not None and support.removed <= used:
        yield found("removed-key", where, f"{label} was removed in {system} {support.removed}.")
    elif support.deprecated is not None and support.deprecated <= used:
        message = f"{label} is deprecated since {system} {support.deprecated}."
        yield found("deprecated-key", where, message)
    if support.introduced is not None and support.introduced > used:
        message = (
            f"{label} needs {system} {support.introduced}; the oldest in use is {system} {used}."
        )
        yield found("newer-than-os", where, message)


def _by_enrollment(label: str, support: Support, where: str, scope: Scope) -> Iterator[Finding]:
    enrollment = scope.enrollment
    if support.supervised and enrollment in _UNSUPERVISED[scope.system]:
        message = f"{label} needs a supervised device; these are {_MANAGED_AS[enrollment]}."
        yield found("needs-supervision", where, message)
    if enrollment is Enrollment.USER and not support.in_user_enrollment:
        message = f"{label} may not be used in User Enrollment on {scope.system}."
        yield found(FORBIDDEN, where, message)
    if enrollment is Enrollment.MANUAL and not support.by_hand:
        message = f"{label} works only if a management service installs the profile."
        yield found("mdm-only", where, message)
