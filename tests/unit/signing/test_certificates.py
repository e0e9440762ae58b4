"""Names of certificates in words, also where only the name is in a file."""

from __future__ import annotations

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import NameOID

from profilegen.signing.certificates import full_name, name_of

NAMES = [
    [(NameOID.COMMON_NAME, "Anna's phone")],
    [(NameOID.COUNTRY_NAME, "SE"), (NameOID.ORGANIZATION_NAME, "A, B"), (NameOID.COMMON_NAME, "x")],
    [(NameOID.COMMON_NAME, "tab\tand \x1b[31m")],
    [(x509.ObjectIdentifier("1.2.3.4"), "unknown")],
]


@pytest.mark.parametrize("attributes", NAMES, ids=str)
def test_a_name_alone_reads_as_in_a_certificate(
    attributes: list[tuple[x509.ObjectIdentifier, str]],
) -> None:
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])
    assert name_of(asn1_x509.Name.load(name.public_bytes())) == full_name(name)


def test_a_name_against_the_rules_is_told_all_the_same() -> None:
    name = asn1_x509.Name.build({"country_name": "Sweden", "common_name": "x\n"})
    assert name_of(name) == "Common Name: x?, Country: Sweden"
