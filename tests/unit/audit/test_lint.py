"""All findings of one document: their sum, and the end of it."""

from __future__ import annotations

import pytest

from profilegen.audit.lint.lint import MAX_FINDINGS, lint
from tests.unit.audit.samples import context, policy


@pytest.mark.parametrize(("fields", "told"), [(MAX_FINDINGS, 0), (MAX_FINDINGS + 1, 1)])
def test_a_document_of_faults_only_is_not_judged_to_its_end(fields: int, told: int) -> None:
    document = policy(**{f"noField{number}": True for number in range(fields)})
    found = lint(document, context())
    assert [finding.rule for finding in found[MAX_FINDINGS:]] == ["too-many-findings"] * told
    assert {finding.rule for finding in found[:MAX_FINDINGS]} == {"unknown-field"}
    assert len(found) == MAX_FINDINGS + told
    assert not told or found[-1].message == (
        "It has more than 5000 findings; it was not judged to its end."
    )
