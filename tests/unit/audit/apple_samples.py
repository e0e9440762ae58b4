"""Whole profiles and declarations for the rules of Apple's schema, and what is found in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profilegen.audit.document import Declaration, Profile
from profilegen.audit.lint.apple_schema import declaration_findings, profile_findings
from profilegen.audit.model import Context
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.findings import Finding
from profilegen.versions import parse_version

Tree = dict[str, Any]
Brief = tuple[str, str]

FIRST = "PayloadContent[0]"
UUID = "5B2C8F0E-6A57-4F4E-9C7B-1D3E5A7C9B00"
RESTRICTIONS = "com.apple.applicationaccess"
DOCK = "com.apple.dock"


def context(
    enrollment: Enrollment = Enrollment.SUPERVISED, *, ios: str = "18.3", macos: str = "15.3"
) -> Context:
    versions = (parse_version(text) for text in (ios, "17", macos))
    return Context(enrollment, Mode.WORK_PROFILE, *versions)


def payload(kind: str, **keys: Any) -> Tree:  # noqa: ANN401  (whatever a file may hold)
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"org.example.{kind}",
        "PayloadUUID": UUID,
        **keys,
    }


def mail(**keys: Any) -> Tree:  # noqa: ANN401  (as above)
    """Return a payload of a mail account that lacks nothing."""
    servers = {
        f"{side}MailServer{name}": value
        for side in ("Incoming", "Outgoing")
        for name, value in (("Authentication", "EmailAuthNone"), ("HostName", "mail.example.org"))
    }
    own = {"EmailAccountType": "EmailTypeIMAP", **servers, **keys}
    return payload("com.apple.mail.managed", **own)


def envelope(*payloads: object, **keys: Any) -> Tree:  # noqa: ANN401  (as above)
    return {**payload("Configuration"), "PayloadContent": list(payloads), **keys}


def full(content: Mapping[str, Any], where: Context | None = None) -> list[Finding]:
    return list(profile_findings(Profile("test", content), where or context()))


def briefs(content: Mapping[str, Any], where: Context | None = None) -> list[Brief]:
    """Return rule and place of each finding in a profile."""
    return [(finding.rule, finding.where) for finding in full(content, where)]


def only(content: Mapping[str, Any], where: Context | None = None) -> Finding:
    """Return the one finding in a profile."""
    found = full(content, where)
    assert len(found) == 1, found
    return found[0]


def declared(kind: str, content: Mapping[str, Any], **around: Any) -> Tree:  # noqa: ANN401  (as above)
    return {"Type": kind, "Identifier": "org.example.a", "Payload": dict(content), **around}


def in_declaration(content: Mapping[str, Any], where: Context | None = None) -> list[Finding]:
    return list(declaration_findings(Declaration("test", content), where or context()))
