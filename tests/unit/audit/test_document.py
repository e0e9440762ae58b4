from __future__ import annotations

import json
import plistlib
from collections.abc import Sequence
from typing import Any

import pytest

from profilegen.audit import document as module
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    AppProtection,
    BareSettings,
    Declaration,
    DocumentError,
    NoDocumentError,
    Profile,
    ProfileService,
    kind_of,
    read_document,
)
from profilegen.audit.nesting import MAX_NESTING

XML = b'<?xml version="1.0"?><plist version="1.0">%s</plist>'
PROFILE: dict[str, Any] = {"PayloadType": "Configuration", "PayloadContent": []}


def refusal(data: bytes, name: str = "file") -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(name, data)
    assert (caught.value.exit_code, caught.value.slug) == (3, "document")
    assert caught.value.hint == (
        "Give a profile, an Android policy, a declaration or an app configuration."
    )
    start = f"{name}: not a document for devices: "
    assert caught.value.message.startswith(start)
    assert "\n" not in caught.value.message
    return caught.value.message.removeprefix(start)


def binary_plist(*objects: bytes, offsets: Sequence[int] = ()) -> bytes:
    """Return a binary property list of `objects`, the first on top; references are one byte.

    `offsets` take the place of those where the objects stand.
    """
    header = b"bplist00"
    places = offsets or [
        len(header) + sum(map(len, objects[:number])) for number in range(len(objects))
    ]
    body = header + b"".join(objects)
    table = b"".join(offset.to_bytes(2, "big") for offset in places)
    numbers = [len(places), 0, len(body)]
    trailer = bytes(6) + b"\x02\x01" + b"".join(number.to_bytes(8, "big") for number in numbers)
    return body + table + trailer


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_profile_is_read_from_both_forms(form: plistlib.PlistFormat) -> None:
    found = read_document("a.mobileconfig", plistlib.dumps(PROFILE, fmt=form))
    assert found == Profile("a.mobileconfig", PROFILE)


@pytest.mark.parametrize(
    "content",
    [
        {"PayloadContent": []},
        {"PayloadType": "NotConfiguration", "PayloadContent": []},
        {"PayloadType": "Configuration"},
        {"EncryptedPayloadContent": b"\x30"},
    ],
)
def test_a_profile_is_known_by_its_content(content: dict[str, Any]) -> None:
    assert read_document("a", plistlib.dumps(content)) == Profile("a", content)


def rules_of(name: str, data: bytes) -> list[str]:
    return [problem.rule for problem in read_document(name, data).problems]


def test_a_declaration_and_a_policy_are_known_by_their_keys() -> None:
    declared: dict[str, Any] = {
        "Type": "com.apple.configuration.siri.settings",
        "Identifier": "x",
        "Payload": {},
    }
    assert read_document("d", json.dumps(declared).encode()) == Declaration("d", declared)
    policy = {"screenCaptureDisabled": True}
    with_bom = b"\xef\xbb\xbf \n" + json.dumps(policy).encode()
    assert read_document("p", with_bom) == AndroidPolicy("p", policy)
    assert read_document("p", b"{}") == AndroidPolicy("p", {})


@pytest.mark.parametrize(
    "content",
    [
        {"Type": "com.apple.configuration.siri.settings", "Payload": {}},
        {"Type": "com.apple.configuration.siri.settings", "Identifier": "x"},
        {"Type": "com.apple.asset.data", "Identifier": "x", "Payload": []},
        {"Type": "org.example.settings", "Identifier": "x", "Payload": {}},
    ],
)
def test_a_declaration_may_lack_what_it_must_have(content: dict[str, Any]) -> None:
    assert read_document("d", json.dumps(content).encode()) == Declaration("d", content)


@pytest.mark.parametrize(
    "content",
    [
        {"screen_capture_disabled": True},
        {"screencaptureDisabled": True, "somethingElse": 1},
        {"parentProfilePasswordRequirements": {}},
        {"crossProfileCopyPaste": "DISALLOWED"},
        {"packageName": "org.example.mail", "installType": "FORCE_INSTALLED"},
        {"name": "enterprises/e/policies/p", "version": "3"},
        {"name": "tools", "version": "1", "applications": []},
        {"name": "enterprises/e/policies/p", "of": "another"},
        {"applications": [{"package_name": "org.example.mail"}], "colour": "red"},
        {"applications": {"org.example.mail": {"installType": "BLOCKED"}}},
        {"applications": {"packageName": "org.example.mail"}},
        {"cameraAccess": "DISABLED", "somethingElse": 1},
        {"systemUpdate": {"type": "WINDOWED"}, "somethingElse": 1},
        {"stayOnPluggedModes": "AC", "somethingElse": 1},
        {"personalApplicationPolicy": [], "somethingElse": 1},
        {"managedConfiguration": {}},
        {"enabledLogTypes": ["SECURITY_LOGS"]},
        {"apnSettings": [{"apnTypes": ["MMS"]}]},
    ],
)
def test_policies_and_fragments_are_known_in_any_spelling(content: dict[str, Any]) -> None:
    assert read_document("p", json.dumps(content).encode()) == AndroidPolicy("p", content)


def test_a_policy_is_taken_out_of_its_wrapper() -> None:
    policy = {"cameraDisabled": True}
    assert read_document("p", json.dumps({"policy": policy}).encode()) == AndroidPolicy("p", policy)


@pytest.mark.parametrize(
    "content",
    [
        {"name": "tools", "version": "1", "dependencies": {}},
        {"name": "tools", "version": "1.0.0"},
        {"version": "1"},
        {"name": "tools", "description": "x", "applications": []},
        {"applications": [{"id": 1, "name": "x"}], "total": 1},
        {"applications": ["x"]},
        {"applications": "x"},
        {"locationMode": "history", "tracks": []},
        {"usage_log": {"lines": 1}, "size": 1},
        {"cameraDisabled": True, "a": 1, "b": 2, "c": 3, "d": 4},
        {"displayName": "x", "password": "x"},
        {"packageName": "org.example.mail"},
        {"networkTypes": ["fast"]},
        {"startDate": "2024-01-01", "endDate": "2024-02-01"},
        {"templateId": 5},
        {"localizedMessages": {"en": "x"}},
        {"startMinutes": 5, "type": "module"},
        {"type": "WINDOWED"},
        {"Type": "Notification", "Payload": {}},
        {"Type": "com.apple.configuration.siri.settings"},
        {"crossProfileCopyPaste": "x", "of": "another"},
        {"title": "a"},
        {"policy": {}},
        {"policy": {"cameraDisabled": True}, "other": 1},
        {"policy": {"other": True}},
        {"x" * 101: 1},
        {"@odata.type": "#microsoft.graph.iosCustomConfiguration", "cameraDisabled": True},
        {"@odata.type": 1, "cameraDisabled": True},
        {"pinRequired": True, "dataBackupBlocked": True},
        {"value": [{}, {}]},
        {"value": [1]},
        {"value": 1},
        [1],
        "text",
    ],
)
def test_json_of_another_kind_was_never_meant_for_devices(content: object) -> None:
    with pytest.raises(NoDocumentError):
        read_document("p.json", json.dumps([content] if content == "text" else content).encode())


@pytest.mark.parametrize(
    "content",
    [
        {"@odata.type": "#microsoft.graph.iosManagedAppProtection", "displayName": "x"},
        {"@odata.type": "#microsoft.graph.targetedManagedAppProtection"},
        {"@odata.type": "#microsoft.graph.defaultManagedAppProtection"},
        {"pinRequired": True, "dataBackupBlocked": True, "contactSyncBlocked": True},
    ],
)
def test_app_protection_is_known_by_its_type_or_its_properties(content: dict[str, Any]) -> None:
    for exported in (content, {"@odata.context": "c", "value": [content]}):
        data = json.dumps(exported).encode()
        found = read_document("mam.json", data)
        assert isinstance(found, AppProtection)
        assert (found.content, kind_of(found)) == (content, "app-protection")
        assert rules_of("mam.json", data) == ["app-protection"]


def test_a_profile_service_is_no_profile() -> None:
    content = {"PayloadType": "Profile Service", "PayloadContent": {"URL": "https://example.org"}}
    found = read_document("a", plistlib.dumps(content))
    assert isinstance(found, ProfileService)
    assert [problem.rule for problem in found.problems] == ["profile-service"]
    assert kind_of(found) == "profile-service"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a", {"PayloadType": "com.apple.asam"}, "a single payload of type 'com.apple.asam'"),
        ("com.example.x.plist", {"PayloadType": "a"}, "a single payload of type 'a'"),
        ("a", {"PayloadType": 1}, "bare settings"),
        ("a", {"PayloadIdentifier": "org.example"}, "bare settings"),
        ("a.MOBILECONFIG", {"SSL": True}, "bare settings"),
        ("a.mobileconfig", {}, "bare settings"),
        ("a", {"PayloadType": "com.apple.security.scep", "PayloadContent": {}}, "a single payload"),
    ],
)
def test_settings_without_an_envelope(name: str, content: dict[str, Any], said: str) -> None:
    found = read_document(name, plistlib.dumps(content))
    assert isinstance(found, BareSettings)
    (problem,) = found.problems
    assert (problem.rule, problem.where, kind_of(found)) == ("not-a-profile", "", "settings")
    assert problem.message.startswith(f"The file is {said}")


@pytest.mark.parametrize(
    ("name", "content", "app"),
    [
        ("x", {"com.microsoft.outlook.Mail.Signature": True}, "com.microsoft.Office.Outlook"),
        ("com.google.Gmail.plist", {"EmailAddress": "a"}, "com.google.Gmail"),
        ("dist/ios/com.microsoft.office.outlook.plist", {}, "com.microsoft.Office.Outlook"),
        ("dist\\com.example.Notes.plist", {"a": 1}, "com.example.Notes"),
    ],
)
def test_an_app_configuration_is_known_by_its_keys_or_its_name(
    name: str, content: dict[str, Any], app: str
) -> None:
    found = read_document(name, plistlib.dumps(content))
    assert found == AppConfiguration(name, app, content)


def test_shared_text_is_no_expansion() -> None:
    content = PROFILE | {"PayloadContent": [{"a": "text"}] * 50}
    data = plistlib.dumps(content, fmt=plistlib.FMT_BINARY)
    assert read_document("a", data) == Profile("a", content)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"hello", "it is neither a property list nor JSON"),
        (b"\x30\x82\x01\x00", "it is neither a property list nor JSON"),
        (b"# Title\n\n```\n<?xml version='1.0'?>\n", "it is neither a property list nor JSON"),
        (b"[]", "it is a list, not an object"),
        (b"{", "line 1, column 2: the file ends before the JSON value does"),
        (b'{"a": 1}', "it is neither a declaration nor an Android policy nor a part of one"),
        (
            b'{"Type": "x", "Payload": 1}',
            "it is neither a declaration nor an Android policy nor a part of one",
        ),
        (b'{"a": NaN}', "line 1, column 7: NaN is no JSON"),
        (XML % b"<array/>", "its top level is no dictionary"),
        (XML % b"", "its top level is no dictionary"),
        (XML % b"<dict/>", "it has no PayloadContent, and its name is not an app's bundle id"),
        (b'<?xml version="1.0"?><html/>', "its XML is no property list: it starts with <html>"),
    ],
)
def test_what_was_never_meant_for_devices(data: bytes, message: str) -> None:
    assert refusal(data) == message
    with pytest.raises(NoDocumentError):
        read_document("file", data)
    if not data.startswith(b"<?xml") or b"dict" not in data:
        with pytest.raises(DocumentError) as caught:
            read_document("file.mobileconfig", data)
        assert not isinstance(caught.value, NoDocumentError)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"cameraDisabled": 1', "line 1, column 21: the file ends before the JSON value does"),
        (b'{"Type": "a", "Payload": {', "line 1, column 27: the file ends before the JSON"),
        (
            b'{"pinRequired":1,"dataBackupBlocked":1,"contactSyncBlocked":',
            "line 1, column 61: the file ends before the JSON value does",
        ),
        (b'{\n "packageName": "a",\n "applications": NaN}', "line 3, column 18: NaN is no JSON"),
        (XML % b"<dict><key>a</key></dict>", "line 1, column 61: the key 'a' of line 1 has no va"),
        (b"bplist00", "the binary property list is cut off"),
        (
            b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaa">]><plist><dict/></plist>',
            "line 1, column 38: the document type declares entities or elements of its own",
        ),
    ],
)
def test_what_is_damaged(data: bytes, message: str) -> None:
    assert refusal(data).startswith(message)
    with pytest.raises(DocumentError) as caught:
        read_document("file", data)
    assert not isinstance(caught.value, NoDocumentError)


def test_problems_of_reading_stay_with_the_document() -> None:
    twice = b'{"cameraDisabled": true, "cameraDisabled": false, "name": "{{name}}"}'
    found = read_document("p", twice)
    assert found.content == {"cameraDisabled": False, "name": "{{name}}"}
    assert [(p.rule, p.where) for p in found.problems] == [
        ("duplicate-key", "cameraDisabled"),
        ("template-placeholder", "name"),
    ]
    template = XML % b"<dict><key>PayloadContent</key><array/><key>a</key>{{x}}<true/></dict>"
    assert rules_of("a", b"\n" + template) == ["bytes-before-header", "template-placeholder"]
    binary = plistlib.dumps(PROFILE | {"a": "{{x}}"}, fmt=plistlib.FMT_BINARY)
    assert rules_of("a", binary) == ["template-placeholder"]


def test_a_pair_of_surrogates_is_text() -> None:
    found = read_document("p", rb'{"usageLog": "\ud83d\ude00"}')
    assert found == AndroidPolicy("p", {"usageLog": "😀"})


def nested_json(depth: int) -> bytes:
    return b'{"usageLog": ' + b"[" * depth + b"]" * depth + b"}"


def nested_plist(depth: int) -> Any:  # noqa: ANN401
    tree: dict[str, Any] = {"PayloadContent": []}
    for _ in range(depth - 2):
        tree = {"PayloadContent": [], "inner": tree}
    return tree


TOO_DEEP = f"it nests deeper than {MAX_NESTING} levels"


def test_nesting_is_limited() -> None:
    assert isinstance(read_document("a", nested_json(MAX_NESTING - 1)), AndroidPolicy)
    assert refusal(nested_json(MAX_NESTING)) == TOO_DEEP
    assert refusal(b"[" * 1_000_000) == TOO_DEEP
    for form in (plistlib.FMT_XML, plistlib.FMT_BINARY):
        deepest = plistlib.dumps(nested_plist(MAX_NESTING), fmt=form)
        assert isinstance(read_document("a", deepest), Profile)
        assert refusal(plistlib.dumps(nested_plist(MAX_NESTING + 1), fmt=form)).endswith(TOO_DEEP)
    for depth in (10_000, 1_000_000):
        assert TOO_DEEP in refusal(XML % (b"<array>" * depth + b"</array>" * depth))
    deep = [b"\xa1" + bytes([number + 1]) for number in range(250)]
    assert refusal(binary_plist(*deep, b"\x08")) == TOO_DEEP


def test_brackets_in_text_are_no_nesting() -> None:
    text = "[" * 1000 + '"' + "{" * 1000
    policy = {"longSupportMessage": text, "version": "\\"}
    assert read_document("p", json.dumps(policy).encode()) == AndroidPolicy("p", policy)


def test_an_unterminated_text_takes_one_pass() -> None:
    assert "has no end" in refusal(b'{"a": "' + rb"\"" * 1_000_000)


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1024 * 1024)
    assert refusal(b" " * (1024 * 1024 + 1)) == "it is larger than 1 MiB"
    monkeypatch.setattr(module, "_MAX_JSON", 1024 * 1024 - 1)
    assert refusal(b"{" + b" " * (1024 * 1024 - 1)) == "it is larger than 0 MiB"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (binary_plist(b"\x70"), "not a property list: Invalid file"),
        (binary_plist(b"\x18"), "a number is 256 bytes long"),
        (binary_plist(b"\x80\x01"), "it is a keyed archive, no settings"),
        (
            binary_plist(b"\x5f\x11\xff\xff"),
            "objects of the binary property list overlap or reach beyond",
        ),
        (binary_plist(b"\x4f\x13" + b"\xff" * 8), "objects of the binary property list overlap"),
        (binary_plist(b"\x08")[:-1] + b"\xff", "the table of the binary property list lies outsi"),
        (
            binary_plist(b"\x08", offsets=[999]),
            "an object of the binary property list lies outside",
        ),
    ],
)
def test_binary_property_lists_that_are_damaged(data: bytes, message: str) -> None:
    assert refusal(data).startswith(message)


def test_objects_that_claim_the_same_bytes_are_refused_before_they_multiply() -> None:
    text = b"\x4f\x11\x03\xe8" + b"a" * 1000
    assert refusal(binary_plist(b"\xa2\x01\x02", text, text)) == "its top level is no dictionary"
    bomb = binary_plist(b"\xa1\x01", text, offsets=[8, *[10] * 200])
    assert refusal(bomb) == "objects of the binary property list overlap or reach beyond its end"


def test_a_container_in_itself_is_refused() -> None:
    assert refusal(binary_plist(b"\xa1\x00")) == TOO_DEEP


def test_containers_that_multiply_are_refused() -> None:
    levels = [b"\xaa" + bytes([number + 1]) * 10 for number in range(30)]
    assert refusal(binary_plist(*levels, b"\xa0")) == "it holds more than 200,000 values"


def test_a_key_that_is_no_text_is_refused() -> None:
    assert refusal(binary_plist(b"\xd1\x01\x01", b"\x10\x07")) == (
        "a dictionary has a key that is no text"
    )


def test_a_long_reason_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_data: bytes) -> None:
        raise ValueError("a\n" * 500)

    monkeypatch.setattr(module, "check_binary", refuse)
    assert len(refusal(b"bplist00")) == 200
