"""Files of which the same is to say, such as those of all people of a release, told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from profilegen.audit.model import Flow
from profilegen.findings import Finding
from profilegen.inspection.keeping import SharedFlows
from profilegen.inspection.model import Inspected, Suppressed
from profilegen.report.lines import limited

_NAMES = 8
# What rules quote of a file: a name, an address. An apostrophe inside a word begins nothing.
_QUOTED = re.compile(r"""(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?!\w)""")


@dataclass(slots=True)
class Alike:
    """Files that are told as one, by the `first`; `names` has the first few of them.

    `exact` says that not even what is quoted of them differs.
    """

    first: Inspected
    names: list[str]
    count: int = 1
    exact: bool = True

    def add(self, file: Inspected) -> None:
        """Take one more."""
        self.count += 1
        if len(self.names) <= _NAMES:
            self.names.append(file.name)
        if self.exact:
            self.exact = _texts(file) == _texts(self.first)

    @property
    def called(self) -> str:
        """Return what the files are called: of people's files the first stands for all."""
        if self.count == 1:
            return self.first.name
        if not self.first.origin.users:
            more = self.count - len(self.names)
            return limited([*self.names, *[""] * more], _NAMES)
        files = "file" if self.count == 2 else "files"  # noqa: PLR2004  (one and one more)
        but = "" if self.exact else " but for names in quotes"
        return f"{self.first.name} and {self.count - 1:,} {files} like it{but}"


def alike(files: Iterable[Inspected]) -> tuple[Alike, ...]:
    """Return `files` by what is to say of each, in the order of the first of each kind.

    Names and values that a finding quotes do not count for people's files, for they are theirs. For
    other files everything counts.
    """
    found: dict[tuple[object, ...], Alike] = {}
    for file in files:
        key = _key(file)
        group = found.get(key)
        if group is None:
            found[key] = Alike(file, [file.name])
        else:
            group.add(file)
    return tuple(found.values())


def _key(file: Inspected) -> tuple[object, ...]:
    signature = file.signature
    signed = signature and (signature.state, signature.signer, len(signature.signers))
    masked = bool(file.origin.users)
    return (
        file.kind,
        file.origin.users,
        file.origin.manifest,
        file.origin.target,
        signed,
        tuple(wording(finding, masked=masked) for finding in file.findings),
        tuple(
            (wording(one.finding, masked=masked), one.by, one.because) for one in file.suppressed
        ),
        tuple(_flows(file)),
    )


def wording(finding: Finding, *, masked: bool) -> tuple[str, ...]:
    """Return what makes a finding another one; without what it quotes if `masked`."""
    message = _QUOTED.sub("''", finding.message) if masked else finding.message
    return finding.severity, finding.rule, finding.where, message, finding.fix


def _flows(file: Inspected) -> Iterator[object]:
    flows = file.flows
    if isinstance(flows, SharedFlows):
        # Of files that were judged together, equal shapes are one and the same.
        yield id(flows.shape)
        yield () if file.origin.users else flows.accounts
    else:
        yield from (_flow(flow) for flow in flows)


def _flow(flow: Flow) -> tuple[str, ...]:
    return (flow.account, flow.channel, flow.state, flow.basis, flow.reason, repr(flow.controls))


def _texts(file: Inspected) -> tuple[tuple[str, ...], ...]:
    findings = (*file.findings, *map(_finding, file.suppressed))
    return tuple(wording(finding, masked=False) for finding in findings)


def _finding(one: Suppressed) -> Finding:
    return one.finding
