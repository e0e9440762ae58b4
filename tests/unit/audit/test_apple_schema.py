from __future__ import annotations

import time
from typing import Any

import pytest

from profilegen.audit.document import Profile
from profilegen.audit.lint.apple_schema import profile_findings
from profilegen.audit.lint.lint import lint
from profilegen.catalogue.rules import found, rules
from profilegen.catalogue.terms import Enrollment
from profilegen.findings import Severity
from tests.unit.audit.apple_samples import (
    DOCK,
    FIRST,
    RESTRICTIONS,
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


def test_a_whole_profile_has_no_finding() -> None:
    assert full(envelope(mail(PreventMove=True, SMIMEEnabled=False), payload(RESTRICTIONS))) == []


def test_an_unknown_key_is_told_with_the_nearest_name() -> None:
    finding = only(envelope(mail(PreventMoving=True)))
    assert (finding.rule, finding.where) == ("unknown-key", f"{FIRST}.PreventMoving")
    assert finding.message == "'PreventMoving' is no key that Apple's schema has here."
    assert finding.fix == "Did you mean PreventMove?"


def test_an_unknown_key_that_is_like_no_other_has_the_rules_fix() -> None:
    for key in ("Zzz", "x" * 200):
        finding = only(envelope(mail(**{key: 1})))
        assert finding.rule == "unknown-key"
        assert finding.fix == rules()["unknown-key"].fix


def test_names_of_strangers_are_short_and_printable() -> None:
    finding = only(envelope(mail(**{"\x1b[31m" + "x" * 500: 1})))
    assert finding.message.isprintable()
    assert len(finding.message) < 200


def test_the_wrong_case_is_told() -> None:
    finding = only(envelope(mail(incomingMailServerUseSSL=True)))
    assert (finding.rule, finding.where) == ("miscased-key", f"{FIRST}.incomingMailServerUseSSL")
    assert finding.message == (
        "'incomingMailServerUseSSL' is no key here; upper and lower case count, "
        "so IncomingMailServerUseSSL is not set."
    )
    assert finding.fix == "Write IncomingMailServerUseSSL."
    assert finding.severity is Severity.ERROR


def test_a_key_of_another_payload_is_misplaced() -> None:
    finding = only(envelope(mail(allowMailDrop=True, forceAirDropUnmanaged=True)))
    assert (finding.rule, finding.where) == ("misplaced-key", f"{FIRST}.forceAirDropUnmanaged")
    assert finding.message == (
        "'forceAirDropUnmanaged' is no key here; it belongs in com.apple.applicationaccess."
    )
    assert finding.fix == "Move it to com.apple.applicationaccess."


def test_a_key_of_another_level_is_misplaced() -> None:
    item = payload("com.apple.notificationsettings", NotificationSettings=[], PreviewType=1)
    finding = only(envelope(item))
    assert finding.rule == "misplaced-key"
    assert "it belongs in NotificationSettings[].PreviewType of com.apple" in finding.message


def test_a_key_of_the_envelope_is_misplaced_in_a_payload_and_the_reverse() -> None:
    finding = only(envelope(mail(PayloadScope="System")))
    assert finding.rule == "misplaced-key"
    assert finding.fix == "Move it to the top level of a profile."
    finding = only(envelope(mail(), EmailAccountType="EmailTypeIMAP"))
    assert (finding.rule, finding.where) == ("misplaced-key", "EmailAccountType")


def test_a_key_that_several_payloads_have_is_unknown_elsewhere() -> None:
    assert briefs(envelope(payload(RESTRICTIONS, VPNUUID="x"))) == [
        ("unknown-key", f"{FIRST}.VPNUUID")
    ]


def test_a_missing_key_is_told_where_it_is_missing() -> None:
    content = envelope(mail())
    del content["PayloadContent"][0]["EmailAccountType"]
    del content["PayloadUUID"]
    found = full(content)
    assert [(f.rule, f.where) for f in found] == [("missing-key", ""), ("missing-key", FIRST)]
    assert found[0].message == "PayloadUUID is missing; iOS demands it here."
    assert found[1].fix == "Add EmailAccountType."


def test_what_the_schema_says_in_words_is_heeded() -> None:
    # Not needed beside the encrypted content; either of two keys; texts by language.
    sealed = {**envelope(), "EncryptedPayloadContent": b"x", "IsEncrypted": True}
    del sealed["PayloadContent"]
    assert briefs(sealed) == []
    app = {"Identifier": "org.example", "IdentifierType": "bundleID", "CodeRequirement": "x"}
    privacy = "com.apple.TCC.configuration-profile-policy"
    allowed = payload(privacy, Services={"Camera": [{**app, "Authorization": "Deny"}]})
    assert briefs(envelope(allowed)) == []
    neither = payload(privacy, Services={"Camera": [app]})
    assert briefs(envelope(neither)) == [("missing-key", f"{FIRST}.Services.Camera[0]")]
    assert briefs(envelope(ConsentText={"default": "Yes?", "de": "Ja?"}))[:1] == [
        ("empty-profile", "PayloadContent")
    ]
    assert ("wrong-type", "ConsentText.de") in briefs(envelope(ConsentText={"de": 1}))


def test_an_empty_key_replaces_no_other() -> None:
    content = envelope()
    del content["PayloadContent"]
    assert ("missing-key", "") in briefs({**content, "": 1})


def test_an_unknown_type_is_told_and_only_its_common_keys_are_judged() -> None:
    finding = only(envelope(payload("com.apple.mail.manged", ssl=True)))
    assert (finding.rule, finding.where) == ("unknown-payload-type", FIRST)
    assert finding.message == (
        "Apple's schema has no type 'com.apple.mail.manged', so its own keys are not judged."
    )
    assert finding.fix == "Did you mean com.apple.mail.managed?"
    other = payload("org.example.browser", PayloadVersion="1")
    assert briefs(envelope(other)) == [
        ("unknown-payload-type", FIRST),
        ("wrong-type", f"{FIRST}.PayloadVersion"),
    ]


@pytest.mark.parametrize("kind", ["TopLevel", "CommonPayloadKeys"])
def test_what_stands_around_payloads_is_no_type(kind: str) -> None:
    assert ("unknown-payload-type", FIRST) in briefs(envelope(payload(kind)))


def test_a_payload_without_a_type_misses_it() -> None:
    item = payload("x")
    del item["PayloadType"]
    assert briefs(envelope(item)) == [("missing-key", FIRST)]
    assert briefs(envelope(payload(RESTRICTIONS) | {"PayloadType": 7})) == [
        ("wrong-type", f"{FIRST}.PayloadType")
    ]


def test_what_is_no_payload_has_the_wrong_type() -> None:
    assert briefs(envelope("x", mail())) == [("wrong-type", FIRST)]
    content = {**envelope(), "PayloadContent": "x"}
    assert briefs(content) == [("wrong-type", "PayloadContent")]


def test_an_empty_profile_is_told() -> None:
    finding = only(envelope())
    assert (finding.rule, finding.where) == ("empty-profile", "PayloadContent")
    assert finding.message == "The profile has no payload, so it sets nothing."


def test_a_second_payload_of_its_type_is_told_once() -> None:
    domains = payload("com.apple.domains")
    finding = only(envelope(domains, mail(), domains, domains))
    assert (finding.rule, finding.where) == ("payload-repeated", "PayloadContent[2]")
    assert finding.message == (
        "A profile may hold one payload com.apple.domains; this is the second."
    )
    assert briefs(envelope(mail(), mail(), payload(RESTRICTIONS), payload(RESTRICTIONS))) == []


def test_rejected_payloads_are_told_once_for_a_profile() -> None:
    content = envelope(payload("com.apple.domains"), mail(), payload("com.apple.cellular"))
    user = context(Enrollment.USER)
    finding = next(f for f in full(content, user) if f.rule == "rejected-in-user-enrollment")
    assert finding.where == "PayloadContent[0], PayloadContent[2]"
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "In User Enrollment iOS rejects this whole profile, because it holds com.apple.domains, "
        "com.apple.cellular; these flows are those of a device without it."
    )
    assert finding.fix == (
        "Take these payloads out, or into a profile for devices that are enrolled otherwise."
    )
    assert "forbidden-in-user-enrollment" not in {rule for rule, _ in briefs(content, user)}
    assert briefs(envelope(), user) == [("empty-profile", "PayloadContent")]


def test_only_ios_rejects() -> None:
    content = envelope(payload("com.apple.vpn.managed", VPNType="IKEv2"), TargetDeviceType=5)
    found = briefs(content, context(Enrollment.USER))
    assert "rejected-in-user-enrollment" not in {rule for rule, _ in found}


def test_lists_inside_lists_are_judged_in_their_places() -> None:
    scep = {"URL": "https://ca.example.org", "Subject": [[["CN", "x"], ["O"]], [[1, "x"]]]}
    found = full(envelope(payload("com.apple.security.scep", PayloadContent=scep)))
    place = f"{FIRST}.PayloadContent.Subject"
    assert [(f.rule, f.where) for f in found] == [
        ("wrong-count", f"{place}[0][1]"),
        ("wrong-type", f"{place}[1][0][0]"),
    ]
    assert found[0].message == "An item of 'Subject' has 1 items; 2 is allowed."


def test_keys_that_contain_themselves_are_judged_at_every_depth() -> None:
    icon: dict[str, Any] = {"Type": "Application", "bundleID": "org.example"}
    place = "PayloadContent[0].Pages[0][0]"
    for _ in range(5):
        icon = {"Type": "Folder", "Pages": [[icon]]}
        place += ".Pages[0][0]"
    content = envelope(payload("com.apple.homescreenlayout", Pages=[[icon]]))
    assert briefs(content) == [("miscased-key", f"{place}.bundleID")]


def test_any_keys_are_fine_where_the_schema_takes_any() -> None:
    settings = {"mcx_preference_settings": {"anything": [1, {"at": "all"}]}}
    domains = {"org.example.app": {"Forced": [settings]}}
    kind = "com.apple.ManagedClient.preferences"
    assert briefs(envelope(payload(kind, PayloadContent=domains))) == []
    assert briefs(envelope(payload(kind, PayloadContent={"org.example.app": 1}))) == [
        ("wrong-type", f'{FIRST}.PayloadContent["org.example.app"]')
    ]


def test_preferences_of_macos_are_no_errors() -> None:
    item = payload(DOCK, tilesize="big", Orientation="left", PayloadVersion=2)
    found = {f.rule: f.severity for f in full(envelope(item))}
    assert found == {
        "wrong-type": Severity.WARNING,
        "miscased-key": Severity.WARNING,
        "value-not-allowed": Severity.ERROR,
    }


def test_programs_may_read_keys_that_no_schema_has() -> None:
    item = payload(DOCK, readsThisToo=1, tilesizes=40)
    found = {f.where: (f.rule, f.severity) for f in full(envelope(item))}
    assert found == {
        f"{FIRST}.readsThisToo": ("unknown-key", Severity.NOTE),
        f"{FIRST}.tilesizes": ("unknown-key", Severity.WARNING),
    }


def test_an_access_point_may_stand_in_its_own_content() -> None:
    named = {"DefaultsData": {"apns": []}, "DefaultsDomainName": "com.apple.managedCarrier"}
    item = payload("com.apple.apn.managed", PayloadContent=[named])
    missed = ("missing-key", FIRST)
    assert missed not in briefs(envelope(item))
    assert missed in briefs(envelope(payload("com.apple.apn.managed")))


def test_a_template_may_bring_the_payloads() -> None:
    empty = envelope(PayloadContent=[])
    assert only(empty).rule == "empty-profile"
    problem = found("template-placeholder", "", "A part of a template stands between settings.")
    template = Profile("test", empty, (problem,))
    assert list(profile_findings(template, context())) == []


def test_what_the_app_of_a_vpn_reads() -> None:
    item = payload(
        "com.apple.vpn.managed",
        UserDefinedName="Tunnel",
        VPNType="VPN",
        VPNSubType="org.example.tunnel",
        VendorConfig={"Tunnel": "[Interface]", "depth": {"of": ["it", 1]}},
        VPN={"RemoteAddress": "vpn.example.org", "AuthName": "me", "AuthPassword": "x"},
    )
    assert briefs(envelope(item)) == []


def test_name_servers_of_a_vpn_need_no_protocol() -> None:
    servers = {"ServerAddresses": ["192.0.2.1"]}
    missed = ("missing-key", f"{FIRST}.DNS")
    assert missed not in briefs(envelope(payload("com.apple.vpn.managed", DNS=servers)))
    assert missed in briefs(envelope(payload("com.apple.vpn.managed", DNS={})))


class TestDeclarations:
    def test_a_whole_declaration_has_no_finding(self) -> None:
        test = declared("com.apple.configuration.management.test", {"Echo": "x"})
        assert in_declaration(test) == []
        assert in_declaration({**test, "ServerToken": "1"}) == []

    def test_its_levels_are_judged(self) -> None:
        content = declared("com.apple.configuration.management.test", {"echo": "x"}, Sent=1)
        del content["Identifier"]
        found = [(f.rule, f.where) for f in in_declaration(content)]
        assert found == [
            ("missing-key", ""),
            ("unknown-key", "Sent"),
            ("missing-key", "Payload"),
            ("miscased-key", "Payload.echo"),
        ]

    def test_a_key_of_its_other_level_is_misplaced(self) -> None:
        kind = "com.apple.configuration.management.test"
        (above,) = in_declaration(declared(kind, {"Echo": "x"}, ReturnStatus="x"))
        assert (above.rule, above.where) == ("misplaced-key", "ReturnStatus")
        assert above.fix == f"Move it to ReturnStatus of {kind}."
        (below,) = in_declaration(declared(kind, {"Echo": "x", "ServerToken": "x"}))
        assert (below.rule, below.where) == ("misplaced-key", "Payload.ServerToken")
        assert below.fix == "Move it to ServerToken of the top level of a declaration."

    def test_an_unknown_type_is_told(self) -> None:
        (finding,) = in_declaration(declared("com.apple.configuration.mail", {"x": 1}))
        assert (finding.rule, finding.where) == ("unknown-payload-type", "Payload")
        (finding,) = in_declaration({**declared("x", {}), "Type": 1})
        assert (finding.rule, finding.where) == ("wrong-type", "Type")

    def test_a_payload_that_is_no_dictionary_has_the_wrong_type(self) -> None:
        kind = "com.apple.configuration.management.test"
        (finding,) = in_declaration({**declared(kind, {}), "Payload": []})
        assert (finding.rule, finding.where) == ("wrong-type", "Payload")

    def test_types_newer_than_the_release_are_known_as_far_as_their_source(self) -> None:
        kind = "com.apple.configuration.intelligence.settings"
        keys = {"AllowGenmoji": 0, "AllowVisualIntelligence": "?", "Unlisted": 1}
        found = in_declaration(declared(kind, keys), context(ios="27"))
        assert [(f.rule, f.where) for f in found] == [("loose-type", "Payload.AllowGenmoji")]

    def test_the_declaration_is_judged_for_macos_where_ios_does_not_have_it(self) -> None:
        kind = "com.apple.configuration.diskmanagement.settings"
        (finding,) = in_declaration(declared(kind, {}), context(macos="14"))
        assert (finding.rule, finding.where) == ("newer-than-os", "Payload")
        assert finding.message == (
            f"The declaration {kind} needs macOS 15; the oldest in use is macOS 14."
        )

    def test_then_the_system_that_has_more_of_the_keys(self) -> None:
        kind = "com.apple.configuration.softwareupdate.settings"
        keys = {"AllowStandardUserOSUpdates": True, "Deferrals": {"MajorPeriodInDays": 30}}
        assert in_declaration(declared(kind, keys)) == []
        del keys["AllowStandardUserOSUpdates"]
        assert [f.rule for f in in_declaration(declared(kind, keys))] == ["not-on-platform"]

    def test_old_systems_have_no_declarations(self) -> None:
        kind = "com.apple.configuration.management.test"
        found = in_declaration(declared(kind, {"Echo": "x"}), context(ios="14"))
        assert [(f.rule, f.where) for f in found] == [
            ("newer-than-os", ""),
            ("newer-than-os", "Payload"),
        ]

    def test_a_type_that_user_enrollment_forbids_is_told_once(self) -> None:
        kind = "com.apple.configuration.softwareupdate.settings"
        keys = {"Notifications": True}
        found = in_declaration(declared(kind, keys), context(Enrollment.USER))
        assert ("forbidden-in-user-enrollment", "Payload") in [(f.rule, f.where) for f in found]
        assert len([f for f in found if f.rule == "forbidden-in-user-enrollment"]) == 1


def test_ten_thousand_keys_take_no_time() -> None:
    unknown = {f"allowUnknown{number}": True for number in range(10_000)}
    items = [{"BundleIdentifier": "org.example", "Nonsense": 1} for _ in range(5_000)]
    content = envelope(
        payload(RESTRICTIONS, **unknown),
        payload("com.apple.notificationsettings", NotificationSettings=items),
    )
    started = time.process_time()
    found = full(content)
    assert time.process_time() - started < 2
    assert len(found) == 15_000


def test_lint_asks_for_the_schema() -> None:
    found = lint(Profile("x", envelope(mail(ssl=True))), context())
    assert "unknown-key" in {finding.rule for finding in found}
