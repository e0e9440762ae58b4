"""The linter beside an oracle that walks Apple's YAML files itself: no difference, key by key."""

from __future__ import annotations

import plistlib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from profilegen.audit.document import DocumentError, Profile, read_document
from profilegen.audit.lint.apple_schema import profile_findings
from profilegen.audit.model import Context
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.signing.message import looks_signed
from profilegen.signing.signed_file import inspect_signed
from profilegen.versions import parse_version
from tests.support.apple_oracle import Hit, Oracle, Walk, Where

VERSIONS = (("27.2", "27.2"), ("15", "12"))
WHOLE_PROFILE = "rejected-in-user-enrollment"


@pytest.fixture(scope="module")
def shared(checkout: Path) -> Path:
    folder = checkout.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the facts and the corpus are not beside this checkout")
    return folder


@pytest.fixture(scope="module")
def oracle(shared: Path) -> Oracle:
    facts = shared / "facts" / "ios"
    return Oracle(facts / "schema", facts / "delta-27.md")


@pytest.fixture(scope="module")
def profiles(shared: Path) -> list[Profile]:
    found = []
    for path in sorted(shared.joinpath("corpus").glob("*/*.mobileconfig")):
        data = path.read_bytes()
        content = inspect_signed(data).content if looks_signed(data) else data
        try:
            document = read_document(path.name, content or b"")
        except DocumentError:
            continue
        if isinstance(document, Profile):
            found.append(document)
    assert len(found) > 200
    return found


def contexts() -> Iterable[tuple[Context, Where]]:
    for enrollment in Enrollment:
        for ios, macos in VERSIONS:
            context = Context(
                enrollment,
                Mode.WORK_PROFILE,
                parse_version(ios),
                parse_version("17"),
                parse_version(macos),
            )
            yield context, Where(enrollment, {"iOS": ios, "macOS": macos})


def said_by_profilegen(document: Profile, context: Context) -> Counter[Hit]:
    return Counter(
        (finding.rule, "*" if finding.rule == WHOLE_PROFILE else finding.where)
        for finding in profile_findings(document, context)
    )


def said_by_oracle(document: Profile, oracle: Oracle, where: Where) -> Counter[Hit]:
    return Counter(Walk(oracle, where).profile(document.content))


def differences(
    documents: Iterable[Profile], oracle: Oracle
) -> list[tuple[str, str, Counter[Hit], Counter[Hit]]]:
    found = []
    for context, where in contexts():
        for document in documents:
            ours = said_by_profilegen(document, context)
            theirs = said_by_oracle(document, oracle, where)
            if ours != theirs:
                found.append((document.name, where.enrollment, ours - theirs, theirs - ours))
    return found


def test_corpus_agrees_with_the_oracle(profiles: list[Profile], oracle: Oracle) -> None:
    assert differences(profiles, oracle) == []


def wrong_value(kind: str) -> object:
    return {"string": 7, "integer": "7", "data": "text", "array": {}}.get(kind, [])


def sample(key: str, value: object, kind: str) -> Profile:
    content: dict[str, Any] = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "org.example.oracle",
        "PayloadUUID": "6F0A2E57-6C41-4E0B-9B10-0D6B3C1B7F01",
        "PayloadContent": [
            {
                "PayloadType": kind,
                "PayloadVersion": 1,
                "PayloadIdentifier": "org.example.oracle.payload",
                "PayloadUUID": "6F0A2E57-6C41-4E0B-9B10-0D6B3C1B7F02",
                key: value,
            }
        ],
    }
    return Profile("sample.mobileconfig", plistlib.loads(plistlib.dumps(content)))


def every_key(oracle: Oracle, value_of: Callable[[str], object]) -> list[Profile]:
    found = []
    for kind, spec in oracle.payloads.items():
        if kind in {"TopLevel", "CommonPayloadKeys"}:
            continue
        for key, child in spec.children.items():
            name = "Anything" if key == "ANY" else key
            found.append(sample(name, value_of(min(child.types)), kind))
            found.append(sample(name.swapcase(), "x", kind))
    return found


RIGHT = {"string": "x", "integer": 1, "real": 1.5, "boolean": True, "data": b"x", "dictionary": {}}


def test_every_key_with_a_right_value_agrees(oracle: Oracle) -> None:
    samples = every_key(oracle, lambda kind: RIGHT.get(kind, []))
    assert len(samples) > 1900
    assert differences(samples, oracle) == []


def test_every_key_with_a_wrong_value_agrees(oracle: Oracle) -> None:
    assert differences(every_key(oracle, wrong_value), oracle) == []
