"""What a release says of itself in its manifest, whoever wrote that: nothing is verified here."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from profilegen.audit.flows import Context
from profilegen.audit.nesting import check_json_nesting
from profilegen.catalogue.terms import Enrollment, Mode
from profilegen.inspection.files import Source, Unread, read_source
from profilegen.versions import parse_version

MANIFEST = "release.json"
_SCHEMA = "profilegen.release/1"
_PLATFORMS = {"ios": "iOS", "android": "Android"}


def stated_manifest(path: Path) -> Mapping[str, object]:
    """Return what release.json says. Raises ValueError when it is no manifest."""
    data = read_source(Source(path, named=True))
    if isinstance(data, Unread):
        raise ValueError(data.message)  # noqa: TRY004  (one way out for all faults)
    check_json_nesting(data)
    value: object = json.loads(data)
    if not isinstance(value, dict) or value.get("schema") != _SCHEMA:
        message = f"it has no schema {_SCHEMA}"
        raise ValueError(message)
    return cast("Mapping[str, object]", value)


@dataclass(frozen=True, slots=True)
class StatedTarget:
    """How the devices of a target are managed, and the options that this stands for, by name."""

    context: Context
    options: Mapping[str, str]


def stated_contexts(
    manifest: Mapping[str, object], context: Context, assumed: Collection[str]
) -> dict[str, Context]:
    """Return how the devices of each target are managed, as `stated_targets` says it."""
    targets = stated_targets(manifest, context, assumed)
    return {name: target.context for name, target in targets.items()}


def stated_targets(
    manifest: Mapping[str, object], context: Context, assumed: Collection[str]
) -> dict[str, StatedTarget]:
    """Return how the devices of each target are managed: `context`, but for what it assumes.

    `assumed` has the options that were not given. What a manifest says in other words than ours
    counts as not said.
    """
    found: dict[str, StatedTarget] = {}
    for target in _tables(manifest.get("targets")):
        changes: dict[str, object] = {}
        options: dict[str, str] = {}
        try:
            if "--enrollment" in assumed and "enrollment" in target:
                changes["enrollment"] = Enrollment(str(target["enrollment"]))
                options["--enrollment"] = str(target["enrollment"])
            if "--mode" in assumed and "mode" in target:
                changes["mode"] = Mode(str(target["mode"]))
                options["--mode"] = str(target["mode"])
            platform = str(target.get("platform"))
            if "--os" in assumed and platform in _PLATFORMS:
                version = parse_version(str(target.get("minimum_os")))
                changes[platform] = version
                options["--os"] = f"{_PLATFORMS[platform]} {version}"
        except ValueError:
            continue
        stated = replace(context, **changes)  # type: ignore[arg-type]  # by name
        found[str(target.get("id"))] = StatedTarget(stated, options)
    return found


def stated_facts(manifest: Mapping[str, object]) -> dict[str, str]:
    """Return what a release says of itself, for people to compare."""
    found = {
        name: _text(manifest, *keys)
        for name, keys in {
            "policy": ("policy", "file"),
            "policy SHA-256": ("policy", "sha256"),
            "organization": ("organization", "identifier"),
            "profilegen": ("tool", "version"),
            "catalogue": ("tool", "catalogue"),
            "created": ("created",),
            "signer": ("identity", "subject"),
            "signer SHA-256": ("identity", "fingerprint"),
            "rotated from": ("identity", "rotated_from"),
        }.items()
    }
    for target in _tables(manifest.get("targets")):
        said = (_text(target, key) for key in ("platform", "enrollment", "mode", "minimum_os"))
        found[f"target {_text(target, 'id')}"] = " ".join(filter(None, said))
    return found


def _text(table: Mapping[str, object], *keys: str) -> str:
    value: object = table
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
