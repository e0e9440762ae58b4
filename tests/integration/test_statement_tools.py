"""Statements of releases as other tools check them: securesystemslib, and openssl alone."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # it has no __all__

from profilegen.release.manifest import STATEMENT, sha256
from profilegen.signing.algorithms import KeyKind
from tests.support.command import RunProfilegen, run
from tests.support.identities import current_chain, in_token
from tests.support.kms import STAND_IN_ARN, StandInKms, environment, stand_in_kms
from tests.support.releases import (
    EPOCH,
    PERSONAL,
    SMALL,
    USERS,
    identity_files,
    small_release,
    snapshot,
    write_files,
    write_identity,
)

Release = Mapping[str, bytes]


def signer_of(kind: KeyKind) -> x509.Certificate:
    return x509.load_pem_x509_certificate(identity_files(kind, "")["signer.pem"])


def key_of(certificate: x509.Certificate, key_id: str) -> SSlibKey:
    """Return the key as securesystemslib has it, which takes RSA for RSASSA-PSS by itself."""
    key = certificate.public_key()
    scheme = "rsa-pkcs1v15-sha256" if isinstance(key, rsa.RSAPublicKey) else None
    return SSlibKey.from_crypto(key, keyid=key_id, scheme=scheme)


def envelope_of(release: Release) -> dict[str, Any]:
    document = json.loads(release[STATEMENT])
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("kind", KeyKind)
def test_securesystemslib_verifies_it(kind: KeyKind) -> None:
    document = envelope_of(small_release(kind))
    key_id = document["signatures"][0]["keyid"]
    key = key_of(signer_of(kind), key_id)
    envelope = Envelope.from_dict(document)
    assert envelope.verify([key], 1) == {key_id: key}
    assert envelope.payload_type == "application/vnd.in-toto+json"
    envelope.payload = envelope.payload.replace(b"policy.yaml", b"pOlicy.yaml")
    with pytest.raises(VerificationError):
        envelope.verify([key], 1)


def test_the_example_of_the_documents(
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = (checkout / "docs" / "statement.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```python\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    for kind in (KeyKind.RSA_2048, KeyKind.P256):
        write_files(tmp_path / "certs", identity_files(kind, ""))
        write_files(tmp_path / "dist", small_release(kind))
        exec(example, {})  # noqa: S102 - our own document
        assert capsys.readouterr().out == "https://slsa.dev/provenance/v1 5\n"


def test_securesystemslib_refuses_another_key() -> None:
    document = envelope_of(small_release(KeyKind.P256))
    key_id = document["signatures"][0]["keyid"]
    other = x509.load_pem_x509_certificate(identity_files(KeyKind.P256, "other")["signer.pem"])
    with pytest.raises(VerificationError):
        Envelope.from_dict(document).verify([key_of(other, key_id)], 1)


@pytest.mark.parametrize("kind", KeyKind)
def test_openssl_verifies_it(
    kind: KeyKind, tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    openssl = require_tool("openssl")
    document = envelope_of(small_release(kind))
    payload = base64.b64decode(document["payload"])
    key = signer_of(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"DSSEv1 28 {document['payloadType']} {len(payload)} ".encode() + payload
    write_files(
        tmp_path,
        {
            "key.pem": key,
            "signature": base64.b64decode(document["signatures"][0]["sig"]),
            "signed": signed,
            "changed": signed.replace(b"policy.yaml", b"pOlicy.yaml"),
        },
    )
    digest = "-sha384" if kind is KeyKind.P384 else "-sha256"
    command = (openssl, "dgst", digest, "-verify", "key.pem", "-signature", "signature")
    done = run(*command, "signed", folder=tmp_path)
    assert (done.exit_code, done.stdout) == (0, "Verified OK\n")
    done = run(*command, "changed", folder=tmp_path)
    assert (done.exit_code, done.stdout) == (1, "Verification failure\n")


def test_it_names_every_file_of_the_release() -> None:
    release = small_release()
    payload = json.loads(base64.b64decode(envelope_of(release)["payload"]))
    manifest = json.loads(release["release.json"])
    assert "release.intoto.jsonl" in manifest["seals"]
    named = {item["name"] for item in payload["subject"]}
    assert named == release.keys() - {"SHA256SUMS", STATEMENT, "release.json.p7s"}


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.P384])
def test_the_same_input_gives_the_same_statement(kind: KeyKind) -> None:
    again = small_release.__wrapped__(kind)  # not the one that is kept
    assert again[STATEMENT] == small_release(kind)[STATEMENT]


def test_what_a_release_was_built_from(tmp_path: Path, call_profilegen: RunProfilegen) -> None:
    signing = write_identity(tmp_path / "certs")
    policy = f"{PERSONAL}certificates:\n  - {{id: root, kind: ca, file: files/ca.pem}}\n".encode()
    files = {
        "policy.yaml": policy,
        "files/ca.pem": signing.root.read_bytes(),
        "lists/users.csv": USERS.encode(),
        "own/android/policy.json.j2": b"{% include 'builtin/android/policy.json.j2' %}\n",
        "own/.git/HEAD": b"ref",
        "own/picture.png": b"\x89PNG\xff",
    }
    write_files(tmp_path, files)
    done = call_profilegen(
        *("build", "policy.yaml", "--users", "lists/users.csv", "--templates", "own"),
        *("--target", "work"),
        environment={"SOURCE_DATE_EPOCH": EPOCH},
    )
    assert done.exit_code == 0, done.stderr
    payload = base64.b64decode(envelope_of(snapshot(tmp_path / "dist"))["payload"])
    build = json.loads(payload)["predicate"]["buildDefinition"]
    assert build["externalParameters"] == {
        "policy": "policy.yaml",
        "targets": ["work"],
        "templates": "own",
        "users": "users.csv",
    }
    found = {
        (item["annotations"]["role"], item["name"]): item["digest"]["sha256"]
        for item in build["resolvedDependencies"]
    }
    assert found == {
        ("policy", "policy.yaml"): sha256(policy),
        ("certificate", "files/ca.pem"): sha256(files["files/ca.pem"]),
        ("template", "android/policy.json.j2"): sha256(files["own/android/policy.json.j2"]),
        ("users", "users.csv"): sha256(USERS.encode()),
    }


def test_an_unsigned_release_has_no_statement(
    tmp_path: Path, call_profilegen: RunProfilegen
) -> None:
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    assert call_profilegen("build", "policy.yaml", "--unsigned").exit_code == 0
    assert STATEMENT not in snapshot(tmp_path / "dist")
    assert json.loads((tmp_path / "dist" / "release.json").read_bytes())["seals"] == []


@pytest.fixture
def build_for_many(tmp_path: Path, run_profilegen: RunProfilegen) -> Callable[..., dict[str, Any]]:
    """Return the function that builds a release of many files and gives its envelope."""
    target = "platform: android, mode: work-profile, minimum_os: '13', accounts: [staff]"
    targets = "".join(f"  - {{id: work-{number}, {target}}}\n" for number in range(30))
    write_files(tmp_path, {"policy.yaml": (SMALL + targets).encode()})

    def build(*options: str, environment: Mapping[str, str]) -> dict[str, Any]:
        done = run_profilegen("build", "policy.yaml", *options, environment=environment)
        assert done.exit_code == 0, done.stderr
        return envelope_of({STATEMENT: (tmp_path / "dist" / STATEMENT).read_bytes()})

    return build


def expect_signed(document: dict[str, Any], certificate: x509.Certificate) -> None:
    """Expect that securesystemslib verifies an envelope larger than keys take in one piece."""
    key_id = document["signatures"][0]["keyid"]
    key = key_of(certificate, key_id)
    envelope = Envelope.from_dict(document)
    assert len(envelope.pae()) > 8192
    assert envelope.verify([key], 1) == {key_id: key}


@pytest.mark.parametrize("kind", ["rsa-2048", "p384"])
def test_a_token_signs_a_statement_of_many_files(
    kind: str, tmp_path: Path, build_for_many: Callable[..., dict[str, Any]]
) -> None:
    chain = current_chain(kind)
    place = in_token(tmp_path, chain, "4711 0815")
    document = build_for_many(
        *("--identity", place.uri, "--passphrase-env", "PIN"),
        environment=place.environment | {"PIN": "4711 0815"},
    )
    expect_signed(document, chain.leaf.certificate)


@pytest.mark.parametrize("kind", ["rsa-2048", "p384"])
def test_a_key_service_signs_a_statement_of_many_files(
    kind: str, tmp_path: Path, build_for_many: Callable[..., dict[str, Any]]
) -> None:
    chain = current_chain(kind)
    write_files(tmp_path, {"chain.pem": chain.leaf.pem + chain.intermediate.pem})
    key = chain.leaf.key
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    with stand_in_kms(StandInKms(key)) as server:
        document = build_for_many(
            *("--identity", f"awskms:{STAND_IN_ARN}", "--certificates", "chain.pem"),
            environment=environment(server.endpoint),
        )
    expect_signed(document, chain.leaf.certificate)
