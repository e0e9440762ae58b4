"""One file for devices, read into a value: profile, policy, declaration or app configuration.

Reads what any tool wrote; what the settings in it mean is decided elsewhere.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from profilegen.audit.nesting import check_json_nesting, check_tree
from profilegen.catalogue.apps import mail_apps
from profilegen.errors import InputError
from profilegen.findings import Finding
from profilegen.plist import PlistDict, load_plist

JsonValue = str | bool | int | float | None | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
JsonDict = Mapping[str, JsonValue]

MAX_BYTES = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_OUTLOOK_KEYS = "com.microsoft.outlook."
_APP_FILE = re.compile(r"(?:.*[/\\])?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\.plist")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_HINT = "Give a profile, an Android policy, a declaration or an app configuration."


class DocumentError(InputError):
    """A file is none of the documents that devices take, or breaks a limit."""

    slug = "document"


@dataclass(frozen=True, slots=True)
class Profile:
    """A configuration profile, a whole .mobileconfig; `content` is its top-level dictionary.

    `problems` are what reading had to overlook, of this as of every document.
    """

    name: str
    content: PlistDict
    problems: tuple[Finding, ...] = ()


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
    where its vendor prefixes them, else by its name, `<bundle id>.plist`. Raises DocumentError for
    anything else, for more than 64 MiB, and for nesting deeper than 64 levels.
    """
    try:
        return _read(name, data)
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{name}: not a document for devices: {reason}"
        raise DocumentError(message, hint=_HINT) from error


def kind_of(document: Document) -> str:
    """Return the word for what `document` is, as commands print it."""
    match document:
        case Profile():
            return "profile"
        case AndroidPolicy():
            return "android-policy"
        case Declaration():
            return "declaration"
        case AppConfiguration():
            return "app-configuration"
        case ProfileService():
            return "profile-service"
        case AppProtection():
            return "app-protection"
        case BareSettings():
            return "settings"


def _read(name: str, data: bytes) -> Document:
    if len(data) > MAX_BYTES:
        message = f"it is larger than {MAX_BYTES // 1024 // 1024} MiB"
        raise ValueError(message)
    text = data.removeprefix(_BOM)
    if text.lstrip()[:1] in {b"{", b"["}:
        return _json_document(name, _load_json(text))
    content = load_plist(data)
    check_tree(content, size=len(data))
    return _plist_document(name, content)


def _load_json(text: bytes) -> object:
    check_json_nesting(text)
    value: object = json.loads(
        text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
    )
    if _SURROGATE.search(text):
        # A lone surrogate is no text: nothing could print it. Encoding finds it.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        message = f"the key {twice!r} stands twice in one object"
        raise ValueError(message)
    return found


def _refuse_constant(text: str) -> object:
    message = f"{text} is no JSON"
    raise ValueError(message)


def _json_document(name: str, value: object) -> Document:
    if not isinstance(value, dict):
        message = "it is a list, not an object"
        raise ValueError(message)  # noqa: TRY004  (what is wrong is the file's content)
    content = cast("JsonDict", value)
    kind = content.get("Type")
    if isinstance(kind, str) and isinstance(content.get("Payload"), dict):
        return Declaration(name, content)
    if not content or not _policy_fields().isdisjoint(content):
        return AndroidPolicy(name, content)
    message = "it has neither Type and Payload nor any field of an Android policy"
    raise ValueError(message)


def _plist_document(name: str, value: object) -> Document:
    if not isinstance(value, dict):
        message = "its top level is no dictionary"
        raise ValueError(message)  # noqa: TRY004  (what is wrong is the file's content)
    content = cast("PlistDict", value)
    kind = content.get("PayloadType")
    if kind == "Configuration" or "EncryptedPayloadContent" in content:
        return Profile(name, content)
    if isinstance(content.get("PayloadContent"), list):
        return Profile(name, content)
    if kind is not None:
        message = f"it is a single payload of type {kind!r}, not a whole profile"
        raise ValueError(message)
    app = _configured_app(name, content)
    if not app:
        message = "it has no PayloadContent, and its name is not an app's bundle id"
        raise ValueError(message)
    return AppConfiguration(name, app, content)


def _configured_app(name: str, content: PlistDict) -> str:
    if any(key.startswith(_OUTLOOK_KEYS) for key in content):
        return mail_apps()["outlook"].ios
    match = _APP_FILE.fullmatch(name)
    if match is None:
        return ""
    # File systems and release folders may change the case of a name; bundle ids keep theirs.
    known = {app.ios.lower(): app.ios for app in mail_apps().values() if app.ios}
    return known.get(match[1].lower(), match[1])


@cache
def _policy_fields() -> frozenset[str]:
    """Return the top-level fields of an Android policy, by which a JSON file is known as one."""
    path = files("profilegen.catalogue").joinpath("data", "schema", "android.json")
    schema = json.loads(path.read_text("utf-8"))
    return frozenset(schema["$defs"]["Policy"]["properties"])
