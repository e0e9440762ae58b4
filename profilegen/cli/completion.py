"""`profilegen completion`: the script that teaches a shell our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from profilegen.cli.output import emit
from profilegen.errors import UsageError


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    bash: profilegen completion bash > ~/.local/share/bash-completion/completions/profilegen
    """
    kind = get_completion_class(shell)
    root = click.get_current_context().find_root()
    if kind is None:
        message = f"there is no completion for {shell}"
        raise UsageError(message, hint="Use bash, zsh or fish.")
    script = kind(root.command, {}, "profilegen", "_PROFILEGEN_COMPLETE").source()
    emit(script)
