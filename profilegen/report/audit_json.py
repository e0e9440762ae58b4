"""What an inspection found, as the JSON of `profilegen audit`: the schema `profilegen.audit/1`."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from profilegen.audit.model import Control, Flow, PayloadControl
from profilegen.findings import Finding, Severity
from profilegen.inspection.model import Device, Inspected, Inspection, Stated, Suppressed

_SCHEMA = "profilegen.audit/1"
_INDENT = "  "
_LINE = f"\n{_INDENT * 2}"
_NULL = "null"
_FILES = f'\n{_INDENT}"files": {_NULL}'


def audit_json(inspection: Inspection) -> Iterator[str]:
    """Yield the text of `--format json`, file by file; these stand in the order of the command.

    A release of a hundred thousand people has gigabytes of it, so it never exists as a whole.
    """
    before, files, after = _dumped(_document(inspection)).partition(_FILES)
    yield f"{before}{files.removesuffix(_NULL)}"
    for number, item in enumerate(inspection.files):
        text = _dumped(_file(item)).replace("\n", _LINE)
        yield f"{',' if number else '['}{_LINE}{text}"
    yield f"\n{_INDENT}]" if inspection.files else "[]"
    yield f"{after}\n"


def audit_document(inspection: Inspection) -> dict[str, object]:
    """Return the document of `--format json` as a value."""
    return _document(inspection) | {"files": [_file(item) for item in inspection.files]}


def _dumped(value: object) -> str:
    return json.dumps(value, indent=len(_INDENT), ensure_ascii=False)


def _document(inspection: Inspection) -> dict[str, object]:
    """Return the document with null in the place of its files."""
    document: dict[str, object] = {
        "schema": _SCHEMA,
        "assumed": [
            {"option": option, "value": value} for option, value in inspection.assumed.items()
        ],
        "stated": [_stated(stated) for stated in inspection.stated],
        "unused": list(inspection.unused),
        "summary": _summary(inspection),
        "files": None,
    }
    if inspection.device is not None:
        document["device"] = _device(inspection.device)
    return document


def _stated(stated: Stated) -> dict[str, object]:
    return {
        "manifest": stated.manifest,
        "signed": stated.signed,
        "target": stated.target,
        "options": [{"option": option, "value": value} for option, value in stated.options.items()],
    }


def flow_document(flow: Flow) -> dict[str, object]:
    """Return one flow as JSON has it."""
    return {
        "account": flow.account,
        "channel": flow.channel,
        "direction": flow.direction,
        "state": flow.state,
        "basis": flow.basis,
        "controls": [control_document(control) for control in flow.controls],
        "reason": flow.reason,
    }


def control_document(control: Control) -> dict[str, object]:
    """Return one setting that decides a flow as JSON has it."""
    if isinstance(control, PayloadControl):
        value = json_value(control.value)
        return {"payload": control.payload, "key": control.key, "value": value}
    return {"path": control.path, "value": json_value(control.value)}


def json_value(value: object) -> object:
    """Return a property-list value as JSON has it: data as base64, what else it lacks as text."""
    match value:
        case bool() | int() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case list() | tuple():
            return [json_value(item) for item in value]
        case dict():
            return {key: json_value(item) for key, item in value.items()}
        case _:
            return str(value)


def _summary(inspection: Inspection) -> dict[str, object]:
    """Return counts over all files, and over the device where all files were taken together."""
    parts = inspection.parts
    severities = Counter(finding.severity for part in parts for finding in part.findings)
    rules = Counter(finding.rule for part in parts for finding in part.findings)
    return {
        "files": len(inspection.files),
        "kinds": dict(sorted(Counter(item.kind for item in inspection.files).items())),
        "findings": {severity.value: severities[severity] for severity in Severity},
        "rules": dict(sorted(rules.items())),
        "suppressed": sum(len(part.suppressed) for part in parts),
    }


def _file(item: Inspected) -> dict[str, object]:
    return {
        "file": item.name,
        "kind": item.kind,
        "signature": None if item.signature is None else asdict(item.signature),
        "findings": [_finding(finding, item.lines) for finding in item.findings],
        "suppressed": [_suppressed(one, item.lines) for one in item.suppressed],
        "flows": [flow_document(flow) for flow in item.flows],
        "manifest": item.origin.manifest or None,
        "target": item.origin.target or None,
    }


def _device(device: Device) -> dict[str, object]:
    return {
        "findings": [_finding(finding, {}) for finding in device.findings],
        "suppressed": [_suppressed(one, {}) for one in device.suppressed],
        "flows": [flow_document(flow) for flow in device.flows],
    }


def _finding(finding: Finding, lines: Mapping[str, int]) -> dict[str, object]:
    return {**asdict(finding), "line": lines.get(finding.where)}


def _suppressed(one: Suppressed, lines: Mapping[str, int]) -> dict[str, object]:
    return {**_finding(one.finding, lines), "by": one.by, "because": one.because}
