"""Lint what was rendered before it is signed, with the rules that judge a stranger's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from profilegen.audit.document import Document, Profile
from profilegen.audit.lint.lint import lint, lint_device
from profilegen.errors import InputError
from profilegen.findings import Finding, Severity
from profilegen.plan.model import TargetPlan
from profilegen.plan.notes import readable_secrets
from profilegen.policy.model import Policy
from profilegen.release.proof import context_of

_SECRET = "password-in-clear"  # noqa: S105  (the code of a rule)
# What a policy asks for in so many words is its author's decision; `plan` and `build` warn of it.
# Secrets have a refusal of their own.
_ASKED_FOR = frozenset({_SECRET, "tls-off"})
# What is called how stands in the policy or in the list of users.
_NAME = "name-contradicts-setting"
_OTHER_NAME = "Choose another name: the devices follow the settings, people follow the name."
_SHOWN = 5
_ENCRYPT = (
    "Encrypt the profiles for their devices with --encrypt-for PATH, or accept it with "
    "--allow-clear-secrets."
)
_TAKE_OUT = (
    "Only profiles can be encrypted: take it out of the template, or accept it with "
    "--allow-clear-secrets."
)


class UncleanError(InputError):
    """The rendered files hold what devices or servers refuse."""

    slug = "findings"


class ClearSecretsError(InputError):
    """The files would hold secrets that whoever has them can read."""

    slug = "clear-secrets"


@dataclass(frozen=True, slots=True)
class SecretRule:
    """What becomes of secrets: profiles are `encrypted`, others are refused unless `allowed`."""

    encrypted: bool = False
    allowed: bool = False

    def leaves_readable(self, document: Document) -> bool:
        """Whether whoever has the file of `document` will be able to read what is in it."""
        return not (self.encrypted and isinstance(document, Profile))


def refuse_planned_secrets(policy: Policy, plans: Iterable[TargetPlan], rule: SecretRule) -> None:
    """Raise ClearSecretsError for the secrets that `policy` alone says the profiles will hold."""
    if rule.encrypted or rule.allowed:
        return
    found = [str(secret) for plan in plans for secret in readable_secrets(policy, plan.target)]
    if found:
        message = f"the profiles would hold secrets in the clear: {'; '.join(found)}"
        raise ClearSecretsError(message, hint=_ENCRYPT)


def refuse_findings(
    plan: TargetPlan, documents: Iterable[Document], *, own_templates: bool, secrets: SecretRule
) -> tuple[str, ...]:
    """Return a sentence for each secret in the files of one device that is allowed to be readable.

    Raises UncleanError when the files have findings of severity error, and ClearSecretsError when
    they hold secrets that `secrets` does not allow.
    """
    found = tuple(_findings(plan, tuple(documents)))
    _refuse_errors(plan, found, own_templates=own_templates)
    readable = [
        (document, finding)
        for document, finding in found
        if document is not None and finding.rule == _SECRET and secrets.leaves_readable(document)
    ]
    if readable and not secrets.allowed:
        shown = _shown(readable)
        message = f"target {plan.target.id}: the files would hold secrets in the clear: {shown}"
        profiles = all(isinstance(document, Profile) for document, _ in readable)
        raise ClearSecretsError(message, hint=_ENCRYPT if profiles else _TAKE_OUT)
    return tuple(f"target {plan.target.id}: {_words(*item)}" for item in readable)


_Located = tuple[Document | None, Finding]


def _refuse_errors(plan: TargetPlan, findings: Iterable[_Located], *, own_templates: bool) -> None:
    found = [item for item in findings if _counts(item[1])]
    if not found:
        return
    target = plan.target.id
    if all(finding.rule == _NAME for _, finding in found):
        message = f"target {target}: a name says what the settings do not: {_shown(found)}"
        raise UncleanError(message, hint=_OTHER_NAME)
    message = (
        f"target {target}: devices or servers would refuse the rendered files: {_shown(found)}"
    )
    hint = (
        f"Mend the template; `profilegen audit --explain {found[0][1].rule}` says more."
        if own_templates
        else "This is a bug in profilegen: please report it with the policy."
    )
    raise UncleanError(message, hint=hint)


def _findings(plan: TargetPlan, documents: tuple[Document, ...]) -> Iterator[_Located]:
    """Yield each finding with the document that it is in, None for one of them all together."""
    context = context_of(plan.target)
    for document in documents:
        for finding in lint(document, context):
            yield document, finding
    for finding in lint_device(documents, context):
        yield None, finding


def _counts(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and finding.rule not in _ASKED_FOR


def _shown(found: Sequence[_Located]) -> str:
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(_words(*item) for item in found[:_SHOWN]) + more


def _words(document: Document | None, finding: Finding) -> str:
    name = "all files" if document is None else document.name
    where = f" {finding.where}" if finding.where else ""
    return f"{name}{where}: {finding.message.rstrip('.')} ({finding.rule})"
