"""The comparison before signing: states of the plan against states that the bytes give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from profilegen.audit.document import Document, read_document
from profilegen.catalogue.terms import State
from profilegen.plan.decide import make_plan
from profilegen.plan.model import TargetPlan
from profilegen.policy.accounts import Intent
from profilegen.policy.load import load_policy
from profilegen.release.proof import ProofError, differences, refuse_differences
from profilegen.render.environment import open_templates
from profilegen.render.render import render_target
from tests.support.command import RunProfilegen
from tests.support.releases import SMALL

SHARED_APP = SMALL.replace("client: {android: outlook}", "client: {ios: outlook}").replace(
    "targets:",
    """\
  - id: sales
    service: exchange
    address: sales@example.com
    server: {host: mail.example.com}
    client: {ios: outlook}
    sharing: contained
targets:""",
)
BY_HAND = SHARED_APP.replace("accounts: [staff]", "accounts: [staff, sales]", 1)


def rendered(text: str, target: str) -> tuple[TargetPlan, tuple[Document, ...]]:
    policy = load_policy("policy.yaml", text.encode())
    plan = make_plan(policy, today=date(2026, 12, 1))
    one = next(item for item in plan.targets if item.target.id == target)
    artifacts = render_target(one, policy, user=None, templates=open_templates(), certificates={})
    return one, tuple(read_document(item.path.name, item.content) for item in artifacts)


def planned(plan: TargetPlan, channel: str, **changes: object) -> TargetPlan:
    """Return `plan` with other values in the decisions of a channel."""
    decisions = tuple(
        replace(decision, **changes) if decision.channel == channel else decision  # type: ignore[arg-type]
        for decision in plan.decisions
    )
    return replace(plan, decisions=decisions)


@pytest.mark.parametrize("target", ["phone", "work"])
def test_what_is_rendered_is_what_was_planned(target: str) -> None:
    plan, documents = rendered(SMALL, target)
    assert differences(plan, documents) == ()
    refuse_differences(plan, documents, own_templates=False)


def test_a_state_that_the_files_do_not_give() -> None:
    plan, documents = rendered(SMALL, "phone")
    wrong = planned(plan, "open-in", state=State.OPEN)
    (difference,) = differences(wrong, documents)
    assert (difference.decision.channel, difference.found) == ("open-in", State.CLOSED)
    assert not difference.weaker
    for own_templates, hint in (
        (False, "This is a bug in profilegen"),
        (True, "A template may add"),
    ):
        with pytest.raises(ProofError) as caught:
            refuse_differences(wrong, documents, own_templates=own_templates)
        assert caught.value.exit_code == 3
        assert caught.value.message == (
            "target phone: the rendered files do not keep the plan: "
            "open-in of account staff is closed instead of open"
        )
        assert caught.value.hint.startswith(hint)


def test_own_templates_may_close_what_the_policy_leaves_alone() -> None:
    plan, documents = rendered(SMALL, "phone")
    stricter = planned(plan, "open-in", intent=Intent.LEAVE, state=State.OPEN)
    refuse_differences(stricter, documents, own_templates=True)
    with pytest.raises(ProofError):
        refuse_differences(stricter, documents, own_templates=False)


def test_own_templates_may_not_open_what_the_policy_leaves_alone() -> None:
    plan, documents = rendered(SMALL, "phone")
    assert any(item.channel == "printing" and item.state is State.OPEN for item in plan.decisions)
    weaker = planned(plan, "printing", intent=Intent.LEAVE, state=State.CLOSED)
    with pytest.raises(ProofError, match=r"printing of account staff is open instead of closed"):
        refuse_differences(weaker, documents, own_templates=True)


def test_an_account_that_no_file_holds() -> None:
    plan, _ = rendered(SMALL, "phone")
    with pytest.raises(ProofError, match=r"open-in of account staff is not covered instead of"):
        refuse_differences(plan, (), own_templates=False)
    assert all(item.weaker for item in differences(plan, ()) if item.decision.state is State.CLOSED)


def test_an_account_that_is_set_up_by_hand_shares_the_device(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    """The app takes one account; the other one's channels are those of the device."""
    plan, documents = rendered(BY_HAND, "phone")
    assert [item.by for item in plan.placements] == ["managed-configuration", "by-hand"]
    assert differences(plan, documents) == ()
    (tmp_path / "policy.yaml").write_text(BY_HAND, encoding="utf-8")
    assert call_profilegen("build", "policy.yaml", "--unsigned").exit_code == 0
