"""People who are in the later of two releases only: what opens for them is not overlooked."""

from __future__ import annotations

import shutil
from functools import partial

import pytest

from profilegen.audit.diff.stand_ins import StandIns
from profilegen.audit.diff.versions import Version
from tests.support.compared import OPEN, PEOPLE, Row, Scene, listed, rewrite
from tests.support.releases import PERSONAL, read_index

OTHERS = [f"emp{number:02}" for number in range(len(PEOPLE))]
MOVED = PERSONAL.replace("mail.example.com", "mx.example.com")


@pytest.mark.parametrize("kept", [0, 1])
def test_a_policy_that_opens_when_the_ids_are_others(scene: Scene, kept: int) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    # Whose file did not change, though all others did, is in both.
    scene.build("new", OPEN, listed(OTHERS))
    if kept:
        scene.build("same", PERSONAL, listed([*PEOPLE[:1], *OTHERS[1:]]), "folders")
        shutil.rmtree(scene.folder / "new")
        scene.build("new", OPEN, listed([*PEOPLE[:1], *OTHERS[1:]]), "folders")
        for target in ("phone", "work"):
            rewrite(scene.folder / "new", target, partial(restore, scene, target))
    exit_code, document = scene.json()
    assert exit_code == 1
    opens = {file["people"]["target"]: file for file in document["files"] if file["flows"]}
    assert set(opens) == {"phone", "work"}
    for target, file in opens.items():
        assert file["people"]["users"] == OTHERS[kept:]
        assert {flow["motion"] for flow in file["flows"]} == {"opens"}
        assert file["status"] == "added"
        assert file["compared_with"].startswith(f"{target}/users/")
        assert bool(file["settings"]) is not bool(kept)
    assert document["people"]["strangers"] == ([] if kept else ["phone", "work"])
    assert document["people"]["changed"] == []


def restore(scene: Scene, target: str, rows: list[Row]) -> None:
    """Give the first person of `rows` the files of the release `same`."""
    for at, row in enumerate(read_index(scene.folder / "same", target)):
        if row["user"] == PEOPLE[0]:
            rows[at] = row
            shutil.copy(scene.folder / "same" / row["file"], scene.folder / "new" / row["file"])


def test_the_text_says_with_whom_people_are_compared(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", OPEN, listed(OTHERS))
    exit_code, text, errors = scene.text()
    assert exit_code == 1
    assert "Opens\n  account.staff in phone/users of 30 people (emp00, emp01 and 28 more)\n" in text
    said = " ".join(text.split())
    assert (
        "+ 30 people added: only in NEW; flows move for 30 of them, compared with other people in "
        "OLD emp00," in said
    )
    assert "! Nobody is in both who has files for phone, work: who was added is compared " in said
    assert errors.startswith("error: flows that open or may open: ")


def test_settings_of_other_ids_are_told_once(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", MOVED, listed(OTHERS), owner="others")
    exit_code, document = scene.json()
    assert exit_code == 0
    told = [file for file in document["files"] if file["settings"]]
    assert [file["people"]["count"] for file in told] == [30, 30]
    for file in told:
        ((old, new),) = [(item["old"], item["new"]) for item in file["settings"]]
        assert (old, new) == ("mail.example.com", "mx.example.com")
    assert document["signers"][0]["files"] == 60


def test_other_ids_and_nothing_else(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "zip")
    scene.build("new", PERSONAL, listed(OTHERS), "tar.gz")
    exit_code, document = scene.json()
    assert exit_code == 0
    assert [(file["flows"], file["settings"]) for file in document["files"]] == [([], [])] * 4
    assert document["people"]["strangers"] == ["phone", "work"]


def test_other_ids_and_another_name_of_the_target(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", OPEN.replace("id: work", "id: job"), listed(OTHERS))
    exit_code, document = scene.json()
    assert exit_code == 1
    opens = [file for file in document["files"] if file["flows"]]
    assert {file["people"]["target"] for file in opens} == {"phone", "job"}


def test_who_was_added_with_more_than_anybody_had(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "folders")
    scene.build("new", PERSONAL, listed([*PEOPLE, "zoe"]), "folders")
    scene.build("open", OPEN, listed([*PEOPLE, "zoe"]), "folders")
    assert scene.json()[0] == 0

    def swap(rows: list[Row]) -> None:
        for at, row in enumerate(read_index(scene.folder / "open", "phone")):
            if row["user"] == "zoe":
                rows[at] = row
                shutil.copy(scene.folder / "open" / row["file"], scene.folder / "new" / row["file"])

    rewrite(scene.folder / "new", "phone", swap)
    exit_code, document = scene.json()
    assert exit_code == 1
    (file,) = [file for file in document["files"] if file["flows"]]
    assert file["people"] == {"target": "phone", "count": 1, "users": ["zoe"], "moved": True}
    assert {flow["motion"] for flow in file["flows"]} == {"opens"}
    assert file["settings"] == []


@pytest.mark.parametrize("policy", [PERSONAL, OPEN], ids=["same", "open"])
def test_the_same_people_and_another_name_of_the_target(scene: Scene, policy: str) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", policy.replace("id: work", "id: job"), listed(PEOPLE))
    exit_code, document = scene.json()
    assert exit_code == (1 if policy == OPEN else 0)
    opens = {file["people"]["target"]: file for file in document["files"] if file["flows"]}
    assert set(opens) == ({"phone", "job"} if policy == OPEN else set())
    for file in opens.values():
        assert file["people"]["users"] == PEOPLE
        assert not file["people"]["moved"]
    assert document["people"]["strangers"] == []
    assert document["people"]["removed"] == document["people"]["added"] == []


def test_an_archive_of_people_who_went_that_is_not_there(scene: Scene) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE))
    scene.build("new", OPEN, listed(OTHERS))
    (scene.folder / "old" / "phone" / "users" / "00000.tar").unlink()
    exit_code, document = scene.json()
    assert exit_code == 3
    assert len(document["faults"]) == 1
    assert document["summary"]["files_not_compared"] == 30
    assert {file["people"]["target"] for file in document["files"] if file["flows"]} == {"work"}


def test_files_that_go_between_two_readings_are_not_compared(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.build("old", PERSONAL, listed(PEOPLE), "folders")
    scene.build("new", OPEN, listed(OTHERS), "folders")
    (path,) = (scene.folder / "new" / "work").rglob("emp07.json")
    take = StandIns.take

    def take_late(stand_ins: StandIns, version: Version) -> bytes | None:
        if version.path == path.relative_to(scene.folder / "new").as_posix():
            path.unlink()
        return take(stand_ins, version)

    monkeypatch.setattr(StandIns, "take", take_late)
    exit_code, document = scene.json()
    assert exit_code == 3
    assert document["faults"] == [
        f"{path.relative_to(scene.folder)}: cannot read the file: No such file or directory"
    ]
    assert document["summary"]["files_not_compared"] == 1
