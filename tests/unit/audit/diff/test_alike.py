"""Files that differ alike are one difference, whatever their identifiers; others are not."""

from __future__ import annotations

from typing import Any

from profilegen.audit.diff.alike import Alike
from profilegen.audit.diff.model import Difference, FileDifference
from tests.unit.audit.diff.versions import between, part, profile
from tests.unit.audit.samples import EXCHANGE, RESTRICTIONS

MANY = 40


def changed(user: str, *, new: str = "b", **keys: Any) -> FileDifference:  # noqa: ANN401
    """Return what differs in a profile of `user` whose mail server changes."""
    own = f"org.example.{user}"
    staff, closed = part(EXCHANGE, "staff", uuid=user), part(RESTRICTIONS, "device", uuid=user)
    for payload, name in ((staff, "staff"), (closed, "device")):
        payload["PayloadIdentifier"] = f"{own}.{name}"
    return between(
        profile({**staff, "Host": "a"}, closed, PayloadIdentifier=own),
        profile({**staff, "Host": new}, {**closed, **keys}, PayloadIdentifier=own),
    )


def groups(*files: tuple[str, FileDifference]) -> list[FileDifference]:
    alike = Alike()
    for user, file in files:
        alike.add(file, "phone", user)
    return list(alike.files())


def users(file: FileDifference) -> list[str]:
    assert file.personal is not None
    return list(file.personal.users)


def test_the_same_change_of_many_is_one() -> None:
    names = [f"user{number}" for number in range(MANY)]
    (file,) = groups(*((name, changed(name)) for name in names))
    assert users(file) == names
    assert file.count == MANY
    assert [(item.old, item.new, item.varies) for item in file.settings] == [("a", "b", False)]
    assert file.new_identifier == "org.example.user0"


def test_few_other_values_are_told_apart() -> None:
    one, two = groups(("a", changed("a")), ("b", changed("b", new="c")), ("c", changed("c")))
    assert (users(one), users(two)) == (["a", "c"], ["b"])
    assert [item.new for item in two.settings] == ["c"]


def test_of_many_values_the_first_stands_for_all() -> None:
    names = [f"user{number}" for number in range(MANY)]
    (file,) = groups(*((name, changed(name, new=name)) for name in names))
    assert sorted(users(file)) == sorted(names)
    assert [(item.old, item.new, item.varies) for item in file.settings] == [("a", "user0", True)]


def test_values_that_hold_the_identifier_are_each_persons_own() -> None:
    files = [(name, changed(name, new=f"org.example.{name}.host")) for name in ("a", "b")]
    (file,) = groups(*files)
    assert [item.varies for item in file.settings] == [True]


def test_a_flow_that_moves_for_one_of_many_is_never_lost() -> None:
    names = [f"user{number}" for number in range(MANY)]
    files = [(name, changed(name, new=name)) for name in names]
    odd = changed("odd", new="odd", allowOpenFromManagedToUnmanaged=False)
    one, two = groups(*files[:20], ("odd", odd), *files[20:])
    assert (one.count, users(two)) == (MANY, ["odd"])
    assert two.movements == odd.movements
    assert two.movements
    found = Difference((one, two), 0)
    assert sum(found.motions.values()) == len(odd.movements)


def test_counts_are_of_files_and_not_of_groups() -> None:
    names = [f"user{number}" for number in range(MANY)]
    files = [(name, changed(name, allowOpenFromManagedToUnmanaged=False)) for name in names]
    found = Difference(tuple(groups(*files)), 0)
    assert len(found.files) == 1
    assert sum(found.motions.values()) == MANY * len(files[0][1].movements) > 0


def test_targets_and_people_who_went_stand_apart() -> None:
    alike = Alike()
    file = changed("a")
    alike.add(file, "phone", "a")
    alike.add(file, "tablet", "a")
    alike.add(file, "phone", "b", moved=True)
    assert [users(item) for item in alike.files()] == [["a"], ["a"], ["b"]]
