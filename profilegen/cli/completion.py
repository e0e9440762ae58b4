"""`profilegen completion`: the script that teaches a shell our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from profilegen.cli.output import emit

_SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    bash: profilegen completion bash > ~/.local/share/bash-completion/completions/profilegen
    """
    root = click.get_current_context().find_root()
    emit(_SHELLS[shell](root.command, {}, "profilegen", "_PROFILEGEN_COMPLETE").source())
