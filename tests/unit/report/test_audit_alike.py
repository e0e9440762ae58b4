"""Files of which the same is to say are told once, and no others with them."""

from __future__ import annotations

from dataclasses import replace

from profilegen.inspection.keeping import Keeper
from profilegen.inspection.model import Inspected, Inspection, Origin, Signature, Stated
from profilegen.report.audit_alike import alike
from profilegen.report.audit_text import audit_text
from tests.unit.inspection.test_keeping import flow
from tests.unit.report.inspections import finding, inspected, inspection

USERS = Origin(users="r/phone/users")


def person(name: str, message: str = "Wrong.", where: str = "A.B") -> Inspected:
    return replace(inspected(name, finding(where, message=message)), origin=USERS)


def counts(*files: Inspected) -> list[int]:
    keeper = Keeper()
    return [group.count for group in alike(keeper.kept(file) for file in files)]


def test_the_files_of_many_people_take_as_many_lines_as_one() -> None:
    few, many = (
        audit_text(inspection(*(person(f"user{i}") for i in range(count)))).splitlines()
        for count in (2, 2000)
    )
    assert few[0] == "user0 and 1 file like it: profile, not signed"
    assert many[0] == "user0 and 1,999 files like it: profile, not signed"
    assert many[1:4] == ["  warning unknown-key", "    A.B: Wrong.", "    Fix: Mend it."]
    assert len(few) == len(many)
    assert "  warning  unknown-key                     2,000   2,000" in "\n".join(many)


def test_what_is_quoted_of_people_is_their_own() -> None:
    files = [person(name, f"The address '{name}\\'s' is no \"{name}\".") for name in ("a", "b")]
    assert counts(*files) == [2]
    assert "a and 1 file like it but for names in quotes: profile" in audit_text(inspection(*files))
    strangers = [replace(file, origin=Origin()) for file in files]
    assert counts(*strangers) == [1, 1]


def test_an_apostrophe_quotes_nothing() -> None:
    said = "The user's {} is the device's."
    assert counts(*(person("a", said.format(word)) for word in ("phone", "watch"))) == [1, 1]


def test_what_differs_is_told_apart() -> None:
    one = person("a")
    signature = Signature("intact", "CN=A", "")
    files = [
        one,
        person("b", "Odd."),
        person("c", where="A.C"),
        replace(one, kind="settings"),
        replace(one, signature=signature),
        replace(one, signature=replace(signature, state="broken")),
        replace(one, origin=Origin(users="r/tablet/users")),
        replace(one, origin=replace(USERS, target="phone")),
        replace(one, flows=(flow("a"),)),
        replace(one, flows=(flow("*"),)),
        replace(one, flows=(flow("a", "paste", 1),)),
        replace(one, findings=()),
    ]
    assert counts(*files) == [1] * len(files)
    assert counts(*(file for file in files for _ in range(3))) == [3] * len(files)


def test_accounts_are_of_the_person() -> None:
    files = [replace(person(name), flows=(flow(f"{name}.staff"),)) for name in "abc"]
    assert counts(*files) == [3]
    assert counts(*(replace(file, origin=Origin()) for file in files)) == [1, 1, 1]
    same = [replace(file, origin=Origin(), flows=files[0].flows) for file in files]
    assert counts(*same) == [3]


def test_files_of_nobody_are_named() -> None:
    files = [inspected(f"f{i:02}", finding("A")) for i in range(9)]
    text = audit_text(inspection(*files))
    assert text.startswith(f"{', '.join(file.name for file in files)}: profile, not signed\n")
    files += [inspected(f"f{i:02}", finding("A")) for i in range(9, 30)]
    first = " ".join(audit_text(inspection(*files)).splitlines()[0].split())
    assert first == "f00, f01, f02, f03, f04, f05, f06, f07 and 22 more: profile, not signed"


def test_people_who_have_nothing_in_common_fill_no_screens() -> None:
    files = [person(f"u{i}", where=f"Key[{i}]") for i in range(1000)]
    lines = audit_text(inspection(*files)).splitlines()
    assert sum(line.endswith(": profile, not signed") for line in lines) == 200
    assert "and 800 files of which other things are to say: --format json tells them" in lines
    assert len(audit_text(inspection(*files[:201])).split(": profile, not signed")) == 202


def test_people_with_the_same_errors_are_one_line_of_the_summary() -> None:
    wrong = [replace(person(f"u{i}"), findings=(finding(rule="wrong-type"),)) for i in range(500)]
    own = inspected("own", finding("A", rule="wrong-type"), finding("B", rule="wrong-type"))
    lines = audit_text(inspection(*wrong, own, person("fine"))).splitlines()
    assert lines[lines.index("Files with errors (501)") + 1 :] == [
        "  own: 2 wrong-type",
        "  u0 and 499 files like it: 1 wrong-type",
    ]
    odd = [
        replace(person(f"u{i}"), findings=(finding(f"K[{i}]", rule="wrong-type"),))
        for i in range(25)
    ]
    assert audit_text(inspection(*odd)).splitlines()[-1] == "  and 5 more"


def test_of_very_many_quiet_files_two_are_named() -> None:
    files = [replace(inspected(f"s{i}"), kind="signature") for i in range(1000)]
    lines = audit_text(inspection(*files)).splitlines()
    assert lines[0] == "Detached signatures (1,000): s0, s1 and 998 more"


def test_what_was_taken_from_a_manifest_is_said() -> None:
    stated = [
        Stated("r/release.json", "signed by CN=A", target, {"--os": "17", "--mode": "x"})
        for target in ("phone", "work")
    ]
    made = Inspection((person("a"),), None, {}, tuple(stated), ("Not used.",))
    *_, taken, unused = audit_text(made).split("\n\n")
    said = "Taken from r/release.json, signed by CN=A: phone: --os 17, --mode x; work: --os 17, "
    assert " ".join(taken.split()) == f"{said}--mode x."
    assert unused == "Not used."
