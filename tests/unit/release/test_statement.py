"""The statement of a release: its form, and that it agrees with the manifest in everything."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec

import profilegen
from profilegen.catalogue.load import revision
from profilegen.release.manifest import (
    Contents,
    InputFile,
    ReleasedFile,
    SignerRecord,
    Source,
    manifest_bytes,
    sha256,
)
from profilegen.release.manifest_reading import Manifest, read_manifest
from profilegen.release.statement import statement_bytes, statement_faults
from profilegen.signing.dsse import IN_TOTO, sign_envelope
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki
from tests.unit.release.samples import at_noon, policy_with

TEXT = {"type": "string", "minLength": 1}
URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:.+"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
RESOURCE = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "digest": {
            "type": "object",
            "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            "required": ["sha256"],
            "additionalProperties": False,
        },
        "annotations": {"type": "object"},
    },
    "required": ["digest"],
    "additionalProperties": False,
}
STATEMENT = {
    "type": "object",
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "subject": {"type": "array", "minItems": 1, "items": RESOURCE},
        "predicateType": {"const": "https://slsa.dev/provenance/v1"},
        "predicate": {
            "type": "object",
            "properties": {
                "buildDefinition": {
                    "type": "object",
                    "properties": {
                        "buildType": URI,
                        "externalParameters": {"type": "object"},
                        "internalParameters": {"type": "object"},
                        "resolvedDependencies": {"type": "array", "items": RESOURCE},
                    },
                    "required": ["buildType", "externalParameters"],
                    "additionalProperties": False,
                },
                "runDetails": {
                    "type": "object",
                    "properties": {
                        "builder": {
                            "type": "object",
                            "properties": {
                                "id": URI,
                                "version": {"type": "object", "additionalProperties": TEXT},
                            },
                            "required": ["id"],
                            "additionalProperties": False,
                        },
                        "metadata": {
                            "type": "object",
                            "properties": {"startedOn": TIME, "finishedOn": TIME},
                            "additionalProperties": False,
                        },
                    },
                    "required": ["builder"],
                    "additionalProperties": False,
                },
            },
            "required": ["buildDefinition", "runDetails"],
            "additionalProperties": False,
        },
    },
    "required": ["_type", "subject", "predicateType", "predicate"],
    "additionalProperties": False,
}
"""What in-toto/attestation (spec/v1) and slsa.dev/provenance/v1 demand, and no field that they
do not name; their authors publish no JSON Schema."""


@dataclass(frozen=True, slots=True)
class Case:
    """A release of a few files, as the functions here get it."""

    contents: Contents
    manifest: bytes
    identity: Identity

    @property
    def read(self) -> Manifest:
        return read_manifest(self.manifest)

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        key = self.identity.leaf.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        return key

    @property
    def statement(self) -> bytes:
        return statement_bytes(self.contents, self.manifest, self.identity)

    def faults(self, statement: bytes) -> list[str]:
        return list(
            statement_faults(
                statement, manifest=self.read, manifest_content=self.manifest, key=self.key
            )
        )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return of_files(tmp_path, ["phone/phone.mobileconfig", "work/work.json"])


def of_files(folder: Path, names: list[str]) -> Case:
    uri = pki.chain().write(folder)
    identity = open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)
    files = tuple(
        ReleasedFile(name, "profile", "phone", "none", 3, sha256(name.encode())) for name in names
    )
    source = Source(
        policy_with(),
        "policy.yaml",
        b"policy: 1\n",
        inputs=(
            InputFile("users", "users.csv", sha256(b"users")),
            InputFile("certificate", "ca.pem", sha256(b"ca")),
        ),
        options=(("templates", "own"),),
    )
    contents = Contents(source, (), files, at_noon())
    record = SignerRecord("CN=x", identity.fingerprint, pki.END, ())
    manifest = manifest_bytes(contents, signer=record, seals=())
    return Case(contents, manifest, identity)


def payload_of(statement: bytes) -> dict[str, Any]:
    payload = base64.b64decode(json.loads(statement)["payload"])
    document = json.loads(payload)
    assert rfc8785.dumps(document) == payload
    assert isinstance(document, dict)
    return document


def signed(document: object, identity: Identity) -> bytes:
    payload = json.dumps(document).encode()
    return sign_envelope(payload, payload_type=IN_TOTO, identity=identity) + b"\n"


def test_the_form_is_that_of_the_specifications(case: Case) -> None:
    jsonschema.Draft202012Validator(STATEMENT).validate(payload_of(case.statement))


def test_what_it_says(case: Case) -> None:
    statement = payload_of(case.statement)
    assert {item["name"]: item["digest"]["sha256"] for item in statement["subject"]} == {
        "phone/phone.mobileconfig": sha256(b"phone/phone.mobileconfig"),
        "work/work.json": sha256(b"work/work.json"),
        "release.json": sha256(case.manifest),
    }
    build = statement["predicate"]["buildDefinition"]
    assert build["buildType"] == "urn:profilegen:build:1"
    assert build["externalParameters"] == {
        "policy": "policy.yaml",
        "targets": [],
        "templates": "own",
    }
    assert build["internalParameters"] == {"catalogue": revision()}
    assert [
        (item["annotations"]["role"], item["name"], item["digest"]["sha256"])
        for item in build["resolvedDependencies"]
    ] == [
        ("policy", "policy.yaml", sha256(b"policy: 1\n")),
        ("certificate", "ca.pem", sha256(b"ca")),
        ("users", "users.csv", sha256(b"users")),
    ]
    assert statement["predicate"]["runDetails"] == {
        "builder": {
            "id": "urn:profilegen:builder:command-line",
            "version": {"profilegen": profilegen.__version__},
        },
        "metadata": {"startedOn": "2026-11-23T12:00:00Z", "finishedOn": "2026-11-23T12:00:00Z"},
    }


def test_it_is_one_line_that_holds(case: Case) -> None:
    statement = case.statement
    assert statement.endswith(b"\n")
    assert statement.count(b"\n") == 1
    assert case.faults(statement) == []
    assert statement == case.statement


def without_file(document: dict[str, Any]) -> None:
    del document["subject"][0]


def with_file(document: dict[str, Any]) -> None:
    document["subject"].append({"name": "more\n", "digest": {"sha256": "0" * 64}})


def with_other_digests(document: dict[str, Any]) -> None:
    for item in document["subject"]:
        item["digest"]["sha256"] = "0" * 64


def with_file_twice(document: dict[str, Any]) -> None:
    document["subject"].append(document["subject"][0])


def with_other_policy(document: dict[str, Any]) -> None:
    inputs = document["predicate"]["buildDefinition"]["resolvedDependencies"]
    inputs[0]["digest"]["sha256"] = "0" * 64


def without_policy(document: dict[str, Any]) -> None:
    document["predicate"]["buildDefinition"]["resolvedDependencies"] = []


def with_other_time(document: dict[str, Any]) -> None:
    document["predicate"]["runDetails"]["metadata"]["finishedOn"] = "2026-11-23T12:00:01Z"


def with_other_type(document: dict[str, Any]) -> None:
    document["predicateType"] = "https://slsa.dev/provenance/v0.2"


def with_other_build_type(document: dict[str, Any]) -> None:
    document["predicate"]["buildDefinition"]["buildType"] = "https://example.com/build"


def without_predicate(document: dict[str, Any]) -> None:
    document["predicate"] = None


def with_number_as_name(document: dict[str, Any]) -> None:
    document["subject"].append({"name": 1, "digest": {"sha256": "0" * 64}})


CHANGES: Mapping[Callable[[dict[str, Any]], None], str] = {
    without_file: (
        "it leaves out 1 file that the manifest names, such as 'phone/phone.mobileconfig'"
    ),
    with_file: r"it names 1 file that the manifest does not name, such as 'more\n'",
    with_other_digests: (
        "it gives 3 files another SHA-256 than the manifest, such as 'phone/phone.mobileconfig'"
    ),
    with_file_twice: "signed, but no statement on a release: it names a file twice",
    with_number_as_name: (
        "signed, but no statement on a release: "
        "a part of it is missing or of the wrong type: the name 1"
    ),
    with_other_policy: "it names another policy than the manifest",
    without_policy: "it names another policy than the manifest",
    with_other_time: "it names another time than the manifest",
    with_other_type: (
        "signed, but no statement on a release: "
        "its type, that of its predicate or that of the build is another"
    ),
    with_other_build_type: (
        "signed, but no statement on a release: "
        "its type, that of its predicate or that of the build is another"
    ),
    without_predicate: (
        "signed, but no statement on a release: a part of it is missing or of the wrong type: "
        "'NoneType' object is not subscriptable"
    ),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_statement_by_the_same_signer_that_says_something_else(
    change: Callable[[dict[str, Any]], None], case: Case
) -> None:
    document = payload_of(case.statement)
    assert case.faults(signed(document, case.identity)) == []
    change(document)
    assert case.faults(signed(document, case.identity)) == [CHANGES[change]]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "a part of it is missing or of the wrong type: list indices"),
        ({}, "a part of it is missing or of the wrong type: 'predicate'"),
        (7, "a part of it is missing or of the wrong type: 'int' object"),
    ],
)
def test_a_payload_that_is_no_statement(document: object, reason: str, case: Case) -> None:
    (fault,) = case.faults(signed(document, case.identity))
    assert fault.startswith(f"signed, but no statement on a release: {reason}")


def test_a_payload_in_which_a_key_stands_twice(case: Case) -> None:
    payload = rfc8785.dumps(payload_of(case.statement))
    twice = b'{"subject":[],' + payload[1:]
    envelope = sign_envelope(twice, payload_type=IN_TOTO, identity=case.identity) + b"\n"
    assert case.faults(envelope) == [
        "signed, but no statement on a release: a key stands twice in its object"
    ]


def test_the_statement_of_an_older_release(case: Case) -> None:
    older = replace(case.contents, created=pki.START)
    manifest = manifest_bytes(older, signer=None, seals=())
    assert case.faults(statement_bytes(older, manifest, case.identity)) == [
        "it gives 1 file another SHA-256 than the manifest, such as 'release.json'",
        "it names another time than the manifest",
    ]


def test_another_signer(case: Case, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    uri = pki.chain(name="Other").write(tmp_path / "other")
    other = open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)
    assert case.faults(statement_bytes(case.contents, case.manifest, other)) == [
        "the signature of the envelope does not verify with the key given"
    ]


@pytest.mark.parametrize(
    "change",
    [lambda line: line[:-1], lambda line: line * 2, lambda _: b""],
    ids=["no end", "two lines", "empty"],
)
def test_what_is_not_one_line(change: Callable[[bytes], bytes], case: Case) -> None:
    (fault,) = case.faults(change(case.statement))
    assert fault == "it is not one line"


def test_the_time_of_a_large_release_grows_with_its_files(tmp_path: Path) -> None:
    def work(count: int) -> float:
        folder = tmp_path / str(count)
        folder.mkdir()
        case = of_files(folder, [f"phone/users/{n:06}.mobileconfig" for n in range(count)])
        manifest = case.read
        start = time.process_time()
        statement = case.statement
        found = statement_faults(
            statement, manifest=manifest, manifest_content=case.manifest, key=case.key
        )
        assert list(found) == []
        return time.process_time() - start

    assert work(100_000) < 30 * work(10_000)
