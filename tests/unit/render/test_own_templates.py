"""An engineer's own templates: what they may add, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from profilegen.catalogue.terms import Enrollment
from profilegen.plan.model import TargetPlan
from profilegen.policy.model import Policy
from profilegen.render.failures import TemplateError, TemplateRefused
from tests.unit.render.plans import (
    ANNA,
    CA,
    OUTLOOK_ANDROID,
    OUTLOOK_IOS,
    STAFF,
    android,
    block,
    configured,
    decide,
    iphone,
    json_in,
    own_templates,
    payloads_in,
    place,
    plan_of,
    policy_of,
    profile_in,
    render,
    restriction,
    staff_plan,
    work_profile_plan,
)

EXTENDS = '{% extends "builtin/ios/profile.mobileconfig.j2" %}'
POLICY = '{% extends "builtin/android/policy.json.j2" %}'
CONNECTED = "connectedWorkAndPersonalApp"
ENVELOPE = (
    '{% from "ios/macros.plist.j2" import envelope, pairs %}'
    '<dict>{{ envelope(payload, organization, "Own", "Own words") }}'
)


def ios_case() -> tuple[TargetPlan, Policy]:
    target = iphone("staff")
    policy = replace(policy_of(STAFF, target=target), certificates=(CA,))
    return staff_plan(target), policy


def android_case() -> tuple[TargetPlan, Policy]:
    target = android("staff")
    return work_profile_plan(target), policy_of(STAFF, target=target)


def refusal(folder: Path, case: tuple[TargetPlan, Policy], **files: str) -> str:
    templates = own_templates(folder, **files)
    with pytest.raises(TemplateRefused) as caught:
        render(*case, templates=templates)
    assert (caught.value.exit_code, caught.value.slug) == (3, "template")
    assert str(folder) in caught.value.message
    assert "policy" in caught.value.hint
    return caught.value.message


def added(payload_type: str, keys: str = "", identifier: str = "own.one", uuid: str = "1") -> str:
    return (
        EXTENDS + "{% block extra_payloads %}<dict>"
        f"<key>PayloadType</key><string>{payload_type}</string>"
        f"<key>PayloadIdentifier</key><string>{identifier}</string>"
        f"<key>PayloadUUID</key><string>{uuid}</string>"
        f"<key>PayloadVersion</key><integer>1</integer>{keys}</dict>{{% endblock %}}"
    )


def added_apps(*entries: str) -> str:
    listed = "".join(f", {entry}" for entry in entries)
    return POLICY + "{% block extra_applications %}" + listed + "{% endblock %}"


def documented(checkout: Path, heading: str) -> str:
    section = (checkout / "docs" / "templates.md").read_text(encoding="utf-8").split(heading)[1]
    return section.split("```jinja\n")[1].split("```")[0]


def test_the_documented_wifi_payload_builds(tmp_path: Path, checkout: Path) -> None:
    text = documented(checkout, "## Example: a Wi-Fi network")
    for user in (None, ANNA):
        (profile,) = render(*ios_case(), user=user, templates=own_templates(tmp_path, profile=text))
        wifi = payloads_in(profile)["managed"]
        assert wifi["SSID_STR"] == "Northwind"
        assert str(wifi["PayloadIdentifier"]).endswith(".wifi")
        assert payloads_in(profile)["account"]["PreventMove"] is True


def test_the_documented_policy_field_builds(tmp_path: Path, checkout: Path) -> None:
    text = documented(checkout, "## Example: a field in every Android policy")
    (policy,) = render(*android_case(), templates=own_templates(tmp_path, policy=text))
    assert json_in(policy)["cameraAccess"] == "CAMERA_ACCESS_DISABLED"


def test_words_and_further_restrictions_may_be_added(tmp_path: Path) -> None:
    restrictions = ENVELOPE + "{{ pairs(payload.settings) }}<key>allowCamera</key><false/></dict>"
    own = added("com.apple.applicationaccess", "<key>allowDiagnosticSubmission</key><false/>")
    (profile,) = render(
        *ios_case(),
        templates=own_templates(tmp_path, restrictions=restrictions, profile=own),
    )
    assert b"<key>allowCamera</key>" in profile.content
    assert b"Own words" in profile.content


def test_a_template_may_use_the_fields_of_the_user(tmp_path: Path) -> None:
    own = EXTENDS + (
        "{% block wording %}<key>PayloadDisplayName</key>{{ user.email|plist }}{% endblock %}"
    )
    templates = own_templates(tmp_path, profile=own)
    (profile,) = render(*ios_case(), user=ANNA, templates=templates)
    assert profile_in(profile)["PayloadDisplayName"] == "anna@northwindtraders.example"
    with pytest.raises(TemplateError, match="line 1: 'user' is undefined"):
        render(*ios_case(), templates=templates)


def test_opening_managed_open_in_is_refused(tmp_path: Path) -> None:
    own = ENVELOPE + (
        "<key>allowOpenFromManagedToUnmanaged</key><true/>"
        "<key>requireManagedPasteboard</key><true/></dict>"
    )
    message = refusal(tmp_path, ios_case(), restrictions=own)
    assert message.startswith(
        "target iphone-device: channel open-in needs allowOpenFromManagedToUnmanaged = false in "
        "com.apple.applicationaccess (com.northwindtraders.mail.iphone-device.restrictions), "
        "but the template gives true"
    )


def test_dropping_prevent_move_is_refused(tmp_path: Path) -> None:
    own = ENVELOPE + "{{ pairs(payload.keys) }}<key>allowMailDrop</key><false/></dict>"
    message = refusal(tmp_path, ios_case(), exchange=own)
    assert "channel move-message needs PreventMove = true" in message
    assert "gives nothing" in message


@pytest.mark.parametrize(
    "own",
    [
        ENVELOPE + "</dict>",
        "",
    ],
    ids=["emptied", "left out"],
)
def test_a_restrictions_payload_without_restrictions_is_refused(tmp_path: Path, own: str) -> None:
    assert "channel open-in needs" in refusal(tmp_path, ios_case(), restrictions=own)


def test_one_is_not_true(tmp_path: Path) -> None:
    own = ENVELOPE + ("<key>allowOpenFromManagedToUnmanaged</key><integer>0</integer></dict>")
    message = refusal(tmp_path, ios_case(), restrictions=own)
    assert "= false" in message
    assert "gives 0" in message


@pytest.mark.parametrize("value", ["<true/>", "<false/>"])
def test_a_restriction_in_two_payloads_is_refused(tmp_path: Path, value: str) -> None:
    own = added("com.apple.applicationaccess", f"<key>allowOpenFromManagedToUnmanaged</key>{value}")
    message = refusal(tmp_path, ios_case(), profile=own)
    assert "channel open-in needs allowOpenFromManagedToUnmanaged once" in message


def test_a_setting_of_two_channels_is_refused_with_both(tmp_path: Path) -> None:
    target = iphone("staff")
    paste = restriction("requireManagedPasteboard", value=True)
    plan = plan_of(
        target, decisions=(decide("staff", "paste", paste), decide("staff", "paste-from", paste))
    )
    message = refusal(
        tmp_path, (plan, policy_of(STAFF, target=target)), restrictions=ENVELOPE + "</dict>"
    )
    assert "channel paste, channel paste-from needs" in message


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        (added("com.apple.eas.account"), "adds the account 'own.one'"),
        (added("com.apple.wifi.managed", uuid=""), "a payload without PayloadUUID"),
        (
            added("com.apple.wifi.managed", identifier="com.northwindtraders.mail.iphone-device"),
            "gives the PayloadIdentifier 'COM.NORTHWINDTRADERS.MAIL.IPHONE-DEVICE' twice",
        ),
        (
            EXTENDS + "{% block extra_payloads %}<string>x</string>{% endblock %}",
            "a PayloadContent that is no list of dictionaries",
        ),
        (
            EXTENDS
            + "{% block extra_keys %}<key>EncryptedPayloadContent</key><data/>{% endblock %}",
            "EncryptedPayloadContent, which nobody can check",
        ),
        (
            "<plist><dict><key>PayloadType</key><string>Configuration</string></dict></plist>",
            "leaves PayloadVersion out of the profile",
        ),
    ],
    ids=["account", "no uuid", "identifier", "string", "encrypted", "bare"],
)
def test_what_a_profile_may_not_hold(tmp_path: Path, own: str, complaint: str) -> None:
    assert complaint in refusal(tmp_path, ios_case(), profile=own)


def test_a_device_takes_one_payload_with_domains(tmp_path: Path) -> None:
    first = added("com.apple.domains").removesuffix("{% endblock %}")
    second = added("com.apple.domains", identifier="two", uuid="2").split("%}", 2)[2]
    message = refusal(tmp_path, ios_case(), profile=first + second)
    assert "gives the single payload 'com.apple.domains' twice" in message


def test_keys_of_the_policy_stay_as_they_are(tmp_path: Path) -> None:
    own = ENVELOPE + (
        "{% for key, value in payload.keys.items() if key != 'SSL' %}"
        "<key>{{ key }}</key>{{ value|plist }}{% endfor %}"
        "{{ pairs(payload.settings) }}SSL</dict>"
    )
    for ssl, complaint in (
        ("", "leaves SSL out of com.apple.eas.account"),
        ("<key>SSL</key><false/>", "gives SSL in com.apple.eas.account"),
    ):
        message = refusal(tmp_path, ios_case(), exchange=own.replace("SSL</dict>", ssl + "</dict>"))
        assert complaint in message


def test_a_certificate_may_not_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "ios/payloads").mkdir(parents=True)
    (tmp_path / "ios/payloads/ca.plist.j2").write_text("")
    message = refusal(tmp_path, ios_case())
    assert "leaves out the payload com.apple.security.root" in message


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        (
            '{"applications": [], "playStoreMode": "WHITELIST"}',
            "channel open-in needs crossProfilePolicies.crossProfileDataSharing = 'DATA_SHARING_",
        ),
        ('{"playStoreMode": "BLACKLIST"}', "gives playStoreMode in the policy another value"),
        (
            added_apps('{"packageName": "a.b"}', '{"packageName": "a.b"}'),
            "gives the applications entry 'a.b' twice",
        ),
        (added_apps('"a.b"'), "a list of apps that is no list of objects"),
        (
            added_apps(f'{{"packageName": "{OUTLOOK_ANDROID}", "{CONNECTED}": "X"}}'),
            f"channel connected-apps needs applications[].{CONNECTED} of {OUTLOOK_ANDROID}",
        ),
        ('{"applications": []}', "leaves playStoreMode out of the policy"),
    ],
    ids=["empty", "store", "twice", "text", "second entry", "no store"],
)
def test_what_a_policy_may_not_hold(tmp_path: Path, own: str, complaint: str) -> None:
    assert complaint in refusal(tmp_path, android_case(), policy=own)


@pytest.mark.parametrize(
    ("key", "channel"),
    [
        ("keyguardDisabledFeatures", "notification-preview"),
        ("permittedInputMethods", "keyboards"),
        ("screenCaptureDisabled", "screen-capture"),
    ],
)
def test_each_dropped_field_is_refused_with_its_channel(
    tmp_path: Path, key: str, channel: str
) -> None:
    own = (
        '{"applications": {{ applications|tojson }}'
        "{% for name, value in fields.items() if name != '" + key + "' %}"
        ", {{ name|tojson }}: {{ value|tojson }}{% endfor %}}"
    )
    assert f"channel {channel} needs {key}" in refusal(tmp_path, android_case(), policy=own)


@pytest.mark.parametrize("applications", ["1", "{}", '"text"'])
def test_apps_are_a_list(tmp_path: Path, applications: str) -> None:
    own = (
        f'{{"applications": {applications}'
        "{% for name, value in fields.items() %}"
        ", {{ name|tojson }}: {{ value|tojson }}{% endfor %}}"
    )
    target = android("staff")
    case = plan_of(target), policy_of(STAFF, target=target)
    assert "a list of apps that is no list of objects" in refusal(tmp_path, case, policy=own)


def test_the_name_of_a_blocked_app_is_told_and_long_values_are_shortened(tmp_path: Path) -> None:
    bundles = tuple(f"com.example.app{number}" for number in range(20))
    setting = replace(restriction("blockedAppBundleIDs", value=True), value=bundles)
    target = iphone("staff", enrollment=Enrollment.SUPERVISED)
    plan = plan_of(target, apps=(block("TikTok", replace(setting, value=bundles[:1])),))
    plan = replace(plan, settings=(setting,))
    message = refusal(
        tmp_path, (plan, policy_of(STAFF, target=target)), restrictions=ENVELOPE + "</dict>"
    )
    assert "blocked app TikTok needs blockedAppBundleIDs = ['com.example.app0'" in message
    assert "com.example.app19" not in message


def test_the_configuration_of_an_app_stays_as_it_is(tmp_path: Path) -> None:
    own = (
        '{"applications": [{% for app in applications %}{"packageName": '
        f'{{{{ app.packageName|tojson }}}}, "{CONNECTED}": {{{{ app.{CONNECTED}|tojson }}}}}}'
        "{% endfor %}]{% for name, value in fields.items() %}"
        ", {{ name|tojson }}: {{ value|tojson }}{% endfor %}}"
    )
    message = refusal(tmp_path, android_case(), policy=own)
    assert f"out of the managed configuration of {OUTLOOK_ANDROID}" in message

    target = iphone("staff")
    plan = plan_of(target, configured("staff", OUTLOOK_IOS))
    message = refusal(
        tmp_path,
        (plan, policy_of(STAFF, target=target)),
        configuration="<plist><dict><key>IntuneMAMUPN</key><string>x</string></dict></plist>",
    )
    assert f"out of the configuration of {OUTLOOK_IOS}" in message


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"declaration": '{"Type": "x"}'}, "gives Type in com.apple.configuration.siri.settings"),
        (
            {
                "declaration": '{"Type": {{ declaration.type|tojson }}, "Payload": 1, '
                '"Identifier": {{ declaration.identifier|tojson }}}'
            },
            "channel siri needs Enabled = false",
        ),
        (
            {
                "activation": '{"Type": {{ declaration.type|tojson }}, "Payload": '
                '{"StandardConfigurations": []}, '
                '"Identifier": {{ declaration.identifier|tojson }}}'
            },
            "gives StandardConfigurations in com.apple.activation.simple another value",
        ),
    ],
    ids=["type", "payload", "activation"],
)
def test_declarations_stay_as_they_are(
    tmp_path: Path, files: dict[str, str], complaint: str
) -> None:
    target = iphone("staff", declarations=True)
    siri = replace(
        restriction("Enabled", value=False), payload="com.apple.configuration.siri.settings"
    )
    plan = plan_of(target, place("staff", "by-hand"), decisions=(decide("staff", "siri", siri),))
    assert complaint in refusal(tmp_path, (plan, policy_of(STAFF, target=target)), **files)
