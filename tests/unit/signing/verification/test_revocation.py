"""What a CRL says of a certificate that is judged at an earlier time, proved by a time stamp.

Which CRLs can be used at all is attacked in tests/integration/test_adversarial_revocation.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from profilegen.errors import VerificationError
from profilegen.signing.failures import RevocationUnknownError, RevokedError
from profilegen.signing.verification.revocation import Crl, Times, check_revocation, load_crl
from tests.support import pki

DAY = timedelta(days=1)
STAMPED, NOW = pki.NOW, pki.NOW + 100 * DAY
LATE = Times(STAMPED, NOW)
ROOT = pki.issue(
    "Listing Root", extensions=[pki.ca(), pki.usage(key_cert_sign=True, crl_sign=True)]
)
SIGNER = pki.leaf(ROOT, "Listed Signer")
CHAIN = (SIGNER.certificate, ROOT.certificate)


def crl(
    *revoked: x509.RevokedCertificate,
    this: datetime = NOW - DAY,
    following: datetime = NOW + DAY,
) -> Crl:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.certificate.subject)
        .last_update(this)
        .next_update(following)
    )
    for one in revoked:
        builder = builder.add_revoked_certificate(one)
    assert isinstance(ROOT.key, pki.IssuingKey)
    der = builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.DER)
    return load_crl(der, where="root.crl")


def entry(
    since: datetime, reason: x509.ReasonFlags | None, *, invalid: datetime | None = None
) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().revocation_date(since)
    builder = builder.serial_number(SIGNER.certificate.serial_number)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    if invalid is not None:
        builder = builder.add_extension(x509.InvalidityDate(invalid), critical=False)
    return builder.build()


HARMLESS = {"superseded", "cessationOfOperation", "affiliationChanged", "privilegeWithdrawn"}
REASONS = [None, *(reason for reason in x509.ReasonFlags if reason.value != "removeFromCRL")]


def check(*crls: Crl, times: Times = LATE) -> str:
    return check_revocation(CHAIN, crls, times)


def test_what_was_used_is_told() -> None:
    expected = "none of 1 certificates is revoked, by root.crl of 2026-09-08 12:00:00 UTC"
    assert check(crl()) == expected
    assert check(crl(), times=Times(NOW, NOW)) == expected


def test_a_signer_that_is_trusted_itself_needs_no_list() -> None:
    assert "trusted itself" in check_revocation((ROOT.certificate,), (), LATE)


@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_a_revocation_after_the_time_stamp_does_harm_for_all_but_a_few_reasons(
    reason: x509.ReasonFlags | None,
) -> None:
    listed = crl(entry(STAMPED + DAY, reason))
    if reason is not None and reason.value in HARMLESS:
        assert check(listed).startswith("none of 1 certificates is revoked")
    else:
        with pytest.raises(RevokedError, match="it may have been misused before"):
            check(listed)
    with pytest.raises(RevokedError):
        check(listed, times=Times(NOW, NOW))


@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_a_revocation_before_the_time_stamp_always_does_harm(
    reason: x509.ReasonFlags | None,
) -> None:
    with pytest.raises(RevokedError, match="'Listed Signer'"):
        check(crl(entry(STAMPED - DAY, reason)))


def test_an_invalidity_date_before_the_time_stamp_does_harm() -> None:
    after = entry(STAMPED + DAY, x509.ReasonFlags.superseded, invalid=STAMPED + DAY)
    before = entry(STAMPED + DAY, x509.ReasonFlags.superseded, invalid=STAMPED - DAY)
    assert check(crl(after))
    with pytest.raises(RevokedError):
        check(crl(before))


def test_a_certificate_that_was_taken_off_again_is_good() -> None:
    assert check(crl(entry(STAMPED - DAY, x509.ReasonFlags.remove_from_crl)))


def test_a_list_of_the_time_of_the_stamp_can_be_used() -> None:
    old = crl(this=STAMPED - DAY, following=STAMPED + DAY)
    assert check(old)
    with pytest.raises(RevocationUnknownError, match="is outdated since 2026-06-02 12:00:00 UTC"):
        check(old, times=Times(NOW, NOW))


def test_the_newest_list_counts() -> None:
    old = crl(this=STAMPED - DAY, following=STAMPED + DAY)
    new = crl(entry(STAMPED - DAY, x509.ReasonFlags.key_compromise))
    for order in ((old, new), (new, old)):
        with pytest.raises(RevokedError, match="keyCompromise"):
            check(*order)


def test_a_list_made_after_the_certificate_had_expired_need_not_have_it_any_more() -> None:
    end = SIGNER.certificate.not_valid_after_utc
    late = Times(STAMPED, end + 10 * DAY)
    with pytest.raises(
        RevocationUnknownError, match="when the certificate had expired"
    ) as late_one:
        check(crl(this=end + DAY, following=end + 20 * DAY), times=late)
    assert late_one.value.hint == (
        "Give a CRL of 'Listing Root' from before 'Listed Signer' expired with --crl."
    )
    assert check(crl(this=end - DAY, following=end + 20 * DAY), times=late)


def test_a_list_of_somebody_else_says_nothing() -> None:
    chain = (pki.chain().leaf.certificate, pki.chain().intermediate.certificate)
    with pytest.raises(VerificationError) as refused:
        check_revocation(chain, (crl(),), LATE)
    assert refused.value.message == (
        "no CRL of 'Test CA' was given, so whether 'Test Signer' is revoked is not known"
    )
    assert (refused.value.exit_code, refused.value.hint) == (
        5,
        "Give the current CRL of 'Test CA' with --crl.",
    )


@pytest.mark.parametrize("data", [b"", b"no CRL", ROOT.certificate.public_bytes(Encoding.DER)])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are of the library
        load_crl(data, where="root.crl")
