"""Judging opened files: what each brings, in which order, and what is switched off."""

from __future__ import annotations

import plistlib
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from profilegen.catalogue.rules import found
from profilegen.inspection import inspect
from profilegen.inspection.inspect import Question, inspect_device, inspect_files
from profilegen.inspection.model import Inspection
from profilegen.inspection.opening import Opened, open_bytes
from profilegen.inspection.suppression import Silence
from tests.support import pki
from tests.support.signed import By, signed_data
from tests.unit.audit.samples import EXCHANGE, RESTRICTIONS, context, payload

QUESTION = Question(context(), pki.NOW)
BOUNDARY = payload(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False)
ACCOUNT = payload(EXCHANGE, "com.example.staff")


def file(name: str, *payloads: dict[str, object]) -> Opened:
    content = {"PayloadType": "Configuration", "PayloadContent": list(payloads)}
    return open_bytes(name, plistlib.dumps(content))


def kinds(inspection: Inspection) -> list[str]:
    return [one.kind for one in inspection.files]


def test_files_keep_their_order_and_kind() -> None:
    files = [
        file("b.mobileconfig", BOUNDARY),
        open_bytes("a.txt", b"text"),
        open_bytes("p.json", b"{}"),
        open_bytes("x.mobileconfig", b"<plist>"),
    ]
    inspection = inspect_files(files, QUESTION)
    assert [one.name for one in inspection.files] == [one.name for one in files]
    assert kinds(inspection) == ["profile", "other", "android-policy", "unknown"]
    assert [bool(one.flows) for one in inspection.files] == [True, False, True, False]
    assert inspection.device is None
    assert inspection.parts == inspection.files


def test_the_device_is_all_files_together() -> None:
    files = [file("a.mobileconfig", ACCOUNT), file("b.mobileconfig", BOUNDARY)]
    device = inspect_device([*files, open_bytes("a.txt", b"text")], QUESTION)
    states = {flow.channel: flow.state for flow in device.flows}
    assert {flow.account for flow in device.flows} == {"com.example.staff"}
    assert states["open-in"] == "closed"
    inspection = replace(inspect_files(files, QUESTION), device=device)
    assert inspection.parts == (*inspection.files, device)


def test_a_signature_is_judged_at_the_time_of_the_question() -> None:
    data = signed_data(b"{}", By(pki.chain().leaf))
    opened = [open_bytes("a.json", data)]

    def rules(question: Question) -> set[str]:
        (one,) = inspect_files(opened, question).files
        assert one.signature is not None
        assert (one.signature.state, one.signature.signer) == ("intact", "CN=Test Signer")
        return {finding.rule for finding in one.findings}

    days = (pki.END - pki.NOW).days + 1
    assert "signature-expiring" not in rules(QUESTION)
    assert "signature-expiring" in rules(replace(QUESTION, soon_days=days))
    assert "signature-expired" in rules(replace(QUESTION, at=pki.END + timedelta(days=1)))


def test_most_severe_first_then_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [
        found("left-open", "Z", "A note."),
        found("wrong-type", "PayloadContent[10].A", "An error."),
        found("unknown-key", "PayloadContent[2].B", "A warning."),
        found("wrong-type", "PayloadContent[9].A", "An error."),
        found("wrong-type", "", "An error of the file."),
    ]
    monkeypatch.setattr(inspect, "lint", lambda *_arguments: findings)
    (one,) = inspect_files([Opened("a", "profile", file("a").document)], QUESTION).files
    places = ["", "PayloadContent[9].A", "PayloadContent[10].A", "PayloadContent[2].B", "Z"]
    assert [finding.where for finding in one.findings] == places
    assert one.lines == {}


def test_in_a_text_the_line_is_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b'{\n"screenCaptureDisabled": true,\n"adjustVolumeDisabled": true\n}'
    findings = [
        found("wrong-type", "adjustVolumeDisabled", "Later."),
        found("wrong-type", "screenCaptureDisabled", "Earlier."),
    ]
    monkeypatch.setattr(inspect, "lint", lambda *_arguments: findings)
    (one,) = inspect_files([open_bytes("a.json", text)], QUESTION).files
    assert [finding.message for finding in one.findings] == ["Earlier.", "Later."]
    assert one.lines == {"screenCaptureDisabled": 2, "adjustVolumeDisabled": 3}


def test_what_files_share_comes_to_each() -> None:
    def xml(name: str, uuid: str, **more: str) -> Opened:
        content = {"PayloadType": "Configuration", "PayloadUUID": uuid, **more}
        return open_bytes(name, plistlib.dumps(content | {"PayloadContent": []}))

    same, other = str(uuid4()), str(uuid4())
    files = [
        xml("a", same),
        open_bytes("a.txt", b"text"),
        xml("b", other),
        xml("c", same, PayloadDisplayName="C"),
    ]
    for silences in ((), (Silence(frozenset({"shared-uuid"}), "--ignore"),)):
        inspection = inspect_files(files, replace(QUESTION, silences=silences))
        found = {
            one.name: (finding, one.lines[finding.where])
            for one in inspection.files
            for finding in (*one.findings, *(item.finding for item in one.suppressed))
            if finding.rule == "shared-uuid"
        }
        assert list(found) == ["a", "c"]
        assert "'c' has the same UUID" in found["a"][0].message
        assert "'a' has the same UUID" in found["c"][0].message
        text = plistlib.dumps({"PayloadContent": [], "PayloadType": "", "PayloadUUID": ""})
        line = text.split(b"\n").index(b"\t<key>PayloadUUID</key>") + 1
        assert found["a"][1] == line
        loud = {
            one.name
            for one in inspection.files
            for item in one.findings
            if item.rule == "shared-uuid"
        }
        assert loud == (set() if silences else {"a", "c"})


def test_files_are_not_kept() -> None:
    def files(count: int) -> Iterator[Opened]:
        for number in range(count):
            content = {"PayloadType": "Configuration", "PayloadUUID": str(uuid4())}
            filler = {"PayloadDescription": f"{number}" + "x" * 200_000, "PayloadContent": []}
            yield open_bytes(f"f{number}", plistlib.dumps(content | filler))

    tracemalloc.start()
    try:
        inspection = inspect_files(files(40), QUESTION)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(inspection.files) == 40
    assert most < 20 * 200_000
    assert kept < 5 * 200_000


def test_what_is_switched_off_is_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    noisy, other = found("unknown-key", "A", "Noise."), found("wrong-type", "B", "Wrong.")
    monkeypatch.setattr(inspect, "lint", lambda *_arguments: [noisy, other])
    monkeypatch.setattr(inspect, "lint_device", lambda *_arguments: [noisy, other])
    silence = Silence(frozenset({"unknown-key"}), "--ignore")
    question = replace(QUESTION, silences=(silence,))
    opened = [Opened("a", "profile", file("a").document)]
    (one,) = inspect_files(opened, question).files
    device = inspect_device(opened, question)
    for part in (one, device):
        assert part.findings == (other,)
        assert [(item.finding, item.by) for item in part.suppressed] == [(noisy, "--ignore")]


def test_what_was_assumed_is_passed_on() -> None:
    question = replace(QUESTION, assumed={"--mode": "work-profile"})
    assert inspect_files([], question).assumed == {"--mode": "work-profile"}
    assert inspect_files([], QUESTION).assumed == {}


def test_every_file_of_the_corpus_is_classified(checkout: Path) -> None:
    folder = checkout.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [open_bytes(str(path), path.read_bytes()) for path in paths]
    inspection = inspect_files(files, QUESTION)
    assert len(inspection.files) == len(paths)
    for path, one in zip(paths, inspection.files, strict=True):
        expected = path.suffix in {".mobileconfig", ".json"}
        assert (one.kind != "other") is expected, path
