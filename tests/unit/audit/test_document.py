from __future__ import annotations

import json
import plistlib
from typing import Any

import pytest

from profilegen.audit import document as module
from profilegen.audit.document import (
    AndroidPolicy,
    AppConfiguration,
    Declaration,
    DocumentError,
    Profile,
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
        (b"", "not a property list: Invalid file"),
        (b"hello", "not a property list: Invalid file"),
        (b"\x30\x82\x01\x00", "not a property list: Invalid file"),
        (b"[]", "it is a list, not an object"),
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b'{"a": 1}', "it has neither Type and Payload nor any field of an Android policy"),
        (
            b'{"Type": "x", "Payload": 1}',
            "it has neither Type and Payload nor any field of an Android policy",
        ),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' stands twice in one object"),
        (b'{"a": NaN}', "NaN is no JSON"),
        (b'{"a": -Infinity}', "-Infinity is no JSON"),
        (
            b'{"a": "\xff"}',
            "'utf-8' codec can't decode byte 0xff in position 7: invalid start byte",
        ),
        (
            rb'{"name": "\ud800"}',
            "'utf-8' codec can't encode character '\\ud800' in position 10: surrogates not allowed",
        ),
        (XML % b"<array/>", "its top level is no dictionary"),
        (
            XML % b"<dict><key>PayloadType</key><string>com.apple.asam</string></dict>",
            "it is a single payload of type 'com.apple.asam', not a whole profile",
        ),
        (
            XML % b"<dict/>",
            "it has no PayloadContent, and its name is not an app's bundle id",
        ),
        (
            b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaa">]><plist><dict/></plist>',
            "not a property list: XML entity declarations are not supported in plist files",
        ),
    ],
)
def test_anything_else_is_refused_with_one_line(data: bytes, message: str) -> None:
    assert refusal(data) == message


def test_a_pair_of_surrogates_is_text() -> None:
    assert read_document("p", rb'{"name": "\ud83d\ude00"}') == AndroidPolicy("p", {"name": "😀"})


def nested_json(depth: int) -> bytes:
    return b'{"applications": ' + b"[" * depth + b"]" * depth + b"}"


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
        assert refusal(plistlib.dumps(nested_plist(MAX_NESTING + 1), fmt=form)) == TOO_DEEP
    deep = XML % (b"<array>" * 10_000 + b"</array>" * 10_000)
    assert refusal(deep) == TOO_DEEP


def test_brackets_in_text_are_no_nesting() -> None:
    text = "[" * 1000 + '"' + "{" * 1000
    policy = {"name": text, "version": "\\"}
    assert read_document("p", json.dumps(policy).encode()) == AndroidPolicy("p", policy)


def test_an_unterminated_text_takes_one_pass() -> None:
    assert "Unterminated string" in refusal(b'{"a": "' + rb"\"" * 1_000_000)


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1024 * 1024)
    assert refusal(b" " * (1024 * 1024 + 1)) == "it is larger than 1 MiB"


def binary_plist(*objects: bytes) -> bytes:
    """Return a binary property list of `objects`, the first on top; references are one byte."""
    header = b"bplist00"
    offsets = [len(header) + sum(map(len, objects[:number])) for number in range(len(objects))]
    body = header + b"".join(objects)
    table = b"".join(offset.to_bytes(2, "big") for offset in offsets)
    numbers = [len(objects), 0, len(body)]
    trailer = bytes(6) + b"\x02\x01" + b"".join(number.to_bytes(8, "big") for number in numbers)
    return body + table + trailer


def test_a_container_in_itself_is_refused() -> None:
    assert refusal(binary_plist(b"\xa1\x00")) == TOO_DEEP


def test_containers_that_multiply_are_refused() -> None:
    levels = [b"\xaa" + bytes([number + 1]) * 10 for number in range(30)]
    assert refusal(binary_plist(*levels, b"\xa0")) == (
        "its containers refer to each other too often"
    )


def test_a_key_that_is_no_text_is_refused() -> None:
    assert refusal(binary_plist(b"\xd1\x01\x01", b"\x10\x07")) == (
        "a dictionary has a key that is no text"
    )


def test_a_long_reason_is_cut() -> None:
    data = b'{"' + b"a" * 5000 + b'": 1, "' + b"a" * 5000 + b'": 1}'
    assert len(refusal(data)) == 200
