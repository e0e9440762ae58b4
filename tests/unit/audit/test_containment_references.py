"""References that lead nowhere, and restrictions that several payloads set."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.document import Profile
from profilegen.audit.lint import containment
from tests.unit.audit.samples import EXCHANGE, MAIL, RESTRICTIONS, context, payload, profile

UUID = "6F1C7A52-6B0E-4C0B-9D0B-0E4B6C1F8A37"
OTHER = "0B0B4DA5-8F3C-4D2B-8C35-0F5E5F7F1C11"
IDENTITY = payload("com.apple.security.pkcs12", "org.example.id", PayloadUUID=UUID.lower())
VPN = payload("com.apple.vpn.managed.applayer", "org.example.vpn", PayloadUUID=UUID, VPNUUID=OTHER)


def places(document: Profile, rule: str) -> list[str]:
    return [item.where for item in containment.findings(document, context()) if item.rule == rule]


@pytest.mark.parametrize(
    ("kind", "keys", "where"),
    [
        (EXCHANGE, {"PayloadCertificateUUID": OTHER}, "PayloadCertificateUUID"),
        (MAIL, {"SMIMESigningCertificateUUID": OTHER}, "SMIMESigningCertificateUUID"),
        ("com.apple.mdm", {"IdentityCertificateUUID": OTHER}, "IdentityCertificateUUID"),
        (
            "com.apple.wifi.managed",
            {"EAPClientConfiguration": {"PayloadCertificateAnchorUUID": [UUID, OTHER]}},
            "EAPClientConfiguration.PayloadCertificateAnchorUUID[1]",
        ),
    ],
)
def test_a_certificate_that_is_not_in_the_profile(
    kind: str, keys: dict[str, Any], where: str
) -> None:
    document = profile(IDENTITY, payload(kind, **keys))
    assert places(document, "dangling-reference") == [f"PayloadContent[1].{where}"]


@pytest.mark.parametrize("value", [UUID, "", "{{ uuid }}", "UUID-HERE", 7])
def test_a_reference_that_is_fine_or_not_filled_in(value: Any) -> None:  # noqa: ANN401
    document = profile(IDENTITY, payload(EXCHANGE, PayloadCertificateUUID=value))
    assert places(document, "dangling-reference") == []


def test_a_certificate_whose_uuid_is_filled_in_later_may_be_meant() -> None:
    later = {**IDENTITY, "PayloadUUID": "{{ certificate_uuid }}"}
    document = profile(later, payload(EXCHANGE, PayloadCertificateUUID=OTHER))
    assert places(document, "dangling-reference") == []


def test_a_vpn_is_named_by_its_own_value() -> None:
    named = profile(VPN, payload(EXCHANGE, VPNUUID=OTHER.lower()))
    assert places(named, "dangling-reference") == []
    elsewhere = profile(VPN, payload(EXCHANGE, VPNUUID="A0B1C2D3-0000-4000-8000-123456789ABC"))
    assert places(elsewhere, "dangling-reference") == []
    mistaken = profile(VPN, payload(EXCHANGE, VPNUUID=UUID))
    assert places(mistaken, "dangling-reference") == ["PayloadContent[1].VPNUUID"]


def restrictions(**keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return payload(RESTRICTIONS, PayloadVersion=1, **keys)


def test_the_same_restriction_twice() -> None:
    twice = profile(restrictions(allowCamera=False), restrictions(allowCamera=False))
    assert places(twice, "restriction-repeated") == ["PayloadContent[1].allowCamera"]
    assert places(twice, "restriction-conflict") == []


@pytest.mark.parametrize("other", [True, 0, "false"])
def test_a_restriction_with_two_values(other: Any) -> None:  # noqa: ANN401
    twice = profile(
        restrictions(allowCamera=False),
        restrictions(allowCamera=False),
        restrictions(allowCamera=other),
    )
    assert places(twice, "restriction-repeated") == ["PayloadContent[1].allowCamera"]
    assert places(twice, "restriction-conflict") == ["PayloadContent[2].allowCamera"]


def test_a_placeholder_contradicts_nothing() -> None:
    twice = profile(restrictions(allowCamera="{{ camera }}"), restrictions(allowCamera=False))
    assert places(twice, "restriction-repeated") == ["PayloadContent[1].allowCamera"]


def test_lists_that_intersect_and_different_keys_may_be_repeated() -> None:
    lists = {"allowedExternalIntelligenceWorkspaceIDs": ["a"]}
    twice = profile(restrictions(**lists, allowCamera=False), restrictions(**lists))
    assert places(twice, "restriction-repeated") == []
