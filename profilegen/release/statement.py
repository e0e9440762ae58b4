"""The statement of a release: how it was built and what came out, for supply-chain tools.

An in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) with the predicate SLSA
Provenance v1 (slsa.dev/provenance/v1), signed in a DSSE envelope by the signer of the manifest and
kept as a bundle of one line (spec/v1/bundle.md). docs/statement.md describes the build type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from profilegen import __version__
from profilegen.catalogue.load import revision
from profilegen.errors import VerificationError
from profilegen.release.manifest import MANIFEST, Contents, InputFile, Source, sha256, utc_text
from profilegen.release.manifest_reading import Manifest
from profilegen.signing.dsse import IN_TOTO, open_envelope, sign_envelope
from profilegen.signing.identity import Identity
from profilegen.signing.strict_json import load_strict_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:profilegen:build:1"
BUILDER = "urn:profilegen:builder:command-line"
_POLICY = "policy"


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is compared with the manifest; `subjects` and `policies` are digests by name."""

    created: object
    subjects: Mapping[str, object]
    policies: Mapping[str, object]


def statement_bytes(contents: Contents, manifest: bytes, identity: Identity) -> bytes:
    """Return release.intoto.jsonl: one line, the envelope of the statement on a release.

    `manifest` is release.json, one of the subjects. The same arguments give the same bytes where
    the identity's signatures do. Raises what signing does.
    """
    payload = rfc8785.dumps(_statement(contents, manifest))
    return sign_envelope(payload, payload_type=IN_TOTO, identity=identity) + b"\n"


def statement_faults(
    content: bytes, *, manifest: Manifest, manifest_content: bytes, key: PublicKeyTypes
) -> Iterator[str]:
    """Yield what is wrong with the statement in `content`, one sentence each.

    `key` is that of the manifest's signer, and `manifest` what `manifest_content`, the bytes of
    release.json, says; both are trusted already. The signature comes first: nothing is compared
    before it holds.
    """
    envelope, end, more = content.partition(b"\n")
    if not end or more:
        yield "it is not one line"
        return
    try:
        payload = open_envelope(envelope, payload_type=IN_TOTO, key=key)
        statement = _read(payload)
    except VerificationError as error:
        yield error.message
        return
    except ValueError as error:
        yield f"signed, but no statement on a release: {error}"
        return
    expected = {item.path: item.sha256 for item in manifest.files}
    expected[MANIFEST] = sha256(manifest_content)
    yield from _subject_faults(statement.subjects, expected)
    if statement.policies != {manifest.policy: manifest.policy_sha256}:
        yield "it names another policy than the manifest"
    if statement.created != manifest.created:
        yield "it names another time than the manifest"


def _statement(contents: Contents, manifest: bytes) -> dict[str, Any]:
    digests = {item.path: item.sha256 for item in contents.files}
    digests[MANIFEST] = sha256(manifest)
    created = utc_text(contents.created)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [_resource(path, digests[path]) for path in sorted(digests)],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": _external_parameters(contents),
                "internalParameters": {"catalogue": revision()},
                "resolvedDependencies": [_dependency(item) for item in _inputs(contents.source)],
            },
            "runDetails": {
                "builder": {"id": BUILDER, "version": {"profilegen": __version__}},
                "metadata": {"startedOn": created, "finishedOn": created},
            },
        },
    }


def _external_parameters(contents: Contents) -> dict[str, Any]:
    source = contents.source
    targets = [plan.target.id for plan in contents.plans]
    options = {name: _text(value) for name, value in source.options}
    return {"policy": source.name, "targets": targets} | options


def _inputs(source: Source) -> Iterator[InputFile]:
    yield InputFile(_POLICY, source.name, sha256(source.content))
    yield from sorted(source.inputs, key=lambda item: (item.role, item.name))


def _dependency(item: InputFile) -> dict[str, Any]:
    return _resource(_text(item.name), item.sha256) | {"annotations": {"role": item.role}}


def _text(name: str) -> str:
    """Return a file name as JSON can hold it: not every name of a file is text."""
    return name.encode(errors="backslashreplace").decode()


def _resource(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest}}


def _read(payload: bytes) -> _Statement:
    """Take a signed payload apart.

    Raises ValueError for what is no statement on a build of this type: the same key may have
    signed other ones.
    """
    document: Any = load_strict_json(payload)
    try:
        predicate = document["predicate"]
        build, run = predicate["buildDefinition"], predicate["runDetails"]
        kinds = (document["_type"], document["predicateType"], build["buildType"])
        subjects = [_named_digest(item) for item in document["subject"]]
        inputs = [
            _named_digest(item)
            for item in build["resolvedDependencies"]
            if item["annotations"]["role"] == _POLICY
        ]
        created = run["metadata"]["finishedOn"]
        statement = _Statement(created, dict(subjects), dict(inputs))
    except (KeyError, TypeError) as error:
        message = f"a part of it is missing or of the wrong type: {error}"
        raise ValueError(message) from error
    if kinds != (STATEMENT_TYPE, PREDICATE_TYPE, BUILD_TYPE):
        message = "its type, that of its predicate or that of the build is another"
        raise ValueError(message)
    if len(statement.subjects) < len(subjects) or len(statement.policies) < len(inputs):
        message = "it names a file twice"
        raise ValueError(message)
    return statement


def _named_digest(item: dict[str, Any]) -> tuple[str, object]:
    """Return name and digest of a resource; raise KeyError or TypeError where it has none."""
    name = item["name"]
    if not isinstance(name, str):
        message = f"the name {name!a}"
        raise TypeError(message)
    return name, item["digest"]["sha256"]


def _subject_faults(subjects: Mapping[str, object], expected: Mapping[str, str]) -> Iterator[str]:
    """Compare the files; a sentence for each way in which they differ, with one as an example."""
    ways = (
        ("it leaves out {count} that the manifest names", expected.keys() - subjects.keys()),
        ("it names {count} that the manifest does not name", subjects.keys() - expected.keys()),
        (
            "it gives {count} another SHA-256 than the manifest",
            {
                path
                for path in expected.keys() & subjects.keys()
                if subjects[path] != expected[path]
            },
        ),
    )
    for sentence, paths in ways:
        if paths:
            count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
            yield f"{sentence.format(count=count)}, such as {min(paths)!a}"
