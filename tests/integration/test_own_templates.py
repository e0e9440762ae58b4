"""Own templates through the command line: what adds builds, what weakens is refused by name."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import Outcome, RunProfilegen
from tests.support.releases import (
    RICH_ENVIRONMENT,
    SMALL,
    rich_policy,
    write_files,
    write_identity,
)

PROFILE = "ios/profile.mobileconfig.j2"
RESTRICTIONS = "ios/payloads/restrictions.plist.j2"
EXCHANGE = "ios/payloads/exchange.plist.j2"
DOMAINS = "ios/payloads/domains.plist.j2"
ANDROID = "android/policy.json.j2"
EXTENDS = '{% extends "builtin/ios/profile.mobileconfig.j2" %}'
POLICY = SMALL.replace("sharing: contained", "sharing: sealed").replace(
    "targets:", "domains: {mail: [example.com], web: [example.com]}\ntargets:"
)
ENVELOPE = (
    '{% from "ios/macros.plist.j2" import envelope, pairs %}'
    '<dict>{{ envelope(payload, organization, "Own", "Own words") }}'
)
CROSS = "crossProfilePolicies"
Build = Callable[..., Outcome]


@pytest.fixture
def build(tmp_path: Path, call_profilegen: RunProfilegen) -> Build:
    """Return a function that builds POLICY with own templates, given by their names."""
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")

    def call(
        templates: Mapping[str, str],
        policy: str = POLICY,
        environment: Mapping[str, str] | None = None,
        *more: str | Path,
    ) -> Outcome:
        (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
        write_files(tmp_path / "own", {name: text.encode() for name, text in templates.items()})
        return call_profilegen(
            "build", "policy.yaml", "--templates", "own", *more, environment=environment
        )

    return call


def payload(kind: str, keys: str, number: int = 1) -> str:
    return (
        f"<dict><key>PayloadType</key><string>{kind}</string>"
        f"<key>PayloadIdentifier</key><string>own.{number}</string>"
        f"<key>PayloadUUID</key><string>{number}</string>"
        f"<key>PayloadVersion</key><integer>1</integer>{keys}</dict>"
    )


def added(kind: str, keys: str = "") -> dict[str, str]:
    block = "{% block extra_payloads %}" + payload(kind, keys) + "{% endblock %}"
    return {PROFILE: EXTENDS + block}


def edited(checkout: Path, name: str, old: str, new: str) -> dict[str, str]:
    """Return the built-in template `name` with one change."""
    text = (checkout / "templates" / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, text
    return {name: text.replace(old, new)}


def android(rest: str) -> dict[str, str]:
    """Return an Android template that gives the built-in policy's fields, and then `rest`."""
    return {ANDROID: '{% extends "builtin/android/policy.json.j2" %}' + rest}


def refused(done: Outcome) -> str:
    assert (done.exit_code, done.stdout) == (3, "")
    errors = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    assert [line.partition(": ")[0] for line in errors] == ["error", "hint"]
    assert "Traceback" not in done.stderr
    assert not Path("dist").exists()
    return errors[0].removeprefix("error: ")


def test_the_documented_wifi_payload(build: Build, checkout: Path, tmp_path: Path) -> None:
    page = (checkout / "docs" / "templates.md").read_text(encoding="utf-8")
    done = build({PROFILE: page.split("```jinja\n")[1].split("```")[0]})
    assert done.exit_code == 0, done.stderr
    unsigned = tmp_path / "dist" / "phone" / "unsigned" / "phone.mobileconfig"
    kinds = [
        item["PayloadType"] for item in plistlib.loads(unsigned.read_bytes())["PayloadContent"]
    ]
    assert "com.apple.wifi.managed" in kinds
    assert "com.apple.eas.account" in kinds


def test_the_documented_android_field(build: Build, checkout: Path, tmp_path: Path) -> None:
    page = (checkout / "docs" / "templates.md").read_text(encoding="utf-8")
    done = build({ANDROID: page.split("```jinja\n")[2].split("```")[0]})
    assert done.exit_code == 0, done.stderr
    policy = json.loads((tmp_path / "dist" / "work" / "work.json").read_bytes())
    assert policy["cameraAccess"] == "CAMERA_ACCESS_DISABLED"


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "<key>allowOpenFromManagedToUnmanaged</key><false/>",
        "{{ pairs(payload.settings) }}<key>allowOpenFromManagedToUnmanaged</key><true/>",
    ],
    ids=["empty", "one", "twice"],
)
def test_restrictions_that_say_something_else(keys: str, build: Build) -> None:
    message = refused(build({RESTRICTIONS: f"{ENVELOPE}{keys}</dict>"}))
    assert message.startswith("target phone: channel ")
    assert message.endswith("; the templates come from own")


@pytest.mark.parametrize("value", ["true", "0", "'false'", "none"])
def test_restrictions_that_turn_one_key_round(value: str, build: Build) -> None:
    text = (
        ENVELOPE + "{% for key, value in payload.settings|items %}<key>{{ key }}</key>"
        f'{{{{ ({value} if key == "allowOpenFromManagedToUnmanaged" else value)|plist }}}}'
        "{% endfor %}</dict>"
    )
    message = refused(build({RESTRICTIONS: text}))
    if value != "none":  # which no property list can hold
        assert "channel open-in" in message
        assert "allowOpenFromManagedToUnmanaged = false" in message


def test_a_profile_without_its_restrictions(build: Build) -> None:
    assert refused(build({RESTRICTIONS: ""})).startswith("target phone: channel ")


def test_an_account_without_prevent_move(build: Build) -> None:
    text = (
        ENVELOPE + "{{ pairs(payload.keys) }}{% for key, value in payload.settings|items %}"
        '{% if key != "PreventMove" %}<key>{{ key }}</key>{{ value|plist }}{% endif %}{% endfor %}'
        "</dict>"
    )
    message = refused(build({EXCHANGE: text}))
    assert "channel move-message" in message
    assert "PreventMove = true" in message


def test_a_profile_without_its_domains(build: Build) -> None:
    message = refused(build({DOMAINS: ENVELOPE + "</dict>"}))
    assert "omains" in message


@pytest.mark.parametrize(
    ("key", "value", "channel"),
    [
        ("allowOpenFromManagedToUnmanaged", "<true/>", "open-in"),
        ("allowOpenFromUnmanagedToManaged", "<true/>", "open-in-from"),
        ("forceAirDropUnmanaged", "<false/>", "airdrop"),
        ("allowManagedToWriteUnmanagedContacts", "<true/>", "contacts-write"),
        ("requireManagedPasteboard", "<false/>", "paste"),
    ],
)
def test_a_second_restrictions_payload_that_opens(
    key: str, value: str, channel: str, build: Build
) -> None:
    keys = f"<key>{key}</key>{value}"
    message = refused(build(added("com.apple.applicationaccess", keys)))
    assert channel in message


def test_a_second_restrictions_payload_that_closes_more_builds(build: Build) -> None:
    done = build(added("com.apple.applicationaccess", "<key>allowCamera</key><false/>"))
    assert done.exit_code == 0, done.stderr


def test_a_second_restrictions_payload_that_opens_what_the_plan_leaves_alone(
    build: Build,
) -> None:
    """Nothing was promised of a channel that the policy leaves: it may not get worse, though."""
    policy = POLICY.replace("sharing: sealed", "sharing: contained")
    keys = "<key>allowOpenFromUnmanagedToManaged</key><true/>"
    done = build(added("com.apple.applicationaccess", keys), policy)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize(
    "kind", ["com.apple.eas.account", "com.apple.mail.managed", "com.apple.google-oauth"]
)
def test_a_second_account(kind: str, build: Build) -> None:
    keys = "<key>Host</key><string>mail.example.net</string>"
    assert "account" in refused(build(added(kind, keys)))


@pytest.mark.parametrize(
    ("field", "value", "channel"),
    [
        (CROSS, {"crossProfileCopyPaste": "CROSS_PROFILE_COPY_PASTE_UNRESTRICTED"}, "paste"),
        (CROSS, {"crossProfileCopyPaste": "COPY_FROM_WORK_TO_PERSONAL_ALLOWED"}, "paste"),
        (CROSS, {"crossProfileDataSharing": "CROSS_PROFILE_DATA_SHARING_ALLOWED"}, "open-in"),
        (CROSS, {"workProfileWidgetsDefault": "WORK_PROFILE_WIDGETS_DEFAULT_ALLOWED"}, "widgets"),
        ("screenCaptureDisabled", False, "screen-capture"),
        ("bluetoothContactSharingDisabled", False, "bluetooth-contacts"),
        ("printingPolicy", "PRINTING_ALLOWED", "printing"),
    ],
)
def test_a_weakened_android_field(field: str, value: object, channel: str, build: Build) -> None:
    text = (
        "{ {% for name, found in fields|items %}"
        "{% if not loop.first %},{% endif %}{{ name|tojson }}: "
        '{% if name == "FIELD" %}{{ (dict(found, **NEW) if NEW is mapping else NEW)|tojson }}'
        "{% else %}{{ found|tojson }}{% endif %}{% endfor %}"
        ', "applications": {{ applications|tojson }} }'
    )
    new = json.dumps(value).replace("false", "False")
    own = {ANDROID: text.replace("FIELD", field).replace("NEW", f"({new})")}
    assert channel in refused(build(own))


@pytest.mark.parametrize(
    ("entry", "channel"),
    [
        (
            {"connectedWorkAndPersonalApp": "CONNECTED_WORK_AND_PERSONAL_APP_ALLOWED"},
            "connected-apps",
        ),
        ({"workProfileWidgets": "WORK_PROFILE_WIDGETS_ALLOWED"}, "widgets"),
    ],
)
def test_a_further_app_that_opens_a_channel(
    entry: Mapping[str, str], channel: str, build: Build
) -> None:
    app = {"packageName": "com.example.spy", "installType": "FORCE_INSTALLED", **entry}
    own = android("{% block extra_applications %}, " + json.dumps(app) + "{% endblock %}")
    assert channel in refused(build(own))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% if %}", "template own/ios/profile.mobileconfig.j2, line 1: "),
        ("\n\n{{ payloads", "template own/ios/profile.mobileconfig.j2, line 3: "),
        (
            "\n{{ nobody }}",
            "template own/ios/profile.mobileconfig.j2, line 2: 'nobody' is undefined",
        ),
        ("{{ payloads[0].secret }}", "template own/ios/profile.mobileconfig.j2, line 1: "),
        ('{% include "/etc/passwd" %}', "there is no template /etc/passwd"),
        ('{% include "../policy.yaml" %}', "there is no template ../policy.yaml"),
        ('{% include "builtin/../../pyproject.toml" %}', "there is no template builtin/../../"),
        ('{% include "link.j2" %}', "there is no template link.j2"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "line 1: access to attribute"),
        ("{{ organization.__init__.__globals__ }}", "line 1: access to attribute"),
        ("{{ cycler.__init__.__globals__.os }}", "line 1: access to attribute"),
        ("{{ '{0.__class__}'.format(target) }}", "line 1: access to attribute"),
        ("{{ payloads.append(1) }}", "line 1: "),
        ("{{ 'x' * 99999999999 }}", "line 1: "),
        ("{{ range(10**9)|list }}", "line 1: "),
        ('{% include "ios/profile.mobileconfig.j2" %}', "RecursionError"),
        ("no property list", "ios/profile.mobileconfig.j2"),
        ("<plist><dict>", "ios/profile.mobileconfig.j2"),
        (
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><plist>&b;</plist>',
            "ios/profile.mobileconfig.j2",
        ),
        ("", "ios/profile.mobileconfig.j2"),
    ],
)
def test_templates_that_cannot_be_used(
    text: str, message: str, build: Build, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "link.j2").symlink_to("/etc/passwd")
    found = refused(build({PROFILE: text}))
    assert message in found
    assert "root:" not in found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "android/policy.json.j2"),
        ("[]", "android/policy.json.j2"),
        ('{"a": 1, "a": 2}', "android/policy.json.j2"),
        ('{"a": NaN}', "android/policy.json.j2"),
        ("[" * 9999, "android/policy.json.j2"),
    ],
)
def test_android_templates_that_give_no_policy(text: str, message: str, build: Build) -> None:
    assert message in refused(build({ANDROID: "{% raw %}" + text + "{% endraw %}"}))


def test_a_template_that_is_too_large(build: Build) -> None:
    assert "larger than 1048576 bytes" in refused(build({PROFILE: "x" * (1 << 20) + "x"}))


def test_a_template_that_is_no_text(build: Build, tmp_path: Path) -> None:
    write_files(tmp_path / "own", {PROFILE: b"\xff"})
    assert "is not UTF-8 (byte 1)" in refused(build({}))


def test_own_templates_that_change_nothing_build_every_target(
    build: Build, checkout: Path, tmp_path: Path
) -> None:
    chain = pki.chain()
    bundle = pki.p12(chain.leaf, passphrase=RICH_ENVIRONMENT["MAIL_PASSPHRASE"])
    write_files(tmp_path, {"files/ca.pem": chain.root.pem, "files/mail.p12": bundle})
    built_in = checkout / "templates"
    own = {name: (built_in / name).read_text("utf-8") for name in (PROFILE, RESTRICTIONS, ANDROID)}
    policy = rich_policy("chief@example.com")
    done = build(own, policy, RICH_ENVIRONMENT, "--allow-clear-secrets")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.count("chief.mobileconfig PayloadContent") == 2
    assert done.stderr.count("stands there in the clear") == 2
