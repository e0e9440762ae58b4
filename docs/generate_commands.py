"""Write docs/commands.md: the help of every command, as the command prints it.

Run by `make docs`; a test compares the file with the commands, so it is never out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from profilegen.cli.root import cli

PAGE = Path(__file__).parent / "commands.md"
HEAD = """\
# Commands

The help of every command. Exit codes have [a page of their own](exit-codes.md).
"""


def sections(
    command: click.Command, name: str, *, parent: click.Context | None = None
) -> Iterator[str]:
    """Yield the section of `command`, then those of the commands below it, in their order."""
    # Resilient: nothing is demanded, prompted for or run. A fixed width, whatever the terminal.
    context = command.make_context(name, [], parent, resilient_parsing=True, terminal_width=100)
    help_text = command.get_help(context).rstrip()
    yield f"## {context.command_path}\n\n```text\n{help_text}\n```\n"
    if isinstance(command, click.Group):
        for inner_name in command.list_commands(context):
            inner = command.get_command(context, inner_name)
            if inner is not None and not inner.hidden:
                yield from sections(inner, inner_name, parent=context)


def page() -> str:
    """Return the text of the page."""
    return "\n".join([HEAD, *sections(cli, "profilegen")])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
