"""Read the catalogue's data files into values.

The files are the project's own, so a fault in one is a bug and raises what the reading raises.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from profilegen.catalogue.model import Channel, ClosingValue, FieldValue, PayloadKey, PolicyField
from profilegen.catalogue.terms import (
    Combine,
    Direction,
    Effect,
    Mode,
    Platform,
    Preset,
    Role,
    Scope,
    State,
)
from profilegen.versions import Version, parse_version

_Table = Mapping[str, Any]
_WHOLE_DEVICE = "whole-device"


@cache
def channels(platform: Platform) -> Mapping[str, Channel]:
    """Return every channel of `platform` by id, in the order in which reports list them."""
    found = (_channel(row, platform) for row in read_data(f"{platform}.toml")["channel"])
    return MappingProxyType({channel.id: channel for channel in found})


@cache
def decided_channels(platform: Platform) -> Mapping[str, Channel]:
    """Return the channels that `sharing` decides on `platform`, by id."""
    found = channels(platform)
    return MappingProxyType({key: value for key, value in found.items() if value.decided})


@cache
def revision() -> str:
    """Return the day on which the facts were last compared with their sources."""
    dates: list[str] = [read_data(f"{platform}.toml")["revision"] for platform in Platform]
    return max(dates)


@cache
def oldest_version(platform: Platform) -> Version:
    """Return the oldest operating system the facts cover."""
    return parse_version(read_data(f"{platform}.toml")["oldest"])


@cache
def newest_version(platform: Platform) -> Version:
    """Return the newest operating system the facts cover."""
    return parse_version(read_data(f"{platform}.toml")["newest"])


@cache
def read_data(name: str) -> _Table:
    """Return the tables of the data file `name`."""
    text = files("profilegen.catalogue").joinpath("data", name).read_text("utf-8")
    return tomllib.loads(text)


def _channel(row: _Table, platform: Platform) -> Channel:
    controls = row.get("control", ())
    return Channel(
        id=row["id"],
        platform=platform,
        title=row["title"],
        about=row["about"],
        unknown=row.get("unknown", ""),
        direction=Direction(row["direction"]),
        preset=Preset(row["preset"]),
        combine=Combine(row["combine"]),
        follows=row.get("follows", ""),
        rests_on_management=row.get("rests_on_management", False),
        whole_device=row.get("touches") == _WHOLE_DEVICE,
        absent_on=tuple(Mode(mode) for mode in row.get("absent_on", ())),
        keys=tuple(map(_payload_key, controls)) if platform is Platform.IOS else (),
        fields=tuple(map(_policy_field, controls)) if platform is Platform.ANDROID else (),
    )


def _payload_key(row: _Table) -> PayloadKey:
    return PayloadKey(
        payloads=tuple(row["payloads"]),
        key=row["key"],
        close=row.get("close"),
        open=row.get("open"),
        effect=Effect(row["effect"]),
        writable=row.get("writable", True),
        scope=Scope(row["scope"]),
        introduced=parse_version(row["introduced"]),
        deprecated=parse_version(row["deprecated"]) if "deprecated" in row else None,
        replaced_by=row.get("replaced_by", ""),
        supervised=row["supervised"],
        in_user_enrollment=row["user_enrollment"] == "allowed",
        rejected_in_user_enrollment=row["user_enrollment"] == "payload-forbidden",
        in_manual_install=row["manual_install"],
        silent=State(row["silent"]),
        needs=tuple(row.get("needs", ())),
        services=tuple(row.get("services", ())),
        source=row["source"],
        note=row.get("note", ""),
    )


def _policy_field(row: _Table) -> PolicyField:
    introduced = parse_version(row.get("introduced", "0"))
    return PolicyField(
        id=row["id"],
        role=Role(row["role"]),
        path=row["path"],
        close=tuple(
            ClosingValue(_frozen(item["value"]), _later(item.get("since"), introduced))
            for item in row.get("close", ())
        ),
        open=row.get("open"),
        writable=row.get("writable", True),
        introduced=introduced,
        version_stated=row["version_basis"] == "stated",
        modes=tuple(Mode(mode) for mode in row["modes"]),
        silent=MappingProxyType({Mode(k): State(v) for k, v in row["silent"].items()}),
        whole_device=tuple(Mode(k) for k, v in row["touches"].items() if v == _WHOLE_DEVICE),
        needs=tuple(row.get("needs", ())),
        also_narrows=tuple(row.get("also_narrows", ())),
        replaces=tuple(row.get("replaces", ())),
        source=row["source"],
        note=row.get("note", ""),
    )


def _frozen(value: Any) -> FieldValue:  # noqa: ANN401  (tomllib types its values as Any)
    frozen: FieldValue = tuple(value) if isinstance(value, list) else value
    return frozen


def _later(since: str | None, introduced: Version) -> Version:
    return introduced if since is None else max(parse_version(since), introduced)
