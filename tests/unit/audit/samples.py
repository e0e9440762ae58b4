"""Documents made by hand, and the questions that the tests of flows ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    Document,
    Profile,
)
from profilegen.audit.flows import Context, Flow, flows
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.versions import parse_version

RESTRICTIONS = "com.apple.applicationaccess"
MAIL = "com.apple.mail.managed"
EXCHANGE = "com.apple.eas.account"
GOOGLE = "com.apple.google-oauth"
OUTLOOK = "com.microsoft.Office.Outlook"
SIRI = "com.apple.configuration.siri.settings"
INTELLIGENCE = "com.apple.configuration.intelligence.settings"


def context(
    enrollment: Enrollment = Enrollment.SUPERVISED,
    mode: Mode = Mode.WORK_PROFILE,
    *,
    ios: str = "27",
    android: str = "17 QPR1",
) -> Context:
    return Context(enrollment, mode, parse_version(ios), parse_version(android))


def payload(kind: str, identifier: str = "", **keys: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"PayloadType": kind, "PayloadIdentifier": identifier or f"com.example.{kind}", **keys}


def profile(*payloads: Mapping[str, Any]) -> Profile:
    content: dict[str, Any] = {"PayloadType": "Configuration"}
    content["PayloadContent"] = [dict(item) for item in payloads]
    return Profile("test.mobileconfig", content)


def restrictions(**keys: Any) -> Profile:  # noqa: ANN401
    return profile(payload(RESTRICTIONS, **keys))


def notifications(app: str = "com.apple.mobilemail", **keys: Any) -> Profile:  # noqa: ANN401
    item = {"BundleIdentifier": app, **keys}
    return profile(payload("com.apple.notificationsettings", NotificationSettings=[item]))


def declaration(kind: str, **keys: Any) -> Declaration:  # noqa: ANN401
    return Declaration("test.json", {"Type": kind, "Identifier": kind, "Payload": keys})


def outlook() -> AppConfiguration:
    return AppConfiguration("outlook.plist", OUTLOOK, {"IntuneMAMUPN": "a@example.com"})


def policy(**fields: Any) -> AndroidPolicy:  # noqa: ANN401
    return AndroidPolicy("test.json", fields)


def flow(
    channel: str, documents: Sequence[Document], where: Context, account: str | None = None
) -> Flow:
    """Return the one flow of `channel`, of `account` where there are several."""
    found = [
        flow
        for flow in flows(documents, where)
        if flow.channel == channel and account in {None, flow.account}
    ]
    assert len(found) == 1, found
    return found[0]
