"""What is rendered is valid by the platforms' own schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from profilegen.audit.lint.apple_values import Fit, fit
from profilegen.catalogue.apple import payload_type, profile_envelope
from profilegen.catalogue.apple_model import Type
from profilegen.plist import PlistDict
from profilegen.render.artifact import Artifact, ArtifactKind
from tests.unit.render.plans import profile_in, render
from tests.unit.render.test_golden import CASES, Case


@cache
def schema(name: str) -> Mapping[str, Any]:
    folder = files("profilegen.catalogue").joinpath("data", "schema")
    found = json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def artifacts_of(case: Callable[[], Case], kind: ArtifactKind) -> Iterator[Artifact]:
    plan, policy, user = case()
    return (item for item in render(plan, policy, user=user) if item.kind is kind)


def faults(content: PlistDict, kind: Type | None) -> list[str]:
    """Return what Apple's schema of `kind` says against the first level of `content`."""
    assert kind is not None
    known = kind.level.keys
    found = [f"{name}: unknown" for name in content if name not in known]
    for name, key in known.items():
        if name not in content:
            found += [f"{name}: missing"] if key.required else []
        elif fit(key, content[name]) is not Fit.EXACT:
            found.append(f"{name}: not {key.kinds}")
        elif content[name] not in (key.allowed or [content[name]]):
            found.append(f"{name}: not in {key.allowed}")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_profiles_hold_only_what_apple_knows(case: Callable[[], Case]) -> None:
    for artifact in artifacts_of(case, ArtifactKind.PROFILE):
        profile = profile_in(artifact)
        assert faults(profile, profile_envelope()) == []
        content = profile["PayloadContent"]
        assert isinstance(content, list)
        for payload in content:
            assert faults(payload, payload_type(payload["PayloadType"])) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_policies_are_valid_for_google(case: Callable[[], Case]) -> None:
    validator = jsonschema.Draft202012Validator(schema("android.json"))
    for artifact in artifacts_of(case, ArtifactKind.POLICY):
        assert [str(error) for error in validator.iter_errors(json.loads(artifact.content))] == []
