"""`profilegen init`, `check` and `schema`: writing a policy file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.inputs import read_policy
from profilegen.cli.options import output_options
from profilegen.cli.output import emit, emit_json, note, warn
from profilegen.errors import InputError, UsageError
from profilegen.plan.decide import make_plan
from profilegen.plan.model import Plan
from profilegen.policy.problems import PolicyError
from profilegen.policy.schema import schema as policy_schema
from profilegen.render.environment import builtin_folder

_STARTER = Path("starter", "policy.yaml")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("profilegen.yaml"))
@output_options
def init(file: Path, *, output_format: str, quiet: bool) -> None:
    """Write a commented starter policy to FILE (profilegen.yaml); never overwrite one."""
    del quiet
    content = builtin_folder().joinpath(_STARTER).read_bytes()
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except FileExistsError as error:
        message = f"{file}: there is a file of this name already"
        raise UsageError(message, hint="Give another name: `profilegen init FILE`.") from error
    except OSError as error:
        message = f"{file}: cannot write the file: {error.strerror}"
        raise UsageError(message, hint="Check the folder and that you may write there.") from error
    if output_format == "json":
        emit_json({"schema": "profilegen.init/1", "file": str(file)})
    else:
        emit(f"{file}: written")
    note(f"Next: edit it, then run `profilegen check {file}`.")


@click.command()
@click.argument("policy_file", metavar="POLICY", type=click.Path(path_type=Path))
@output_options
def check(policy_file: Path, *, output_format: str, quiet: bool) -> None:
    """Validate a policy and print every error in it, each with its place.

    Accounts that cannot share a device are errors too. Exit code 3 when there is one.
    """
    del quiet
    try:
        policy = read_policy(policy_file).policy
        plan = make_plan(policy, today=clock.now(os.environ).date())
    except InputError as error:
        if output_format == "text":
            raise
        emit_json(_report(policy_file, problems=_problems(policy_file, error)))
        click.get_current_context().exit(error.exit_code)
    _print_fine(policy_file, plan, output_format)


@click.command()
@output_options
def schema(*, output_format: str, quiet: bool) -> None:
    """Print the JSON Schema of the policy file, for editors."""
    del output_format, quiet  # it is JSON either way, and nothing else is said
    emit_json(policy_schema())


def _print_fine(policy_file: Path, plan: Plan, output_format: str) -> None:
    for warning in plan.warnings:
        warn(warning)
    accounts = _counted(len(plan.policy.accounts), "account")
    targets = _counted(len(plan.policy.targets), "target")
    if output_format == "json":
        emit_json(_report(policy_file, problems=[]) | {"warnings": list(plan.warnings)})
    else:
        emit(f"{policy_file}: fine: {accounts}, {targets}")


def _report(policy_file: Path, *, problems: list[dict[str, object]]) -> dict[str, object]:
    return {
        "schema": "profilegen.check/1",
        "file": str(policy_file),
        "valid": not problems,
        "problems": problems,
    }


def _problems(policy_file: Path, error: InputError) -> list[dict[str, object]]:
    """Return each problem as a mapping; what concerns the whole file has no line and column."""
    if isinstance(error, PolicyError):
        return [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "path": problem.path,
                "message": problem.message,
                "hint": problem.hint,
            }
            for problem in error.problems
        ]
    return [
        {
            "file": str(policy_file),
            "line": None,
            "column": None,
            "path": "",
            "message": message,
            "hint": hint,
        }
        for message, hint in error.reports()
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
