"""Write docs/channels.md from the catalogue.

python docs/generate_channels.py            write it
python docs/generate_channels.py --check    exit 1 when it is not current
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from profilegen.catalogue.explain import PLATFORM_NAMES, PRESET_WORDS, platform_line
from profilegen.catalogue.load import channels, revision
from profilegen.catalogue.model import Channel
from profilegen.catalogue.terms import Platform
from profilegen.catalogue.words import channel_facts, control_words, controls_heading

_PAGE = Path(__file__).with_name("channels.md")
_INTRODUCTION = """\
<!-- Made by docs/generate_channels.py from profilegen/catalogue/data: edit those files instead. -->

# Channels

A channel is one way in which an account's data can leave to, or enter from, the unmanaged side.
`profilegen channels ID` prints the same as this page. The facts were last compared with their
sources on {revision}.

The second column says which answer to `sharing` denies a channel: **boundary** channels are denied
by `contained` and `sealed`, **sealed** ones by `sealed` only; an **own field** is not part of
`sharing`. iOS controls stand weakest first."""


def main() -> int:
    """Write the page, or say whether the one that is there is current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    page = "\n\n".join(_blocks()) + "\n"
    if not options.check:
        _PAGE.write_text(page, encoding="utf-8")
        return 0
    if _PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/channels.md is not current: run python docs/generate_channels.py", file=sys.stderr)
    return 1


def _blocks() -> Iterator[str]:
    yield _INTRODUCTION.format(revision=revision())
    for platform in Platform:
        yield f"## {PLATFORM_NAMES[platform]}"
        yield f"{platform_line(platform)}."
        yield "\n".join(_table(platform))
        for channel in channels(platform).values():
            yield from _section(channel)


def _table(platform: Platform) -> Iterator[str]:
    yield "| channel | denied by | what leaves, and how |"
    yield "| --- | --- | --- |"
    for channel in channels(platform).values():
        yield f"| `{channel.id}` | {PRESET_WORDS[channel.preset]} | {channel.title} |"


def _section(channel: Channel) -> Iterator[str]:
    yield f"### {channel.id}: {channel.title}"
    yield channel.about
    yield "\n".join(f"- {fact}" for fact in channel_facts(channel))
    yield controls_heading(channel)
    controls = [
        "\n".join([f"{number}. `{control.setting}`", *(f"   - {fact}" for fact in control.facts)])
        for number, control in enumerate(control_words(channel), start=1)
    ]
    if controls:
        yield "\n".join(controls)


if __name__ == "__main__":
    sys.exit(main())
