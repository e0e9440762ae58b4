"""Versions of files made by hand, and the questions that the tests of comparisons ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profilegen.audit.diff.compare import compare
from profilegen.audit.diff.model import Change, FileDifference
from profilegen.audit.diff.versions import SignedBy, Version
from profilegen.audit.document import Document, Profile
from tests.unit.audit.samples import context, payload

ANNA = SignedBy("CN=Anna", "aa" * 32)
BO = SignedBy("CN=Bo", "bb" * 32)


def profile(*payloads: Mapping[str, Any], **keys: Any) -> Profile:  # noqa: ANN401
    content: dict[str, Any] = {
        "PayloadType": "Configuration",
        "PayloadIdentifier": "org.example.mail",
        "PayloadUUID": "P",
        "PayloadContent": [dict(item) for item in payloads],
        **keys,
    }
    return Profile("test.mobileconfig", {key: v for key, v in content.items() if v is not None})


def part(kind: str, name: str = "", uuid: str = "", **keys: Any) -> dict[str, Any]:  # noqa: ANN401
    identifier = f"org.example.mail.{name or kind}"
    return payload(kind, identifier, PayloadUUID=uuid or f"U-{name or kind}", **keys)


def version(
    document: Document, path: str = "a.mobileconfig", signer: SignedBy | None = None
) -> Version:
    return Version(path, document, signer)


def between(
    old: Document, new: Document, *, signers: tuple[SignedBy | None, SignedBy | None] = (None, None)
) -> FileDifference:
    """Return the one difference of two documents, each alone on its side."""
    found = compare([version(old, signer=signers[0])], [version(new, signer=signers[1])], context())
    assert len(found.files) == 1, found
    assert not found.same
    return found.files[0]


def told(change: Change) -> tuple[str, str, object, object]:
    return change.key, change.kind, change.old, change.new
