"""Profiles and declarations against Apple's schema: everything that one document can get wrong.

Which checks there are for keys, values and devices is said in the `apple_*` modules beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from profilegen.audit.document import Declaration, Profile
from profilegen.audit.lint.apple_availability import FORBIDDEN, availability
from profilegen.audit.lint.apple_keys import level_findings, nearest
from profilegen.audit.lint.apple_platform import (
    Payload,
    payloads_of,
    system_of,
    system_of_declaration,
)
from profilegen.audit.lint.apple_scope import Scope, system_with
from profilegen.audit.lint.shown import shown
from profilegen.audit.model import Context
from profilegen.audit.rejection import rejected_payloads
from profilegen.catalogue.apple import (
    common_payload_keys,
    declaration_envelope,
    declaration_type,
    profile_envelope,
    type_names,
)
from profilegen.catalogue.apple_model import Section, System, Type
from profilegen.catalogue.rules import found
from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Finding
from profilegen.places import item_at

_CONTENT = "PayloadContent"
_SECOND = 2


def profile_findings(document: Profile, context: Context) -> Iterator[Finding]:
    """Yield where a profile differs from Apple's schema of payloads."""
    payloads = payloads_of(document.content)
    system = system_of(document.content, payloads)
    envelope = profile_envelope()
    scope = Scope(Section.PAYLOADS, (envelope.name,), system or System.IOS, context)
    if system is None:
        yield _mixed(payloads)
    yield from level_findings(document.content, envelope.level, "", scope)
    # Parts of a template that stand between settings may bring the payloads.
    templated = any(problem.rule == "template-placeholder" for problem in document.problems)
    if document.content.get(_CONTENT) == [] and not templated:
        yield found("empty-profile", _CONTENT, "The profile has no payload, so it sets nothing.")
    judged = [(payload, _scope_of(payload, system, scope)) for payload in payloads]
    yield from _rejected(document, judged)
    yield from _repeated(judged)
    for payload, own in judged:
        yield from _payload_findings(payload, own)


def declaration_findings(document: Declaration, context: Context) -> Iterator[Finding]:
    """Yield where a declaration differs from Apple's schema of declarations."""
    content, envelope = document.content, declaration_envelope()
    name = content.get("Type")
    kind = declaration_type(name) if isinstance(name, str) else None
    known = (envelope,) if kind is None else (kind, envelope)
    names = tuple(item.name for item in known)
    system = system_of_declaration(known[0], content.get("Payload"))
    scope = Scope(Section.DECLARATIONS, names, system, context)
    yield from _typed(content, envelope, "", "A declaration", scope)
    if kind is None:
        if isinstance(name, str):
            yield _unknown_type(name, "Payload", scope)
        return
    payload = content.get("Payload")
    if isinstance(payload, dict):
        yield from _typed(payload, kind, "Payload", f"The declaration {kind.name}", scope)


def _scope_of(payload: Payload, system: System | None, profile: Scope) -> Scope:
    """Return the scope of one payload; without a system of the profile it has its own."""
    on = profile_envelope().on if payload.type is None else payload.type.on
    own = system_with(on) if system is None else system
    return Scope(
        Section.PAYLOADS, (payload.name,), own, profile.context, suggestions=profile.suggestions
    )


def _payload_findings(payload: Payload, scope: Scope) -> Iterator[Finding]:
    where = item_at(_CONTENT, payload.index)
    if payload.type is not None:
        label = f"The payload {payload.name}"
        yield from _typed(payload.content, payload.type, where, label, scope)
        return
    if payload.name:
        yield _unknown_type(payload.name, where, scope)
    yield from level_findings(payload.content, common_payload_keys(), where, scope)


def _typed(
    content: Mapping[str, object], kind: Type, where: str, label: str, scope: Scope
) -> Iterator[Finding]:
    """Yield what is wrong with a dictionary of `kind`, and what its type itself is not for."""
    broken = tuple(availability(label, kind.on, where, scope))
    rejects = scope.section is Section.PAYLOADS and scope.system is System.IOS
    yield from (item for item in broken if not (rejects and item.rule == FORBIDDEN))
    yield from level_findings(content, kind.level, where, scope.below(broken))


def _unknown_type(name: str, where: str, scope: Scope) -> Finding:
    near = nearest(name, type_names(scope.section), scope)
    message = f"Apple's schema has no type {shown(name)}, so its own keys are not judged."
    fix = f"Did you mean {near}?" if near else ""
    return found("unknown-payload-type", where, message, fix=fix)


def _mixed(payloads: Sequence[Payload]) -> Finding:
    kinds = {payload.type.name: payload.type for payload in payloads if payload.type is not None}
    parts = [
        f"{name} is for {' and '.join(kind.on) or 'neither'}"
        for name, kind in sorted(kinds.items())
        if len(kind.on) != len(System)
    ]
    message = f"No system takes all of these payloads: {'; '.join(parts)}."
    return found("mixed-platforms", "", message)


def _rejected(document: Profile, judged: Sequence[tuple[Payload, Scope]]) -> Iterator[Finding]:
    """Yield that iOS refuses the whole profile, naming all payloads that are why."""
    if not judged or judged[0][1].enrollment is not Enrollment.USER:
        return
    on_ios = {payload.index for payload, scope in judged if scope.system is System.IOS}
    rejected = rejected_payloads(document, Enrollment.USER)
    payloads = [payload for payload in rejected if payload.index in on_ios]
    if payloads:
        kinds = ", ".join(dict.fromkeys(payload.kind for payload in payloads))
        where = ", ".join(item_at(_CONTENT, payload.index) for payload in payloads)
        message = (
            f"In User Enrollment iOS rejects this whole profile, because it holds {kinds}; "
            "these flows are those of a device without it."
        )
        yield found("rejected-in-user-enrollment", where, message)


def _repeated(judged: Sequence[tuple[Payload, Scope]]) -> Iterator[Finding]:
    """Yield for each type that may occur once and does not the place of the second payload."""
    counts: dict[str, int] = {}
    for payload, scope in judged:
        support = payload.type.on.get(scope.system) if payload.type is not None else None
        if support is None or support.multiple:
            continue
        counts[payload.name] = counts.get(payload.name, 0) + 1
        if counts[payload.name] == _SECOND:
            message = f"A profile may hold one payload {payload.name}; this is the second."
            yield found("payload-repeated", item_at(_CONTENT, payload.index), message)
