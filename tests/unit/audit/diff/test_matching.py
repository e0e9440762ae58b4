from __future__ import annotations

from profilegen.audit.diff.matching import match_files
from profilegen.audit.diff.versions import MatchedBy, Version
from profilegen.audit.document import AndroidPolicy, AppConfiguration, Declaration, Profile


def profile(path: str, identifier: str = "") -> Version:
    return Version(path, Profile(path, {"PayloadIdentifier": identifier} if identifier else {}))


def policy(path: str) -> Version:
    return Version(path, AndroidPolicy(path, {}))


def test_a_file_is_known_by_its_identifier_wherever_it_lies() -> None:
    old = [
        profile("a.mobileconfig", "org.a"),
        Version("b.json", Declaration("b", {"Identifier": "org.b"})),
        Version("c.plist", AppConfiguration("c", "org.c", {})),
    ]
    new = [
        Version("z/c.plist", AppConfiguration("c", "org.c", {})),
        Version("z/b.json", Declaration("b", {"Identifier": "org.b"})),
        profile("z/a.mobileconfig", "org.a"),
    ]
    matched = match_files(old, new)
    assert [(pair.old.path, pair.new.path, pair.by) for pair in matched.pairs] == [
        ("a.mobileconfig", "z/a.mobileconfig", MatchedBy.IDENTIFIER),
        ("b.json", "z/b.json", MatchedBy.IDENTIFIER),
        ("c.plist", "z/c.plist", MatchedBy.IDENTIFIER),
    ]


def test_an_identifier_that_several_files_have_tells_nothing() -> None:
    old = [profile("anna", "org.a"), profile("bo", "org.a")]
    new = [profile("bo", "org.a"), profile("cem", "org.a")]
    matched = match_files(old, new)
    assert [pair.old.path for pair in matched.pairs] == ["bo"]
    assert [version.path for version in matched.removed] == ["anna"]
    assert [version.path for version in matched.added] == ["cem"]


def test_policies_and_renamed_identifiers_are_known_by_path() -> None:
    matched = match_files(
        [profile("a", "org.a"), policy("b"), policy("gone")], [policy("b"), profile("a", "org.z")]
    )
    assert [(pair.old.path, pair.by) for pair in matched.pairs] == [
        ("a", MatchedBy.PATH),
        ("b", MatchedBy.PATH),
    ]
    assert [version.path for version in matched.removed] == ["gone"]


def test_two_single_files_are_versions_of_one_if_they_are_of_one_kind() -> None:
    (pair,) = match_files([profile("a", "org.a")], [profile("b", "org.b")]).pairs
    assert pair.by is MatchedBy.ALONE
    assert not match_files([profile("a")], [policy("a")]).pairs
    assert not match_files([profile("a")], [profile("b"), profile("c")]).pairs


def test_the_only_policies_that_are_left_are_versions_of_one() -> None:
    shared = [policy("b"), profile("p", "org.p")]
    matched = match_files([*shared, policy("old")], [policy("new"), *shared])
    assert [(pair.old.path, pair.new.path, pair.by) for pair in matched.pairs] == [
        ("b", "b", MatchedBy.PATH),
        ("p", "p", MatchedBy.IDENTIFIER),
        ("old", "new", MatchedBy.ALONE),
    ]
    matched = match_files([*shared, policy("old")], [policy("new"), policy("other"), *shared])
    assert [version.path for version in matched.removed] == ["old"]
    assert [version.path for version in matched.added] == ["new", "other"]
