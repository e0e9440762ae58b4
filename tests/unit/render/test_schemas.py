"""What is rendered is valid by the platforms' own schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from profilegen.plist import PlistDict
from profilegen.render.artifact import Artifact, ArtifactKind
from tests.unit.render.plans import profile_in, render
from tests.unit.render.test_golden import CASES, Case

_COMMON = "CommonPayloadKeys"
_TYPES: Mapping[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "real": float,
    "data": bytes,
    "date": datetime,
    "array": list,
    "dictionary": dict,
}


@cache
def schema(name: str) -> Mapping[str, Any]:
    folder = files("profilegen.catalogue").joinpath("data", "schema")
    found = json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def artifacts_of(case: Callable[[], Case], kind: ArtifactKind) -> Iterator[Artifact]:
    plan, policy, user = case()
    return (item for item in render(plan, policy, user=user) if item.kind is kind)


def faults(payload: PlistDict, payload_type: str) -> list[str]:
    """Return what Apple's schema of `payload_type` says against the first level of `payload`."""
    payloads = schema("apple.json")["payloads"]
    known = {**payloads[_COMMON]["keys"], **payloads[payload_type]["keys"]}
    found = [f"{key}: unknown" for key in payload if key not in known]
    for key, rule in known.items():
        if "." in key:
            continue
        if key not in payload:
            found += [f"{key}: missing"] if rule["presence"] == "required" else []
        elif type(payload[key]) is not _TYPES[rule["type"]]:
            found.append(f"{key}: not {rule['type']}")
        elif payload[key] not in rule.get("rangelist", [payload[key]]):
            found.append(f"{key}: not in {rule['rangelist']}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_profiles_hold_only_what_apple_knows(case: Callable[[], Case]) -> None:
    for artifact in artifacts_of(case, ArtifactKind.PROFILE):
        profile = profile_in(artifact)
        assert faults(profile, "TopLevel") == []
        content = profile["PayloadContent"]
        assert isinstance(content, list)
        for payload in content:
            assert faults(payload, payload["PayloadType"]) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_policies_are_valid_for_google(case: Callable[[], Case]) -> None:
    validator = jsonschema.Draft202012Validator(schema("android.json"))
    for artifact in artifacts_of(case, ArtifactKind.POLICY):
        assert [str(error) for error in validator.iter_errors(json.loads(artifact.content))] == []
