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

COLLECTED = datetime(2026, 11, 23, 20, tzinfo=UTC)
ALGORITHMS = {"sha1WithRSAEncryption": "RSA PKCS#1 v1.5", "ecdsa-with-SHA256": "ECDSA"}
KEYS = {"rsaEncryption-8192": "RSA 8192", "id-ecPublicKey-256": "ECDSA P-256"}
STATES = {
    "ok": "intact",
    "fail: no content": "unchecked",
    "fail: signer certificate not found": "unchecked",
}
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


def test_a_changed_byte_of_the_content_is_seen(rows: list[tuple[Row, bytes]]) -> None:
    for row, data in rows:
        content = inspect_signed(data).content if row["container"] == "cms" else None
        at = -1 if content is None else data.find(content[:200])
        if at < 0:
            continue
        changed = data[: at + 100] + bytes([data[at + 100] ^ 1]) + data[at + 101 :]
        assert signature_of(inspect_signed(changed)).state == "broken", row["file"]
