"""Every rule of Android policies that no schema states, broken and kept."""

from __future__ import annotations

from typing import Any

import pytest

from profilegen.audit.document import AndroidPolicy
from profilegen.audit.lint.android_rules import findings
from profilegen.catalogue.rules import rules
from profilegen.catalogue.terms import Mode
from profilegen.findings import Finding
from tests.unit.audit.samples import context

Policy = dict[str, Any]

BROWSER: Policy = {
    "defaultApplicationType": "DEFAULT_BROWSER",
    "defaultApplicationScopes": ["SCOPE_WORK_PROFILE"],
    "defaultApplications": [{"packageName": "org.example.browser"}],
}
INSTALLED = [{"packageName": "org.example.browser", "installType": "FORCE_INSTALLED"}]
RULE: Policy = {
    "settingName": "smsDisabled",
    "blockAction": {"blockAfterDays": 1},
    "wipeAction": {"wipeAfterDays": 14},
}
SETTINGS = "defaultApplicationSettings"


def judged(policy: Policy, mode: Mode = Mode.WORK_PROFILE) -> list[Finding]:
    return list(findings(AndroidPolicy("test.json", policy), context(mode=mode)))


def codes(policy: Policy, mode: Mode = Mode.WORK_PROFILE) -> list[tuple[str, str]]:
    return [(finding.rule, finding.where) for finding in judged(policy, mode)]


def enforced(**changes: Any) -> Policy:  # noqa: ANN401
    rule = {key: value for key, value in (RULE | changes).items() if value != "absent"}
    return {"smsDisabled": True, "policyEnforcementRules": [rule]}


def defaults(*, applications: Any = INSTALLED, **changes: Any) -> Policy:  # noqa: ANN401
    policy: Policy = {SETTINGS: [BROWSER | changes]}
    return policy if applications is None else policy | {"applications": applications}


def test_a_rule_of_enforcement_as_google_wants_it() -> None:
    assert codes(enforced()) == []
    assert codes({"smsDisabled": True, "policyEnforcementRules": "x"}) == []
    assert codes({"policyEnforcementRules": [None, 1]}) == []


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"wipeAction": "absent"}, "no wipeAction;"),
        ({"blockAction": "absent"}, "no blockAction;"),
        ({"blockAction": None}, "no blockAction;"),
        ({"blockAction": "absent", "wipeAction": "absent"}, "no blockAction and no wipeAction;"),
    ],
)
def test_both_actions_are_demanded(changes: Policy, missing: str) -> None:
    (finding,) = judged(enforced(**changes))
    assert (finding.rule, finding.severity) == ("enforcement-incomplete", "error")
    assert finding.where == "policyEnforcementRules[0]"
    assert missing in finding.message


@pytest.mark.parametrize(
    ("block", "wipe"),
    [
        ({"blockAfterDays": 7}, {"wipeAfterDays": 7}),
        ({"blockAfterDays": 8}, {"wipeAfterDays": 7}),
        ({}, {}),
        ({"blockAfterDays": "3"}, {"wipeAfterDays": "2"}),
    ],
)
def test_blocking_comes_first(block: Policy, wipe: Policy) -> None:
    assert codes(enforced(blockAction=block, wipeAction=wipe)) == [
        ("enforcement-order", "policyEnforcementRules[0]")
    ]
    assert codes(enforced(blockAction={}, wipeAction={"wipeAfterDays": 1})) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"blockAction": {"blockAfterDays": "{{ days }}"}},
        {"wipeAction": {"wipeAfterDays": "${DAYS}"}},
        {"wipeAction": "{{ action }}"},
        {"wipeAction": []},
        {"settingName": "{{ setting }}"},
    ],
)
def test_what_is_not_known_breaks_no_rule_of_enforcement(changes: Policy) -> None:
    assert codes(enforced(**changes)) == []


def test_the_setting_of_a_rule_exists() -> None:
    place = "policyEnforcementRules[0].settingName"
    assert codes(enforced(settingName="crossProfileCopyPaste")) == [("enforcement-setting", place)]
    assert codes(enforced(settingName="absent")) == [
        ("enforcement-setting", "policyEnforcementRules[0]")
    ]
    assert codes(enforced(settingName="cameraAccess")) == [("enforcement-idle", place)]
    assert codes(enforced(settingName="sms_disabled")) == []
    assert codes(enforced(settingName=7)) == []  # the schema says what is wrong


def test_app_functions() -> None:
    crossing = "crossProfileAppFunctions"
    policy: Policy = {
        "appFunctions": "APP_FUNCTIONS_DISALLOWED",
        "crossProfilePolicies": {crossing: "CROSS_PROFILE_APP_FUNCTIONS_ALLOWED"},
    }
    assert codes(policy) == [("app-functions-conflict", f"crossProfilePolicies.{crossing}")]
    assert codes(policy | {"appFunctions": "APP_FUNCTIONS_ALLOWED"}) == []
    assert codes({"appFunctions": "APP_FUNCTIONS_DISALLOWED"}) == []


def contacts(setting: str, *names: str) -> list[tuple[str, str]]:
    value = {"showWorkContactsInPersonalProfile": setting} if setting else {}
    exempt = {"exemptionsToShowWorkContactsInPersonalProfile": {"packageNames": list(names)}}
    return codes({"crossProfilePolicies": value | exempt})


def test_exemptions_for_contacts() -> None:
    setting = "SHOW_WORK_CONTACTS_IN_PERSONAL_PROFILE"
    place = "crossProfilePolicies.exemptionsToShowWorkContactsInPersonalProfile"
    assert contacts("", "org.example.app") == [("contacts-exemption", place)]
    assert contacts(f"{setting}_UNSPECIFIED") == [("contacts-exemption", place)]
    assert contacts(f"{setting}_DISALLOWED", "org.example.app") == []
    assert contacts(f"{setting}_ALLOWED", "org.example.app") == [
        ("contacts-exemption-blocks", place)
    ]
    assert contacts(f"{setting}_ALLOWED") == []


@pytest.mark.parametrize("days", [1, 2, -1, "2"], ids=repr)
def test_days_that_the_work_profile_may_not_be_off(days: object) -> None:
    policy = {"personalUsagePolicies": {"maxDaysWithWorkOff": days}}
    assert codes(policy) == [("work-off-days", "personalUsagePolicies.maxDaysWithWorkOff")]


@pytest.mark.parametrize("days", [0, 3, 30, True, None, "many"], ids=repr)
def test_days_that_it_may_be_off(days: object) -> None:
    assert codes({"personalUsagePolicies": {"maxDaysWithWorkOff": days}}) == []


def required(address: object, kind: str = "GOOGLE_AUTHENTICATED") -> list[str]:
    account = {"requiredAccountEmail": address, "authenticationType": kind}
    return [finding.message for finding in judged({"workAccountSetupConfig": account})]


def test_the_required_account() -> None:
    assert required("anna@example.org") == []
    assert required("") == []
    assert required(7) == []
    assert required("Anna@example.org") == ["The address must be in lower case."]
    (message,) = required("anna@gmail.com")
    assert "consumer" in message
    (message,) = required("anna@example.org", "AUTHENTICATION_TYPE_NOT_ENFORCED")
    assert "authenticationType" in message


def private_dns(**settings: object) -> list[tuple[str, str]]:
    return codes({"deviceConnectivityManagement": {"privateDnsSettings": settings}})


def test_private_dns() -> None:
    mode, host = "PRIVATE_DNS_SPECIFIED_HOST", "dns.example.org"
    place = "deviceConnectivityManagement.privateDnsSettings"
    assert private_dns(privateDnsMode=mode, privateDnsHost=host) == []
    assert private_dns(privateDnsMode="PRIVATE_DNS_AUTOMATIC") == []
    assert private_dns(privateDnsMode=mode) == [("private-dns-host", f"{place}.privateDnsMode")]
    assert private_dns(privateDnsHost=host) == [("private-dns-host", f"{place}.privateDnsHost")]


def test_placeholders_break_no_rule() -> None:
    assert private_dns(privateDnsMode="{{ mode }}", privateDnsHost="dns.example.org") == []
    text = "{{ x }}"
    unknown = {
        "defaultApplicationType": text,
        "defaultApplicationScopes": [text, text],
        "defaultApplications": [{"packageName": text}, {"packageName": text}],
    }
    assert codes({SETTINGS: [unknown, unknown], "applications": []}) == []
    assistant = {"defaultApplicationType": "DEFAULT_ASSISTANT", "defaultApplicationScopes": [text]}
    assert codes(defaults(**assistant)) == []
    sms = {"defaultApplicationType": "DEFAULT_SMS"}
    assert codes(defaults(**sms, defaultApplicationScopes=["SCOPE_PERSONAL_PROFILE"])) == []


def test_default_apps_as_google_wants_them() -> None:
    assert codes(defaults()) == []
    personal = defaults(applications=[], defaultApplicationScopes=["SCOPE_PERSONAL_PROFILE"])
    assert codes(personal) == []
    assert codes({SETTINGS: 1}) == []


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"defaultApplicationType": None}, ""),
        ({"defaultApplicationType": "DEFAULT_APPLICATION_TYPE_UNSPECIFIED"}, ""),
        ({"defaultApplicationScopes": []}, ""),
        ({"defaultApplicationScopes": None}, ""),
        ({"defaultApplicationScopes": ["SCOPE_WORK_PROFILE"] * 2}, ".defaultApplicationScopes"),
        ({"defaultApplications": []}, ""),
        (
            {"defaultApplications": [{"packageName": "org.example.browser"}] * 2},
            ".defaultApplications",
        ),
        (
            {"defaultApplications": [{"packageName": "org.example.other"}]},
            ".defaultApplications[0].packageName",
        ),
        ({"defaultApplicationType": "DEFAULT_SMS"}, ".defaultApplicationScopes"),
        ({"defaultApplicationType": "DEFAULT_HOME"}, ".defaultApplicationScopes"),
        ({"defaultApplicationType": "DEFAULT_ASSISTANT"}, ".defaultApplicationScopes"),
        (
            {
                "defaultApplicationType": "DEFAULT_CALL_SCREENING",
                "defaultApplicationScopes": ["SCOPE_PERSONAL_PROFILE"],
            },
            ".defaultApplicationScopes",
        ),
        (
            {
                "defaultApplicationType": "DEFAULT_WALLET",
                "defaultApplicationScopes": ["SCOPE_PERSONAL_PROFILE", "SCOPE_WORK_PROFILE"],
            },
            ".defaultApplicationScopes",
        ),
    ],
    ids=str,
)
def test_default_apps_that_the_server_refuses(changes: Policy, where: str) -> None:
    (finding,) = judged(defaults(**changes))
    assert (finding.rule, finding.severity) == ("default-app", "error")
    assert finding.where == f"{SETTINGS}[0]{where}"


def test_a_default_app_that_is_blocked_or_set_twice() -> None:
    blocked = [{"packageName": "org.example.browser", "installType": "BLOCKED"}]
    place = f"{SETTINGS}[0].defaultApplications[0].packageName"
    assert codes(defaults(applications=blocked)) == [("default-app", place)]
    twice = {SETTINGS: [BROWSER, BROWSER], "applications": INSTALLED}
    assert codes(twice) == [("default-app", f"{SETTINGS}[1].defaultApplicationType")]


def test_a_fragment_may_name_apps_that_another_installs() -> None:
    (finding,) = judged(defaults(applications=None))
    assert (finding.rule, finding.severity) == ("default-app-unlisted", "warning")


def test_two_settings_for_the_browser() -> None:
    preferred = {
        "receiverActivity": "org.example.browser",
        "actions": ["android.intent.action.VIEW"],
        "categories": ["android.intent.category.BROWSABLE"],
    }
    policy = defaults() | {"persistentPreferredActivities": [preferred]}
    assert codes(policy) == [("default-app-twice", "persistentPreferredActivities[0]")]
    home = preferred | {"categories": ["android.intent.category.HOME"]}
    assert codes(defaults() | {"persistentPreferredActivities": [home]}) == []
    assert codes({"persistentPreferredActivities": [preferred]}) == []


def apps(count: int, **fields: Any) -> Policy:  # noqa: ANN401
    entries = [{"packageName": f"org.example.app{index}", **fields} for index in range(count)]
    return {"applications": entries}


@pytest.mark.parametrize(
    ("most", "more", "where"),
    [
        (apps(3000), apps(3001), "applications"),
        (apps(20, minimumVersionCode=2), apps(21, minimumVersionCode=2), "applications"),
        (
            apps(1, installConstraint=[{}]),
            apps(1, installConstraint=[{}, {}]),
            "applications[0].installConstraint",
        ),
        ({"complianceRules": [{}] * 100}, {"complianceRules": [{}] * 101}, "complianceRules"),
        (
            apps(1, managedConfiguration={"note": "x" * 65_535}),
            apps(1, managedConfiguration={"note": "x" * 65_536}),
            "applications[0].managedConfiguration.note",
        ),
    ],
    ids=["apps", "versions", "constraints", "compliance rules", "text"],
)
def test_limits(most: Policy, more: Policy, where: str) -> None:
    assert codes(most) == []
    assert codes(more) == [("too-many", where)]


def test_a_template_beside_a_configuration() -> None:
    template = {"templateId": "1"}
    both = apps(1, managedConfigurationTemplate=template, managedConfiguration={})
    assert codes(both) == [("template-ignored", "applications[0].managedConfigurationTemplate")]
    assert codes(apps(1, managedConfigurationTemplate=template)) == []


def test_the_play_store() -> None:
    assert codes({"playStoreMode": "BLACKLIST"}) == [("open-play-store", "playStoreMode")]
    assert codes({"playStoreMode": "WHITELIST"}) == []


def test_bluetooth_sharing_is_open_on_fully_managed_devices_unless_closed() -> None:
    key = "deviceConnectivityManagement"
    assert codes({}, Mode.FULLY_MANAGED) == [("implicit-default", "")]
    silent = {key: {"bluetoothSharing": "BLUETOOTH_SHARING_UNSPECIFIED"}}
    assert codes(silent, Mode.FULLY_MANAGED) == [("implicit-default", "")]
    closed = {key: {"bluetoothSharing": "BLUETOOTH_SHARING_DISALLOWED"}}
    assert codes(closed, Mode.FULLY_MANAGED) == []
    assert codes({}, Mode.WORK_PROFILE) == []


def test_the_private_space() -> None:
    place = "personalUsagePolicies.privateSpacePolicy"
    policy = {"personalUsagePolicies": {"privateSpacePolicy": "PRIVATE_SPACE_DISALLOWED"}}
    assert codes(policy) == [("removes-private-space", place)]
    allowed = {"personalUsagePolicies": {"privateSpacePolicy": "PRIVATE_SPACE_ALLOWED"}}
    assert codes(allowed) == []


@pytest.mark.parametrize("mode", [Mode.WORK_PROFILE, Mode.COMPANY_OWNED])
def test_accessibility_reaches_the_personal_side(mode: Mode) -> None:
    policy: Policy = {"permittedAccessibilityServices": {"packageNames": []}}
    assert codes(policy, mode) == [("reaches-personal-side", "permittedAccessibilityServices")]
    closed = {"deviceConnectivityManagement": {"bluetoothSharing": "BLUETOOTH_SHARING_ALLOWED"}}
    assert codes(policy | closed, Mode.FULLY_MANAGED) == []


def test_an_app_alone_is_judged_as_an_app() -> None:
    template = {"templateId": "1"}
    alone = {"managedConfiguration": {"a": 1}, "managedConfigurationTemplate": template}
    assert codes(alone) == [("template-ignored", "managedConfigurationTemplate")]


def test_rules_hold_for_every_spelling() -> None:
    policy = {"policy_enforcement_rules": [{"setting_name": "x", "block_action": {}}]}
    assert [code for code, _ in codes(policy)] == ["enforcement-incomplete", "enforcement-setting"]


@pytest.mark.parametrize(
    "rule",
    [rule for rule in rules().values() if rule.family == "android"],
    ids=lambda rule: str(rule.code),
)
def test_every_rule_is_explained(rule: Any) -> None:  # noqa: ANN401
    assert 3 <= rule.about.count(". ") + 1 <= 12
    assert rule.sources
    assert all(len(source) > 10 for source in rule.sources)
    assert rule.title != rule.fix.removesuffix(".")
