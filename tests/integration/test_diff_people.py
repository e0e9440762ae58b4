"""Two releases with files of people: who came and went, what changed for whom, what is opened."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from profilegen.inspection import opening
from profilegen.inspection.comparing_people import compare_people
from tests.support.compared import OPEN, PEOPLE, Row, Scene, listed, rewrite
from tests.support.devices import write_devices, write_key
from tests.support.releases import PERSONAL, read_index

PACKINGS = ("folders", "tar", "tar.gz", "zip")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of files of people that are opened from now on."""
    names: list[str] = []

    def open_bytes(name: str, *args: Any, **keys: Any) -> object:  # noqa: ANN401
        names.append(name)
        return opening.open_bytes(name, *args, **keys)

    monkeypatch.setattr("profilegen.inspection.people_files.open_bytes", open_bytes)
    return names


@pytest.mark.parametrize("packing", PACKINGS)
def test_who_came_who_went_and_what_changed(scene: Scene, packing: str, opened: list[str]) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), packing)
    moved = dict.fromkeys(PEOPLE[10:25], "example.org")
    scene.build("new", PERSONAL, listed([*PEOPLE[2:], "zoe"], **moved), packing)
    exit_code, document = scene.json()
    assert exit_code == 0
    assert document["people"] == {
        "removed": PEOPLE[:2],
        "added": ["zoe"],
        "changed": PEOPLE[10:25],
        "strangers": [],
    }
    summary = document["summary"]
    assert summary["files_removed"] == 4
    assert summary["files_added"] == 2
    assert summary["files_changed"] == 30
    assert summary["files_same"] == 26
    assert (document["old"]["files"], document["new"]["files"]) == (60, 58)
    assert summary["accounts_removed"] == 4
    assert summary["accounts_added"] == 2
    assert summary["accounts_updated"] == 15
    assert summary["settings"] == 15 * 2 + 15 * 3
    assert [summary[name] for name in ("opens", "may_open", "closes", "may_close")] == [0] * 4
    # What changed for fifteen, for each target; the two who went, the one who came.
    assert [file["people"]["count"] for file in document["files"]] == [15, 15, 2, 2, 1, 1]
    addresses = [item for item in document["files"][0]["settings"] if item["key"] == "EmailAddress"]
    assert [item["varies"] for item in addresses] == [True]
    # What is equal is never opened: both sides of fifteen people, and three on one side.
    assert len(opened) == 2 * (2 * 15 + 3)


def test_many_people_take_as_much_text_as_few(scene: Scene) -> None:
    lengths = []
    for count in (12, 30):
        people = PEOPLE[:count]
        scene.build("old", PERSONAL, listed(people))
        scene.build("new", OPEN, listed(people[1:]))
        exit_code, text, errors = scene.text()
        assert exit_code == 1
        assert f"1 person removed, 0 added, {count - 1} changed, " in text
        assert f"  - 1 person removed: only in OLD, which opens nothing\n      {people[0]}" in text
        (opens,) = [line for line in text.splitlines() if line.startswith("  account.staff in ")]
        names = f"user01, user02 and {count - 3} more"
        assert opens == f"  account.staff in phone/users of {count - 1} people ({names})"
        assert "May open" not in text
        assert errors.startswith("error: flows that open or may open: ")
        lengths.append(len(text.splitlines()))
        for side in ("old", "new"):
            shutil.rmtree(scene.folder / side)
    assert lengths[1] - lengths[0] <= 1  # where a line ends depends on the length of numbers


def test_the_same_list_in_another_order(scene: Scene, opened: list[str]) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "folders")
    scene.build("new", PERSONAL, listed(PEOPLE[::-1]), "zip")
    exit_code, text, _ = scene.text()
    assert (exit_code, text) == (0, "No difference: 60 files are the same.\n")
    assert opened == []


def test_flows_that_open_for_one_person_only(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "folders")
    scene.build("new", PERSONAL, listed(PEOPLE), "folders")
    scene.build("open", OPEN, listed(PEOPLE), "folders")

    def swap(rows: list[Row]) -> None:
        (place,) = [
            at
            for at, row in enumerate(rows)
            if row["file"].endswith("r07.mobileconfig") and row["kind"] == "profile"
        ]
        rows[place] = read_index(scene.folder / "open", "phone")[place]
        path = rows[place]["file"]
        shutil.copy(scene.folder / "open" / path, scene.folder / "new" / path)

    rewrite(scene.folder / "new", "phone", swap)
    exit_code, document = scene.json()
    assert exit_code == 1
    (file,) = document["files"]
    assert file["people"]["users"] == ["user07"]
    assert {flow["motion"] for flow in file["flows"]} == {"opens"}
    assert document["summary"]["opens"] == len(file["flows"]) > 0
    assert document["summary"]["files_same"] == 59


def test_files_of_a_target_that_is_gone_may_open(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    policy = "".join(line for line in PERSONAL.splitlines(keepends=True) if "id: phone" not in line)
    scene.build("new", policy, listed(PEOPLE[1:]))
    exit_code, document = scene.json()
    assert exit_code == 1
    assert document["people"]["removed"] == PEOPLE[:1]
    may_open = [file for file in document["files"] if file["flows"]]
    assert [file["people"]["users"] for file in may_open] == [PEOPLE[1:]]
    assert {flow["motion"] for file in may_open for flow in file["flows"]} == {"may-open"}


def test_a_release_without_people_after_one_with_them(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    (scene.folder / "new").mkdir()
    manifest = json.loads((scene.folder / "old" / "release.json").read_bytes())
    (scene.folder / "new" / "release.json").write_text(json.dumps({**manifest, "files": []}))
    exit_code, document = scene.json()
    assert exit_code == 1
    assert document["people"]["removed"] == []
    assert document["summary"]["may_open"] > 0


def test_another_signer_is_told_of_all_and_seen_in_one(scene: Scene, opened: list[str]) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", PERSONAL, listed(PEOPLE), owner="others")
    exit_code, document = scene.json()
    assert exit_code == 0
    (signers,) = document["signers"]
    assert (signers["files"], signers["profiles"]) == (60, 30)
    assert [file["people"]["count"] for file in document["files"]] == [30, 30]
    # One file of each target stands for the others.
    assert len(opened) == 4


def test_a_manifest_that_names_another_signer_is_not_believed(
    scene: Scene, opened: list[str]
) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", PERSONAL, listed(PEOPLE), owner="others")
    for name, fingerprint in (("old", "ab" * 32), ("new", None)):
        manifest = json.loads((scene.folder / name / "release.json").read_bytes())
        manifest["identity"]["fingerprint"] = fingerprint
        (scene.folder / name / "release.json").write_text(json.dumps(manifest))
    _, document = scene.json()
    assert document["signers"][0]["files"] == 60
    assert len(opened) == 2 * 60


@pytest.mark.parametrize("side", ["old", "new"])
@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_an_archive_has_one_fault_and_the_rest_is_compared(
    scene: Scene, side: str, damage: str
) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", OPEN, listed(PEOPLE[1:]))
    archive = scene.folder / side / "phone" / "users" / "00000.tar"
    if damage == "missing":
        archive.unlink()
        reason = "cannot read the file: No such file or directory"
    else:
        archive.write_bytes(archive.read_bytes()[:-1] + b"x")
        reason = "it is not the archive that the manifest names"
    exit_code, text, errors = scene.text()
    assert exit_code == 3
    told = [line for line in errors.splitlines() if line.startswith("error:")]
    assert told[0] == f"error: {archive.relative_to(scene.folder)}: {reason}"
    assert told[1].startswith("error: flows that open or may open: ")
    assert len(told) == 2
    assert "in work/users of 29 people" in text
    assert "in phone/users" not in text.replace("\n", " ") or side == "new"
    missed = 30 if side == "old" else 29
    assert f"{missed} files could not be" in " ".join(text.split())


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), "cannot read the file: No such file or directory"),
        (lambda path: path.write_bytes(b""), "it is not the file that the manifest names"),
    ],
    ids=["missing", "changed"],
)
def test_of_an_index_that_cannot_be_read_nobody_is_told_as_gone(
    scene: Scene, damage: Callable[[Path], object], reason: str
) -> None:
    for side in ("old", "new"):
        scene.build(side, PERSONAL, listed(PEOPLE))
    damage(scene.folder / "new" / "phone" / "users" / "index.csv")
    exit_code, document = scene.json()
    assert exit_code == 3
    assert document["faults"] == [f"new/phone/users/index.csv: {reason}"]
    assert document["files"] == []
    assert document["people"] == {key: [] for key in document["people"]}
    assert document["summary"]["files_same"] == document["summary"]["files_not_compared"] == 30


@pytest.mark.parametrize("damage", ["gone", "other rows", "no index"])
def test_an_index_that_changes_while_it_is_read(
    scene: Scene, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for side in ("old", "new"):
        scene.build(side, PERSONAL, listed(PEOPLE))
    index = scene.folder / "new" / "work" / "users" / "index.csv"

    def compare_later(*args: Any) -> object:  # noqa: ANN401
        if damage == "gone":
            index.unlink()
        elif damage == "other rows":
            index.write_bytes(b"".join(index.read_bytes().splitlines(keepends=True)[:-2]))
        else:
            index.write_bytes(b"\xff")
        return compare_people(*args)

    monkeypatch.setattr("profilegen.inspection.comparing.compare_people", compare_later)
    exit_code, text, errors = scene.text()
    assert (exit_code, text) == (3, "")
    assert errors.splitlines() == [
        "error: new/work/users/index.csv: it changed while it was read",
        "hint: Compare again when nobody writes to the release any more.",
    ]


def test_an_index_that_names_a_file_twice(scene: Scene) -> None:
    for side in ("old", "new"):
        scene.build(side, PERSONAL, listed(PEOPLE))
    rewrite(scene.folder / "new", "phone", lambda rows: rows.extend([rows[0], rows[0]]))
    exit_code, document = scene.json()
    assert exit_code == 3
    assert document["faults"] == [
        "new/phone/users/index.csv: 'phone/users/00000.tar: user00.mobileconfig' is named twice"
    ]


def test_equal_files_in_folders_have_to_lie_there(scene: Scene) -> None:
    for side in ("old", "new"):
        scene.build(side, PERSONAL, listed(PEOPLE), "folders")
    one, two = sorted((scene.folder / "new" / "work" / "users").rglob("*.json"))[:2]
    one.unlink()
    two.write_bytes(two.read_bytes() + b"\n")
    exit_code, document = scene.json()
    assert exit_code == 3
    assert sorted(document["faults"]) == [
        f"{one.relative_to(scene.folder)}: cannot read the file: No such file or directory",
        f"{two.relative_to(scene.folder)}: it is not the file that the index names",
    ]
    assert document["summary"]["files_not_compared"] == 2


def test_of_many_files_that_are_not_there_the_first_are_named(scene: Scene) -> None:
    for side in ("old", "new"):
        scene.build(side, PERSONAL, listed(PEOPLE), "folders")
    for path in (scene.folder / "new").glob("*/users/*/*.*"):
        path.unlink()
    exit_code, text, errors = scene.text()
    assert exit_code == 3
    assert text == "No difference: 0 files are the same, 60 files could not be compared.\n"
    assert errors.count("error: ") == 51
    assert "error: new/users: 10 more files of people are not what the indexes name" in errors


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_changed_file_that_is_not_what_the_index_says(scene: Scene, packing: str) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), packing)
    scene.build("new", OPEN, listed(PEOPLE), packing)

    def lie(rows: list[Row]) -> None:
        rows[0]["content_sha256"] = "0" * 64

    rewrite(scene.folder / "new", "phone", lie)
    exit_code, document = scene.json()
    assert exit_code == 3
    assert len(document["faults"]) == 1
    assert document["faults"][0].endswith(": what it says is not what the index names")
    assert document["summary"]["files_not_compared"] == 1


def test_a_release_beside_a_folder_opens_all(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE[:2]))
    scene.build("new", PERSONAL, listed(PEOPLE[:2]), "folders")
    (scene.folder / "new" / "release.json").unlink()
    shutil.rmtree(scene.folder / "new" / "work")
    _, document = scene.json()
    assert document["old"]["kind"] == "release"
    assert document["new"]["kind"] == "folder"
    assert document["people"] is None
    assert document["summary"]["files_same"] == 2
    (scene.folder / "old" / "phone" / "users" / "00000.tar").unlink()
    exit_code, text, errors = scene.text()
    assert (exit_code, text) == (3, "")
    assert errors.count("error: ") == 1


def test_encrypted_files_of_people_are_compared_with_the_key(scene: Scene) -> None:
    write_devices(scene.folder / "devices", *PEOPLE[:2])
    key = write_key(scene.folder, PEOPLE[0])
    for side in ("old", "new"):
        scene.encrypted(side)
    exit_code, document = scene.json()
    assert exit_code == 1
    assert document["people"]["changed"] == PEOPLE[:2]
    exit_code, document = scene.json("--device-key", key)
    assert (exit_code, document["faults"]) == (1, [])
    assert document["people"]["changed"] == PEOPLE[1:2]
    assert document["summary"]["files_same"] == 3


def test_files_of_many_people_are_not_those_of_one_device(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE[:2]))
    scene.build("new", PERSONAL, listed(PEOPLE[:1]))
    done = scene.call("diff", "old", "new", "--as-device", "--quiet")
    assert done.exit_code == 0
    assert done.stderr == (
        "warning: old: --as-device takes the files of several people for those of one device: "
        "what is open for one hides what opens for others\n"
    )
    assert scene.call("diff", "new", "new", "--as-device").stderr == ""


def test_of_many_files_of_one_side_the_first_are_listed(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "folders")
    (scene.folder / "old" / "release.json").unlink()
    shutil.copytree(scene.folder / "old" / "phone", scene.folder / "new" / "phone")
    exit_code, text, _ = scene.text()
    assert exit_code == 0
    assert text.count(" (android-policy): only in OLD\n") == 21
    assert "\n  - 10 more (android-policy): only in OLD\n" in text
