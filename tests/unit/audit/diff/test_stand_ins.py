"""Files of people who came are compared with those of others, so that what opens is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from profilegen.audit.diff.model import FileDifference, Motion
from profilegen.audit.diff.stand_ins import StandIns
from profilegen.audit.diff.versions import SignedBy, Version
from profilegen.audit.document import SEALED
from tests.unit.audit.diff.versions import ANNA, BO, part, profile
from tests.unit.audit.samples import EXCHANGE, RESTRICTIONS, context

CLOSED, OPEN = True, False


def file(
    user: str,
    closed: bool,  # noqa: FBT001  (tables of files read better so)
    *,
    host: str = "a",
    signer: SignedBy = ANNA,
    **keys: Any,  # noqa: ANN401
) -> Version:
    """Return the profile of `user` with an address of their own; it closes a flow or not."""
    own = f"org.example.{user}"
    staff = part(EXCHANGE, uuid=user, Host=host, EmailAddress=user, **keys)
    device = part(RESTRICTIONS, uuid=f"R-{user}", allowOpenFromManagedToUnmanaged=not closed)
    staff["PayloadIdentifier"], device["PayloadIdentifier"] = f"{own}.staff", f"{own}.device"
    return Version(user, profile(staff, device, PayloadIdentifier=own), signer)


def newcomers(
    went: Sequence[Version],
    came: Sequence[Version],
    stays: Sequence[Version] = (),
    *,
    settings: bool = False,
) -> dict[str, FileDifference]:
    """Return what is told of those who came, by their file; nothing of who has a stand-in."""
    stand_ins = StandIns(context(), settings=settings)
    for version in went:
        stand_ins.went(version)
    taken = [(version, stand_ins.take(version)) for version in came]
    for version in stays:
        stand_ins.stays(version)
    return {
        version.path: stand_ins.compared(version, key)
        for version, key in taken
        if settings or key is None
    }


def opening(found: dict[str, FileDifference]) -> list[str]:
    return [
        path
        for path, item in found.items()
        if {move.motion for move in item.movements} & {Motion.OPENS, Motion.MAY_OPEN}
    ]


def many(prefix: str, *closed: bool) -> list[Version]:
    return [file(f"{prefix}{at}", item) for at, item in enumerate(closed)]


@pytest.mark.parametrize(
    ("went", "came", "stays", "opens"),
    [
        ([CLOSED, CLOSED], [CLOSED, CLOSED], [], []),
        ([CLOSED, CLOSED], [OPEN, OPEN], [], ["new0", "new1"]),
        ([OPEN, OPEN], [CLOSED, CLOSED], [], []),
        # One open file before does not excuse all open files now, in whatever order they come.
        ([OPEN, CLOSED, CLOSED], [OPEN, OPEN, OPEN], [], ["new1", "new2"]),
        ([CLOSED, CLOSED, OPEN], [OPEN, CLOSED, OPEN], [], ["new2"]),
        ([OPEN, CLOSED], [CLOSED, OPEN], [], []),
        # Who is left over may have what anybody had.
        ([OPEN, CLOSED], [CLOSED, OPEN, OPEN, OPEN], [], []),
        ([CLOSED], [CLOSED, OPEN], [], ["new1"]),
        ([CLOSED], [CLOSED, OPEN], [OPEN], []),
        ([], [CLOSED, OPEN], [CLOSED, CLOSED], ["new1"]),
        ([], [CLOSED, OPEN], [CLOSED, OPEN], []),
    ],
)
def test_who_is_told(
    went: list[bool], came: list[bool], stays: list[bool], opens: list[str]
) -> None:
    found = newcomers(many("old", *went), many("new", *came), many("both", *stays))
    assert opening(found) == opens


def test_what_is_told_is_of_the_stand_in_and_has_the_account_of_the_file() -> None:
    found = newcomers(many("old", CLOSED), many("new", OPEN))["new0"]
    assert (found.old, found.new, found.stand_in) == ("", "new0", "old0")
    assert {move.account for move in found.movements} == {"org.example.new0.staff"}
    assert [item.fate for item in found.accounts] == ["added"]
    assert (found.settings, found.identity, found.signers) == ((), (), (None, None))


def test_settings_are_told_but_for_those_of_each_person() -> None:
    went = [file(f"old{at}", CLOSED) for at in range(3)]
    came = [file(f"new{at}", CLOSED, host="b", signer=BO) for at in range(3)]
    found = newcomers(went, came, settings=True)
    assert list(found) == ["new0", "new1", "new2"]
    for item in found.values():
        assert [(one.key, one.old, one.new) for one in item.settings] == [("Host", "a", "b")]
        assert [one.code for one in item.identity] == ["signer-changed"]
        assert item.signers == (ANNA, BO)
        assert item.movements == ()


def test_a_setting_that_becomes_each_persons_own_is_told() -> None:
    went = [file(f"old{at}", CLOSED) for at in range(3)]
    came = [file(f"new{at}", CLOSED, host=f"b{at}") for at in range(3)]
    found = newcomers(went, came, settings=True)
    assert [[one.key for one in item.settings] for item in found.values()] == [["Host"]] * 3


@pytest.mark.parametrize("numbers", [(1, 3), (3, 1)])
def test_of_one_person_alone_the_other_side_tells_what_is_their_own(
    numbers: tuple[int, int],
) -> None:
    went = [file(f"old{at}", CLOSED) for at in range(numbers[0])]
    came = [file(f"new{at}", CLOSED, host="b") for at in range(numbers[1])]
    found = newcomers(went, came, settings=True)
    assert [[one.key for one in item.settings] for item in found.values()] == (
        [["Host"]] * numbers[1]
    )


def test_the_setting_of_another_account_is_no_ones_own() -> None:
    """The address of one account is each person's own, that of the other is not."""

    def both(user: str, address: str) -> Version:
        own = f"org.example.{user}"
        staff, press = (
            part(EXCHANGE, uuid=user, EmailAddress=user),
            part(EXCHANGE, uuid=f"P-{user}"),
        )
        staff["PayloadIdentifier"], press["PayloadIdentifier"] = f"{own}.staff", f"{own}.press"
        press["EmailAddress"] = address
        return Version(user, profile(staff, press, PayloadIdentifier=own))

    found = newcomers(
        [both("old0", "a"), both("old1", "a")],
        [both("new0", "b"), both("new1", "b")],
        settings=True,
    )
    told = [[(one.old, one.new) for one in item.settings] for item in found.values()]
    assert told == [[("a", "b")]] * 2


def test_what_is_encrypted_may_open() -> None:
    def sealed(user: str) -> Version:
        content = {
            SEALED: user.encode(),
            "PayloadIdentifier": "org.example",
            "PayloadContent": None,
        }
        return Version(user, profile(**content))

    assert opening(newcomers([sealed("a"), sealed("b")], [sealed("c")])) == ["c"]


def test_of_very_many_ways_no_opening_is_lost() -> None:
    """Accounts with names of their own have as many ways to be open as there are people."""

    def named(user: str, *, closed: bool) -> Version:
        staff = part(EXCHANGE, uuid=user)
        staff["PayloadIdentifier"] = f"mail-{user}"
        device = part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=not closed)
        return Version(user, profile(staff, device))

    went = [named(f"old{at}", closed=at > 0) for at in range(20)]
    came = [named(f"new{at}", closed=False) for at in range(20)]
    opens = opening(newcomers(went, came))
    assert len(opens) >= 19
    assert opening(newcomers(went[1:], [named(f"n{at}", closed=True) for at in range(20)])) == []
