"""The catalogue's facts, compared with Apple's schema and Google's discovery document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from profilegen.catalogue.load import channels, read_data
from profilegen.catalogue.model import DECLARATION_PREFIX, PayloadKey, PolicyField
from profilegen.catalogue.terms import Mode, Platform, State
from profilegen.versions import parse_version

Facts = Mapping[str, Any]

_SCHEMA = Path(__file__).resolve().parents[2].parent / "shared" / "facts" / "ios" / "schema"
_RELEASE = ", release 18.3"
_COMMAND_PREFIX = "mdm-command:"
_JSON_TYPES: Mapping[str, type] = {"boolean": bool, "string": str, "integer": int, "array": tuple}

# What the 27 text changed in place: the catalogue follows the newer text.
_CHANGED_SINCE = {"allowExternalIntelligenceIntegrationsSignIn"}


def _controls_of_the_release() -> list[tuple[str, PayloadKey]]:
    return [
        (channel.id, control)
        for channel in channels(Platform.IOS).values()
        for control in channel.keys
        if _RELEASE in control.source
    ]


@cache
def _yaml(path: str) -> Facts:
    document: Facts = YAML(typ="safe").load((_SCHEMA / path).read_text(encoding="utf-8"))
    return document


def _document(payload: str) -> Facts:
    if payload.startswith(DECLARATION_PREFIX):
        name = payload.removeprefix(DECLARATION_PREFIX)
        return _yaml(f"declarative/declarations/configurations/{name}.yaml")
    if payload.startswith(_COMMAND_PREFIX):
        return _yaml("mdm/commands/application.install.yaml")
    return _yaml(f"mdm/profiles/{payload}.yaml")


def _key_facts(payload: str, key: str) -> tuple[Facts, Facts]:
    """Return the key's row and what it supports on iOS, the payload's word where it says none."""
    document = _document(payload)
    support = dict(document["payload"]["supportedOS"]["iOS"])
    rows = document["payloadkeys"]
    row: Facts = {}
    for name in key.split("."):
        row = next(row for row in rows if row["key"] == name)
        support |= row.get("supportedOS", {}).get("iOS", {})
        rows = row.get("subkeys", ())
    return row, support


def _user_enrollment(support: Facts) -> bool:
    if "allowed-enrollments" in support:
        return "user" in support["allowed-enrollments"]
    return bool(support["userenrollment"]["mode"] == "allowed")


def _manual_install(support: Facts) -> bool:
    if "allowed-enrollments" in support:
        return "local" in support["allowed-enrollments"]
    return bool(support.get("allowmanualinstall", False))


@pytest.mark.skipif(not _SCHEMA.is_dir(), reason="Apple's schema is not beside the checkout")
@pytest.mark.parametrize(
    ("channel", "control"),
    _controls_of_the_release(),
    ids=[f"{channel}-{control.key}" for channel, control in _controls_of_the_release()],
)
class TestAppleRelease:
    def test_versions(self, channel: str, control: PayloadKey) -> None:
        del channel
        supports = [_key_facts(payload, control.key)[1] for payload in control.payloads]
        if not control.payloads[0].startswith(_COMMAND_PREFIX):
            introduced = [parse_version(support["introduced"]) for support in supports]
            assert control.introduced == max(introduced)
        stated = {support["deprecated"] for support in supports if "deprecated" in support}
        if stated:
            assert control.deprecated in {parse_version(version) for version in stated}
        elif control.deprecated is not None:
            assert "27 text" in control.source

    def test_who_may_have_it(self, channel: str, control: PayloadKey) -> None:
        del channel
        if control.key in _CHANGED_SINCE:
            return
        for payload in control.payloads:
            _, support = _key_facts(payload, control.key)
            if payload.startswith(_COMMAND_PREFIX):
                continue  # a command has no such marks: an MDM server sends it to whom it likes
            supervised = support.get(
                "supervised", "user" not in support.get("allowed-enrollments", ("user",))
            )
            assert control.supervised == supervised
            assert control.in_user_enrollment == _user_enrollment(support)
            assert control.in_manual_install == _manual_install(support)

    def test_values(self, channel: str, control: PayloadKey) -> None:
        del channel
        for payload in control.payloads:
            row, _ = _key_facts(payload, control.key)
            kind = _JSON_TYPES[row["type"].strip("<>")]
            for value in (control.close, control.open):
                assert value is None or type(value) is kind
                if value is not None and "rangelist" in row:
                    assert value in row["rangelist"]
            if control.close is not None and "default" in row:
                expected = State.CLOSED if row["default"] == control.close else State.OPEN
                assert control.silent is expected


def test_every_control_of_the_release_is_compared() -> None:
    others = {
        control.source
        for channel in channels(Platform.IOS).values()
        for control in channel.keys
        if _RELEASE not in control.source
    }
    assert all("27 text" in source or "not seen" in source for source in others)


@cache
def _discovery() -> Facts:
    folder = files("googleapiclient").joinpath("discovery_cache", "documents")
    text = folder.joinpath("androidmanagement.v1.json").read_text(encoding="utf-8")
    document: Facts = json.loads(text)
    return document


def _policy_fields() -> list[tuple[str, PolicyField]]:
    return [
        (channel.id, field)
        for channel in channels(Platform.ANDROID).values()
        for field in channel.fields
    ]


def _property(path: str) -> Facts:
    """Return the schema of the last name in `path`; behind `[]`, that of the list's items."""
    schema = _discovery()["schemas"]["Policy"]
    row: Facts = {}
    for name in path.split("."):
        row = schema["properties"][name.removesuffix("[]")]
        if name.endswith("[]"):
            assert row["type"] == "array"
            row = row["items"]
        schema = _discovery()["schemas"].get(row.get("$ref", ""), {})
    return row


def _values(field: PolicyField) -> Iterator[object]:
    for closing in field.close:
        yield closing.value
    if field.open is not None:
        yield field.open


@pytest.mark.parametrize(
    ("channel", "field"),
    _policy_fields(),
    ids=[f"{channel}-{field.id}" for channel, field in _policy_fields()],
)
class TestGoogleDocument:
    def test_path_and_values(self, channel: str, field: PolicyField) -> None:
        del channel
        row = _property(field.path)
        assert not row.get("deprecated")
        for value in _values(field):
            assert type(value) is _JSON_TYPES[row["type"]]
            if "enum" in row:
                assert value in row["enum"]

    def test_replaced_names_are_deprecated(self, channel: str, field: PolicyField) -> None:
        del channel
        fields = {
            name: row
            for schema in _discovery()["schemas"].values()
            for name, row in schema.get("properties", {}).items()
        }
        values = _property(field.path).get("enum", ())
        for name in field.replaces:
            assert name in values or fields[name]["deprecated"]


def _stated_default(field: PolicyField) -> str:
    """Return the value that Google says an unspecified enum means, "" without a single one."""
    text = _property(field.path).get("enumDescriptions", [""])[0]
    if "Defaults to " not in text or " on " in text:
        return ""
    default: str = text.split("Defaults to ")[1].split()[0].rstrip(".")
    return default


@pytest.mark.parametrize(
    ("channel", "field"),
    [(channel, field) for channel, field in _policy_fields() if _stated_default(field)],
)
def test_silence_means_the_default_that_google_states(channel: str, field: PolicyField) -> None:
    del channel
    if field.id == "personal_play_mode":
        # BLOCKLIST is the default and closes nothing alone: it gives blocked apps their effect.
        assert field.silent[Mode.COMPANY_OWNED] is State.OPEN
        return
    default = _stated_default(field)
    for state in field.silent.values():
        if default == field.open:
            assert state is State.OPEN
        elif default in {closing.value for closing in field.close}:
            assert state is State.CLOSED


def test_the_recorded_revision_is_known() -> None:
    recorded = read_data("android.toml")["discovery"]
    assert _discovery()["revision"] >= recorded
