"""What an inspection found, for people: the worst files first, each on one screen, 100 columns.

Everything that comes from a file is a stranger's: no control character reaches a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from profilegen.audit.model import Flow
from profilegen.findings import Severity
from profilegen.inspection.model import (
    OTHER,
    SIGNATURE,
    TWIN,
    Device,
    Inspected,
    Inspection,
    Signature,
    Suppressed,
)
from profilegen.report.audit_alike import Alike, alike
from profilegen.report.audit_findings import Paint, finding_lines, plain
from profilegen.report.audit_flows import decides, flow_lines
from profilegen.report.audit_summary import summary_lines
from profilegen.report.lines import counted, limited, wrapped

FlowLines = Callable[[Sequence[Flow]], Iterator[str]]

_NAMES = 8
_MANY, _FEW = 100, 2
_MOST_BLOCKS = 200
_GROUPS = {
    OTHER: "No documents for devices",
    SIGNATURE: "Detached signatures",
    TWIN: "The same without a signature, told with the signed files",
}
_QUIET = "Without findings, and without a say in managed mail"


def audit_text(
    inspection: Inspection, *, flows: FlowLines = flow_lines, paint: Paint = plain
) -> str:
    """Return the report; `flows` is `flow_lines` or `flow_rows`, in short or in full."""
    files = inspection.files
    groups = alike(file for file in _worst_first(files) if _is_shown(file, files))
    told = groups if len(groups) <= _MOST_BLOCKS + 1 else groups[:_MOST_BLOCKS]
    blocks = [list(_files(group, flows, paint)) for group in told] if files else [["No files."]]
    blocks += [[line] for line in _untold(groups[len(told) :])]
    blocks += [wrapped(line, rest="  ") for line in _in_one_line(files)]
    if inspection.device is not None:
        blocks.append(list(_device(inspection.device, flows, paint)))
    if len(files) > 1:
        blocks.append(list(summary_lines(files, paint)))
    ending = (*_suppressed(inspection), *_stated(inspection), *_assumed(inspection.assumed))
    blocks += [wrapped(line) for line in ending]
    return "\n\n".join("\n".join(block) for block in blocks)


def _worst_first(files: Sequence[Inspected]) -> list[Inspected]:
    order = list(Severity)

    def rank(file: Inspected) -> int:
        return min((order.index(finding.severity) for finding in file.findings), default=len(order))

    return sorted(files, key=rank)


def _is_shown(file: Inspected, files: Sequence[Inspected]) -> bool:
    """Say whether a file gets a block of its own: of many, only those of which much is to say."""
    if len(files) == 1:
        return True
    if file.kind in _GROUPS and not _said(file):
        return False
    return bool(file.findings) or decides(file.flows)


def _said(file: Inspected) -> bool:
    return any(finding.severity is not Severity.NOTE for finding in file.findings)


def _in_one_line(files: Sequence[Inspected]) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for file in files:
        if not _is_shown(file, files):
            groups.setdefault(_GROUPS.get(file.kind, _QUIET), []).append(file.name)
    for title, names in groups.items():
        most = _NAMES if len(names) < _MANY else _FEW
        yield f"{title} ({len(names):,}): {limited(names, most)}"


def _untold(groups: Sequence[Alike]) -> Iterator[str]:
    if groups:
        count = sum(group.count for group in groups)
        what = "of which other things are to say: --format json tells them"
        yield f"and {counted(count, 'file')} {what}"


def _files(group: Alike, flows: FlowLines, paint: Paint) -> Iterator[str]:
    file = group.first
    signed = "" if file.kind == OTHER and file.signature is None else f", {_signed(file.signature)}"
    yield from wrapped(f"{group.called}: {file.kind}{signed}", rest="  ")
    yield from finding_lines(file.findings, file.lines, paint)
    if not file.findings and file.kind != SIGNATURE:
        yield "  no findings"
    if decides(file.flows):
        yield from flows(file.flows)
    elif file.flows and not file.findings:
        yield f"  On such a device it opens or closes none of the {len(file.flows)} channels."


def _signed(signature: Signature | None) -> str:
    if signature is None:
        return "not signed"
    others = len(signature.signers) - 1
    more = f" and {counted(others, 'other')}" if others > 0 else ""
    return f"signed by {signature.signer}{more}, {signature.state}"


def _device(device: Device, flows: FlowLines, paint: Paint) -> Iterator[str]:
    yield "All files together on one device"
    yield from finding_lines(device.findings, {}, paint)
    yield from flows(device.flows)


def _suppressed(inspection: Inspection) -> Iterator[str]:
    found: dict[tuple[str, str], list[Suppressed]] = {}
    for part in inspection.parts:
        for one in part.suppressed:
            found.setdefault((one.by, one.because), []).append(one)
    for (by, because), members in found.items():
        reason = f": {because}" if because else ""
        yield f"{counted(len(members), 'finding')} switched off by {by}{reason}"


def _stated(inspection: Inspection) -> Iterator[str]:
    by_manifest: dict[tuple[str, str], list[str]] = {}
    for stated in inspection.stated:
        said = ", ".join(f"{option} {value}" for option, value in stated.options.items())
        by_manifest.setdefault((stated.manifest, stated.signed), []).append(
            f"{stated.target}: {said}"
        )
    for (manifest, signed), targets in by_manifest.items():
        yield f"Taken from {manifest}, {signed}: {'; '.join(targets)}."
    yield from inspection.unused


def _assumed(assumed: Mapping[str, str]) -> Iterator[str]:
    if assumed:
        said = ", ".join(f"{option} {value}" for option, value in assumed.items())
        yield f"Assumed, since not given: {said}."
