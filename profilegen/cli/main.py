"""The entry point: finds the command, runs it, and turns an error into two lines and a code.

Start-up matters: a command's module is imported only when that command runs, so `--help` reads
the one-line descriptions below and imports nothing else of ours.
"""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterable
from typing import NoReturn

import click

from profilegen import __version__
from profilegen.errors import ProfilegenError

_COMMANDS = {
    "init": ("policy", "Write a commented starter policy."),
    "check": ("policy", "Validate a policy and print every error in it."),
    "plan": ("plan", "Show what each target will and will not enforce."),
    "build": ("build", "Build a signed release from a policy."),
    "sign": ("sign", "Sign profiles and other files."),
    "verify": ("verify", "Verify signed files or a whole release."),
    "show": ("show", "Show what a file holds and who signed it."),
    "audit": ("audit", "Say what anyone's profiles and policies leave open."),
    "certs": ("certs", "Make and describe signing identities."),
    "channels": ("channels", "Explain the channels and what closes them."),
    "schema": ("policy", "Print the JSON Schema of the policy file."),
    "completion": ("completion", "Print the shell completion script."),
}
_INTERNAL_ERROR = 70
_INTERRUPTED = 130


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of the work."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None when there is none of that name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"profilegen.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="profilegen")
@click.option("--traceback", is_flag=True, help="Show the Python traceback of an error.")
def cli(*, traceback: bool) -> None:
    """Decide, render, prove and sign which managed mail accounts share data with unmanaged apps.

    Exit codes: 0 fine, 1 the check found something, 2 wrong usage, 3 invalid policy or input,
    4 key or certificate, 5 signature does not verify, 6 network or MDM service, 70 a bug.
    """
    del traceback


def main() -> NoReturn:
    """Run the command line and exit with the code of what happened."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or a file name that knows no umlauts is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    """Return the exit code of the command that the arguments ask for."""
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
