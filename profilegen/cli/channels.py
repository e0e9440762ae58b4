"""`profilegen channels`: the catalogue in words, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import click

from profilegen.catalogue.explain import explanation, find_channels, overview
from profilegen.catalogue.load import channels as channels_of
from profilegen.catalogue.load import revision
from profilegen.catalogue.model import Channel, ClosingValue, PayloadKey, PolicyField
from profilegen.catalogue.terms import Platform
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json
from profilegen.versions import Version

_SCHEMA = "profilegen.channels/1"


@click.command()
@click.argument("channel_id", metavar="[ID]", required=False)
@output_options
def channels(channel_id: str | None, output_format: str, *, quiet: bool) -> None:
    """List all channels, or explain the channel ID: what closes it, where, and what it costs."""
    del quiet  # there is nothing but the result
    if output_format == "json":
        found = _everything() if channel_id is None else find_channels(channel_id)
        rows = [_channel_document(channel) for channel in found]
        emit_json({"schema": _SCHEMA, "revision": revision(), "channels": rows})
    else:
        emit(overview() if channel_id is None else explanation(channel_id))


def _everything() -> tuple[Channel, ...]:
    return tuple(channel for platform in Platform for channel in channels_of(platform).values())


def _channel_document(channel: Channel) -> dict[str, object]:
    """Return every field of the channel; its keys or fields stand under `controls`."""
    document = {
        field.name: _plain(getattr(channel, field.name))
        for field in fields(channel)
        if field.name not in ("keys", "fields")
    }
    keys = [_values(key) for key in channel.keys]
    policy_fields = [_values(field) for field in channel.fields]
    return document | {"controls": [*keys, *policy_fields]}


def _values(value: PayloadKey | PolicyField | ClosingValue) -> dict[str, object]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: object) -> object:
    """Return `value` as JSON knows it: versions as text, tuples as lists."""
    if isinstance(value, Version):
        return str(value)
    if isinstance(value, ClosingValue):
        return _values(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value
