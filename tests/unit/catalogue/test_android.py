"""What must hold for Google's schema and for what stands in sentences only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from profilegen.catalogue.android import (
    ROOT,
    Field,
    Kind,
    discovery_revision,
    field_notes,
    names_that_never_were,
    places_of_fields,
    places_of_objects,
    policy_objects,
    replacements,
    set_by_request,
)
from profilegen.catalogue.load import newest_version, oldest_version, read_data
from profilegen.catalogue.terms import Mode, Platform


def paths() -> Iterator[str]:
    for places in places_of_fields().values():
        for path in places:
            yield from (path, path.removesuffix("[]"))


def field_at(path: str) -> Field:
    name, found = ROOT, Field(Kind.OBJECT, ROOT)
    for part in path.split("."):
        found = policy_objects()[name].fields[part.removesuffix("[]")]
        found = found.item if part.endswith("[]") and found.item else found
        name = (found.item or found).object
    return found


def test_a_policy_has_fields_of_every_kind() -> None:
    kinds = {field.kind for entry in policy_objects().values() for field in entry.fields.values()}
    assert kinds == set(Kind)
    assert len(policy_objects()[ROOT].fields) == 104


def test_fields_say_what_they_hold() -> None:
    fields = policy_objects()[ROOT].fields
    assert fields["crossProfilePolicies"] == Field(Kind.OBJECT, "CrossProfilePolicies")
    assert fields["applications"].item == Field(Kind.OBJECT, "ApplicationPolicy")
    assert fields["maximumTimeToLock"].kind is Kind.INT64
    assert fields["version"].read_only
    assert fields["cameraDisabled"].deprecated
    assert "HIGH_ACCURACY" in fields["locationMode"].deprecated_values
    assert policy_objects()["PersonalUsagePolicies"].fields["cameraDisabled"].deprecated is False


def test_every_object_is_somewhere_in_a_policy() -> None:
    assert places_of_objects().keys() == policy_objects().keys() - {ROOT}
    assert places_of_objects()["PackageNameList"][0] == "permittedAccessibilityServices"
    assert places_of_fields()["crossProfileCopyPaste"] == (
        "crossProfilePolicies.crossProfileCopyPaste",
    )


def test_notes_are_about_fields_that_exist() -> None:
    known = set(paths())
    assert {note.path for note in field_notes()} <= known
    assert {path.partition("=")[0] for path in replacements()} <= known
    assert set_by_request() <= policy_objects()[ROOT].fields.keys()


def test_notes_say_something_and_name_values_that_exist() -> None:
    systems = oldest_version(Platform.ANDROID), newest_version(Platform.ANDROID)
    for note in field_notes():
        assert note.modes != set(Mode)
        if note.value:
            assert note.value in field_at(note.path).values, note
        if note.least is not None:
            assert note.most is not None
            assert field_at(note.path).kind is Kind.INT32, note
        if note.since is not None:
            assert note.since <= systems[1], note


def test_notes_are_said_once() -> None:
    rows = [(row["path"], row.get("value")) for row in read_data("android_fields.toml")["field"]]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("path", sorted(replacements()))
def test_replacements_replace_what_is_deprecated(path: str) -> None:
    place, _, value = path.partition("=")
    field = field_at(place)
    assert value in field.deprecated_values if value else field.deprecated
    use = replacements()[path]
    if value and " " not in use:
        assert use in field.values
    elif use and " " not in use:
        assert use in set(paths())


def test_everything_deprecated_has_an_answer() -> None:
    deprecated = {
        path.removesuffix("[]")
        for path in paths()
        if field_at(path).deprecated and "extensionConfig." not in path
    }
    values = {f"{path}={value}" for path in paths() for value in field_at(path).deprecated_values}
    assert deprecated | values == replacements().keys()


def test_mistaken_names_are_no_fields() -> None:
    assert names_that_never_were().keys().isdisjoint(places_of_fields())


def test_the_notes_are_of_the_same_revision_as_the_schema() -> None:
    assert read_data("android_fields.toml")["revision"] == discovery_revision()
