from __future__ import annotations

import pytest

from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Severity
from tests.unit.audit.apple_samples import (
    DOCK,
    FIRST,
    RESTRICTIONS,
    Brief,
    briefs,
    context,
    declared,
    envelope,
    full,
    in_declaration,
    mail,
    only,
    payload,
)

SYSTEM_EXTENSIONS = "com.apple.system-extension-policy"


def of_rule(found: list[Brief], rule: str) -> list[str]:
    return [where for name, where in found if name == rule]


def test_a_key_of_another_system() -> None:
    finding = only(envelope(payload(RESTRICTIONS, forceAirDropUnmanaged=True), TargetDeviceType=5))
    assert (finding.rule, finding.where) == ("not-on-platform", f"{FIRST}.forceAirDropUnmanaged")
    assert finding.message == "'forceAirDropUnmanaged' exists on iOS; this is judged for macOS."


def test_a_payload_of_another_system_is_told_once_and_its_values_are_judged() -> None:
    item = payload(DOCK, autohide=1, tilesize=17.0)
    assert briefs(envelope(item, TargetDeviceType=1)) == [
        ("not-on-platform", FIRST),
        ("loose-type", f"{FIRST}.autohide"),
        ("loose-type", f"{FIRST}.tilesize"),
    ]


def test_what_exists_on_other_devices_only() -> None:
    finding = next(iter(full(envelope(payload("com.apple.conferenceroomdisplay")))[1:]))
    assert finding.rule == "not-on-platform"
    assert finding.message == (
        "The payload com.apple.conferenceroomdisplay exists neither on iOS nor on macOS; "
        "this is judged for macOS."
    )


def test_required_keys_of_another_system_are_not_missed() -> None:
    content = envelope(payload(SYSTEM_EXTENSIONS), TargetDeviceType=1)
    assert briefs(content) == [("not-on-platform", FIRST)]


def test_a_deprecated_key_is_a_note() -> None:
    content = envelope(payload(RESTRICTIONS, allowAssistant=False))
    assert briefs(content, context(ios="26.3")) == []
    finding = only(content, context(ios="26.4"))
    assert (finding.rule, finding.where) == ("deprecated-key", f"{FIRST}.allowAssistant")
    assert finding.message == "'allowAssistant' is deprecated since iOS 26.4."
    assert finding.severity is Severity.NOTE


def test_a_removed_key_is_not_also_deprecated() -> None:
    content = envelope(payload(RESTRICTIONS, forceDelayedSoftwareUpdates=True))
    assert briefs(content, context(ios="26")) == [
        ("deprecated-key", f"{FIRST}.forceDelayedSoftwareUpdates")
    ]
    finding = only(content, context(ios="27"))
    assert finding.rule == "removed-key"
    assert finding.message == "'forceDelayedSoftwareUpdates' was removed in iOS 27."


def test_what_a_payload_got_its_keys_do_not_repeat() -> None:
    account = payload(
        "com.apple.osxserver.account", HostName="x", UserName="x", ConfiguredAccounts=[]
    )
    assert of_rule(briefs(envelope(account)), "removed-key") == [FIRST]
    lists = {"AllowedSystemExtensions": {"ABCDE12345": ["org.example"]}}
    found = briefs(envelope(payload(SYSTEM_EXTENSIONS, **lists)), context(macos="10.14"))
    assert of_rule(found, "newer-than-os") == [FIRST]


def test_a_key_that_is_newer_than_its_payload() -> None:
    content = envelope(payload(RESTRICTIONS, requireManagedPasteboard=True))
    finding = only(content, context(ios="14.8"))
    assert (finding.rule, finding.where) == ("newer-than-os", f"{FIRST}.requireManagedPasteboard")
    assert finding.message == (
        "'requireManagedPasteboard' needs iOS 15; the oldest in use is iOS 14.8."
    )
    assert briefs(content, context(ios="15")) == []


@pytest.mark.parametrize(
    ("enrollment", "words"),
    [
        (Enrollment.USER, "in User Enrollment"),
        (Enrollment.DEVICE, "enrolled without supervision"),
        (Enrollment.MANUAL, "without management"),
    ],
)
def test_a_key_for_supervised_devices(enrollment: Enrollment, words: str) -> None:
    content = envelope(payload(RESTRICTIONS, allowAirDrop=False))
    found = [f for f in full(content, context(enrollment)) if f.rule == "needs-supervision"]
    assert [f.where for f in found] == [f"{FIRST}.allowAirDrop"]
    assert found[0].message == f"'allowAirDrop' needs a supervised device; these are {words}."


def test_a_mac_that_is_enrolled_is_supervised() -> None:
    kind = "com.apple.configuration.services.background-tasks"
    content = declared(kind, {"TaskType": "x"})
    for enrollment in Enrollment:
        rules = {f.rule for f in in_declaration(content, context(enrollment))}
        told = enrollment in {Enrollment.USER, Enrollment.MANUAL}
        assert ("needs-supervision" in rules) is told


def test_a_key_that_user_enrollment_forbids() -> None:
    content = envelope(payload(RESTRICTIONS, allowCloudDocumentSync=False))
    found = full(content, context(Enrollment.USER))
    place = f"{FIRST}.allowCloudDocumentSync"
    assert [(f.rule, f.where) for f in found] == [
        ("needs-supervision", place),
        ("forbidden-in-user-enrollment", place),
    ]
    assert found[1].message == "'allowCloudDocumentSync' may not be used in User Enrollment on iOS."


def test_on_macos_a_forbidden_payload_has_the_finding_itself() -> None:
    content = envelope(payload("com.apple.screensaver", moduleName="x", idleTime=1))
    found = briefs(content, context(Enrollment.USER))
    assert of_rule(found, "forbidden-in-user-enrollment") == [FIRST]


def test_a_key_that_only_a_service_may_install() -> None:
    content = envelope(payload(RESTRICTIONS, allowUnmanagedToReadManagedContacts=True))
    finding = only(content, context(Enrollment.MANUAL))
    assert (finding.rule, finding.where) == (
        "mdm-only",
        f"{FIRST}.allowUnmanagedToReadManagedContacts",
    )
    assert finding.message == (
        "'allowUnmanagedToReadManagedContacts' works only if a management service installs "
        "the profile."
    )
    assert briefs(content, context(Enrollment.DEVICE)) == []


def test_the_envelope_has_its_availability() -> None:
    content = envelope(mail(), PayloadRemovalDisallowed=True)
    assert briefs(content, context(Enrollment.DEVICE)) == [
        ("needs-supervision", "PayloadRemovalDisallowed")
    ]


class TestPlatform:
    def test_the_target_decides_first(self) -> None:
        item = payload(RESTRICTIONS, forceAirDropUnmanaged=True)
        assert briefs(envelope(item, TargetDeviceType=1)) == []
        assert of_rule(briefs(envelope(item, TargetDeviceType=5)), "not-on-platform") != []

    @pytest.mark.parametrize("target", [0, 2, True, 5.0, "5", None])
    def test_other_targets_decide_nothing(self, target: object) -> None:
        item = payload(RESTRICTIONS, forceAirDropUnmanaged=True)
        found = briefs(envelope(item, TargetDeviceType=target))
        assert of_rule(found, "not-on-platform") == []

    def test_a_payload_of_one_system_decides_next(self) -> None:
        item = payload(RESTRICTIONS, forceAirDropUnmanaged=True)
        found = briefs(envelope(item, payload(DOCK)))
        assert of_rule(found, "not-on-platform") == [f"{FIRST}.forceAirDropUnmanaged"]

    def test_then_the_system_that_has_more_of_the_keys(self) -> None:
        shared = payload(RESTRICTIONS, forceAirDropUnmanaged=True)
        mac = payload(RESTRICTIONS, allowCloudMail=True)
        both = payload(RESTRICTIONS, allowCloudMail=True, allowCloudNotes=True)
        assert briefs(envelope(mac)) == []
        assert of_rule(briefs(envelope(shared, mac)), "not-on-platform") == [
            "PayloadContent[1].allowCloudMail"
        ]
        assert of_rule(briefs(envelope(shared, both)), "not-on-platform") == [
            f"{FIRST}.forceAirDropUnmanaged"
        ]

    def test_then_macos_for_an_unknown_payload(self) -> None:
        unknown = payload("org.example.browser")
        either = payload(RESTRICTIONS, forceAirDropUnmanaged=True, allowCloudMail=True)
        assert of_rule(briefs(envelope(either, unknown)), "not-on-platform") == [
            f"{FIRST}.forceAirDropUnmanaged"
        ]
        only = payload(RESTRICTIONS, forceAirDropUnmanaged=True)
        assert of_rule(briefs(envelope(only, unknown)), "not-on-platform") == []

    def test_no_system_has_all(self) -> None:
        content = envelope(payload(DOCK), mail(), payload("com.apple.cellular"))
        found = full(content)
        assert [(f.rule, f.where) for f in found] == [("mixed-platforms", "")]
        assert found[0].message == (
            "No system takes all of these payloads: com.apple.cellular is for iOS; "
            "com.apple.dock is for macOS."
        )
        assert found[0].severity is Severity.NOTE
