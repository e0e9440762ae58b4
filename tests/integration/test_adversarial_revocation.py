"""Lists of revoked certificates (RFC 5280, section 6.3): what one says, and whether it may say so.

Whoever gives a list wants the answer: every certificate below the root must be covered, or the file
is refused. openssl is asked with -crl_check_all.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support import pki
from tests.support.adversarial import Signed
from tests.support.adversarial_pki import (
    ANYTHING,
    CA,
    DAY,
    ROOT,
    SIGNER,
    TODAY,
    Form,
    Revoked,
    authority,
    certify,
    covering,
    revocation_list,
    signer,
)
from tests.support.command import RunProfilegen
from tests.support.opinions import Attacks, Given, checks_of
from tests.support.pki import Issued

ATTACKS = Attacks()
refused = ATTACKS.refused
accepted = partial(ATTACKS.accepted, verdict="valid")
STEP = "revocation"
DATA = Signed(by=SIGNER, certificates=[SIGNER, CA]).der()
OF_ROOT, OF_CA = revocation_list(ROOT), revocation_list(CA)
HOLD, RELEASED = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl


def _given(*crls: bytes, by: Issued = SIGNER, ca: Issued = CA) -> Given:
    data = DATA if by is SIGNER else Signed(by=by, certificates=[by, ca]).der()
    return Given(data=data, crls=crls)


@accepted("nothing is revoked")
def _good() -> Given:
    return _given(OF_ROOT, OF_CA)


@accepted("another certificate is revoked")
def _other() -> Given:
    return _given(OF_ROOT, revocation_list(CA, Revoked(issued=signer(CA, "Other"))))


@accepted("the serial number is revoked by another CA")
def _other_issuer() -> Given:
    other = signer(CA, "Other", serial=CA.certificate.serial_number)
    return _given(OF_ROOT, revocation_list(CA, Revoked(issued=other)))


@refused("the signer is revoked", STEP, "'Signer'", "revoked")
def _signer() -> Given:
    return _given(OF_ROOT, revocation_list(CA, Revoked(issued=SIGNER)))


@refused("the intermediate is revoked", STEP, "'CA'", "revoked")
def _intermediate() -> Given:
    return _given(revocation_list(ROOT, Revoked(issued=CA)), OF_CA)


@refused("the signer's key was compromised", STEP, "'Signer'", "revoked", "keyCompromise")
def _compromised() -> Given:
    line = Revoked(issued=SIGNER, reason=x509.ReasonFlags.key_compromise)
    return _given(OF_ROOT, revocation_list(CA, line))


@refused("the signer is on hold", STEP, "'Signer'", "hold")
def _hold() -> Given:
    return _given(OF_ROOT, revocation_list(CA, Revoked(issued=SIGNER, reason=HOLD)))


@refused("revoked from tomorrow on", STEP, "'Signer'", "revoked")
def _tomorrow() -> Given:
    line = Revoked(issued=SIGNER, since=TODAY + DAY)
    return _given(OF_ROOT, revocation_list(CA, line))


@refused("an older list knew nothing of it", STEP, "'Signer'", "revoked")
def _older() -> Given:
    old = revocation_list(CA, this=TODAY - 5 * DAY)
    return _given(OF_ROOT, old, revocation_list(CA, Revoked(issued=SIGNER), number=2))


@refused("the same, with the lists in the other order", STEP, "'Signer'", "revoked")
def _older_last() -> Given:
    old = revocation_list(CA, this=TODAY - 5 * DAY)
    return _given(revocation_list(CA, Revoked(issued=SIGNER), number=2), old, OF_ROOT)


@accepted("on hold in an older list, and not in the newer one")
def _released() -> Given:
    held = Revoked(issued=SIGNER, reason=HOLD)
    old = revocation_list(CA, held, this=TODAY - 5 * DAY)
    return _given(OF_ROOT, old, revocation_list(CA, number=2))


# --- Lists that are missing, or of no use


@refused("no list of the root", STEP, "no CRL of 'Root' was given")
def _no_root_list() -> Given:
    return _given(OF_CA)


@refused("no list of the intermediate", STEP, "no CRL of 'CA' was given")
def _no_ca_list() -> Given:
    return _given(OF_ROOT)


@refused("a list that is out of date", STEP, "'CA'")
def _stale() -> Given:
    stale = revocation_list(CA, this=TODAY - 30 * DAY, following=TODAY - DAY)
    return _given(OF_ROOT, stale)


@refused("a list of the future", STEP, "'CA'")
def _early() -> Given:
    return _given(OF_ROOT, revocation_list(CA, this=TODAY + 2 * DAY))


@refused("a list by somebody of the same name", STEP, "'CA'")
def _impostor() -> Given:
    return _given(OF_ROOT, revocation_list(authority("CA", ROOT, owner="thief's CA")))


@refused("a list that was changed", STEP, "'CA'")
def _changed() -> Given:
    revoked = revocation_list(CA, Revoked(issued=SIGNER))
    serial = SIGNER.certificate.serial_number.to_bytes(20, "big").lstrip(b"\0")
    assert revoked.count(serial) == 1
    return _given(OF_ROOT, revoked.replace(serial, serial[:-1] + bytes([serial[-1] ^ 1])))


@refused("a list by a CA that may not sign lists", STEP, "'No Lists'", "cRLSign")
def _no_crl_sign() -> Given:
    ca = certify("No Lists", ROOT, Form(critical=[pki.ca(), pki.usage(key_cert_sign=True)]))
    return _given(OF_ROOT, revocation_list(ca), by=signer(ca), ca=ca)


@refused("a critical extension of a list that nobody knows", STEP, "'CA'")
def _critical() -> Given:
    return _given(OF_ROOT, revocation_list(CA, extensions=[ANYTHING]))


@refused("a critical extension of a line that nobody knows", STEP, "'CA'")
def _critical_line() -> Given:
    line = Revoked(issued=signer(CA, "Other"), critical=ANYTHING)
    return _given(OF_ROOT, revocation_list(CA, line))


# --- Lists that cover a part


def _covering(part: x509.ExtensionType, *revoked: Revoked) -> Given:
    """Return the good file with a list of CA that covers `part`."""
    return _given(OF_ROOT, revocation_list(CA, *revoked, extensions=[part]))


@accepted("a list of the users' certificates covers the signer")
def _users() -> Given:
    return _covering(covering(users=True))


@refused("the signer is revoked in a list of the users' certificates", STEP, "'Signer'", "revoked")
def _revoked_user() -> Given:
    return _covering(covering(users=True), Revoked(issued=SIGNER))


@refused("a list of the CAs' certificates does not cover the signer", STEP, "'CA'")
def _authorities() -> Given:
    return _covering(covering(authorities=True))


@refused("a list of the users' certificates does not cover a CA", STEP, "'Root'")
def _users_for_ca() -> Given:
    return _given(revocation_list(ROOT, extensions=[covering(users=True)]), OF_CA)


@refused("a list of attribute certificates", STEP, "'CA'")
def _attributes() -> Given:
    return _covering(covering(attributes=True))


@refused("a list of some reasons only", STEP, "'CA'")
def _reasons() -> Given:
    return _covering(covering(reasons=frozenset({x509.ReasonFlags.key_compromise})))


@refused("a list for others too", STEP, "'CA'")
def _indirect() -> Given:
    return _covering(covering(indirect=True))


@refused("a list of another distribution point", STEP, "'CA'")
def _distribution_point() -> Given:
    return _covering(covering(uri="http://crl.example/other.crl"))


@refused(
    "the changes since another list, alone",
    STEP,
    "'CA'",
    openssl="accepts",
    why="openssl cms takes it for a complete list, though its mark is critical",
)
def _delta() -> Given:
    return _covering(x509.DeltaCRLIndicator(1))


@refused("revoked, and removed again by the changes since", STEP, "'Signer'", "hold")
def _removed_by_delta() -> Given:
    """Lists of changes are not used, so what the complete list says stands."""
    base = revocation_list(CA, Revoked(issued=SIGNER, reason=HOLD))
    line = Revoked(issued=SIGNER, reason=RELEASED)
    delta = revocation_list(CA, line, extensions=[x509.DeltaCRLIndicator(1)], number=2)
    return _given(OF_ROOT, base, delta)


test_what_is_said, test_what_is_written_as_json, test_what_openssl_says = checks_of(ATTACKS)


# --- How lists and certificates are given


@pytest.mark.parametrize("form", [Encoding.DER, Encoding.PEM])
def test_lists_in_a_folder(form: Encoding, tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    _given().write(tmp_path)
    folder = tmp_path / "lists"
    folder.mkdir()
    for number, crl in enumerate((OF_ROOT, OF_CA)):
        encoded = x509.load_der_x509_crl(crl).public_bytes(form)
        (folder / f"{number}.crl").write_bytes(encoded)
    (folder / "README").write_text("not a list", encoding="utf-8")
    done = call_profilegen("verify", "file.mobileconfig", "--trust", "trust.pem", "--crl", "lists")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("file.mobileconfig: valid\n")
    assert "README" in done.stdout + done.stderr


@pytest.mark.parametrize("content", [b"", b"not a list", SIGNER.pem])
def test_a_file_that_is_no_list(
    content: bytes, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    _given().write(tmp_path)
    (tmp_path / "a.crl").write_bytes(content)
    done = call_profilegen("verify", "file.mobileconfig", "--trust", "trust.pem", "--crl", "a.crl")
    assert done.exit_code == 4
    assert done.stderr.startswith("error: a.crl: holds no CRL\n")


@pytest.mark.parametrize("form", [Encoding.DER, Encoding.PEM])
def test_intermediates_in_a_folder(
    form: Encoding, tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    Given(data=Signed(by=SIGNER, certificates=[SIGNER]).der()).write(tmp_path)
    folder = tmp_path / "pool"
    folder.mkdir()
    (folder / "ca").write_bytes(CA.certificate.public_bytes(form))
    (folder / "README").write_text("no certificate", encoding="utf-8")
    arguments = ("verify", "file.mobileconfig", "--trust", "trust.pem", "--certificates", "pool")
    done = call_profilegen(*arguments, "--format", "json")
    assert done.exit_code == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert result["chain"] == ["CN=Signer", "CN=CA", "CN=Root"]
    assert "README" in done.stdout + done.stderr
