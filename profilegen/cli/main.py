"""The entry point. Help comes without a command line parser, everything else through `root`."""

from __future__ import annotations

import os
import sys

from profilegen.cli.commands import root_help

_HELP_OPTIONS = (["--help"], ["-h"])
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit with the code of what happened."""
    if sys.argv[1:] in _HELP_OPTIONS:
        try:
            sys.stdout.write(root_help())
            sys.stdout.flush()
        except BrokenPipeError:  # nobody reads on: let Python's own flush at the end go nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    # The parser alone takes longer than Python's own start.
    from profilegen.cli.root import run  # noqa: PLC0415

    sys.exit(run())
