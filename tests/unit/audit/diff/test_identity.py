from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.diff.compare import compare
from profilegen.audit.diff.versions import SignedBy
from profilegen.audit.document import AndroidPolicy, Declaration
from profilegen.findings import Severity
from tests.unit.audit.diff.versions import ANNA, BO, between, part, profile, told, version
from tests.unit.audit.samples import MAIL, RESTRICTIONS, context

CERTIFICATE = "com.apple.security.pkcs12"
SAME = profile(part(RESTRICTIONS, allowCamera=False))


@pytest.mark.parametrize(
    ("old", "new", "code", "severity"),
    [
        (ANNA, BO, "signer-changed", Severity.WARNING),
        (ANNA, None, "signature-dropped", Severity.WARNING),
        (None, ANNA, "signature-added", Severity.NOTE),
        (SignedBy("CN=A", ""), ANNA, "signer-unknown", Severity.WARNING),
        (ANNA, SignedBy("CN=A", ""), "signer-unknown", Severity.WARNING),
    ],
)
def test_signers_of_a_profile(
    old: SignedBy | None, new: SignedBy | None, code: str, severity: Severity
) -> None:
    (found,) = between(SAME, SAME, signers=(old, new)).identity
    assert (found.code, found.severity) == (code, severity)
    assert found.old.startswith(old.name if old else "")
    assert found.new.startswith(new.name if new else "")


@pytest.mark.parametrize("new", [ANNA, SignedBy("CN=Anna, named otherwise", ANNA.fingerprint)])
def test_the_same_signer(new: SignedBy) -> None:
    found = compare([version(SAME, signer=ANNA)], [version(SAME, signer=new)], context())
    assert found.is_empty


@pytest.mark.parametrize(("new", "severity"), [(BO, Severity.NOTE), (None, Severity.WARNING)])
def test_no_device_refuses_another_signer_of_a_policy(
    new: SignedBy | None, severity: Severity
) -> None:
    policy = AndroidPolicy("a.json", {})
    (found,) = between(policy, policy, signers=(ANNA, new)).identity
    assert found.severity is severity
    assert "refuses" not in found.message


def _profile(**keys: Any) -> Any:  # noqa: ANN401
    return profile(part(RESTRICTIONS, allowCamera=False), **keys)


@pytest.mark.parametrize(
    ("old", "new", "code", "severity"),
    [
        ({}, {"PayloadUUID": "Q"}, "profile-uuid", Severity.NOTE),
        ({}, {"PayloadIdentifier": "org.b"}, "profile-identifier", Severity.WARNING),
        ({}, {"PayloadIdentifier": None}, "profile-identifier", Severity.WARNING),
        ({}, {"PayloadScope": "System"}, "scope", Severity.WARNING),
        ({"PayloadRemovalDisallowed": True}, {}, "removal", Severity.WARNING),
        ({}, {"PayloadRemovalDisallowed": True}, "removal", Severity.NOTE),
        ({}, {"PayloadRemovalDisallowed": False}, "removal", Severity.NOTE),
    ],
)
def test_changes_of_a_profile(
    old: dict[str, Any], new: dict[str, Any], code: str, severity: Severity
) -> None:
    found = between(_profile(**old), _profile(**new))
    assert [(item.code, item.severity) for item in found.identity] == [(code, severity)]
    assert not found.settings


def test_a_profile_of_another_identifier_and_uuid() -> None:
    found = between(_profile(), _profile(PayloadIdentifier="org.b", PayloadUUID="Q")).identity
    assert [item.code for item in found] == ["profile-identifier", "profile-uuid"]
    assert "an update" not in found[1].message


def test_a_payload_that_is_made_anew() -> None:
    old = profile(part(RESTRICTIONS, "a", "1", x=1))
    new = profile(part(RESTRICTIONS, "b", "2", x=1))
    found = between(old, new).identity
    assert [(item.code, item.old, item.new) for item in found] == [
        ("payload-identifier", "org.example.mail.a", "org.example.mail.b"),
        ("payload-uuid", "1", "2"),
    ]
    assert {item.where for item in found} == {"PayloadContent[0]"}


def test_payloads_that_come_and_go_with_what_is_in_them() -> None:
    found = between(
        profile(part(RESTRICTIONS, x=1)), profile(part("com.apple.domains", WebDomains=["a"]))
    )
    assert [(item.code, item.part.type) for item in found.identity] == [
        ("payload-removed", RESTRICTIONS),
        ("payload-added", "com.apple.domains"),
    ]
    assert [told(change) for change in found.settings] == [
        ("x", "removed", 1, None),
        ("WebDomains", "added", None, "a"),
    ]


def test_a_reference_follows_its_certificate() -> None:
    old, new = (
        profile(
            part(CERTIFICATE, "login", uuid, PayloadContent=b"x"),
            part(MAIL, "staff", "S", SMIMESigningCertificateUUID=uuid, PreventMove=True),
        )
        for uuid in ("C1", "C2")
    )
    found = between(old, new)
    assert [(item.code, item.old, item.new) for item in found.identity] == [
        ("payload-uuid", "C1", "C2"),
        ("reference", "C1", "C2"),
    ]
    assert not found.settings


def test_a_reference_to_another_certificate_is_a_setting() -> None:
    certificates = [part(CERTIFICATE, name, name) for name in ("A", "B")]
    old, new = (
        profile(*certificates, part(MAIL, "staff", "S", SMIMESigningCertificateUUID=name))
        for name in ("A", "B")
    )
    found = between(old, new)
    assert not found.identity
    assert [told(change) for change in found.settings] == [
        ("SMIMESigningCertificateUUID", "changed", "A", "B")
    ]


def test_changes_of_a_declaration() -> None:
    old = Declaration("a", {"Type": "t", "Identifier": "i", "ServerToken": "1", "Payload": {}})
    new = Declaration(
        "a", {"Type": "u", "Identifier": "j", "ServerToken": "2", "Payload": {"x": 1}}
    )
    found = between(old, new)
    assert [(item.code, item.severity) for item in found.identity] == [
        ("declaration-identifier", Severity.WARNING),
        ("declaration-type", Severity.WARNING),
        ("server-token", Severity.NOTE),
    ]
    assert [told(change) for change in found.settings] == [("Payload.x", "added", None, 1)]
    assert not found.accounts


def test_names_of_strangers_are_kept_short() -> None:
    (found,) = between(_profile(), _profile(PayloadUUID="x" * 10_000)).identity
    assert len(found.new) == 120
