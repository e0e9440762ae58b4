"""`profilegen plan`: what each target will and will not enforce."""

from __future__ import annotations

import os
from pathlib import Path

import click

from profilegen import clock
from profilegen.cli.inputs import chosen_targets, read_policy
from profilegen.cli.options import output_options, target_option
from profilegen.cli.output import emit, emit_json, warn
from profilegen.errors import CheckError
from profilegen.plan.decide import make_plan
from profilegen.plan.gaps import Gap, gaps_of
from profilegen.report.plan_json import plan_document
from profilegen.report.plan_text import gap_line, plan_text


class StrictError(CheckError):
    """The plan has gaps that the policy does not accept."""

    slug = "strict"

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        """Keep the gaps; there is at least one."""
        count = "1 gap is" if len(gaps) == 1 else f"{len(gaps)} gaps are"
        super().__init__(f"{count} not accepted")
        self.gaps = gaps

    def reports(self) -> tuple[tuple[str, str], ...]:
        """Return a line for each gap and one that says what to do."""
        hint = "Change the policy, or name a gap under `accept` with the reason why it is fine."
        lines = [(gap_line(gap), "") for gap in self.gaps]
        return (*lines, (self.message, hint))


@click.command()
@click.argument("policy_file", metavar="POLICY", type=click.Path(path_type=Path))
@target_option
@click.option("--strict", is_flag=True, help="Exit 1 on any gap that `accept` does not name.")
@output_options
def plan(policy_file: Path, *, target: str, strict: bool, output_format: str, quiet: bool) -> None:
    """Show what each target will and will not enforce: channels by accounts.

    A gap is marked with "!": a denied channel that stays open (unenforceable) or is only made
    smaller (partial), and an allowed one that another account's policy closes (overblocked).
    """
    del quiet
    policy = read_policy(policy_file).policy
    made = make_plan(policy, today=clock.now(os.environ).date())
    targets = chosen_targets(made, target)
    for warning in made.warnings:
        warn(warning)
    if output_format == "json":
        emit_json(plan_document(made, only=target))
    else:
        emit(plan_text(made, only=target))
    open_gaps = tuple(gap for gap in gaps_of(policy, targets) if not gap.accepted)
    if strict and open_gaps:
        raise StrictError(open_gaps)
