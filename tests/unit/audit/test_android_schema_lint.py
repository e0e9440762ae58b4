"""Every message of the schema's lint of Android policies, each beside what is not reported."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.android_canonical import canonical, json_name
from profilegen.audit.document import AndroidPolicy
from profilegen.audit.lint.android_schema import findings, schema_findings
from profilegen.catalogue.android import ROOT, policy_objects
from profilegen.catalogue.terms import Mode
from profilegen.findings import Finding
from tests.unit.audit.samples import context

Policy = dict[str, Any]

CROSS = "crossProfilePolicies"
PASTE = "crossProfileCopyPaste"


def judged(policy: Policy) -> list[Finding]:
    return list(schema_findings(AndroidPolicy("test.json", policy)))


def codes(policy: Policy) -> list[tuple[str, str]]:
    return [(finding.rule, finding.where) for finding in judged(policy)]


def only(policy: Policy) -> Finding:
    (finding,) = judged(policy)
    return finding


def test_a_policy_as_google_writes_it_has_no_finding() -> None:
    policy = {
        CROSS: {PASTE: "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"},
        "maximumTimeToLock": "60000",
        "minimumApiLevel": 33,
        "screenCaptureDisabled": True,
        "displaySettings": {"screenTimeoutSettings": {"screenTimeout": "30.5s"}},
        "shortSupportMessage": {"localizedMessages": {"en": "Ask."}},
        "applications": [
            {
                "packageName": "com.example.app",
                "managedConfiguration": {"any": [None, {"thing": 1}]},
                "signingKeyCerts": [{"signingKeyCertFingerprintSha256": "TWFu"}],
            }
        ],
        "keyguardDisabledFeatures": ["NOTIFICATIONS"],
    }
    assert judged(policy) == []


@pytest.mark.parametrize(
    ("policy", "where", "fix"),
    [
        ({"screencaptureDisabled": True}, "screencaptureDisabled", "Write screenCaptureDisabled."),
        ({"screenCaptureDisabeld": True}, "screenCaptureDisabeld", "Write screenCaptureDisabled."),
        (
            {"smsDisabled": True, "parentProfilePasswordRequirements": {}},
            "parentProfilePasswordRequirements",
            "Use passwordPolicies, an entry with passwordScope SCOPE_DEVICE.",
        ),
        (
            {"personalUsagePolicies": {"personalApplicationPolicy": []}},
            "personalUsagePolicies.personalApplicationPolicy",
            "Use personalApplications.",
        ),
        (
            {CROSS: {"crossprofilecopypaste": "X"}},
            f"{CROSS}.crossprofilecopypaste",
            f"Write {PASTE}.",
        ),
    ],
)
def test_unknown_fields_and_what_was_meant(policy: Policy, where: str, fix: str) -> None:
    finding = only(policy)
    assert (finding.rule, finding.where, finding.fix) == ("unknown-field", where, fix)
    assert finding.severity == "error"


def test_a_name_like_no_other_gets_no_guess() -> None:
    finding = only({"smsDisabled": True, "qqq": 1})
    assert "has no field 'qqq' (revision 20261104 of the API)" in finding.message
    assert "Google's reference" in finding.fix
    inside = only({CROSS: {"qqq": 1}})
    assert inside.message.startswith("The object CrossProfilePolicies has no field 'qqq'")


def test_long_and_hostile_names_are_cut_and_escaped() -> None:
    finding = only({"smsDisabled": True, "\x1b[31m\u202e" + "x" * 500: 1})
    assert finding.rule == "unknown-field"
    assert finding.message.isprintable()
    assert len(finding.message) < 250


def test_a_misplaced_field_belongs_elsewhere() -> None:
    finding = only({"smsDisabled": True, PASTE: "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"})
    assert finding.rule == "misplaced-field"
    assert finding.where == PASTE
    assert f"it belongs at {CROSS}.{PASTE}." in finding.message
    assert finding.fix == f"Move it to {CROSS}.{PASTE}."


def test_a_misplaced_field_of_many_places() -> None:
    finding = only({"smsDisabled": True, "package_name": "x"})
    assert finding.rule == "misplaced-field"
    assert "more places" in finding.message
    assert finding.fix == "Move the field into the object that has it."


def test_a_slip_in_case_is_no_misplaced_field() -> None:
    # Both objects have a switch of almost this name.
    finding = only({"personalUsagePolicies": {"screencapturedisabled": True}})
    assert (finding.rule, finding.fix) == ("unknown-field", "Write screenCaptureDisabled.")


def test_a_fragment_of_one_object_is_misplaced_as_a_whole() -> None:
    found = judged({PASTE: "DISALLOWED", "crossProfileDataSharing": "X"})
    assert [(finding.rule, finding.where) for finding in found] == [
        ("misplaced-field", ""),
        ("value-not-allowed", PASTE),
        ("value-not-allowed", "crossProfileDataSharing"),
    ]
    assert found[0].fix == f"Put them into {CROSS} of a policy."
    ambiguous = only({"packageName": 1})
    assert "and 5 more places" in ambiguous.message
    assert codes({}) == []


def test_an_app_alone_may_be_what_a_tool_puts_into_a_policy() -> None:
    widgets = "workProfileWidgets"
    alone = only({"managedConfiguration": {"a": 1}, widgets: "WORK_PROFILE_WIDGETS_ALLOWED"})
    assert (alone.rule, alone.severity, alone.where) == ("app-alone", "warning", "")
    found = judged({"packageName": "org.example.mail", "installType": "FORCED"})
    assert [(finding.rule, finding.where) for finding in found] == [
        ("app-alone", ""),
        ("value-not-allowed", "installType"),
    ]
    assert codes({"applications": [{"packageName": "org.example.mail"}]}) == []


def test_original_names_are_read() -> None:
    found = judged({"cross_profile_policies": {"cross_profile_copy_paste": "DISALLOWED"}})
    assert [(finding.rule, finding.severity) for finding in found] == [
        ("noncanonical-json", "warning"),
        ("noncanonical-json", "warning"),
        ("value-not-allowed", "error"),
    ]
    assert found[0].fix == f"Write {CROSS}."


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        ("DISALLOWED", "Write COPY_FROM_WORK_TO_PERSONAL_DISALLOWED."),
        ("disallowed", "Write COPY_FROM_WORK_TO_PERSONAL_DISALLOWED."),
        ("ALLOWED", "Write CROSS_PROFILE_COPY_PASTE_ALLOWED."),
        ("cross_profile_copy_paste_allowed", "Write CROSS_PROFILE_COPY_PASTE_ALLOWED."),
        ("CROSS_PROFILE_COPYPASTE_ALOWED", "Write CROSS_PROFILE_COPY_PASTE_ALLOWED."),
    ],
)
def test_values_that_look_right(value: str, fix: str) -> None:
    finding = only({CROSS: {PASTE: value}})
    assert (finding.rule, finding.fix) == ("value-not-allowed", fix)
    assert repr(value) in finding.message


def test_a_short_value_that_several_end_with() -> None:
    finding = only({CROSS: {"crossProfileDataSharing": "DISALLOWED"}})
    stricter = "CROSS_PROFILE_DATA_SHARING_DISALLOWED"
    assert set(finding.fix.removeprefix("Write ").removesuffix(".").split(" or ")) == {
        stricter,
        "DATA_SHARING_FROM_WORK_TO_PERSONAL_DISALLOWED",
    }


def test_a_value_like_no_other_gets_no_guess() -> None:
    finding = only({"appFunctions": "qqqq"})
    assert finding.rule == "value-not-allowed"
    assert "Write" not in finding.fix
    apps = {
        "applications": [
            {"connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APPS_DISALLOWED"}
        ]
    }
    assert only(apps).fix == "Write CONNECTED_WORK_AND_PERSONAL_APP_DISALLOWED."


NONCANONICAL: list[Policy] = [
    {"screenCaptureDisabled": "true"},
    {"screenCaptureDisabled": "false"},
    {"maximumTimeToLock": 60000},
    {"maximumTimeToLock": 6e4},
    {"maximumTimeToLock": "6e4"},
    {"minimumApiLevel": "33"},
    {"minimumApiLevel": 33.0},
    {"playStoreMode": 1},
    {"screenCaptureDisabled": None},
    {"applications": None},
    {"crossProfilePolicies": None},
]


@pytest.mark.parametrize("policy", NONCANONICAL, ids=str)
def test_what_the_parser_takes_and_never_writes(policy: Policy) -> None:
    finding = only(policy)
    assert (finding.rule, finding.severity) == ("noncanonical-json", "warning")
    assert finding.fix


WRONG: list[tuple[str, Policy]] = [
    ("wrong-type", {"screenCaptureDisabled": "yes"}),
    ("wrong-type", {"screenCaptureDisabled": "True"}),
    ("wrong-type", {"screenCaptureDisabled": 1}),
    ("wrong-type", {"screenCaptureDisabled": []}),
    ("wrong-type", {"minimumApiLevel": True}),
    ("wrong-type", {"minimumApiLevel": 1.5}),
    ("wrong-type", {"minimumApiLevel": "1.5"}),
    ("wrong-type", {"minimumApiLevel": "many"}),
    ("wrong-type", {"minimumApiLevel": {}}),
    ("wrong-type", {"minimumApiLevel": ""}),
    ("wrong-type", {"minimumApiLevel": "1" * 500}),
    ("wrong-type", {"playStoreMode": True}),
    ("wrong-type", {"playStoreMode": ["WHITELIST"]}),
    ("wrong-type", {"applications": {}}),
    ("wrong-type", {"applications": [None]}),
    ("wrong-type", {"applications": ["com.example.app"]}),
    ("wrong-type", {"permittedInputMethods": []}),
    ("wrong-type", {"applications": [{"packageName": 1}]}),
    ("wrong-type", {"applications": [{"managedConfiguration": "x"}]}),
    ("wrong-type", {"shortSupportMessage": {"localizedMessages": {"en": 1}}}),
    ("wrong-type", {"shortSupportMessage": {"localizedMessages": []}}),
    ("wrong-type", {"displaySettings": {"screenTimeoutSettings": {"screenTimeout": 30}}}),
    ("value-not-allowed", {"playStoreMode": ""}),
    ("value-not-allowed", {"playStoreMode": "1"}),
    ("value-not-allowed", {"keyguardDisabledFeatures": ["NOTIFICATION"]}),
    ("out-of-range", {"minimumApiLevel": 2**31}),
    ("out-of-range", {"minimumApiLevel": "1e300"}),
    ("out-of-range", {"minimumApiLevel": math.inf}),
    ("out-of-range", {"minimumApiLevel": 10**400}),
    ("out-of-range", {"playStoreMode": -(2**40)}),
    ("out-of-range", {"maximumTimeToLock": str(2**63)}),
    (
        "out-of-range",
        {"displaySettings": {"screenTimeoutSettings": {"screenTimeout": "9" * 99 + "s"}}},
    ),
    ("bad-format", {"maximumTimeToLock": "a minute"}),
    ("bad-format", {"maximumTimeToLock": "1e9999999"}),
    ("bad-format", {"displaySettings": {"screenTimeoutSettings": {"screenTimeout": "30"}}}),
    ("bad-format", {"displaySettings": {"screenTimeoutSettings": {"screenTimeout": "30 s"}}}),
    (
        "bad-format",
        {"applications": [{"signingKeyCerts": [{"signingKeyCertFingerprintSha256": "a:b"}]}]},
    ),
]


@pytest.mark.parametrize(("code", "policy"), WRONG, ids=lambda value: str(value)[:90])
def test_what_the_parser_refuses(code: str, policy: Policy) -> None:
    finding = only(policy)
    assert (finding.rule, finding.severity) == (code, "error")
    assert finding.message.isprintable()


@pytest.mark.parametrize("value", ["TWE=", "TWE", "_-8", "", "TWFuTWE="])
def test_base64_with_and_without_padding(value: str) -> None:
    policy = {"applications": [{"signingKeyCerts": [{"signingKeyCertFingerprintSha256": value}]}]}
    assert judged(policy) == []


def test_texts_that_no_field_of_numbers_should_have_are_not_shown_where_they_may_be_secret() -> (
    None
):
    settings = {
        "deviceConnectivityManagement": {"apnPolicy": {"apnSettings": [{"password": 4711}]}}
    }
    assert "4711" not in only(settings).message


@pytest.mark.parametrize(
    ("policy", "where"), [({"version": "7"}, "version"), ({"name": "policies/x"}, "name")]
)
def test_what_the_server_sets(policy: Policy, where: str) -> None:
    finding = only(policy | {"smsDisabled": True})
    assert (finding.rule, finding.where) == ("output-only-field", where)


@pytest.mark.parametrize(
    ("policy", "fix"),
    [
        ({"cameraDisabled": True}, "Use cameraAccess."),
        ({"locationMode": "OFF"}, "Use LOCATION_DISABLED."),
        ({"personalUsagePolicies": {"personalPlayStoreMode": "BLACKLIST"}}, "Use BLOCKLIST."),
        (
            {"blockApplicationsEnabled": True},
            "Use what Google names instead, if it names anything.",
        ),
        (
            {"applications": [{"installType": "KIOSK"}]},
            "Use a role of type KIOSK in applications[].roles.",
        ),
    ],
)
def test_deprecated_fields_and_values(policy: Policy, fix: str) -> None:
    finding = only(policy)
    assert (finding.rule, finding.severity, finding.fix) == ("deprecated-field", "note", fix)


def test_a_placeholder_may_become_an_object_or_a_list() -> None:
    assert codes({CROSS: "{{ cross }}", "applications": "${APPS}"}) == []
    assert codes({"applications": ["{{ app }}"], "openNetworkConfiguration": "{{ onc }}"}) == []


def test_a_field_by_both_of_its_names() -> None:
    finding = only({"sms_disabled": True, "smsDisabled": False})
    assert (finding.rule, finding.severity, finding.where) == (
        "duplicate-key",
        "error",
        "sms_disabled",
    )
    assert "as sms_disabled, its original name, and as smsDisabled" in finding.message


def test_placeholders_of_templates_are_left_alone() -> None:
    assert judged({"maximumTimeToLock": "{{lock}}", "smsDisabled": "{{sms}}"}) == []


def modes(policy: Policy, mode: Mode, android: str = "17 QPR1") -> list[tuple[str, str]]:
    document = AndroidPolicy("test.json", policy)
    found = findings(document, context(mode=mode, android=android))
    return [(finding.rule, finding.where) for finding in found]


def test_fields_that_the_mode_lacks() -> None:
    policy = {"smsDisabled": True, "backupService": "BACKUP_SERVICE_DISABLED"}
    assert modes(policy, Mode.FULLY_MANAGED) == []
    assert modes(policy, Mode.COMPANY_OWNED) == [("wrong-mode", "backupService")]
    assert set(modes(policy, Mode.WORK_PROFILE)) == {
        ("wrong-mode", "backupService"),
        ("wrong-mode", "smsDisabled"),
    }


def test_an_object_that_the_mode_lacks_is_one_finding() -> None:
    policy = {CROSS: {PASTE: "COPY_FROM_WORK_TO_PERSONAL_DISALLOWED"}}
    assert modes(policy, Mode.FULLY_MANAGED) == [("wrong-mode", CROSS)]
    assert modes({CROSS: {}}, Mode.FULLY_MANAGED) == []
    assert modes(policy, Mode.WORK_PROFILE) == []


def test_what_says_nothing_is_not_of_the_wrong_mode() -> None:
    policy = {"smsDisabled": False, "backupService": "BACKUP_SERVICE_UNSPECIFIED"}
    assert modes(policy, Mode.WORK_PROFILE) == []


def test_modes_of_single_values() -> None:
    mte = "advancedSecurityOverrides.mtePolicy"
    policy = {"advancedSecurityOverrides": {"mtePolicy": "MTE_DISABLED"}}
    assert modes(policy, Mode.COMPANY_OWNED) == [("wrong-mode", mte)]
    assert modes(policy, Mode.FULLY_MANAGED) == []
    assert modes(policy, Mode.FULLY_MANAGED, "13") == [("newer-than-os", mte)]
    policy = {"advancedSecurityOverrides": {"mtePolicy": "MTE_USER_CHOICE"}}
    assert modes(policy, Mode.WORK_PROFILE, "9") == []


def test_newer_than_the_oldest_system() -> None:
    policy = {
        "printingPolicy": "PRINTING_DISALLOWED",
        "assistContentPolicy": "ASSIST_CONTENT_ALLOWED",
    }
    assert modes(policy, Mode.WORK_PROFILE, "15") == []
    assert modes(policy, Mode.WORK_PROFILE, "14") == [("newer-than-os", "assistContentPolicy")]


def test_a_note_on_a_value_goes_before_that_on_its_field() -> None:
    at = "defaultApplicationSettings[0].defaultApplicationType"
    dialer = {"defaultApplicationSettings": [{"defaultApplicationType": "DEFAULT_DIALER"}]}
    browser = {"defaultApplicationSettings": [{"defaultApplicationType": "DEFAULT_BROWSER"}]}
    assert modes(dialer, Mode.FULLY_MANAGED, "14") == []
    assert modes(browser, Mode.FULLY_MANAGED, "14") == [("newer-than-os", at)]


def test_items_of_lists_have_notes() -> None:
    policy = {"keyguardDisabledFeatures": ["CAMERA", "SHORTCUTS"]}
    place = "keyguardDisabledFeatures[1]"
    assert modes(policy, Mode.WORK_PROFILE, "13") == [("newer-than-os", place)]
    assert modes({"keyguardDisabledFeatures": "SHORTCUTS"}, Mode.WORK_PROFILE, "13") == [
        ("wrong-type", "keyguardDisabledFeatures")
    ]


@pytest.mark.parametrize(
    ("number", "fits"), [(0, True), (10_000, True), (-1, False), (10_001, False)]
)
def test_bounds_that_google_states(number: int, fits: bool) -> None:  # noqa: FBT001  (a table)
    policy = {"applications": [{"installPriority": number}]}
    found = modes(policy, Mode.WORK_PROFILE)
    assert found == ([] if fits else [("out-of-range", "applications[0].installPriority")])
    assert modes({"applications": [{"installPriority": False}]}, Mode.WORK_PROFILE) == [
        ("wrong-type", "applications[0].installPriority")
    ]


def test_notes_hold_for_every_spelling() -> None:
    assert ("wrong-mode", "smsDisabled") in modes({"sms_disabled": "true"}, Mode.WORK_PROFILE)


@pytest.mark.parametrize(
    ("written", "canonically"),
    [
        ({"cross_profile_policies": {"cross_profile_copy_paste": "X"}}, {CROSS: {PASTE: "X"}}),
        ({"screenCaptureDisabled": "true"}, {"screenCaptureDisabled": True}),
        (
            {"maximumTimeToLock": 5, "minimumApiLevel": "33"},
            {"maximumTimeToLock": "5", "minimumApiLevel": 33},
        ),
        ({"minimumApiLevel": 33.0}, {"minimumApiLevel": 33}),
        ({"smsDisabled": None, "applications": [None]}, {"applications": [None]}),
        ({"smsDisabled": True, "sms_disabled": False}, {"smsDisabled": True}),
        ({"maximumTimeToLock": 10**30}, {"maximumTimeToLock": 10**30}),
        (
            {"maximumTimeToLock": True, "minimumApiLevel": "x"},
            {"maximumTimeToLock": True, "minimumApiLevel": "x"},
        ),
        ({"foo_bar": None, "Foo": [1]}, {"foo_bar": None, "Foo": [1]}),
        (
            {"applications": [{"managed_configuration": {"a_b": None}}]},
            {"applications": [{"managedConfiguration": {"a_b": None}}]},
        ),
    ],
)
def test_the_canonical_spelling(written: Policy, canonically: Policy) -> None:
    assert canonical(written) == canonically
    assert canonical(canonically) == canonically


def test_json_names() -> None:
    assert json_name("mtu_v4") == "mtuV4"
    for name in ("", "one", "aB_c", "_a", "a__b", "a_", "A_B"):
        assert json_name(name) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted(policy_objects()[ROOT].fields)) | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(policy_objects()[ROOT].fields)), JSON, max_size=6))
def test_any_json_is_judged_without_an_exception(policy: Policy) -> None:
    for mode in Mode:
        for code, _ in modes(policy, mode, "9"):
            assert code


def test_many_slips_take_no_longer_than_reading_them() -> None:
    policy: Policy = {f"unknownFieldNumber{number}": number for number in range(20_000)}
    policy["keyguardDisabledFeatures"] = ["NOTIFICATON"] * 20_000
    start = time.process_time()
    found = judged(policy)
    assert time.process_time() - start < 5
    assert len(found) == 40_000
