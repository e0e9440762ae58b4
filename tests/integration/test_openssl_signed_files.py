"""What OpenSSL signs in any form is taken apart here, and both agree on what holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from profilegen.inspection.signatures import signature_findings, signature_of
from profilegen.signing.signed_file import Encoding, inspect_signed
from tests.support import pki
from tests.support.command import run
from tests.support.signed import By, armoured, signed_data

CONTENT = b'<?xml version="1.0"?>\n<plist>\n</plist>\n'
CHAIN = pki.chain("rsa-2048")
SIGNER = pki.with_key_identifier(CHAIN)
NODETACH = ("-nodetach",)


@pytest.mark.parametrize(
    ("form", "options", "state", "rules"),
    [
        ("DER", NODETACH, "intact", set()),
        ("DER", (*NODETACH, "-stream"), "intact", set()),
        ("DER", (*NODETACH, "-noattr"), "intact", set()),
        ("DER", (*NODETACH, "-md", "sha512"), "intact", set()),
        ("PEM", NODETACH, "intact", {"signature-armoured"}),
        ("DER", (*NODETACH, "-md", "sha1"), "intact", {"signature-weak"}),
        ("DER", (*NODETACH, "-keyid"), "intact", {"signature-key-identifier"}),
        (
            "DER",
            (*NODETACH, "-keyopt", "rsa_padding_mode:pss"),
            "intact",
            {"signature-unsupported"},
        ),
        (
            "DER",
            (*NODETACH, "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:-1"),
            "intact",
            {"signature-unsupported"},
        ),
        ("DER", (*NODETACH, "-nocerts"), "unchecked", {"signature-signer-missing"}),
        ("DER", (), "unchecked", {"signature-detached"}),
    ],
    ids=[
        "der", "ber", "no-attributes", "sha512", "pem", "sha1", "key-identifier", "pss",
        "pss-saltlen", "no-certificates", "detached",
    ],
)  # fmt: skip
def test_forms_of_openssl(  # noqa: PLR0913, PLR0917 - one case and two fixtures
    require_tool: Callable[[str], Path],
    tmp_path: Path,
    form: str,
    options: tuple[str, ...],
    state: str,
    rules: set[str],
) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "key.pem").write_bytes(SIGNER.key_pem)
    (tmp_path / "signer.pem").write_bytes(SIGNER.pem)
    (tmp_path / "ca.pem").write_bytes(CHAIN.intermediate.pem)
    openssl = require_tool("openssl")
    files = ("-in", "content", "-out", "signed", "-inkey", "key.pem", "-signer", "signer.pem")
    signing = ("cms", "-sign", "-binary", *files, "-outform", form, "-certfile", "ca.pem")
    done = run(openssl, *signing, *options, folder=tmp_path)
    assert done.exit_code == 0, done.stderr
    data = (tmp_path / "signed").read_bytes()
    found = inspect_signed(data)
    assert signature_of(found).state == state
    assert found.content == (None if "-nodetach" not in options else CONTENT)
    assert (found.encoding is Encoding.BER) == ("-stream" in options)
    assert {one.rule for one in signature_findings(found, at=pki.NOW)} == rules
    verifying = ("cms", "-verify", "-noverify", "-inform", form, "-in", "signed", "-out", "out")
    verified = run(openssl, *verifying, folder=tmp_path)
    assert (verified.exit_code == 0) == (state == "intact")


def test_openssl_reads_over_what_stands_behind(
    require_tool: Callable[[str], Path], tmp_path: Path
) -> None:
    """What the pages of two rules say of openssl, which `verify` refuses."""
    openssl = require_tool("openssl")
    data = signed_data(CONTENT, By(CHAIN.leaf))
    verifying = ("cms", "-verify", "-noverify", "-in", "signed", "-out", "out", "-inform")
    for signed, form in ((data + b"\n\0", "DER"), (armoured(data), "PEM")):
        (tmp_path / "signed").write_bytes(signed)
        assert run(openssl, *verifying, form, folder=tmp_path).exit_code == 0
    (tmp_path / "signed").write_bytes(signed_data(CONTENT))
    refused = run(openssl, *verifying, "DER", folder=tmp_path)
    assert "no signers" in refused.stderr
