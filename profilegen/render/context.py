"""What every template is given, whatever it makes; docs/templates.md is its reference."""

from __future__ import annotations

from profilegen.plan.model import TargetPlan, Verdict
from profilegen.policy.model import Policy
from profilegen.render.payloads import Ingredients
from profilegen.render.text import check_line, check_paragraph

Context = dict[str, object]
_CONSENT_DEFAULT = "default"


def shared_context(given: Ingredients) -> Context:
    """Return the values that all templates see.

    `user` is missing where all users share the file, so that a template which asks for a field
    fails instead of writing nothing.
    """
    context: Context = {
        "organization": given.policy.organization,
        "wording": given.policy.wording,
        "consent": consent_of(given.policy),
        "notice": notice_of(given.plan),
        "target": given.plan.target,
        "names": given.names,
    }
    if given.user is not None:
        named = {"id": given.user.id} if given.user.id else {}
        context["user"] = {**named, **given.user.values}
    return context


def notice_of(plan: TargetPlan) -> str:
    """Return what people on the target read about blocked apps: which, from when on and why.

    "" where no app is or will be blocked.
    """
    sentences = []
    for app in plan.apps:
        if app.verdict in {Verdict.ENFORCED, Verdict.SCHEDULED}:
            since = "" if app.starts is None else f" from {app.starts.isoformat()} on"
            because = f": {app.because.strip()}" if app.because.strip() else "."
            sentences.append(check_paragraph(f"{app.app} is blocked{since}{because}", app.app))
    return " ".join(sentences)


def check_wording(policy: Policy) -> None:
    """Raise InputError when a text of the organization or its wording cannot be written."""
    organization, wording = policy.organization, policy.wording
    check_line(organization.name, "organization.name")
    check_line(organization.contact, "organization.contact")
    check_paragraph(wording.description, "wording: description")
    check_paragraph(wording.support_short, "wording: support_short")
    check_paragraph(wording.support_long, "wording: support_long")
    for language, text in wording.consent.items():
        check_line(language, "wording: consent")
        check_paragraph(text, f"wording: consent.{language}")


def consent_of(policy: Policy) -> dict[str, str]:
    """Return the consent texts by language, with the `default` that iOS falls back on."""
    consent = dict(policy.wording.consent)
    if consent:
        consent.setdefault(_CONSENT_DEFAULT, next(iter(consent.values())))
    return consent
