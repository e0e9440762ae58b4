"""What `profilegen audit` prints: the JSON of its interface, and text for a person.

Everything that comes from a file is a stranger's: no control character reaches a terminal.
"""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

from profilegen.audit.model import Control, Flow, PayloadControl
from profilegen.catalogue.terms import Basis, State

_SCHEMA = "profilegen.audit/1"
_WIDTH = 100
_ORDER = (State.OPEN, State.NARROWED, State.CLOSED, State.ABSENT)
_BASES = {Basis.DEFAULT: "the platform's default", Basis.NONE: "no control"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a file; `where` is the place in it, "" for the whole file."""

    rule: str
    severity: str
    where: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a file, by name; `state` is intact or broken, whoever trusts the signer."""

    state: str
    signer: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Audited:
    """One file with what was found in it; `signature` is None for an unsigned file."""

    name: str
    kind: str
    signature: Signature | None
    findings: tuple[Finding, ...]
    flows: tuple[Flow, ...]


def as_json(
    files: Sequence[Audited], device: Sequence[Flow] | None, assumed: Mapping[str, str]
) -> dict[str, object]:
    """Return the document of `--format json`: `profilegen.audit/1`."""
    document: dict[str, object] = {
        "schema": _SCHEMA,
        "assumed": [{"option": option, "value": value} for option, value in assumed.items()],
        "files": [_file(item) for item in files],
    }
    if device is not None:
        document["device"] = {"flows": [_flow(flow) for flow in device], "findings": []}
    return document


def as_text(
    files: Sequence[Audited], device: Sequence[Flow] | None, assumed: Mapping[str, str]
) -> str:
    """Return the report for a person: by file and account, what is open first, 100 columns."""
    lines: list[str] = []
    for item in files:
        lines += _wrapped(f"{item.name}: {item.kind}, {_signed(item.signature)}", "  ")
        lines += [*_findings(item.findings), *_accounts(item.flows), ""]
    if device is not None:
        lines += ["All files on one device", *_accounts(device), ""]
    if assumed:
        said = ", ".join(f"{option} {value}" for option, value in assumed.items())
        lines += _wrapped(f"Assumed, since not given: {said}.", "")
    return "\n".join(_printable(line) for line in lines).rstrip("\n")


def _file(item: Audited) -> dict[str, object]:
    return {
        "file": item.name,
        "kind": item.kind,
        "signature": None if item.signature is None else asdict(item.signature),
        "findings": [asdict(finding) for finding in item.findings],
        "flows": [_flow(flow) for flow in item.flows],
    }


def _flow(flow: Flow) -> dict[str, object]:
    return {
        "account": flow.account,
        "channel": flow.channel,
        "direction": flow.direction,
        "state": flow.state,
        "basis": flow.basis,
        "controls": [_control(control) for control in flow.controls],
        "reason": flow.reason,
    }


def _control(control: Control) -> dict[str, object]:
    if isinstance(control, PayloadControl):
        value = _json_value(control.value)
        return {"payload": control.payload, "key": control.key, "value": value}
    return {"path": control.path, "value": _json_value(control.value)}


def _json_value(value: object) -> object:
    """Return a property-list value as JSON has it: data as base64, what else it lacks as text."""
    match value:
        case bool() | int() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case list() | tuple():
            return [_json_value(item) for item in value]
        case dict():
            return {key: _json_value(item) for key, item in value.items()}
        case _:
            return str(value)


def _signed(signature: Signature | None) -> str:
    if signature is None:
        return "not signed"
    return f"signed by {signature.signer}, {signature.state}"


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield from _wrapped(f"  {finding.severity} {finding.rule}: {finding.message}", "    ")
        yield from _wrapped(f"    {finding.fix}", "    ")


def _accounts(flows: Iterable[Flow]) -> Iterator[str]:
    by_account = sorted(flows, key=lambda flow: flow.account)
    for account, group in groupby(by_account, key=lambda flow: flow.account):
        rows = sorted(group, key=lambda flow: _ORDER.index(flow.state))
        counts = {state: sum(row.state is state for row in rows) for state in _ORDER}
        said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        name = "every account" if account == "*" else account
        yield from _wrapped(f"  {name}: {said}", "    ")
        for row in rows:
            yield from _row(row)


def _row(flow: Flow) -> Iterator[str]:
    start = f"    {flow.state:<9} {flow.channel:<28} {flow.direction:<4} "
    lines = textwrap.wrap(_detail(flow), _WIDTH - len(start)) or [""]
    for number, line in enumerate(lines):
        yield f"{start if number == 0 else ' ' * len(start)}{line}".rstrip()


def _detail(flow: Flow) -> str:
    said = "; ".join(_said(control) for control in flow.controls)
    if not said:
        return flow.reason or _BASES.get(flow.basis, "")
    return f"{said}. {flow.reason}" if flow.reason else said


def _said(control: Control) -> str:
    if isinstance(control, PayloadControl):
        return f"{control.key} = {_value(control.value)}"
    return f"{control.path.rpartition('.')[2]} = {_value(control.value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    return str(value)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        _printable(text),
        _WIDTH,
        subsequent_indent=indent,
        drop_whitespace=True,
        break_on_hyphens=False,
    )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
