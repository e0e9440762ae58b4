"""Every step of a file, for every signer: what was checked, what failed, what was not asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms
from cryptography import x509

from profilegen.signing import failures
from profilegen.signing.path import find_path
from profilegen.signing.trust import Trust
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport, SignerReport
from profilegen.signing.verification.revocation import load_crl
from profilegen.signing.verification.steps import State, Step, StepName, Verdict
from profilegen.signing.verification.trusted import Trusted
from profilegen.signing.verification.vouching import vouching_for
from tests.support import adversarial, adversarial_pki, authority, der, pki, signed, stamps
from tests.support.signed import By

CONTENT = b"<plist/>"
GOOD = pki.chain("rsa-2048")
SIGNER, CA, ROOT = GOOD.leaf, GOOD.intermediate, GOOD.root
SECOND = pki.leaf(CA, "Second Signer")
STRANGER = pki.issue("Stranger")
AUTHORITY = authority.authority()
TRUST = Trust((ROOT.certificate,), "roots.pem")
AUTHORITIES = Trust((AUTHORITY.root.certificate,), "authorities.pem")
AFTER = datetime(2029, 1, 1, tzinfo=UTC)
PASSED, FAILED, NOT_CHECKED = State.PASSED, State.FAILED, State.NOT_CHECKED


def trusted(
    *, now: datetime = pki.NOW, authorities: Trust | None = AUTHORITIES, several: bool = False
) -> Trusted:
    return Trusted(TRUST, now, authorities=authorities, several_signers=several)


def file_by(*signers: By, detached: bool = False) -> bytes:
    held = [CA, *(by.issued for by in signers)]
    return signed.signed_data(CONTENT, *signers, certificates=held, detached=detached)


FILE = file_by(By(SIGNER))
PLAIN = adversarial.Signed(by=SIGNER, certificates=[SIGNER, CA], content=CONTENT)
ATTRIBUTES = adversarial.usual_attributes(PLAIN)
SIGNATURE = adversarial.sign(SIGNER, der.set_of(*ATTRIBUTES), "sha256")


def stamped(*tokens: bytes) -> bytes:
    """Return a file with the tokens for its SIGNATURE, in the order given."""
    # By hand: asn1crypto takes seconds to write some tokens anew.
    stamps_of = der.sequence(der.oid(adversarial.TIME_STAMP), der.tlv(0x31, *tokens))
    return replace(PLAIN, attributes=ATTRIBUTES, signature=SIGNATURE, unsigned=[stamps_of]).der()


def step(report: FileReport, name: StepName) -> Step:
    (found,) = (one for one in report.all_steps if one.name is name)
    return found


def states(signer: SignerReport) -> dict[StepName, State]:
    return {one.name: one.state for one in signer.steps}


def test_without_lists_all_but_revocation_is_checked() -> None:
    report = Judge(trusted()).judge(FILE)
    assert {one.name for one in report.all_steps if one.state is NOT_CHECKED} == {
        StepName.REVOCATION
    }
    assert (report.verdict, report.faults, report.content) == (Verdict.INCOMPLETE, (), CONTENT)


def test_with_all_lists_a_file_is_valid() -> None:
    usage = pki.usage(key_cert_sign=True, crl_sign=True)
    root = pki.issue("Root", extensions=[pki.ca(), usage])
    signer = pki.leaf(root)
    crl = load_crl(
        adversarial_pki.revocation_list(
            root, this=pki.NOW - timedelta(1), following=pki.NOW + timedelta(1)
        ),
        where="root.crl",
    )
    data = signed.signed_data(CONTENT, By(signer))
    by = Trusted(Trust((root.certificate,), "roots.pem"), pki.NOW, crls=(crl,))
    report = Judge(by).judge(data)
    assert (report.verdict, report.faults) == (Verdict.VALID, ())


def test_a_file_that_cannot_be_read_has_no_signers() -> None:
    report = Judge(trusted()).judge(FILE + b"\0")
    assert [(one.name, one.state) for one in report.all_steps] == [
        (StepName.FORM, FAILED),
        (StepName.SIGNERS, NOT_CHECKED),
    ]
    assert (report.verdict, report.signers) == (Verdict.INVALID, ())


# --- Several signers


@pytest.mark.parametrize("second", [SECOND, STRANGER], ids=["good", "stranger"])
def test_several_signers_are_refused_unless_expected(second: pki.Issued) -> None:
    report = Judge(trusted()).judge(file_by(By(SIGNER), By(second)))
    assert step(report, StepName.SIGNERS).state is FAILED
    assert report.verdict is Verdict.INVALID
    reports = {one.certificate: states(one) for one in report.signers}
    assert set(reports) == {SIGNER.certificate, second.certificate}
    assert reports[SIGNER.certificate][StepName.CHAIN] is PASSED


def test_every_expected_signer_has_to_hold() -> None:
    judge = Judge(trusted(several=True))
    assert judge.judge(file_by(By(SIGNER), By(SECOND))).verdict is Verdict.INCOMPLETE
    for signers in ((By(SIGNER), By(STRANGER)), (By(STRANGER), By(SIGNER))):
        report = judge.judge(file_by(*signers))
        assert report.verdict is Verdict.INVALID
        assert [type(fault) for fault in report.faults] == [failures.UntrustedError]


def test_nobody_is_no_signer_also_where_several_are_expected() -> None:
    report = Judge(trusted(several=True)).judge(file_by())
    assert step(report, StepName.SIGNERS).detail == "signed by nobody, expected one signer"
    assert report.verdict is Verdict.INVALID


# --- Algorithms


def test_pss_is_checked_and_warned_of() -> None:
    data = file_by(By(SIGNER, algorithm="rsassa_pss"))
    report = Judge(trusted()).judge(data)
    assert report.verdict is Verdict.INCOMPLETE
    assert "devices and MicroMDM are reported to refuse RSASSA-PSS" in report.signers[0].warnings
    broken = data[:-1] + bytes([data[-1] ^ 1])
    assert step(Judge(trusted()).judge(broken), StepName.SIGNATURE).state is FAILED


def test_what_devices_refuse_is_checked_all_the_same() -> None:
    edwards = pki.leaf(CA, "Edwards", kind="ed25519")
    report = Judge(trusted()).judge(file_by(By(edwards)))
    assert states(report.signers[0])[StepName.SIGNATURE] is PASSED
    assert [type(fault) for fault in report.faults] == [failures.UnsupportedAlgorithmError]


def test_sha1_holds_and_is_too_weak() -> None:
    report = Judge(trusted()).judge(file_by(By(SIGNER, digest="sha1")))
    assert states(report.signers[0])[StepName.SIGNATURE] is PASSED
    assert [type(fault) for fault in report.faults] == [failures.WeakAlgorithmError]


# --- What is not in the file


def test_the_signer_and_the_intermediate_may_be_given() -> None:
    data = signed.signed_data(CONTENT, By(SIGNER), certificates=[])
    alone = Judge(trusted()).judge(data)
    assert [type(fault) for fault in alone.faults] == [failures.SignerMissingError]
    assert states(alone.signers[0])[StepName.CHAIN] is NOT_CHECKED
    pool = (SIGNER.certificate, CA.certificate)
    report = Judge(Trusted(TRUST, pki.NOW, intermediates=pool)).judge(data)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.signers[0].warnings == (
        "the certificate of the signer is not in the file, where devices look for it",
        "the intermediate 'Test CA' is not in the file, where devices look for it",
    )


def test_a_detached_signature_without_content_is_not_checked_further() -> None:
    data = file_by(By(SIGNER), detached=True)
    report = Judge(trusted()).judge(data)
    assert [type(fault) for fault in report.faults] == [failures.ContentMissingError]
    assert states(report.signers[0])[StepName.SIGNATURE] is NOT_CHECKED
    assert Judge(trusted()).judge(data, content=CONTENT).verdict is Verdict.INCOMPLETE


# --- Time stamps


def test_a_trusted_time_stamp_sets_the_time_that_dates_are_judged_at() -> None:
    assert isinstance(Judge(trusted(now=AFTER)).judge(FILE).faults[0], failures.NotInForceError)
    report = Judge(trusted(now=AFTER)).judge(stamped(stamps.token(SIGNATURE)))
    assert (report.verdict, report.faults) == (Verdict.INCOMPLETE, ())
    assert report.signers[0].proven == pki.NOW
    assert "when it was time-stamped" in step(report, StepName.DATES).detail


def test_a_time_stamp_before_the_signer_was_issued_does_not_help() -> None:
    early = stamps.token(SIGNATURE, stamps.Recipe(time=pki.START - timedelta(1)))
    report = Judge(trusted()).judge(stamped(early))
    assert step(report, StepName.DATES).state is FAILED


def test_the_time_stamp_of_an_unknown_authority_proves_nothing() -> None:
    data = stamped(stamps.token(SIGNATURE))
    report = Judge(trusted(authorities=None)).judge(data)
    assert step(report, StepName.TIME_STAMP).state is NOT_CHECKED
    assert report.verdict is Verdict.INCOMPLETE
    assert report.signers[0].proven is None
    late = Judge(trusted(now=AFTER, authorities=None)).judge(data)
    assert step(late, StepName.DATES).state is FAILED


@pytest.mark.parametrize("good_first", [True, False])
def test_one_time_stamp_of_something_else_fails_the_file(*, good_first: bool) -> None:
    tokens = [stamps.token(SIGNATURE), stamps.token(b"another signature")]
    report = Judge(trusted()).judge(stamped(*(tokens if good_first else tokens[::-1])))
    assert step(report, StepName.TIME_STAMP).state is FAILED
    assert report.verdict is Verdict.INVALID


def test_of_two_time_stamps_the_earlier_counts() -> None:
    later = stamps.token(SIGNATURE, stamps.Recipe(time=pki.NOW + timedelta(1)))
    data = stamped(later, stamps.token(SIGNATURE))
    assert Judge(trusted(now=AFTER)).judge(data).signers[0].proven == pki.NOW


def test_the_accuracy_of_the_authority_counts_against_the_signer() -> None:
    rough = stamps.token(SIGNATURE, stamps.Recipe(info={"accuracy": {"seconds": 50}}))
    report = Judge(trusted(now=AFTER)).judge(stamped(rough))
    assert report.signers[0].proven == pki.NOW + timedelta(seconds=50)


def test_other_unsigned_attributes_are_warned_of() -> None:
    def add(data: cms.SignedData) -> None:
        attribute = cms.CMSAttribute({"type": "1.2.3.4", "values": []})
        data["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([attribute])

    report = Judge(trusted()).judge(signed.changed(FILE, add))
    assert report.signers[0].warnings == ("nobody signed what was added to the signature: 1.2.3.4",)


# --- Cost


def test_the_chain_of_a_signer_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(*args: object, **options: object) -> object:
        calls.append(args)
        return find_path(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(f"{vouching_for.__module__}.find_path", counted)
    judge = Judge(trusted())
    for _ in range(5):
        judge.judge(FILE)
    judge.judge(signed.signed_data(CONTENT, By(SIGNER), certificates=[SIGNER]))
    assert len(calls) == 2


LISTS = pki.usage(key_cert_sign=True, crl_sign=True)
LISTING = authority.issue("Listing Authority Root", extensions=[pki.ca(), LISTS])
LISTED = authority.stamper(LISTING, "Listed Authority")
LATER = pki.NOW + timedelta(10)


def with_lists(*revoked: adversarial_pki.Revoked, authority_told: bool = True) -> FileReport:
    """Return the report ten days after the stamp, with a list by the authority's CA or without."""
    root = pki.issue("Listing Root", extensions=[pki.ca(), LISTS])
    leaf = pki.leaf(root)
    plain = adversarial.Signed(by=leaf, certificates=[leaf], content=CONTENT)
    attributes = adversarial.usual_attributes(plain)
    signature = adversarial.sign(leaf, der.set_of(*attributes), "sha256")
    recipe = stamps.Recipe(stamper=LISTED, certificates=(LISTED,))
    stamp = adversarial.attribute(adversarial.TIME_STAMP, stamps.token(signature, recipe))
    data = replace(plain, attributes=attributes, signature=signature, unsigned=[stamp]).der()
    named = [(root, ()), *([(LISTING, revoked)] if authority_told else [])]
    crls = tuple(
        load_crl(
            adversarial_pki.revocation_list(
                issuer, *lines, this=LATER - timedelta(1), following=LATER + timedelta(1)
            ),
            where="some.crl",
        )
        for issuer, lines in named
    )
    authorities = Trust((LISTING.certificate,), "authorities.pem")
    roots = Trust((root.certificate,), "roots.pem")
    return Judge(Trusted(roots, LATER, crls=crls, authorities=authorities)).judge(data)


def test_an_authority_that_no_list_names_is_valid() -> None:
    report = with_lists()
    assert (report.verdict, report.faults) == (Verdict.VALID, ())


def test_an_authority_of_which_no_list_tells_is_not_checked() -> None:
    report = with_lists(authority_told=False)
    assert (report.verdict, report.faults) == (Verdict.INCOMPLETE, ())
    assert (
        "no CRL of 'Listing Authority Root' was given" in step(report, StepName.TIME_STAMP).detail
    )
    assert report.signers[0].proven == pki.NOW


@pytest.mark.parametrize(
    ("days", "reason", "state"),
    [
        (1, x509.ReasonFlags.superseded, PASSED),
        (-1, x509.ReasonFlags.superseded, FAILED),
        (1, x509.ReasonFlags.key_compromise, FAILED),
        (1, None, FAILED),
    ],
)
def test_a_revoked_authority(days: int, reason: x509.ReasonFlags | None, state: State) -> None:
    since = pki.NOW + timedelta(days)
    report = with_lists(adversarial_pki.Revoked(issued=LISTED, since=since, reason=reason))
    assert step(report, StepName.TIME_STAMP).state is state
    assert (report.verdict is Verdict.VALID) == (state is PASSED)
