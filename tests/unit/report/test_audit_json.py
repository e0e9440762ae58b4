"""The JSON of audit: every field, and values of every type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from profilegen.audit.model import FieldControl, Flow, PayloadControl
from profilegen.catalogue.terms import Basis, Direction, State
from profilegen.inspection.model import (
    Device,
    Inspected,
    Inspection,
    Origin,
    Signature,
    Signer,
    Stated,
    Suppressed,
)
from profilegen.report.audit_json import audit_document, audit_json, control_document, json_value
from tests.unit.report.inspections import SAMPLES, finding, inspected

FLOW = Flow("*", "open-in", Direction.OUT, State.CLOSED, Basis.DEVICE, (), "Said so.")
SIGNER = Signer(
    name="CN=Signer",
    issuer="CN=Issuer",
    fingerprint="ab",
    key="RSA 2048",
    digest="sha256",
    algorithm="RSA PKCS#1 v1.5",
    not_before="2026-01-01T00:00:00Z",
    not_after="2027-01-01T00:00:00Z",
    signed_at=None,
    state="intact",
    reason="",
)


def test_every_field_of_a_file() -> None:
    file = Inspected(
        name="a.mobileconfig",
        kind="profile",
        signature=Signature("intact", "CN=Signer", "ab", (SIGNER,)),
        findings=(finding("A"), finding("B")),
        suppressed=(Suppressed(finding("C", rule="wrong-type"), "--ignore", "Old."),),
        flows=(FLOW,),
        lines={"A": 7},
    )
    document = audit_document(Inspection((file,), None, {"--os": "iOS 27"}))
    assert json.loads(json.dumps(document)) == {
        "schema": "profilegen.audit/1",
        "assumed": [{"option": "--os", "value": "iOS 27"}],
        "stated": [],
        "unused": [],
        "summary": {
            "files": 1,
            "kinds": {"profile": 1},
            "findings": {"error": 0, "warning": 2, "note": 0},
            "rules": {"unknown-key": 2},
            "suppressed": 1,
        },
        "files": [
            {
                "file": "a.mobileconfig",
                "kind": "profile",
                "signature": {
                    "state": "intact",
                    "signer": "CN=Signer",
                    "fingerprint": "ab",
                    "signers": [
                        {
                            "name": "CN=Signer",
                            "issuer": "CN=Issuer",
                            "fingerprint": "ab",
                            "key": "RSA 2048",
                            "digest": "sha256",
                            "algorithm": "RSA PKCS#1 v1.5",
                            "not_before": "2026-01-01T00:00:00Z",
                            "not_after": "2027-01-01T00:00:00Z",
                            "signed_at": None,
                            "state": "intact",
                            "reason": "",
                        }
                    ],
                },
                "findings": [finding_json("A", 7), finding_json("B", None)],
                "suppressed": [
                    {
                        **finding_json("C", None),
                        "rule": "wrong-type",
                        "severity": "error",
                        "by": "--ignore",
                        "because": "Old.",
                    }
                ],
                "flows": [
                    {
                        "account": "*",
                        "channel": "open-in",
                        "direction": "out",
                        "state": "closed",
                        "basis": "device",
                        "controls": [],
                        "reason": "Said so.",
                    }
                ],
                "manifest": None,
                "target": None,
            }
        ],
    }


@pytest.mark.parametrize("make", SAMPLES)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_text_that_is_made_file_by_file_is_the_document(
    make: Callable[[], Inspection], count: int
) -> None:
    made = make()
    device = Device((finding('"files": null'), finding("\u2028\x85\n")), (), ())
    made = replace(made, files=made.files[:1] * count, device=device)
    expected = json.dumps(audit_document(made), indent=2, ensure_ascii=False)
    assert "".join(audit_json(made)) == f"{expected}\n"


def test_what_a_manifest_states() -> None:
    stated = Stated("r/release.json", "not signed", "phone", {"--os": "iOS 17"})
    file = replace(inspected("a"), origin=Origin(manifest="r/release.json", target="phone"))
    document: Any = audit_document(Inspection((file,), None, {}, (stated,), ("Not that.",)))
    assert document["stated"] == [
        {
            "manifest": "r/release.json",
            "signed": "not signed",
            "target": "phone",
            "options": [{"option": "--os", "value": "iOS 17"}],
        }
    ]
    assert document["unused"] == ["Not that."]
    assert (document["files"][0]["manifest"], document["files"][0]["target"]) == (
        "r/release.json",
        "phone",
    )


def finding_json(where: str, line: int | None) -> dict[str, object]:
    return {
        "rule": "unknown-key",
        "severity": "warning",
        "where": where,
        "message": "Wrong.",
        "fix": "Mend it.",
        "line": line,
    }


def test_the_device_counts_too() -> None:
    device = Device((finding("a.json: A"),), (Suppressed(finding("B"), "x", ""),), (FLOW,))
    document = audit_document(Inspection((), device, {}))
    assert document["device"] == {
        "findings": [finding_json("a.json: A", None)],
        "suppressed": [{**finding_json("B", None), "by": "x", "because": ""}],
        "flows": [{**_flow(), "controls": []}],
    }
    summary = document["summary"]
    assert isinstance(summary, dict)
    assert (summary["files"], summary["rules"], summary["suppressed"]) == (0, {"unknown-key": 1}, 1)


def _flow() -> dict[str, object]:
    return {
        "account": "*",
        "channel": "open-in",
        "direction": "out",
        "state": "closed",
        "basis": "device",
        "reason": "Said so.",
    }


def test_controls_of_both_platforms() -> None:
    assert control_document(PayloadControl("p", "K", b"\x01")) == {
        "payload": "p",
        "key": "K",
        "value": "AQ==",
    }
    assert control_document(FieldControl("a.b[]", ("x", "y"))) == {
        "path": "a.b[]",
        "value": ["x", "y"],
    }


def test_values_of_every_type_become_json() -> None:
    when = datetime(2026, 1, 2, tzinfo=UTC)
    value = [{"a": b"\x01"}, 1.5, True, 3, "s", when]
    assert json_value(value) == [{"a": "AQ=="}, "1.5", True, 3, "s", str(when)]
