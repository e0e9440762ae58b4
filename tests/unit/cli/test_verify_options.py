"""`verify` with intermediates, revocation lists, folders of roots and several signers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import signed
from tests.support.adversarial_pki import CA, OTHER_ROOT, ROOT, SIGNER, revocation_list, signer
from tests.support.command import RunProfilegen
from tests.support.releases import write_files
from tests.support.signed import By

CONTENT = b"<plist/>"
NO_LIST = "verified, but not checked: revocation (no CRL was given)"
BARE = signed.signed_data(CONTENT, By(SIGNER), certificates=[SIGNER])
WHOLE = signed.signed_data(CONTENT, By(SIGNER), certificates=[SIGNER, CA])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    der = CA.certificate.public_bytes(Encoding.DER)
    files = {
        "root.pem": ROOT.pem,
        "bare.mobileconfig": BARE,
        "whole.mobileconfig": WHOLE,
        "pool/ca.cer": der,
        "pool/readme.txt": b"the CA\n",
        "roots/root.pem": ROOT.pem,
        "roots/other.pem": OTHER_ROOT.pem,
        "lists/root.crl": revocation_list(ROOT),
        "lists/ca.crl": revocation_list(CA),
    }
    write_files(tmp_path, files)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("pool", ["pool", "pool/ca.cer"])
def test_an_intermediate_from_outside_of_the_file(
    pool: str, call_profilegen: RunProfilegen
) -> None:
    trust = ("verify", "bare.mobileconfig", "--trust", "root.pem")
    without = call_profilegen(*trust)
    assert without.exit_code == 5
    assert "its issuer 'CA' is not in root.pem" in without.stderr
    done = call_profilegen(*trust, "--certificates", pool)
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"bare.mobileconfig: {NO_LIST}")
    assert "warning: bare.mobileconfig: the intermediate 'CA' is not in the file" in done.stderr
    skipped = "pool/readme.txt: holds no certificate: skipped"
    assert (skipped in done.stderr) == (pool == "pool")
    assert skipped not in call_profilegen(*trust, "--certificates", pool, "--quiet").stderr


@pytest.mark.usefixtures("folder")
def test_a_missing_intermediate_leads_on_to_the_option(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen("verify", "bare.mobileconfig", "--trust", "roots")
    assert done.exit_code == 5
    assert "A missing intermediate can be given with --certificates." in done.stderr


@pytest.mark.usefixtures("folder")
def test_what_helps_is_not_trusted(call_profilegen: RunProfilegen) -> None:
    done = call_profilegen(
        *("verify", "whole.mobileconfig", "--trust", "roots/other.pem"),
        *("--certificates", "root.pem"),
    )
    assert done.exit_code == 5
    assert "the chain ends at 'Root', which is not in roots/other.pem" in done.stderr


@pytest.mark.usefixtures("folder")
def test_all_lists_make_a_file_valid(call_profilegen: RunProfilegen) -> None:
    verify = ("verify", "whole.mobileconfig", "--trust", "roots")
    done = call_profilegen(*verify, "--crl", "lists")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "whole.mobileconfig: valid")
    one = call_profilegen(*verify, "--crl", "lists/ca.crl")
    assert one.exit_code == 5
    assert "no CRL of 'Root' was given" in one.stderr


@pytest.mark.usefixtures("folder")
def test_results_as_json_have_every_step(call_profilegen: RunProfilegen) -> None:
    verify = ("verify", "whole.mobileconfig", "--trust", "roots", "--format", "json")
    (bare,) = json.loads(call_profilegen(*verify).stdout)["results"]
    (full,) = json.loads(call_profilegen(*verify, "--crl", "lists").stdout)["results"]
    assert (bare["verdict"], bare["valid"]) == ("incomplete", False)
    assert (full["verdict"], full["valid"]) == ("valid", True)
    (one,) = bare["signers"]
    assert [step["step"] for step in (*bare["steps"], *one["steps"])] == [
        *("form", "signers", "algorithms", "content", "signature", "time-stamp"),
        *("chain", "purpose", "dates", "revocation"),
    ]
    assert one["steps"][-1] == {
        "step": "revocation",
        "state": "not-checked",
        "detail": "no CRL was given",
    }
    assert {key: bare[key] for key in one if key not in {"steps", "warnings"}} == {
        key: one[key] for key in one if key not in {"steps", "warnings"}
    }


def test_several_signers_are_asked_for(folder: Path, call_profilegen: RunProfilegen) -> None:
    second = signer(CA, "Second")
    both = signed.signed_data(CONTENT, By(SIGNER), By(second), certificates=[SIGNER, second, CA])
    (folder / "both.mobileconfig").write_bytes(both)
    verify = ("verify", "both.mobileconfig", "--trust", "root.pem")
    refused = call_profilegen(*verify)
    assert refused.exit_code == 5
    assert "signed by 2, expected one signer" in refused.stderr
    done = call_profilegen(*verify, "--several-signers")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"both.mobileconfig: {NO_LIST}")
    signed_by = {line for line in done.stdout.splitlines() if "signed by" in line}
    assert signed_by == {"  signed by    CN=Second", "  signed by    CN=Signer"}


def test_a_profile_with_a_detached_signature_is_warned_of(
    folder: Path, call_profilegen: RunProfilegen
) -> None:
    data = signed.signed_data(CONTENT, By(SIGNER), certificates=[SIGNER, CA], detached=True)
    write_files(folder, {"plain.mobileconfig": CONTENT, "plain.mobileconfig.p7s": data})
    for name in ("plain.mobileconfig", "plain.mobileconfig.p7s"):
        done = call_profilegen("verify", name, "--trust", "root.pem")
        assert done.exit_code == 0
        assert "the signature is detached: devices need it embedded" in done.stderr


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--trust", "none.pem", "none.pem: no such file"),
        ("--trust-timestamp", "none.pem", "none.pem: no such file"),
        ("--certificates", "none.pem", "none.pem: no such file"),
        ("--certificates", "pool/readme.txt", "pool/readme.txt: holds no certificate"),
        ("--crl", "root.pem", "root.pem: holds no CRL"),
        ("--crl", "roots", "roots: no file in the folder holds a CRL"),
    ],
)
def test_what_is_given_has_to_be_of_use(
    option: str, value: str, message: str, call_profilegen: RunProfilegen
) -> None:
    done = call_profilegen("verify", "whole.mobileconfig", option, value)
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr.startswith(f"error: {message}\nhint: ")
