"""Lint what was rendered before it is signed, with the rules that judge a stranger's file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from profilegen.audit.document import Document
from profilegen.audit.lint.lint import lint, lint_device
from profilegen.errors import InputError
from profilegen.findings import Finding, Severity
from profilegen.plan.model import TargetPlan
from profilegen.release.proof import context_of

# What a policy asks for in so many words is its author's decision; `plan` and `build` warn of it.
_ASKED_FOR = frozenset({"password-in-clear", "tls-off"})
_SHOWN = 5


class UncleanError(InputError):
    """The rendered files hold what devices or servers refuse."""

    slug = "findings"


def refuse_findings(
    plan: TargetPlan, documents: Iterable[Document], *, own_templates: bool
) -> None:
    """Raise UncleanError when the files of one device have findings of severity error."""
    found = [item for item in _findings(plan, tuple(documents)) if _counts(item[1])]
    if not found:
        return
    shown = "; ".join(_words(name, finding) for name, finding in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    refused = "devices or servers would refuse the rendered files"
    message = f"target {plan.target.id}: {refused}: {shown}{more}"
    hint = (
        f"Mend the template; `profilegen audit --explain {found[0][1].rule}` says more."
        if own_templates
        else "This is a bug in profilegen: please report it with the policy."
    )
    raise UncleanError(message, hint=hint)


def _findings(plan: TargetPlan, documents: tuple[Document, ...]) -> Iterator[tuple[str, Finding]]:
    context = context_of(plan.target)
    for document in documents:
        for finding in lint(document, context):
            yield document.name, finding
    for finding in lint_device(documents, context):
        yield "all files", finding


def _counts(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and finding.rule not in _ASKED_FOR


def _words(name: str, finding: Finding) -> str:
    where = f" {finding.where}" if finding.where else ""
    return f"{name}{where}: {finding.message.rstrip('.')} ({finding.rule})"
