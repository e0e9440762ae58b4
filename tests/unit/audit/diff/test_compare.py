from __future__ import annotations

from dataclasses import replace

from profilegen.audit.diff.compare import compare, compare_as_device
from profilegen.audit.diff.model import Fate, Motion
from profilegen.audit.document import BareSettings, Profile
from profilegen.catalogue.terms import Enrollment
from tests.unit.audit.diff.versions import between, part, profile, told, version
from tests.unit.audit.samples import MAIL, RESTRICTIONS, context, policy, restrictions

CLOSED = profile(part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=False))
OPEN = profile(part(RESTRICTIONS, allowOpenFromManagedToUnmanaged=True))


def test_the_same_files_do_not_differ() -> None:
    side = [version(CLOSED), version(policy(), "b.json")]
    found = compare(side, side, context())
    assert found.is_empty
    assert found.same == 2
    assert not found.opens


def test_another_path_is_no_difference() -> None:
    assert compare([version(CLOSED, "a")], [version(CLOSED, "b")], context()).is_empty


def test_files_that_only_one_side_has() -> None:
    account = profile(part(MAIL, "staff"), PayloadIdentifier="org.b")
    found = compare(
        [version(CLOSED), version(account, "gone")],
        [version(CLOSED), version(policy(), "new.json")],
        context(),
    )
    gone, came = found.files
    assert (gone.old, gone.new, gone.old_identifier) == ("gone", "", "org.b")
    assert [account.fate for account in gone.accounts] == [Fate.REMOVED]
    assert (came.old, came.new, came.kind) == ("", "new.json", "android-policy")
    assert not came.is_empty
    assert found.fates(Fate.REMOVED) == 1


def test_files_of_two_kinds_are_no_versions_of_one() -> None:
    found = compare([version(CLOSED, "a")], [version(policy(), "a")], context())
    assert [(file.old, file.new) for file in found.files] == [("a", ""), ("", "a")]
    assert found.opens


def test_one_device_has_what_another_file_closes() -> None:
    first = Profile("a", {**CLOSED.content, "PayloadIdentifier": "org.a"})
    second = Profile("b", {**CLOSED.content, "PayloadIdentifier": "org.b"})
    old, new = [version(first, "a"), version(second, "b")], [version(first, "a")]
    apart, together = compare(old, new, context()), compare_as_device(old, new, context())
    assert {item.motion for item in apart.movements} == {Motion.MAY_OPEN}
    assert together.device == ()
    assert not together.opens
    assert len(together.files) == 1
    assert not together.is_empty


def test_one_device_whose_account_has_another_name() -> None:
    old = [version(profile(part(MAIL, "staff", "1", PreventMove=True)))]
    new = [version(profile(part(MAIL, "press", "1", PreventMove=False)))]
    found = compare_as_device(old, new, context())
    assert [(item.account, item.channel, item.motion) for item in found.movements] == [
        ("org.example.mail.press", "move-message", Motion.OPENS)
    ]


def test_the_version_in_new_says_how_devices_are_managed() -> None:
    users = context(Enrollment.USER)
    old, new = (
        version(restrictions(allowManagedToWriteUnmanagedContacts=value)) for value in (False, True)
    )
    assert not compare([old], [replace(new, context=users)], context()).movements
    alone = compare([replace(old, context=users)], [], context())
    assert all(item.channel != "contacts-write" for item in alone.movements)


def test_the_envelope_is_compared() -> None:
    found = between(profile(PayloadDisplayName="A"), profile(PayloadDisplayName="B"))
    assert [told(change) for change in found.settings] == [
        ("PayloadDisplayName", "changed", "A", "B")
    ]


def test_what_stands_in_the_place_of_payloads() -> None:
    def settings(old: object, new: object) -> list[tuple[str, str, object, object]]:
        return [
            told(change)
            for change in between(profile(PayloadContent=old), profile(PayloadContent=new)).settings
        ]

    assert settings(["x", {}], ["y", {}]) == [
        ("PayloadContent", "removed", "x", None),
        ("PayloadContent", "added", None, "y"),
    ]
    assert settings("x", None) == [("PayloadContent", "removed", "x", None)]
    assert settings(None, []) == [("PayloadContent", "added", None, [])]


def test_documents_of_other_kinds_are_compared_whole() -> None:
    found = between(BareSettings("a", {"x": 1, "Password": "p"}), BareSettings("a", {"x": 2}))
    assert [told(change) for change in found.settings] == [
        ("x", "changed", 1, 2),
        ("Password", "removed", {"secret": True}, None),
    ]


def test_a_profile_without_payloads() -> None:
    old, new = (profile(PayloadContent=None, PayloadDisplayName=name) for name in ("A", "B"))
    assert len(between(old, new).settings) == 1


def test_a_payload_without_settings_is_told_by_its_coming() -> None:
    found = between(profile(), profile(part(RESTRICTIONS)))
    assert [item.code for item in found.identity] == ["payload-added"]
    assert not found.settings
