"""Who signed the last release of a line, as far as it says so, and what counts as a change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from profilegen.audit.diff.versions import SignedBy
from profilegen.release.line import (
    KnownFrom,
    LastRelease,
    Line,
    last_release,
    rotated_from,
    signer_changes,
)
from profilegen.signing.certificates import key_fingerprint
from tests.support import pki
from tests.support.signed import By, signed_data

A, B, C = (letter * 64 for letter in "abc")
ANNA, BO = SignedBy("CN=Anna", A, "key"), SignedBy("CN=Bo", B, "key")
LINE = "com.example.mail"


def manifest(identity: object) -> bytes:
    return json.dumps({"schema": "profilegen.release/1", "identity": identity}).encode()


def identity(**fields: object) -> Mapping[str, object]:
    return {"subject": "CN=Anna", "fingerprint": A, **fields}


def written(folder: Path, content: bytes, signature: bytes | None = None) -> LastRelease | None:
    (folder / "release.json").write_bytes(content)
    if signature is not None:
        (folder / "release.json.p7s").write_bytes(signature)
    return last_release(folder)


def test_a_folder_without_a_release_has_no_last_one(tmp_path: Path) -> None:
    assert last_release(tmp_path) is None
    assert last_release(tmp_path / "missing") is None


def test_a_manifest_names_its_signer(tmp_path: Path) -> None:
    said = written(tmp_path, manifest(identity(rotated_from=B)))
    assert said == LastRelease(SignedBy("CN=Anna", A), B)
    assert written(tmp_path, manifest(identity())) == LastRelease(SignedBy("CN=Anna", A))
    assert written(tmp_path, manifest(None)) == LastRelease(None)


def test_the_key_is_that_of_the_certificate_that_the_manifest_names(tmp_path: Path) -> None:
    signer = pki.chain("rsa-2048").leaf
    own = signer.certificate.fingerprint(pki.SHA256).hex()
    signature = signed_data(b"any", By(signer), detached=True)
    named = written(tmp_path, manifest(identity(fingerprint=own)), signature)
    assert named == LastRelease(SignedBy("CN=Anna", own, key_fingerprint(signer.certificate)))
    assert written(tmp_path, manifest(identity())) == LastRelease(SignedBy("CN=Anna", A))
    damaged = written(tmp_path, manifest(identity(fingerprint=own)), b"0\x80damaged")
    assert damaged == LastRelease(SignedBy("CN=Anna", own))


def test_a_subject_cannot_steer_a_terminal(tmp_path: Path) -> None:
    said = written(tmp_path, manifest(identity(subject="CN=\x1b[2J\n" + "x" * 1000)))
    assert said is not None
    assert said.signer is not None
    assert said.signer.name.isprintable()
    assert len(said.signer.name) <= 120


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff",
        b"[]",
        b"{}",
        b'{"schema": "other/1", "identity": null}',
        b'{"schema": "profilegen.release/1"}',
        manifest([]),
        manifest("CN=Anna"),
        manifest({"subject": "CN=Anna"}),
        manifest({"fingerprint": A}),
        manifest(identity(fingerprint=A.upper())),
        manifest(identity(fingerprint=7)),
        manifest(identity(rotated_from="me")),
    ],
)
def test_a_broken_manifest_names_nobody(tmp_path: Path, content: bytes) -> None:
    assert written(tmp_path, content) is None


@pytest.mark.parametrize(
    ("line", "new", "changes"),
    [
        (Line(LINE, None), ANNA, []),
        (Line(LINE, None), None, []),
        (Line(LINE, LastRelease(None)), ANNA, []),
        (Line(LINE, LastRelease(ANNA)), ANNA, []),
        (Line(LINE, LastRelease(ANNA), A), ANNA, []),
        (Line(LINE, LastRelease(ANNA)), SignedBy("CN=Another name", A), []),
        (Line(LINE, LastRelease(ANNA)), BO, [(KnownFrom.RELEASE, A)]),
        (Line(LINE, LastRelease(ANNA)), None, [(KnownFrom.RELEASE, A)]),
        (Line(LINE, LastRelease(ANNA), B), BO, [(KnownFrom.RELEASE, A)]),
        (Line(LINE, None, A), BO, [(KnownFrom.PIN, A)]),
        (Line(LINE, None, A), None, [(KnownFrom.PIN, A)]),
        (Line(LINE, LastRelease(BO), A), BO, [(KnownFrom.PIN, A)]),
        (Line(LINE, LastRelease(ANNA), C), BO, [(KnownFrom.RELEASE, A), (KnownFrom.PIN, C)]),
    ],
)
def test_changes(line: Line, new: SignedBy | None, changes: list[tuple[KnownFrom, str]]) -> None:
    found = signer_changes(line, new)
    assert [(one.known_from, one.old.fingerprint) for one in found] == changes
    assert all(one.new == new for one in found)


@pytest.mark.parametrize(
    ("line", "taken_over_from"),
    [
        (Line(LINE, None), ""),
        (Line(LINE, LastRelease(BO)), ""),
        (Line(LINE, LastRelease(BO, A)), A),
        (Line(LINE, LastRelease(ANNA, C)), A),
        (Line(LINE, None, A), A),
        (Line(LINE, LastRelease(BO, A), B), A),
    ],
)
def test_a_rotation_names_whose_place_is_taken_and_repeats_itself(
    line: Line, taken_over_from: str
) -> None:
    assert rotated_from(line, BO) == taken_over_from


def test_whether_two_have_one_key() -> None:
    assert ANNA.has_key_of(BO) is True
    assert ANNA.has_key_of(SignedBy("", B, "another")) is False
    assert ANNA.has_key_of(SignedBy("", B)) is None
