"""Whose signature `sign` replaces, and which ones it refuses to replace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from profilegen.cli.resigning import plain_content, replaced_note, signatories_at
from profilegen.errors import InputError, VerificationError
from profilegen.signing.certificates import fingerprint
from tests.support import adversarial, pki
from tests.support.signed import By, armoured, signed_data, streamed

CONTENT = b"<plist/>"
ONE = pki.chain().leaf
TWO = pki.chain("rsa-2048", "Other").leaf


def test_a_file_that_nobody_signed() -> None:
    assert plain_content("x", CONTENT) == (CONTENT, ())


@pytest.mark.parametrize("form", [bytes, armoured, streamed], ids=["DER", "PEM", "BER"])
def test_whose_signature_it_is(form: type[bytes]) -> None:
    plain, (signatory,) = plain_content("x", form(signed_data(CONTENT, By(ONE))))
    assert plain == CONTENT
    assert signatory.subject == "CN=Test Signer"
    assert signatory.fingerprint == fingerprint(ONE.certificate)
    assert replaced_note([signatory]) == (
        f"the signature by CN=Test Signer (SHA-256 {signatory.fingerprint[:16]}...) is replaced."
    )


def test_several_signers_are_all_named() -> None:
    plain, signatories = plain_content("x", signed_data(CONTENT, By(ONE), By(TWO)))
    assert plain == CONTENT
    note = replaced_note(signatories)
    assert note.startswith("the signatures by ")
    assert note.endswith(" are replaced.")
    for issued in (ONE, TWO):
        assert fingerprint(issued.certificate)[:16] in note


@pytest.mark.parametrize(
    ("signed", "message"),
    [
        (
            signed_data(CONTENT, By(ONE)).replace(CONTENT, b"<plisT/>"),
            "the content was changed after signing",
        ),
        (
            signed_data(CONTENT, By(ONE), By(TWO)).replace(CONTENT, b"<plisT/>"),
            "the content was changed after signing",
        ),
        (signed_data(CONTENT, By(ONE)) + b"\n", "1 byte stands behind the signature"),
        (signed_data(CONTENT, certificates=[ONE]), "signed by nobody"),
        (
            signed_data(CONTENT, By(ONE), certificates=[TWO]),
            "the certificate of the signer is not in the file",
        ),
        (signed_data(CONTENT, By(ONE, "sha1")), "signed with SHA-1, which can be forged"),
        (signed_data(CONTENT, By(TWO, "md5")), "signed with MD5, which can be forged"),
        (b"0\x03\x02\x01\x01", "not a signed file, or a damaged one"),
    ],
    ids=["changed", "changed, two", "more", "nobody", "no certificate", "SHA-1", "MD5", "DER"],
)
def test_a_signature_that_does_not_hold_is_refused(signed: bytes, message: str) -> None:
    with pytest.raises(VerificationError) as caught:
        plain_content("x.mobileconfig", signed)
    assert caught.value.message.startswith(f"x.mobileconfig: {message}")
    assert caught.value.hint


def test_a_weak_signature_behind_a_strong_digest_is_refused() -> None:
    one = adversarial.Signed(by=TWO, certificates=[TWO], content=CONTENT)
    attributes, covered = adversarial.signed_attributes(one)
    weak = replace(
        one,
        attributes=attributes,
        algorithm=adversarial.named_algorithm(TWO, "sha1"),
        signature=adversarial.sign(TWO, covered, "sha1"),
    )
    with pytest.raises(VerificationError, match="signed with SHA-1, which can be forged"):
        plain_content("x.mobileconfig", weak.der())


def test_a_detached_signature_holds_nothing_to_sign() -> None:
    with pytest.raises(InputError, match=r"^x\.p7s: a detached signature holds nothing to sign"):
        plain_content("x.p7s", signed_data(CONTENT, By(ONE), detached=True))


def test_the_signature_in_a_place_is_told_whatever_it_is_worth(tmp_path: Path) -> None:
    place = tmp_path / "x.p7s"
    assert signatories_at(place) == ()
    assert signatories_at(tmp_path) == ()
    for content in (b"", b"hello", b"0\x03\x02\x01\x01"):
        place.write_bytes(content)
        assert signatories_at(place) == ()
    place.write_bytes(signed_data(b"something else", By(ONE), By(TWO), detached=True))
    found = signatories_at(place)
    assert {one.subject for one in found} == {"CN=Test Signer", "CN=Other Signer"}
    place.write_bytes(signed_data(CONTENT, By(ONE), certificates=[]))
    (unknown,) = signatories_at(place)
    assert (unknown.subject, unknown.fingerprint) == ("", "")
    assert replaced_note([unknown]) == (
        "the signature by somebody whose certificate is not in the file is replaced."
    )
