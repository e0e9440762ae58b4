"""One file for devices, read into a value: profile, policy, declaration or app configuration.

Reads what any tool wrote; what the settings in it mean is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, cast

from profilegen.audit.binary_plist import HEADER, check_binary
from profilegen.audit.damage import DamageError, ForeignError, quoted
from profilegen.audit.json_kinds import (
    exported,
    hints_at_document,
    is_app_protection,
    is_declaration,
    is_policy,
    wrapped_policy,
)
from profilegen.audit.json_text import BYTE_ORDER_MARK, read_json
from profilegen.audit.nesting import check_tree, too_deep
from profilegen.audit.templates import template_problems
from profilegen.audit.xml_plist import looks_like_xml, read_xml
from profilegen.catalogue.apps import mail_apps
from profilegen.catalogue.rules import found
from profilegen.errors import InputError
from profilegen.findings import Finding
from profilegen.places import ROOT
from profilegen.plist import PlistDict, load_plist

JsonValue = str | bool | int | float | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
JsonDict = Mapping[str, JsonValue]

SEALED = "EncryptedPayloadContent"
"""The key of a profile that holds its payloads encrypted for one device (Apple, TopLevel)."""
MAX_BYTES = 32 * 1024 * 1024
"""No profile that is known comes near, and text may take four times its bytes in memory."""
_MAX_JSON = 8 * 1024 * 1024
_OUTLOOK_KEYS = "com.microsoft.outlook."
_APP_FILE = re.compile(r"(?:.*[/\\])?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\.plist")
_ENVELOPE = frozenset({"PayloadType", "PayloadIdentifier", "PayloadUUID", "PayloadVersion"})
_PROFILE_SUFFIX = ".mobileconfig"
_HINT = "Give a profile, an Android policy, a declaration or an app configuration."


class DocumentError(InputError):
    """A file is none of the documents that devices take, or breaks a limit."""

    slug = "document"


class NoDocumentError(DocumentError):
    """A file was never meant for devices: a text, a table, JSON or XML of another kind."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A configuration profile, a whole .mobileconfig; `content` is its top-level dictionary.

    `problems` are what reading had to overlook, of this as of every document. `opened` says that
    the payloads in `content` are what EncryptedPayloadContent decrypts to with a device's key.
    """

    name: str
    content: PlistDict
    problems: tuple[Finding, ...] = ()
    opened: bool = False


@dataclass(frozen=True, slots=True)
class AndroidPolicy:
    """A policy of the Android Management API, or some fields of one."""

    name: str
    content: JsonDict
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """An Apple declaration; `content` has Type, Identifier and Payload."""

    name: str
    content: JsonDict
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class AppConfiguration:
    """The managed configuration of an iOS app; `app` is its bundle id."""

    name: str
    app: str
    content: PlistDict
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileService:
    """A `Profile Service` property list, by which a device asks a server for its profile."""

    name: str
    content: PlistDict
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class AppProtection:
    """An Intune app protection policy; it acts inside apps and controls no channel of a device."""

    name: str
    content: JsonDict
    problems: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class BareSettings:
    """A property list of settings without the envelope of a profile; devices take none of it."""

    name: str
    content: PlistDict
    problems: tuple[Finding, ...] = ()


Document = (
    Profile
    | AndroidPolicy
    | Declaration
    | AppConfiguration
    | ProfileService
    | AppProtection
    | BareSettings
)


def read_document(name: str, data: bytes) -> Document:
    """Return the document that `data` holds; `name` is the file's name, for messages too.

    `data` is unsigned content: the caller unwraps CMS. An app configuration is known by its keys
    where its vendor prefixes them, else by its name, `<bundle id>.plist`. Raises NoDocumentError
    for what was never meant for devices; DocumentError for what is damaged, larger than 32 MiB
    (JSON: 8), deeper than 64 levels or holds more than 200,000 values.
    """
    try:
        return _read(name, data)
    except ForeignError as error:
        kind = DocumentError if _is_named_profile(name) else NoDocumentError
        _refuse(kind, name, error)
    except ValueError as error:
        _refuse(DocumentError, name, error)


def kind_of(document: Document) -> str:
    """Return the word for what `document` is, as commands print it."""
    return _KINDS[type(document)]


_KINDS: Mapping[type[Document], str] = {
    Profile: "profile",
    AndroidPolicy: "android-policy",
    Declaration: "declaration",
    AppConfiguration: "app-configuration",
    ProfileService: "profile-service",
    AppProtection: "app-protection",
    BareSettings: "settings",
}


def _refuse(kind: type[DocumentError], name: str, error: ValueError) -> NoReturn:
    reason = " ".join(str(error).split())[:200]
    message = f"{name}: not a document for devices: {reason}"
    raise kind(message, hint=_HINT) from error


def _is_named_profile(name: str) -> bool:
    return name.lower().endswith(_PROFILE_SUFFIX)


def _read(name: str, data: bytes) -> Document:
    _check_size(data, MAX_BYTES)
    if data.startswith(HEADER):
        content = _read_binary(data)
        return _plist_document(name, content, template_problems(content))
    if looks_like_xml(data):
        xml = read_xml(data)
        problems = (*xml.problems, *template_problems(xml.value, blocks=xml.blocks))
        return _plist_document(name, xml.value, problems)
    if data.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] in {b"{", b"["}:
        return _json_document(name, data)
    message = "the file is empty" if not data.strip() else "it is neither a property list nor JSON"
    raise ForeignError(message)


def _read_binary(data: bytes) -> object:
    check_binary(data)
    try:
        content = load_plist(data)
    except ValueError as error:
        if isinstance(error.__cause__, RecursionError):
            raise too_deep() from error
        raise
    check_tree(content)
    return content


def _check_size(data: bytes, limit: int) -> None:
    if len(data) > limit:
        message = f"it is larger than {limit // 1024 // 1024} MiB"
        raise ValueError(message)


def _json_document(name: str, data: bytes) -> Document:
    _check_size(data, _MAX_JSON)
    try:
        json = read_json(data)
    except DamageError as error:
        if hints_at_document(data):
            raise
        raise ForeignError(str(error)) from error
    if not isinstance(json.value, dict):
        message = "it is a list, not an object"
        raise ForeignError(message)
    content = cast("JsonDict", json.value)
    problems = (*json.problems, *template_problems(content))
    inner = cast("JsonDict", exported(content))
    if is_app_protection(inner):
        message = "An app protection policy acts inside apps; it controls no channel of a device."
        return AppProtection(name, inner, (*problems, found("app-protection", ROOT, message)))
    if is_declaration(content):
        return Declaration(name, content, problems)
    if is_policy(content):
        return AndroidPolicy(name, content, problems)
    if (policy := wrapped_policy(content)) is not None:
        return AndroidPolicy(name, cast("JsonDict", policy), problems)
    message = "it is neither a declaration nor an Android policy nor a part of one"
    raise ForeignError(message)


def _plist_document(name: str, value: object, problems: tuple[Finding, ...]) -> Document:
    if not isinstance(value, dict):
        message = "its top level is no dictionary"
        raise ForeignError(message)
    content = cast("PlistDict", value)
    kind = content.get("PayloadType")
    payloads = content.get("PayloadContent")
    if kind == "Profile Service":
        message = "A device that opens this file asks its server for a profile; it has no settings."
        return ProfileService(name, content, (*problems, found("profile-service", ROOT, message)))
    if kind == "Configuration" or SEALED in content:
        return Profile(name, content, problems)
    if isinstance(payloads, list):
        return Profile(name, content, problems)
    app = "" if "PayloadType" in content else _configured_app(name, content)
    if app:
        return AppConfiguration(name, app, content, problems)
    if _is_named_profile(name) or not _ENVELOPE.isdisjoint(content):
        return BareSettings(name, content, (*problems, _without_envelope(content)))
    message = "it has no PayloadContent, and its name is not an app's bundle id"
    raise ForeignError(message)


def _without_envelope(content: PlistDict) -> Finding:
    kind = content.get("PayloadType")
    what = f"a single payload of type {quoted(kind)}" if isinstance(kind, str) else "bare settings"
    return found("not-a-profile", ROOT, f"The file is {what} without a profile around it.")


def _configured_app(name: str, content: PlistDict) -> str:
    if any(key.startswith(_OUTLOOK_KEYS) for key in content):
        return mail_apps()["outlook"].ios
    match = _APP_FILE.fullmatch(name)
    if match is None:
        return ""
    # File systems and release folders may change the case of a name; bundle ids keep theirs.
    known = {app.ios.lower(): app.ios for app in mail_apps().values() if app.ios}
    return known.get(match[1].lower(), match[1])
