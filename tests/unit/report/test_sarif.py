"""Findings as SARIF, field by field; another test asks a validator about the whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest

from profilegen import __version__
from profilegen.catalogue.rules import Rule, rules
from profilegen.findings import Finding, Severity
from profilegen.inspection.model import Device, Inspected, Inspection, Origin, Suppressed
from profilegen.report import sarif
from profilegen.report.sarif import sarif_document
from tests.unit.report.inspections import (
    SAMPLES,
    STRANGE_NAMES,
    every_rule,
    finding,
    hostile_text,
    inspected,
    inspection,
    nothing_found,
    strange_names,
    switched_off,
)

Json = dict[str, Any]
REPOSITORY = PurePosixPath("/srv/repository")


def run_of(made: Inspection, *, folder: PurePosixPath | None = None) -> Json:
    (run,) = json.loads(json.dumps(sarif_document(made, folder=folder)))["runs"]
    assert isinstance(run, dict)
    return run


def results_of(made: Inspection, *, folder: PurePosixPath | None = None) -> list[Json]:
    results = run_of(made, folder=folder)["results"]
    assert isinstance(results, list)
    return results


def physical(result: Json) -> Json:
    (location,) = result["locations"]
    assert isinstance(location["physicalLocation"], dict)
    return location["physicalLocation"]


def artifact_of(name: str, folder: PurePosixPath | None = None) -> Json:
    (result,) = results_of(inspection(inspected(name, finding())), folder=folder)
    artifact = physical(result)["artifactLocation"]
    assert isinstance(artifact, dict)
    return artifact


def fingerprints(made: Inspection) -> list[str]:
    return [item["partialFingerprints"]["profilegenPlace/v1"] for item in results_of(made)]


def test_the_tool_names_itself_and_all_its_rules() -> None:
    driver = run_of(nothing_found())["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("profilegen", __version__)
    assert [rule["id"] for rule in driver["rules"]] == list(rules())


def test_a_clean_run_succeeded_and_has_no_results() -> None:
    run = run_of(nothing_found())
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert run["results"] == []


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: str(rule.code))
def test_a_rule_explains_itself(rule: Rule) -> None:
    described = {item["id"]: item for item in run_of(nothing_found())["tool"]["driver"]["rules"]}
    descriptor = described[rule.code]
    assert descriptor["name"].lower() == rule.family + rule.code.replace("-", "")
    assert descriptor["defaultConfiguration"] == {"level": str(rule.severity)}
    assert descriptor["properties"]["tags"] == [rule.family]
    assert rule.about.startswith(descriptor["fullDescription"]["text"])
    assert 0 < len(descriptor["fullDescription"]["text"]) <= 1024
    for text in descriptor["help"].values():
        assert all(part in text for part in (rule.about, rule.fix, *rule.sources))


def test_a_long_explanation_ends_with_a_whole_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [f"Sentence {number} of many, v1.2 included." for number in range(60)]
    rule = Rule("long", "schema", Severity.NOTE, "Long", " ".join(long), "Cut.", ("RFC 1",))
    endless = Rule("endless", "schema", Severity.NOTE, "Endless", "x" * 5000, "Cut.", ("RFC 1",))
    made = {item.code: item for item in (rule, endless)}
    monkeypatch.setattr(sarif, "rules", lambda: made)
    texts = [
        item["fullDescription"]["text"]
        for item in run_of(nothing_found())["tool"]["driver"]["rules"]
    ]
    assert texts[0].endswith("included.")
    assert 900 < len(texts[0]) <= 1001
    assert len(texts[1]) == 1001


def test_a_result_points_at_its_rule() -> None:
    run = run_of(every_rule())
    assert len(run["results"]) == len(rules())
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert result["level"] == rule["defaultConfiguration"]["level"]
        assert result["message"]["text"] == "Wrong. Mend it."


def test_a_line_is_given_where_it_is_known_else_the_first() -> None:
    file = inspected("a.json", finding("A"), finding("B.C"), finding(), lines={"B.C": 12, "A": 3})
    results = results_of(inspection(file))
    assert [physical(item)["region"] for item in results] == [
        {"startLine": 3},
        {"startLine": 12},
        {"startLine": 1},
    ]


def test_the_place_is_a_logical_location() -> None:
    named, whole = results_of(inspection(inspected("a.json", finding("A[0].B"), finding())))
    assert named["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": "A[0].B", "kind": "member"}
    ]
    assert "logicalLocations" not in whole["locations"][0]


@pytest.mark.parametrize(
    ("name", "folder", "uri"),
    [
        ("a/b.json", None, "a/b.json"),
        ("./a//b.json", None, "a/b.json"),
        ("a/../b.json", REPOSITORY, "b.json"),
        ("/srv/repository/a b.json", REPOSITORY, "a%20b.json"),
        ("../repository/c.json", REPOSITORY, "c.json"),
    ],
)
def test_a_file_below_the_root_is_named_from_there(
    name: str, folder: PurePosixPath | None, uri: str
) -> None:
    assert artifact_of(name, folder) == {"uri": uri, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(
    ("name", "folder", "uri"),
    [
        ("../other/c d.json", REPOSITORY, "../other/c%20d.json"),
        ("../other/c.json", None, "../other/c.json"),
        ("/tmp/c d.json", REPOSITORY, "file:///tmp/c%20d.json"),  # noqa: S108  (only a name)
    ],
)
def test_a_file_elsewhere_is_named_as_the_person_did(
    name: str, folder: PurePosixPath | None, uri: str
) -> None:
    assert artifact_of(name, folder) == {"uri": uri}


def test_strange_names_survive_encoding() -> None:
    uris = [physical(item)["artifactLocation"]["uri"] for item in results_of(strange_names())]
    names = [unquote_to_bytes(uri).decode("utf-8", "surrogateescape") for uri in uris]
    assert tuple(names) == STRANGE_NAMES
    assert all(uri.isascii() and not set(uri) & set(' #?:"<>\n') for uri in uris)


def test_what_is_switched_off_says_why_and_where() -> None:
    results = results_of(switched_off())
    said = [item.get("suppressions") for item in results]
    given = {"kind": "external", "status": "accepted", "justification": "(--ignore)"}
    reasoned = {**given, "justification": "Known since spring. (profilegen.toml)"}
    assert said == [None, [given], [reasoned], None, [given]]


def test_a_finding_of_the_device_stands_at_the_file_it_names() -> None:
    files = (
        inspected("x/a.json"),
        inspected("x/b.json", lines={"A.B": 9}),
        inspected("x/b.json.old"),
    )
    places = ("x/b.json: A.B", "b.json[0]", "x/b.json.old", "b.json", "b.jsonx", "")
    device = Device(tuple(map(finding, places)), (), ())
    results = results_of(inspection(*files, device=device))
    found = [
        (
            physical(item)["artifactLocation"]["uri"],
            physical(item)["region"]["startLine"],
            item["locations"][0].get("logicalLocations", [{}])[0].get("fullyQualifiedName", ""),
        )
        for item in results
    ]
    assert found == [
        ("x/b.json", 9, "A.B"),
        ("x/b.json", 1, "[0]"),
        ("x/b.json.old", 1, ""),
        ("x/b.json", 1, ""),
        ("x/a.json", 1, "b.jsonx"),
        ("x/a.json", 1, ""),
    ]


def test_a_device_without_files_has_no_results() -> None:
    assert results_of(inspection(device=Device((finding("A"),), (), ()))) == []


def test_fingerprints_do_not_move_with_lines_and_words() -> None:
    before = inspected("a.json", finding("A", message="Old."), finding("B"), lines={"A": 1, "B": 2})
    after = inspected("a.json", finding("B"), finding("A", message="New."), lines={"A": 30, "B": 9})
    assert fingerprints(inspection(before)) == fingerprints(inspection(after))[::-1]


def test_fingerprints_differ_by_rule_file_and_place_and_count() -> None:
    one = inspected(
        "a.json", finding("A"), finding("A", rule="wrong-type"), finding("B"), finding("A")
    )
    found = fingerprints(inspection(one, inspected("b.json", finding("A"))))
    assert len(set(found)) == 5
    assert found[0].removesuffix(":1") == found[3].removesuffix(":2")


def test_texts_of_strangers_make_no_links_and_no_broken_json() -> None:
    made = json.dumps(sarif_document(hostile_text()), ensure_ascii=False)
    made.encode("utf-8")
    first = results_of(hostile_text())[0]
    assert first["message"]["text"] == "[click] (https://evil.example) Mend it."


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample.__name__))
def test_the_same_findings_give_the_same_document(sample: Callable[[], Inspection]) -> None:
    assert json.dumps(sarif_document(sample())) == json.dumps(sarif_document(sample()))


def of(severity: Severity) -> Finding:
    code = next(rule.code for rule in rules().values() if rule.severity is severity)
    return finding(rule=code)


def test_too_many_results_lose_the_mildest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 3)
    off = Suppressed(of(Severity.ERROR), "--ignore", "")
    file = inspected(
        "a.json",
        of(Severity.NOTE),
        of(Severity.ERROR),
        of(Severity.WARNING),
        of(Severity.ERROR),
        suppressed=(off,),
    )
    run = run_of(inspection(file))
    assert [item["level"] for item in run["results"]] == ["error", "error", "warning"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("2 results are left out")


def person(name: str, message: str = "Wrong.", archive: str = "") -> Inspected:
    file = inspected(name, finding("A.B", message=message), lines={"A.B": 4})
    return replace(file, origin=Origin(users="r/phone/users", archive=archive))


def test_what_many_people_have_is_one_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 2)
    people = [person(f"r/phone/users/0{i}/u{i}", f"Wrong for 'u{i}'.") for i in range(2000)]
    run = run_of(inspection(inspected("own", finding("A.B")), *people))
    own, result = run["results"]
    assert "toolExecutionNotifications" not in run["invocations"][0]
    assert physical(result) == {
        "artifactLocation": {"uri": "r/phone/users/00/u0", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4},
    }
    assert result["properties"] == {"files": 2000}
    said = "Wrong for 'u0'. Mend it. The same in 1,999 more files of people."
    assert result["message"]["text"] == said
    assert own["message"]["text"] == "Wrong. Mend it."
    assert "properties" not in own


def test_it_is_known_again_when_people_come_and_go() -> None:
    prints = [
        results_of(inspection(*people))[0]["partialFingerprints"]
        for people in (
            [person("r/phone/users/00/a"), person("r/phone/users/01/b")],
            [person("r/phone/users/01/b")],
            [replace(person("r/pad/users/01/b"), origin=Origin(users="r/pad/users"))],
        )
    ]
    assert prints[0] == prints[1] != prints[2]


def test_what_is_switched_off_for_some_is_another_result() -> None:
    one, two = person("a"), person("b")
    off = tuple(Suppressed(item, "--ignore", "") for item in two.findings)
    results = results_of(inspection(one, replace(two, findings=(), suppressed=off)))
    assert ["suppressions" in result for result in results] == [False, True]


def test_a_member_stands_in_its_archive() -> None:
    archive = "r/phone/users/00000.tar"
    (result,) = results_of(inspection(person(f"{archive}: u1.json", archive=archive)))
    assert physical(result) == {
        "artifactLocation": {"uri": archive, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }
    (logical,) = result["locations"][0]["logicalLocations"]
    assert logical["fullyQualifiedName"] == "u1.json: A.B"
    (result,) = results_of(
        inspection(replace(person(archive, archive=archive), findings=(finding(),)))
    )
    assert physical(result)["artifactLocation"]["uri"] == archive
    assert "logicalLocations" not in result["locations"][0]
