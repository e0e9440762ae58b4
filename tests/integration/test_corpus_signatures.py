"""Signed files of others: what we say of each is what OpenSSL said when they were collected."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from profilegen.inspection.signatures import signature_findings, signature_of
from profilegen.signing.signed_file import Encoding, SignedFile, inspect_signed, seems_signed
from profilegen.signing.trust import Trust
from profilegen.signing.verification.judge import Judge
from profilegen.signing.verification.reports import FileReport
from profilegen.signing.verification.steps import State, StepName, Verdict
from profilegen.signing.verification.trusted import Trusted
from tests.support import pki

COLLECTED = datetime(2026, 11, 23, 20, tzinfo=UTC)
ALGORITHMS = {"sha1WithRSAEncryption": "RSA PKCS#1 v1.5", "ecdsa-with-SHA256": "ECDSA"}
KEYS = {"rsaEncryption-8192": "RSA 8192", "id-ecPublicKey-256": "ECDSA P-256"}
STATES = {
    "ok": "intact",
    "fail: no content": "unchecked",
    "fail: signer certificate not found": "unchecked",
}
HOLDING = frozenset({StepName.CONTENT, StepName.SIGNATURE})
Row = Mapping[str, str]


@pytest.fixture
def rows(checkout: Path) -> list[tuple[Row, bytes]]:
    """Return every file of the corpus with its row of the index."""
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    with (folder / "index.csv").open(encoding="utf-8", newline="") as stream:
        return [(row, (folder / row["file"]).read_bytes()) for row in csv.DictReader(stream)]


@pytest.fixture
def signed(rows: list[tuple[Row, bytes]]) -> list[tuple[Row, SignedFile]]:
    return [(row, inspect_signed(data)) for row, data in rows if row["signed"] == "yes"]


def test_signed_files_are_known_by_their_first_bytes(rows: list[tuple[Row, bytes]]) -> None:
    for row, data in rows:
        assert seems_signed(data) == (row["signed"] == "yes"), row["file"]


def test_states_are_those_of_openssl(signed: list[tuple[Row, SignedFile]]) -> None:
    assert len(signed) >= 30
    for row, found in signed:
        assert signature_of(found).state == STATES[row["sig_verify"]], row["file"]


def test_contents_are_those_that_openssl_took_out(signed: list[tuple[Row, SignedFile]]) -> None:
    for row, found in signed:
        if row["inner_sha256"]:
            assert found.content is not None
            assert hashlib.sha256(found.content).hexdigest() == row["inner_sha256"], row["file"]


def test_armour_changes_nothing(rows: list[tuple[Row, bytes]]) -> None:
    armoured = [(row, data) for row, data in rows if row["container"] == "pem"]
    assert armoured
    bare = [inspect_signed(data) for row, data in rows if row["container"] == "cms"]
    for _, data in armoured:
        found = inspect_signed(data)
        assert found.encoding is Encoding.PEM
        assert found.signers in [one.signers for one in bare]
        assert found.content in [one.content for one in bare]


def test_details_are_those_of_openssl(signed: list[tuple[Row, SignedFile]]) -> None:
    for row, found in signed:
        first = found.signers[0]
        assert first.digest == row["digest"], row["file"]
        assert found.trailing == 0
        if row["certs_in_cms"]:
            assert len(found.certificates) == int(row["certs_in_cms"])
            assert first.algorithm == ALGORITHMS[row["sig_alg"]]
            assert first.key == KEYS[row["signer_key"]]
            assert first.name == row["signer_subject"]
            assert (first.signed_at is not None) == (row["signing_time"] == "True")
            end = datetime.strptime(row["signer_not_after"], "%b %d %H:%M:%S %Y GMT")  # noqa: DTZ007
            assert first.certificate is not None
            assert first.certificate.not_valid_after_utc == end.replace(tzinfo=UTC)
        if row["encoding"]:
            expected = {"DER": Encoding.DER, "BER-indefinite": Encoding.BER}[row["encoding"]]
            assert found.encoding is expected, row["file"]


def test_rules_follow_the_index(signed: list[tuple[Row, SignedFile]]) -> None:
    """Each rule fires where the index says so, and nowhere else."""
    for row, found in signed:
        rules = {one.rule for one in signature_findings(found, at=COLLECTED)}
        assert rules == set(_expected(row, found)), row["file"]


def _expected(row: Row, found: SignedFile) -> Iterator[str]:
    signs = {
        "signature-weak": row["digest"] == "sha1",
        "signature-armoured": row["container"] == "pem",
        "signature-detached": row["sig_verify"] == "fail: no content",
        "signature-signer-missing": row["sig_verify"] == "fail: signer certificate not found",
        "signature-several-signers": "two throwaway signers" in row["notes"],
        "signature-unsupported": "PSS" in row["notes"],
        # The throwaway signers of the corpus are self-signed and alone, all others have a chain.
        "signature-self-signed": 0 < len(found.certificates) == len(found.signers),
    }
    yield from (rule for rule, fires in signs.items() if fires)
    ends = [one.certificate.not_valid_after_utc for one in found.signers if one.certificate]
    if ends and min(ends) < COLLECTED:
        yield "signature-expired"
    elif ends and min(ends) <= COLLECTED + timedelta(days=30):
        yield "signature-expiring"


# --- What `verify` makes of each

EXPLAINED = {
    "algorithms": "SHA-1 can be forged; OpenSSL verifies it all the same",
    "signers": "devices follow one signer; OpenSSL verifies all that there are",
    "dates": "the corpus was signed for 90 days at a time; OpenSSL was not asked for the chain",
    "content": "a detached signature whose content is not known proves nothing",
    "signature": "without the signer's certificate there is no key",
}
"""Why the verdict on a file differs from what OpenSSL said of its signature, by failed step."""


def judged(data: bytes, found: SignedFile, *, at: datetime = COLLECTED) -> FileReport:
    """Verify a file and trust what it brings along, so that all but trust is asked."""
    return Judge(Trusted(Trust(found.certificates, "itself"), at)).judge(data)


def failures(row: Row, found: SignedFile, at: datetime) -> Iterator[str]:
    """Yield the steps that have to fail, by the index."""
    ends = [one.certificate.not_valid_after_utc for one in found.signers if one.certificate]
    signs = {
        "algorithms": row["digest"] == "sha1",
        "signers": "two throwaway signers" in row["notes"],
        "dates": bool(ends) and min(ends) < at,
        "content": row["sig_verify"] == "fail: no content",
        "signature": row["sig_verify"] == "fail: signer certificate not found",
    }
    yield from (step for step, fails in signs.items() if fails)


@pytest.fixture
def files(rows: list[tuple[Row, bytes]]) -> list[tuple[Row, bytes, SignedFile]]:
    return [(row, data, inspect_signed(data)) for row, data in rows if row["signed"] == "yes"]


def test_every_difference_to_openssl_is_explained(
    files: list[tuple[Row, bytes, SignedFile]],
) -> None:
    seen = set()
    for row, data, found in files:
        report = judged(data, found)
        failed = {step.name.value for step in report.all_steps if step.state is State.FAILED}
        assert failed == set(failures(row, found, COLLECTED)), row["file"]
        assert (report.verdict is Verdict.INVALID) == bool(failed)
        seen |= failed
    assert seen == set(EXPLAINED)


def test_signatures_hold_exactly_where_openssl_says_so(
    files: list[tuple[Row, bytes, SignedFile]],
) -> None:
    for row, data, found in files:
        steps = judged(data, found).all_steps
        held = [step.state is State.PASSED for step in steps if step.name in HOLDING]
        assert all(held) == (row["sig_verify"] == "ok"), row["file"]
        assert len(held) == len(HOLDING) * len(found.signers)


def test_a_file_is_good_in_its_own_days(files: list[tuple[Row, bytes, SignedFile]]) -> None:
    good = 0
    for row, data, found in files:
        starts = [one.not_valid_before_utc for one in found.certificates]
        at = max(starts, default=COLLECTED) + timedelta(days=1)
        expected = set(failures(row, found, at))
        report = judged(data, found, at=at)
        assert (report.verdict is Verdict.INVALID) == bool(expected), row["file"]
        good += not expected
        warned = any("RSASSA-PSS" in warning for one in report.signers for warning in one.warnings)
        assert warned == ("PSS" in row["notes"])
        assert any("PEM" in warning for warning in report.warnings) == (row["container"] == "pem")
    assert good


def test_nobody_is_trusted_for_being_in_the_file(
    files: list[tuple[Row, bytes, SignedFile]],
) -> None:
    other = Trust((pki.chain().root.certificate,), "another root")
    for row, data, found in files:
        report = Judge(Trusted(other, COLLECTED)).judge(data)
        assert report.verdict is Verdict.INVALID, row["file"]
        if found.certificates and row["digest"] != "sha1":
            chains = [step.state for step in report.all_steps if step.name is StepName.CHAIN]
            assert set(chains) == {State.FAILED}


def test_a_changed_byte_of_the_content_is_seen(rows: list[tuple[Row, bytes]]) -> None:
    for row, data in rows:
        content = inspect_signed(data).content if row["container"] == "cms" else None
        at = -1 if content is None else data.find(content[:200])
        if at < 0:
            continue
        changed = data[: at + 100] + bytes([data[at + 100] ^ 1]) + data[at + 101 :]
        assert signature_of(inspect_signed(changed)).state == "broken", row["file"]
