"""What a person is told of an identity."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from profilegen.signing.description import IdentityDescription, describe
from profilegen.signing.identity import open_identity
from tests.support import pki
from tests.support.pki import Issued


def _describe(
    folder: Path, signer: Issued, *others: Issued, days: int = 0, soon_days: int = 30
) -> IdentityDescription:
    bundle = folder / "id.pem"
    bundle.write_bytes(signer.key_pem + signer.pem + b"".join(o.pem for o in others))
    at = pki.NOW + timedelta(days=days)
    identity = open_identity(f"pem:{bundle}", passphrase=None, certificates=None, at=at)
    return describe(identity, at=at, soon_days=soon_days)


def test_the_chain_is_told_from_the_signer_up(tmp_path: Path) -> None:
    good = pki.chain("rsa-2048")
    told = _describe(tmp_path, good.leaf, good.root, good.intermediate)
    assert [c.subject for c in told.chain] == ["CN=Test Signer", "CN=Test CA", "CN=Test Root"]
    assert told.root_known
    assert told.signature == "RSA PKCS#1 v1.5 with SHA-256"
    assert told.days_left == 578
    assert told.warnings == ()
    assert told.signer.key == "RSA 2048"
    assert told.signer.issuer == "CN=Test CA"
    assert told.signer.serial == f"{good.leaf.certificate.serial_number:x}"
    assert told.signer.fingerprint == good.leaf.certificate.fingerprint(pki.SHA256).hex()
    assert (told.signer.not_before, told.signer.not_after) == (pki.START, pki.END)


def test_an_unknown_root_is_a_warning(tmp_path: Path) -> None:
    good = pki.chain("rsa-2048")
    told = _describe(tmp_path, good.leaf, good.intermediate)
    assert not told.root_known
    assert told.warnings == ("the root was not given: make sure that devices trust 'Test Root'",)


def test_the_end_is_near(tmp_path: Path) -> None:
    good = pki.chain("rsa-2048")
    told = _describe(tmp_path, good.leaf, good.intermediate, good.root, days=570)
    assert told.days_left == 8
    assert told.warnings == tuple(
        f"'{name}' expires on 2028-01-01 00:00:00 UTC (days left: 8):"
        " profiles show as unverified from then on"
        for name in ("Test Signer", "Test CA", "Test Root")
    )


def test_how_near_is_said(tmp_path: Path) -> None:
    good = pki.chain("rsa-2048")
    for soon_days, told in ((578, 0), (579, 2)):
        described = _describe(tmp_path, good.leaf, good.intermediate, soon_days=soon_days)
        assert sum("expires on" in warning for warning in described.warnings) == told


def test_ecdsa_is_a_warning_and_so_is_a_self_signed_signer(tmp_path: Path) -> None:
    told = _describe(tmp_path, pki.issue("Alone"))
    assert [warning.split(":")[0].split(";")[0] for warning in told.warnings] == [
        "the signer is self-signed",
        "no report shows that devices accept ECDSA signers",
    ]
