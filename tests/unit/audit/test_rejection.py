from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.document import Document, Profile
from profilegen.audit.rejection import RejectedPayload, rejected_payloads
from profilegen.catalogue.apple import forbidden_in_user_enrollment
from profilegen.catalogue.load import read_data
from profilegen.catalogue.terms import Enrollment
from tests.unit.audit.samples import MAIL, declaration, outlook, payload, policy, profile

DOMAINS = "com.apple.domains"
LOCK = "com.apple.app.lock"


def test_the_forbidden_payloads_are_named_with_their_places() -> None:
    document = profile(payload(DOMAINS), payload(MAIL), payload(LOCK), payload(DOMAINS))
    assert rejected_payloads(document, Enrollment.USER) == (
        RejectedPayload(0, DOMAINS),
        RejectedPayload(2, LOCK),
        RejectedPayload(3, DOMAINS),
    )


@pytest.mark.parametrize("enrollment", [e for e in Enrollment if e is not Enrollment.USER])
def test_only_user_enrolment_rejects(enrollment: Enrollment) -> None:
    assert rejected_payloads(profile(payload(DOMAINS)), enrollment) == ()


@pytest.mark.parametrize(
    "document", [profile(payload(MAIL)), policy(), outlook(), declaration(DOMAINS)]
)
def test_what_holds_no_such_payload_is_taken(document: Document) -> None:
    assert rejected_payloads(document, Enrollment.USER) == ()


@pytest.mark.parametrize(
    "content", [None, "text", {"PayloadType": DOMAINS}, [1, DOMAINS, [], {}, {"PayloadType": 1}]]
)
def test_odd_payloads_reject_nothing(content: Any) -> None:  # noqa: ANN401  (whatever a file has)
    document = Profile("x", {"PayloadType": "Configuration", "PayloadContent": content})
    assert rejected_payloads(document, Enrollment.USER) == ()


def test_the_schema_knows_every_payload_that_the_catalogue_calls_forbidden() -> None:
    controls = [c for row in read_data("ios.toml")["channel"] for c in row.get("control", ())]
    by_rule: dict[str, set[str]] = {}
    for control in controls:
        by_rule.setdefault(control["user_enrollment"], set()).update(control["payloads"])
    assert by_rule["payload-forbidden"] == {DOMAINS, "com.apple.notificationsettings"}
    assert by_rule["payload-forbidden"] <= forbidden_in_user_enrollment()
    assert forbidden_in_user_enrollment().isdisjoint(by_rule["allowed"] | by_rule["forbidden"])
