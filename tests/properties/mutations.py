"""One written setting deleted from a built file, or given another value."""

from __future__ import annotations

import json
import plistlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from profilegen.catalogue.load import decided_channels
from profilegen.catalogue.model import DECLARATION_PREFIX
from profilegen.catalogue.terms import Platform
from profilegen.plan.model import FieldSetting, PayloadSetting, Setting
from profilegen.render.artifact import Artifact, ArtifactKind

Tree = dict[str, Any]
DELETED = object()
_NOTIFICATION_ITEM = "NotificationSettings.NotificationSettingsItem."
_NAMED_APP = "com.example.named"


def flipped(setting: Setting) -> object:
    """Return the value that does the opposite: open for closing values, closing for open ones."""
    if isinstance(setting.value, bool):
        return not setting.value
    if isinstance(setting, PayloadSetting):
        return {2: 0, 0: 2}[setting.value] if isinstance(setting.value, int) else [_NAMED_APP]
    if isinstance(setting.value, tuple):
        return [] if setting.value else [_NAMED_APP]
    if setting.path.endswith("[]"):
        return "CAMERA"
    closing, opening = _values(setting.path)
    return opening if setting.value in closing else closing[0]


def _values(path: str) -> tuple[tuple[object, ...], object]:
    for channel in decided_channels(Platform.ANDROID).values():
        for field in channel.fields:
            if field.path == path:
                return tuple(item.value for item in field.close), field.open
    raise KeyError(path)


def mutated(
    artifacts: tuple[Artifact, ...], setting: Setting, value: object
) -> tuple[Artifact, ...]:
    """Return the files with `setting` set to `value`, or without it for DELETED.

    Raises KeyError when no file holds the setting.
    """
    changed = tuple(_changed(artifact, setting, value) for artifact in artifacts)
    if changed == artifacts:
        raise KeyError(setting)
    return changed


def _changed(artifact: Artifact, setting: Setting, value: object) -> Artifact:
    if artifact.kind is ArtifactKind.PROFILE and isinstance(setting, PayloadSetting):
        return _in_profile(artifact, setting, value)
    if artifact.kind is ArtifactKind.DECLARATION and isinstance(setting, PayloadSetting):
        return _in_declaration(artifact, setting, value)
    if artifact.kind is ArtifactKind.POLICY and isinstance(setting, FieldSetting):
        return _in_policy(artifact, setting, value)
    return artifact


def _in_profile(artifact: Artifact, setting: PayloadSetting, value: object) -> Artifact:
    content: Tree = plistlib.loads(artifact.content)
    if setting.payload.startswith(DECLARATION_PREFIX):
        return artifact
    for payload in _payloads(content, setting):
        if setting.key.startswith(_NOTIFICATION_ITEM):
            for item in payload["NotificationSettings"]:
                _put(item, setting.key.removeprefix(_NOTIFICATION_ITEM), value)
        else:
            _put(payload, setting.key, value)
    return replace(artifact, content=plistlib.dumps(content))


def _payloads(content: Tree, setting: PayloadSetting) -> Iterator[Tree]:
    for payload in content["PayloadContent"]:
        own = payload["PayloadIdentifier"].endswith(f".account.{setting.account}")
        if payload["PayloadType"] == setting.payload and (own or not setting.account):
            yield payload


def _in_declaration(artifact: Artifact, setting: PayloadSetting, value: object) -> Artifact:
    content: Tree = json.loads(artifact.content)
    if content["Type"] != setting.payload:
        return artifact
    _put(content["Payload"], setting.key, value)
    return replace(artifact, content=json.dumps(content).encode())


def _in_policy(artifact: Artifact, setting: FieldSetting, value: object) -> Artifact:
    content: Tree = json.loads(artifact.content)
    listed, _, path = setting.path.rpartition("[].")
    if listed:
        *parents, name = listed.split(".")
        for entry in _inside(content, parents)[name]:
            if entry["packageName"] == setting.app:
                _put(entry, path, value)
    elif setting.path.endswith("[]"):
        _put(content, setting.path.removesuffix("[]"), value if value is DELETED else [value])
    else:
        _put(content, setting.path, value)
    return replace(artifact, content=json.dumps(content).encode())


def _put(tree: Tree, path: str, value: object) -> None:
    *parents, leaf = path.split(".")
    place = _inside(tree, parents)
    if value is DELETED:
        del place[leaf]
    else:
        place[leaf] = value


def _inside(tree: Tree, parents: list[str]) -> Tree:
    for name in parents:
        tree = tree[name]
    return tree


def name_of(setting: Setting) -> str:
    """Return the key of a payload, or the path of a field."""
    return setting.key if isinstance(setting, PayloadSetting) else setting.path
