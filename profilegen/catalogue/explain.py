"""Explain channels to a person: the table of all of them, or one on both platforms.

It adds no fact to the data; the sentences about facts come from `words`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from profilegen.catalogue.load import channels, newest_version, oldest_version, revision
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform, Preset
from profilegen.catalogue.words import channel_facts, control_words, controls_heading
from profilegen.errors import UsageError

_WIDTH = 100
_NEAR = 0.4
PLATFORM_NAMES: Mapping[Platform, str] = MappingProxyType(
    {Platform.IOS: "iOS and iPadOS", Platform.ANDROID: "Android Enterprise"}
)
PRESET_WORDS: Mapping[Preset, str] = MappingProxyType(
    {Preset.BOUNDARY: "boundary", Preset.SEALED: "sealed", Preset.SETTING: "own field"}
)


class UnknownChannelError(UsageError):
    """No platform has a channel of this id."""

    slug = "unknown-channel"


def find_channels(channel_id: str) -> tuple[Channel, ...]:
    """Return the channel of this id on each platform that has it, iOS first.

    Raises UnknownChannelError, with the nearest id, where no platform has it.
    """
    found = [channels(platform).get(channel_id) for platform in Platform]
    known = tuple(channel for channel in found if channel is not None)
    if known:
        return known
    ids = sorted({key for platform in Platform for key in channels(platform)})
    near = get_close_matches(channel_id, ids, n=1, cutoff=_NEAR)
    meant = f"Did you mean {near[0]}? " if near else ""
    message = f"there is no channel {channel_id!r}"
    raise UnknownChannelError(message, hint=f"{meant}`profilegen channels` lists all of them.")


def overview() -> str:
    """Return the table of all channels by platform: id, preset, title."""
    everything = [channel for platform in Platform for channel in channels(platform).values()]
    ids = max(len(channel.id) for channel in everything)
    presets = max(map(len, PRESET_WORDS.values()))
    blocks = []
    for platform in Platform:
        rows = [
            f"{channel.id:<{ids}}  {PRESET_WORDS[channel.preset]:<{presets}}  {channel.title}"
            for channel in channels(platform).values()
        ]
        blocks.append("\n".join([platform_line(platform), "", *rows]))
    legend = _wrapped(
        "boundary: denied by `sharing: contained` and `sealed`. sealed: denied by `sharing: sealed`"
        " only. own field: not part of `sharing`. `profilegen channels ID` explains one channel.",
        "",
    )
    return "\n\n".join([*blocks, legend, f"Facts of {revision()}."])


def platform_line(platform: Platform) -> str:
    """Return the platform, the versions that the facts cover, and the number of channels."""
    versions = f"{oldest_version(platform)} to {newest_version(platform)}"
    return f"{PLATFORM_NAMES[platform]} {versions}: {len(channels(platform))} channels"


def explanation(channel_id: str) -> str:
    """Explain the channel on both platforms; raises UnknownChannelError as `find_channels`."""
    found = {channel.platform: channel for channel in find_channels(channel_id)}
    blocks = [channel_id]
    for platform in Platform:
        if platform in found:
            blocks += _channel_blocks(found[platform])
        else:
            blocks.append(f"{PLATFORM_NAMES[platform]}: no channel of this id.")
    return "\n\n".join(blocks)


def _channel_blocks(channel: Channel) -> Iterator[str]:
    yield f"{PLATFORM_NAMES[channel.platform]}: {channel.title}"
    yield _wrapped(channel.about, "  ")
    yield "\n".join(_wrapped(fact, "  ") for fact in channel_facts(channel))
    lines = [f"  {controls_heading(channel)}"]
    for number, control in enumerate(control_words(channel), start=1):
        lines.append(_wrapped(control.setting, " " * 6).replace(" " * 6, f"  {number:>2}. ", 1))
        lines += [_wrapped(fact, " " * 6) for fact in control.facts]
    yield "\n".join(lines)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text,
        width=_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
