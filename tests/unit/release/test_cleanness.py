"""What is rendered is linted like a stranger's file before it is signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.audit.document import AndroidPolicy
from profilegen.release.cleanness import SecretRule, UncleanError, refuse_findings
from tests.support.command import RunProfilegen
from tests.support.releases import SMALL
from tests.unit.release.test_proof import rendered

REFUSED = SecretRule()


@pytest.mark.parametrize("target", ["phone", "work"])
def test_rendered_files_are_clean(target: str) -> None:
    plan, documents = rendered(SMALL, target)
    refuse_findings(plan, documents, own_templates=False, secrets=REFUSED)


def test_what_a_server_refuses_is_named() -> None:
    plan, (document,) = rendered(SMALL, "work")
    fields = {f"noField{index}": True for index in range(7)}
    broken = AndroidPolicy(document.name, {**document.content, **fields})  # type: ignore[dict-item]
    with pytest.raises(UncleanError) as caught:
        refuse_findings(plan, [broken], own_templates=True, secrets=REFUSED)
    assert caught.value.exit_code == 3
    assert "target work: devices or servers would refuse the rendered files" in str(caught.value)
    assert "noField0" in str(caught.value)
    assert str(caught.value).endswith("; and 2 more")
    assert caught.value.hint == (
        "Mend the template; `profilegen audit --explain unknown-field` says more."
    )
    with pytest.raises(UncleanError) as caught:
        refuse_findings(plan, [broken], own_templates=False, secrets=REFUSED)
    assert caught.value.hint == "This is a bug in profilegen: please report it with the policy."


def test_a_policy_may_ask_for_mail_without_tls(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    text = SMALL.replace("host: mail.example.com", "host: mail.example.com, tls: false")
    assert text != SMALL
    tmp_path.joinpath("policy.yaml").write_text(text, encoding="utf-8")
    assert call_profilegen("build", "policy.yaml", "-o", "dist").exit_code == 0


def test_a_name_that_contradicts_the_settings_is_no_bug(
    call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    text = SMALL.replace("sharing: ", 'name: "Block Mail Drop"\n    sharing: open # ', 1)
    assert text != SMALL
    tmp_path.joinpath("policy.yaml").write_text(text, encoding="utf-8")
    done = call_profilegen("build", "policy.yaml", "-o", "dist")
    error, hint = done.stderr.splitlines()[-2:]
    assert done.exit_code == 3
    assert error.startswith("error: target phone: a name says what the settings do not: ")
    assert error.endswith("(name-contradicts-setting)")
    assert hint == (
        "hint: Choose another name: the devices follow the settings, people follow the name."
    )
