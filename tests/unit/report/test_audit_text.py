"""The text of audit: what a person sees of one file, of many, and of a hostile one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from profilegen.audit.model import Control, FieldControl, Flow, PayloadControl
from profilegen.catalogue.terms import Basis, Direction, State
from profilegen.findings import Finding, Severity
from profilegen.inspection.model import (
    Device,
    Inspected,
    Inspection,
    Signature,
    Suppressed,
)
from profilegen.report.audit_flows import decides, flow_rows
from profilegen.report.audit_text import audit_text
from tests.unit.report import inspections
from tests.unit.report.inspections import finding, inspected, inspection
from tests.unit.report.test_audit_json import SIGNER

HANDMADE = (
    inspections.nothing_found,
    inspections.every_rule,
    inspections.strange_names,
    inspections.switched_off,
    inspections.hostile_text,
)


def flow(
    channel: str,
    state: State,
    *controls: Control,
    account: str = "*",
    reason: str = "",
    basis: Basis = Basis.DEFAULT,
) -> Flow:
    return Flow(account, channel, Direction.OUT, state, basis, controls, reason)


def key(name: str, value: object) -> PayloadControl:
    assert isinstance(value, bool | str | list | int)
    return PayloadControl("com.example.payload", name, value)


def text_of(*files: Inspected) -> list[str]:
    return audit_text(inspection(*files)).splitlines()


def with_flows(*flows: Flow) -> Inspected:
    return replace(inspected("a.mobileconfig"), flows=flows)


def errors(name: str, *rules: str) -> Inspected:
    return inspected(name, *(finding(rule, rule=rule) for rule in rules))


def test_a_clean_file() -> None:
    undecided = with_flows(*(flow(f"channel-{i}", State.OPEN) for i in range(60)))
    assert text_of(undecided) == [
        "a.mobileconfig: profile, not signed",
        "  no findings",
        "  On such a device it opens or closes none of the 60 channels.",
    ]


def test_one_finding() -> None:
    assert text_of(inspected("a", finding("A.B"), lines={"A.B": 3})) == [
        "a: profile, not signed",
        "  warning unknown-key",
        "    A.B (line 3): Wrong.",
        "    Fix: Mend it.",
    ]


def test_a_finding_of_the_whole_file_needs_no_place() -> None:
    assert text_of(inspected("a", finding()))[1:3] == ["  warning unknown-key", "    Wrong."]


def test_the_same_at_many_places_is_folded() -> None:
    same = [finding(f"A[{i}]") for i in range(12)]
    assert text_of(inspected("a", *same, lines={"A[0]": 2}))[1:] == [
        "  warning unknown-key (12 places)",
        "    A[0] (line 2), A[1], A[2] and 9 more: Wrong.",
        "    Fix: Mend it.",
    ]


def test_many_messages_of_one_rule_are_folded() -> None:
    several = [finding(f"A[{i}]", message=f"Wrong {i}.") for i in range(6)]
    assert text_of(inspected("a", *several))[1:] == [
        "  warning unknown-key (6 places)",
        "    A[0]: Wrong 0.",
        "    A[1]: Wrong 1.",
        "    A[2]: Wrong 2.",
        "    A[3]: Wrong 3.",
        "    and 2 more places: A[4], A[5]",
        "    Fix: Mend it.",
    ]


def test_each_fix_stands_by_its_message() -> None:
    one, two = finding("A"), replace(finding("B"), message="Bad.", fix="Drop it.")
    three = replace(finding("C"), message="Odd.", fix="")
    assert text_of(inspected("a", one, two, three))[2:] == [
        "    A: Wrong.",
        "    Fix: Mend it.",
        "    B: Bad.",
        "    Fix: Drop it.",
        "    C: Odd.",
    ]


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (None, "not signed"),
        (Signature("broken", "CN=A", ""), "signed by CN=A, broken"),
        (
            Signature("intact", "CN=A", "", (SIGNER, SIGNER)),
            "signed by CN=A and 1 other, intact",
        ),
        (
            Signature("intact", "CN=A", "", (SIGNER, SIGNER, SIGNER)),
            "signed by CN=A and 2 others, intact",
        ),
    ],
)
def test_who_signed(signature: Signature | None, said: str) -> None:
    file = replace(inspected("a"), signature=signature)
    assert text_of(file)[0] == f"a: profile, {said}"


def test_other_files_and_signatures() -> None:
    assert text_of(replace(inspected("a.txt"), kind="other"))[0] == "a.txt: other"
    signature = Signature("intact", "CN=A", "")
    signed = replace(inspected("a.txt"), kind="other", signature=signature)
    assert text_of(signed)[0] == "a.txt: other, signed by CN=A, intact"
    assert text_of(replace(inspected("a.p7s"), kind="signature")) == [
        "a.p7s: signature, not signed"
    ]


def test_flows_in_short_by_state() -> None:
    file = with_flows(
        flow("open-in", State.CLOSED, key("a", value=False)),
        flow("paste", State.OPEN),
        flow("airdrop", State.OPEN, key("b", value=True)),
        flow("siri", State.UNKNOWN, reason="A placeholder."),
        flow("watch", State.UNKNOWN, reason="A placeholder."),
        flow("web", State.NARROWED, reason="Newer."),
        flow("nfc", State.ABSENT),
    )
    assert text_of(file)[2:] == [
        "  every account: 2 open, 2 unknown, 1 narrowed, 1 closed, 1 absent",
        "    open (set)  airdrop",
        "    open        paste",
        "    unknown     siri, watch: A placeholder.",
        "    narrowed    web: Newer.",
        "    closed      open-in",
        "    absent      nfc",
    ]


@pytest.mark.parametrize(("count", "word"), [(2, "both"), (3, "all 3")])
def test_what_accounts_share_stands_once(count: int, word: str) -> None:
    names = [f"account{i}" for i in range(count)]
    flows = [
        *(flow("open-in", State.CLOSED, account=name) for name in names),
        flow("move", State.CLOSED, account=names[0]),
        *(flow("move", State.OPEN, account=name) for name in names[1:]),
    ]
    assert text_of(with_flows(*flows))[2:] == [
        f"  {word} accounts: 1 closed",
        "    closed      open-in",
        "  account0: 1 closed",
        "    closed      move",
        *(line for name in names[1:] for line in (f"  {name}: 1 open", "    open        move")),
    ]


def test_accounts_that_share_everything_or_nothing() -> None:
    alike = [flow("open-in", State.CLOSED, account=name) for name in "ab"]
    assert text_of(with_flows(*alike))[2:] == [
        "  both accounts: 1 closed",
        "    closed      open-in",
    ]
    unlike = [flow("x", State.OPEN, account="a"), flow("y", State.OPEN, account="b")]
    assert [line for line in text_of(with_flows(*unlike)) if "accounts" in line] == []


def test_flows_in_full() -> None:
    file = with_flows(
        flow("open-in", State.CLOSED, key("allow", value=False), reason="It follows."),
        flow("paste", State.OPEN),
        flow("watch", State.OPEN, basis=Basis.NONE),
        flow("siri", State.NARROWED, FieldControl("a.b[].modes", ("x", "y")), basis=Basis.DEVICE),
        flow("long", State.OPEN, key("list", ["word"] * 300), basis=Basis.DEVICE),
    )
    lines = audit_text(inspection(file), flows=flow_rows).splitlines()
    assert lines[2] == "  every account: 3 open, 1 narrowed, 1 closed"
    assert lines[3] == "    open      paste                        out  the platform's default"
    assert lines[4] == "    open      watch                        out  no control"
    assert lines[5].startswith("    open      long                         out  list = [word, ")
    assert lines[-2] == "    narrowed  siri                         out  modes = [x, y]"
    assert lines[-1] == "    closed    open-in                      out  allow = false. It follows."
    assert len(lines) < 16


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (flow("a", State.OPEN), False),
        (flow("a", State.OPEN, account="b"), True),
        (flow("a", State.OPEN, key("k", value=True)), True),
        (flow("a", State.UNKNOWN), True),
    ],
)
def test_whether_a_file_has_a_say(one: Flow, *, expected: bool) -> None:
    assert decides([flow("x", State.OPEN), one]) is expected


def test_many_files_the_worst_first() -> None:
    other = replace(inspected("notes.txt", finding(rule="no-document")), kind="other")
    link = replace(inspected("x.txt", finding(rule="signature-weak")), kind="other")
    files = [
        inspected("clean"),
        errors("warned", "unknown-key"),
        errors("wrong", "wrong-type", "unknown-key"),
        errors("worst", "wrong-type", "missing-key", "wrong-type"),
        replace(inspected("a.p7s"), kind="signature"),
        other,
        link,
    ]
    lines = text_of(*files)
    heads = [line.partition(":")[0] for line in lines if line and line[0] != " "]
    assert heads == [
        "wrong",
        "worst",
        "warned",
        "x.txt",
        "Without findings, and without a say in managed mail (1)",
        "Detached signatures (1)",
        "No documents for devices (1)",
        "Summary of 7 files",
        "Findings by rule                        findings   files",
        "Files with errors (2)",
    ]
    summary = lines[lines.index("Summary of 7 files") :]
    assert summary[1] == "  4 profile, 2 other, 1 signature"
    assert [line.split()[:4] for line in summary[4:6]] == [
        ["error", "wrong-type", "3", "2"],
        ["error", "missing-key", "1", "1"],
    ]
    assert summary[-2:] == ["  worst: 2 wrong-type, 1 missing-key", "  wrong: 1 wrong-type"]


def test_a_summary_without_findings() -> None:
    lines = text_of(inspected("a"), inspected("b"))
    assert lines == [
        "Without findings, and without a say in managed mail (2): a, b",
        "",
        "Summary of 2 files",
        "  2 profile",
    ]


def test_long_lists_are_cut() -> None:
    files = [errors(f"file{i:02}", "wrong-type") for i in range(30)]
    clean = [inspected(f"clean{i:02}") for i in range(30)]
    lines = text_of(*files, *clean)
    assert lines[-1] == "  and 10 more"
    assert any(line.endswith("clean07 and 22 more") for line in lines)


def test_switched_off_findings_are_counted_with_their_reason() -> None:
    off = tuple(Suppressed(finding(place), "--ignore", "") for place in "AB")
    reasoned = Suppressed(finding("C"), "profilegen.toml: audit.file[0]", "Old.")
    device = Device((), (off[0],), (flow("a", State.OPEN),))
    file = inspected("a", suppressed=(*off, reasoned))
    text = audit_text(Inspection((file,), device, {"--os": "iOS 27"}))
    assert text.splitlines()[-9:] == [
        "All files together on one device",
        "  every account: 1 open",
        "    open        a",
        "",
        "3 findings switched off by --ignore",
        "",
        "1 finding switched off by profilegen.toml: audit.file[0]: Old.",
        "",
        "Assumed, since not given: --os iOS 27.",
    ]


def test_findings_of_the_device_stand_with_it() -> None:
    device = Device((finding("a: A"),), (), ())
    lines = audit_text(inspection(inspected("a"), device=device)).splitlines()
    assert lines[-4:] == [
        "All files together on one device",
        "  warning unknown-key",
        "    a: A: Wrong.",
        "    Fix: Mend it.",
    ]


def test_colour_is_for_the_severity_only() -> None:
    def paint(severity: Severity, text: str) -> str:
        return f"<{severity}:{text}>"

    many = inspection(errors("a", "wrong-type"), inspected("b"))
    lines = audit_text(many, paint=paint).splitlines()
    assert "  <error:error>   wrong-type" in lines
    assert sum("<error:error>" in line for line in lines) == 2


@pytest.mark.parametrize("make", HANDMADE)
def test_nothing_steers_the_terminal(make: Callable[[], Inspection]) -> None:
    assert all(c.isprintable() or c == "\n" for c in audit_text(make()))


def test_lines_are_at_most_100_columns() -> None:
    words: Sequence[Finding] = [finding("A.B", message="word " * 100, rule="wrong-type")]
    lines = text_of(inspected("a", *words), *(errors(f"f{i}", "bad-format") for i in range(12)))
    assert max(map(len, lines)) <= 100


def test_names_of_files_are_not_broken() -> None:
    name = f"{'long' * 40}.mobileconfig"
    assert f"{name}: profile, not signed"[: len(name) + 1] in text_of(inspected(name))[0]
