"""openssl makes of a time stamp what we make of it, and its requests are like ours."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from profilegen.signing.time_stamp import TimeStampError, check_time_stamp
from profilegen.signing.time_stamp_query import kept_answer, new_query
from profilegen.signing.trust import Trust
from tests.support import authority, pki, stamps
from tests.support.command import Outcome, run
from tests.support.stamps import Recipe
from tests.support.tools import require_tool

DATA = b"the signature of a manifest"
AUTHORITY = authority.authority()
OTHER = authority.authority(name="Other")
TRUST = Trust((AUTHORITY.root.certificate,), "root.pem")
OWN, CA = AUTHORITY.stamper.certificate, AUTHORITY.ca.certificate


@pytest.fixture
def openssl(tmp_path: Path) -> Callable[[bytes], Outcome]:
    """Return a function that has openssl verify a kept time stamp of DATA."""
    (tmp_path / "root.pem").write_bytes(AUTHORITY.root.pem)
    (tmp_path / "data").write_bytes(DATA)

    def verify(kept: bytes) -> Outcome:
        (tmp_path / "stamp.tsr").write_bytes(kept)
        command = ("ts", "-verify", "-in", "stamp.tsr", "-data", "data", "-CAfile", "root.pem")
        return run(require_tool("openssl"), *command, folder=tmp_path)

    return verify


def _named(first: x509.Certificate, *more: x509.Certificate, spoiled: bool = False) -> Recipe:
    value = stamps.ess(first, *more)
    if spoiled:
        value["certs"][0]["issuer_serial"] = stamps.issuer_serial(OWN, 5)
    return Recipe(attributes=lambda signed: signed | {"signing_certificate_v2": [value]})


@pytest.mark.parametrize(
    ("recipe", "holds"),
    [
        pytest.param(Recipe(), True, id="plain"),
        pytest.param(Recipe(imprint="sha512", digest="sha512"), True, id="sha512"),
        pytest.param(
            Recipe(certificates=(AUTHORITY.stamper, AUTHORITY.ca, OTHER.ca)), True, id="extra"
        ),
        pytest.param(_named(OWN, CA), True, id="chain-named"),
        pytest.param(_named(OWN, OTHER.ca.certificate), False, id="other-chain-named"),
        pytest.param(_named(CA, OWN), False, id="other-certificate-first"),
        pytest.param(_named(OWN, spoiled=True), False, id="other-serial"),
        pytest.param(
            Recipe(attributes=lambda signed: {k: v for k, v in signed.items() if "cert" not in k}),
            False,
            id="none-named",
        ),
        pytest.param(Recipe(certificates=(AUTHORITY.stamper,)), False, id="no-intermediate"),
        pytest.param(
            Recipe(stamper=OTHER.stamper, certificates=(OTHER.stamper, OTHER.ca)),
            False,
            id="other-root",
        ),
        pytest.param(Recipe(info={"version": "v2"}), False, id="version"),
        pytest.param(
            Recipe(
                stamper=pki.issue("Nobody", AUTHORITY.ca, start=authority.START, end=authority.END)
            ),
            False,
            id="no-usage",
        ),
    ],
)
def test_the_same_verdict(recipe: Recipe, holds: bool, openssl: Callable[[bytes], Outcome]) -> None:  # noqa: FBT001 - a case
    kept = kept_answer(stamps.token(DATA, recipe))
    theirs = openssl(kept)
    assert (theirs.exit_code == 0) is holds, theirs.stderr
    if holds:
        stamp = check_time_stamp(kept, data=DATA, trust=TRUST, at=pki.NOW)
        assert stamp.chain[0] == recipe.stamper.certificate
    else:
        with pytest.raises(TimeStampError):
            check_time_stamp(kept, data=DATA, trust=TRUST, at=pki.NOW)


def test_a_request_reads_as_one_of_openssl(tmp_path: Path) -> None:
    tool = require_tool("openssl")
    (tmp_path / "data").write_bytes(DATA)
    made = run(
        tool, "ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "q", folder=tmp_path
    )
    assert made.exit_code == 0
    theirs, ours = (tmp_path / "q").read_bytes(), new_query(DATA).encoded
    # The nonces differ, and 64 bits of them may take eight bytes or nine.
    digest = hashlib.sha256(DATA).digest()
    assert theirs[2 : theirs.index(digest)] == ours[2 : ours.index(digest)]
    assert theirs[-3:] == ours[-3:]
