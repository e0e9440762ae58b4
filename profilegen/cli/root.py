"""The command line itself: finds the command, runs it, turns an error into two lines and a code.

Start-up matters: a command's module is imported only when that command runs.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterable

import click

from profilegen import __version__
from profilegen.cli.commands import COMMANDS, root_help
from profilegen.cli.core_files import forbid_core_files
from profilegen.errors import ProfilegenError

_INTERNAL_ERROR = 70
_INTERRUPTED = 130


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of the work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"profilegen.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def get_help(self, ctx: click.Context) -> str:
        """Return the help that `profilegen --help` prints without the parser."""
        del ctx
        return root_help().rstrip("\n")


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="profilegen")
@click.option("--traceback", is_flag=True, help="Show the Python traceback of an error.")
def cli(*, traceback: bool) -> None:
    """Decide, render, prove and sign which accounts share data with unmanaged apps."""
    del traceback


def run() -> int:
    """Return the exit code of the command that the arguments ask for."""
    forbid_core_files()
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper):
        # A terminal or a file name that knows no umlauts is no reason to fail.
        stdout.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="profilegen", standalone_mode=False)
    except ProfilegenError as error:
        _print_traceback()
        _print_error(error.reports())
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        _print_error([_usage_report(error)])
        return error.exit_code
    except SystemExit as end:
        # So click ends where the reader of its help has gone away, which is nobody's failure.
        gone = type(sys.stdout).__name__.endswith("PacifyFlushWrapper")
        code = 0 if gone else end.code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  (the last resort: it is our bug)
        _print_traceback()
        message = f"a bug in profilegen: {type(error).__name__}: {error}"
        hint = "Run it again with `profilegen --traceback ...` and report what it prints."
        _print_error([(message, hint)])
        return _INTERNAL_ERROR
    return code if isinstance(code, int) else 0


def _print_error(reports: Iterable[tuple[str, str]]) -> None:
    from profilegen.cli.output import complain, one_line  # noqa: PLC0415  (start-up)

    for message, hint in reports:
        complain(f"{click.style('error', fg='red', bold=True)}: {one_line(message)}")
        if hint:
            complain(f"{click.style('hint', bold=True)}: {one_line(hint)}")


def _usage_report(error: click.ClickException) -> tuple[str, str]:
    message = " ".join(error.format_message().split())
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = "profilegen" if context is None else context.command_path
    return message, f"`{command} --help` says how to call it."


def _print_traceback() -> None:
    """Print the traceback of the current error where --traceback asks for it."""
    if "--traceback" in sys.argv[1:]:
        import traceback  # noqa: PLC0415  (start-up)

        click.echo(traceback.format_exc(), err=True, nl=False)
