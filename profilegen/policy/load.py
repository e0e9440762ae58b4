"""From the bytes of a policy file to a policy, or to everything that is wrong in it."""

from __future__ import annotations

from typing import cast

from profilegen.policy.app_rules import app_faults
from profilegen.policy.consistency import consistency_faults
from profilegen.policy.construct import policy_from
from profilegen.policy.document import Document, read_document
from profilegen.policy.model import Policy
from profilegen.policy.problems import PolicyError, Problem, path_text
from profilegen.policy.references import reference_faults
from profilegen.policy.shape import shape_faults
from profilegen.policy.variable_rules import variable_faults


def load_policy(path_name: str, text: bytes) -> Policy:
    """Return the policy in `text`, the whole content of the file that messages call `path_name`.

    Raises PolicyError with every problem of the file, in its order. Nothing else is read: files
    that a policy names are opened by whoever uses them.
    """
    document = read_document(path_name, text)
    problems = _problems(document)
    if problems:
        raise PolicyError(problems)
    return policy_from(cast("dict[str, object]", document.value))


def _problems(document: Document) -> list[Problem]:
    root = document.value
    faults = [
        *document.faults,
        *shape_faults(document),
        *reference_faults(root),
        *consistency_faults(root),
        *app_faults(root),
        *variable_faults(root),
    ]
    found = dict.fromkeys(document.problem(fault, path_text(fault.path)) for fault in faults)
    return sorted(found, key=lambda problem: (problem.line, problem.column))
