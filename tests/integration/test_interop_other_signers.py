"""`verify` of what other programs signed: it holds, until a byte, the root or the way changes."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509

from tests.support import pki
from tests.support.command import Outcome, RunProfilegen
from tests.support.identities import current_chain
from tests.support.other_signers import SIGNERS
from tests.support.pki import Chain, Issued
from tests.support.signed import armoured

PROFILE = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadIdentifier</key><string>com.example.mail</string>
</dict></plist>
"""
NAME, OTHER_NAME = b"com.example.mail", b"com.example.nail"


@cache
def chain(*, key_identifier: bool) -> Chain:
    """Return a chain whose signer may also be encrypted for, which cmsutil wants.

    `openssl cms -keyid` needs the key identifier.
    """
    held = current_chain("rsa-2048")
    own = held.leaf.certificate
    identifier = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    usage = pki.usage(digital_signature=True, key_encipherment=True)
    leaf = pki.issue(
        "Current Signer",
        held.intermediate,
        kind="rsa-2048",
        start=own.not_valid_before_utc,
        end=own.not_valid_after_utc,
        extensions=[usage, identifier] if key_identifier else [usage],
    )
    return Chain(held.root, held.intermediate, leaf)


@pytest.mark.parametrize("program", SIGNERS)
def test_it_holds_until_something_changes(
    program: str, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "made").mkdir()
    signing = chain(key_identifier="-keyid" in program)
    data = SIGNERS[program](PROFILE, signing, tmp_path / "made")
    (tmp_path / "ca.pem").write_bytes(signing.intermediate.pem)

    def verify(signed: bytes, root: Issued, *options: str) -> Outcome:
        (tmp_path / "signed.mobileconfig").write_bytes(signed)
        (tmp_path / "root.pem").write_bytes(root.pem)
        return call_profilegen("verify", "signed.mobileconfig", "--trust", "root.pem", *options)

    root, foreign = signing.root, current_chain("rsa-2048", "Foreign").root
    alone = verify(data, root)
    if program == "certtool":  # leaves the intermediate out: devices find no way to the root
        assert alone.exit_code == 5
        assert "'Current CA'" in alone.stderr
    else:
        assert alone.exit_code == 0, alone.stderr
    complete = ("--certificates", "ca.pem")
    assert verify(data, root, *complete).exit_code == 0
    assert NAME.decode() in call_profilegen("show", "signed.mobileconfig").stdout
    assert verify(data, foreign, *complete).exit_code == 5
    changed = verify(_changed(data), root, *complete)
    assert changed.exit_code == 5
    # Where the signer signs no digest, it is the signature that fails.
    assert "digest" in changed.stderr or "signature" in changed.stderr


def _changed(data: bytes) -> bytes:
    """Return `data` with another byte in its content."""
    if not data.startswith(b"-----BEGIN"):
        assert data.count(NAME) == 1
        return data.replace(NAME, OTHER_NAME)
    lines = data.strip().splitlines()
    return armoured(_changed(base64.b64decode(b"".join(lines[1:-1]))))
