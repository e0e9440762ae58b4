"""The JSON Schema of the policy file: the shape as data, completed from the catalogue.

Loading validates with this very schema, so that editors and profilegen accept the same files.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from profilegen.catalogue.apps import APPLE_MAIL, mail_apps
from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.terms import Platform
from profilegen.catalogue.variables import variable_services


def schema() -> dict[str, Any]:
    """Return the complete schema (JSON Schema 2020-12); the caller owns the value."""
    text = files("profilegen.policy").joinpath("policy.schema.json").read_text("utf-8")
    complete: dict[str, Any] = json.loads(text)
    definitions = complete["$defs"]
    definitions["channelId"]["enum"] = list(channel_ids())
    definitions["iosClient"]["enum"] = [APPLE_MAIL, *_apps_on(Platform.IOS)]
    definitions["androidClient"]["enum"] = list(_apps_on(Platform.ANDROID))
    definitions["variableService"]["enum"] = list(variable_services())
    return complete


@cache
def validator() -> Draft202012Validator:
    """Return the validator that loading uses."""
    return Draft202012Validator(schema())


@cache
def channel_ids() -> tuple[str, ...]:
    """Return the ids that `channels` may name: those of both platforms, each once."""
    both = (channel for platform in Platform for channel in decided_channels(platform))
    return tuple(dict.fromkeys(both))


def _apps_on(platform: Platform) -> tuple[str, ...]:
    return tuple(app.id for app in mail_apps().values() if app.id_on(platform))
