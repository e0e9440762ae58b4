"""Write docs/commands.md: the help of every command, as the command prints it.

Run by `make docs`; a test compares the file with the commands, so it is never out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from profilegen.cli.main import cli

PAGE = Path(__file__).parent / "commands.md"
HEAD = """\
# Commands

The help of every command. Exit codes have [a page of their own](exit-codes.md).
"""


def commands_below(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    """Yield `context`, then that of each command below it, in the order of the help."""
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                inner = click.Context(below, info_name=name, parent=context, max_content_width=100)
                yield from commands_below(below, inner)


def page() -> str:
    """Return the text of the page, wrapped at 100 columns whatever the terminal is."""
    root = click.Context(cli, info_name="profilegen", terminal_width=100, max_content_width=100)
    sections = [HEAD]
    for context in commands_below(cli, root):
        context.terminal_width = 100
        help_text = context.command.get_help(context)
        sections.append(f"## {context.command_path}\n\n```text\n{help_text.rstrip()}\n```\n")
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
