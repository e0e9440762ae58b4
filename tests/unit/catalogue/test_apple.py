from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from profilegen.catalogue.apple import (
    common_payload_keys,
    declaration_envelope,
    declaration_type,
    forbidden_in_user_enrollment,
    item_of,
    key_places,
    level_of,
    owners,
    payload_type,
    profile_envelope,
    type_names,
)
from profilegen.catalogue.apple_model import (
    Key,
    Level,
    Section,
    System,
    Type,
    united_key,
    united_levels,
)
from profilegen.versions import Version

PAYLOADS = sorted(type_names(Section.PAYLOADS))
DECLARATIONS = sorted(type_names(Section.DECLARATIONS))
RESTRICTIONS = "com.apple.applicationaccess"
APPLE = {"any", "array", "boolean", "data", "date", "dictionary", "integer", "real", "string"}


def types() -> Iterator[Type]:
    kinds = [*map(payload_type, PAYLOADS), *map(declaration_type, DECLARATIONS)]
    yield from (kind for kind in kinds if kind is not None)


def payload(name: str) -> Type:
    kind = payload_type(name)
    assert kind is not None
    return kind


def inside(key: Key, *names: str) -> Key:
    """Return the key at `names` below `key`, where "[]" is the item of a list."""
    for name in names:
        found = item_of(key) if name == "[]" else _level(key).keys[name]
        assert found is not None
        key = found
    return key


def _level(key: Key) -> Level:
    level = level_of(key)
    assert level is not None
    return level


def every_key(level: Level, depth: int = 0) -> Iterator[Key]:
    for key in (*level.keys.values(), *([level.other] if level.other else [])):
        yield key
        below = key
        if depth < 12:
            while (item := item_of(below)) is not None:
                yield item
                below = item
            if (deeper := level_of(below)) is not None:
                yield from every_key(deeper, depth + 1)


def data(name: str) -> str:
    return files("profilegen.catalogue").joinpath("data", "schema", name).read_text("utf-8")


def test_all_types_of_the_release_and_newer_ones_are_there() -> None:
    stored = json.loads(data("apple.json"))
    assert len(stored["payloads"]) == 128
    assert len(stored["declarations"]) + len(stored["credentials"]) == 43
    # Six files describe com.apple.MCX, two com.apple.extensiblesso, two stand around payloads.
    assert len(PAYLOADS) == 128 - 5 - 1 - 2
    assert len(DECLARATIONS) == 43 - 4 - 1 + 8
    assert len(data("apple.json")) < 1_000_000


def test_every_key_of_every_type_is_sound() -> None:
    count = 0
    for kind in types():
        for key in every_key(kind.level):
            count += 1
            assert key.kinds <= APPLE
            assert key.allowed is None or key.allowed
            assert key.least is None or key.greatest is None or key.least <= key.greatest
            assert key.on.keys() <= set(System)
            assert key.kinds.isdisjoint({"dictionary"}) or level_of(key) is not None
    assert count > 2500


def test_what_is_inside_reaches_no_further() -> None:
    for kind in types():
        for key in kind.level.keys.values():
            if key.name in common_payload_keys().keys:
                continue
            assert key.on.keys() <= kind.on.keys()
            level = level_of(key)
            for below in level.keys.values() if level else ():
                assert below.on.keys() <= key.on.keys()


def test_no_type_of_that_name() -> None:
    assert payload_type("com.example") is None
    assert declaration_type("com.example") is None
    assert payload_type("com.apple.configuration.legacy") is None
    assert declaration_type("com.apple.credential.acme") is None


def test_facts_of_a_system_are_inherited_field_by_field() -> None:
    keys = payload(RESTRICTIONS).level.keys
    airdrop = keys["allowAirDrop"].on[System.IOS]
    assert (airdrop.introduced, airdrop.supervised) == (Version(7), True)
    assert not airdrop.in_user_enrollment
    assert airdrop.by_hand
    assert not keys["allowAirDrop"].on[System.MACOS].supervised
    assert System.MACOS not in keys["forceAirDropUnmanaged"].on


def test_payloads_have_the_common_keys() -> None:
    assert all(kind.level.keys["PayloadUUID"].required for kind in map(payload, PAYLOADS))
    assert common_payload_keys().other is not None
    assert profile_envelope().level.keys["TargetDeviceType"].allowed == (0, 1, 2, 3, 4, 5, 6)


def test_a_payload_without_facts_of_systems_is_on_all() -> None:
    kind = payload("com.apple.security.wapi-identity")
    assert set(kind.on) == set(System)
    assert kind.on[System.IOS].introduced is None


def test_files_of_one_type_are_united() -> None:
    energy = payload("com.apple.MCX").level
    assert {"SleepDisabled", "DisableGuestAccount", "timeServer"} <= energy.keys.keys()
    assert payload("com.apple.MCX").on[System.MACOS].multiple
    single_sign_on = payload("com.apple.extensiblesso").level.keys
    assert single_sign_on["ExtensionIdentifier"].required
    assert not single_sign_on["TeamIdentifier"].required
    assert not single_sign_on["Realm"].required
    extension = level_of(single_sign_on["ExtensionData"])
    assert extension is not None
    assert "cacheName" in extension.keys
    assert extension.other is not None
    assert inside(single_sign_on["Hosts"], "[]").kinds == {"string"}


def test_a_united_key_takes_what_any_takes() -> None:
    passcode = payload("com.apple.mobiledevice.passwordpolicy").level.keys
    listed = profile_envelope().level.keys
    bounded, free = passcode["maxFailedAttempts"], passcode["forcePIN"]
    both = united_key([bounded, free])
    assert both.kinds == {"integer", "boolean"}
    assert (both.least, both.greatest) == (None, None)
    ranges = united_key([bounded, passcode["pinHistory"]])
    assert (ranges.least, ranges.greatest) == (1, 50)
    assert united_key([listed["PayloadType"], listed["PayloadScope"]]).allowed == (
        "Configuration",
        "System",
        "User",
    )
    assert united_key([listed["PayloadType"], listed["PayloadUUID"]]).allowed is None
    mail = payload("com.apple.mail.managed").level.keys
    form = mail["SMIMESigningCertificateUUID"]
    assert united_key([form, mail["SMIMEEncryptionCertificateUUID"]]).form == form.form
    assert united_key([form, mail["EmailAddress"]]).form == ""


def test_united_levels_take_any_key_if_one_does() -> None:
    open_level, closed = common_payload_keys(), profile_envelope().level
    assert united_levels([open_level, closed]).other is not None
    assert united_levels([closed, closed]).other is None


def test_a_union_is_where_and_when_any_part_is() -> None:
    keys = payload(RESTRICTIONS).level.keys
    both = united_key([keys["allowAirDrop"], keys["forceAirDropUnmanaged"]])
    assert set(both.on) == set(System)
    assert both.on[System.IOS].introduced == Version(7)
    assert not both.on[System.IOS].supervised
    assert both.on[System.IOS].in_user_enrollment
    assert (
        united_key([keys["allowAirDrop"], keys["allowAssistant"]]).on[System.IOS].deprecated is None
    )


def test_keys_that_contain_themselves_go_as_deep_as_asked() -> None:
    key = inside(payload("com.apple.homescreenlayout").level.keys["Dock"], "[]")
    for _ in range(70):
        assert _level(key).keys["Type"].allowed == ("Application", "Folder", "WebClip")
        key = inside(key, "Pages", "[]", "[]")


def test_a_list_counts_its_items_and_an_item_nothing() -> None:
    subject = inside(payload("com.apple.security.acme").level.keys["Subject"], "[]", "[]")
    assert (subject.fewest, subject.most) == (2, 2)
    assert inside(subject, "[]").most is None


class TestNewerFacts:
    def test_new_keys(self) -> None:
        facts = payload(RESTRICTIONS).level.keys["allowMailSmartReplies"].on[System.IOS]
        assert (facts.introduced, facts.deprecated) == (Version(18, 4), Version(26, 4))
        assert facts.supervised
        assert not facts.in_user_enrollment
        sims = payload(RESTRICTIONS).level.keys["deniedICCIDsForRCS"]
        assert (sims.fewest, sims.most) == (None, 4)

    def test_changed_facts_leave_the_others(self) -> None:
        key = payload(RESTRICTIONS).level.keys["allowExternalIntelligenceIntegrationsSignIn"]
        facts = key.on[System.IOS]
        assert (facts.introduced, facts.deprecated) == (Version(18, 2), Version(26, 4))
        assert not facts.supervised
        assert facts.in_user_enrollment
        assert key.kinds == {"boolean"}

    def test_new_declarations(self) -> None:
        settings = declaration_type("com.apple.configuration.app.settings")
        assert settings is not None
        assert settings.on[System.IOS].introduced == Version(27)
        assert settings.on[System.IOS].supervised
        assert settings.level.other is not None
        assert inside(settings.level.keys["Allowed"], "DeniedApps", "[]").kinds == {"string"}
        account = declaration_type("com.apple.configuration.account.settings")
        assert account is not None
        assert set(account.on) == {System.MACOS}
        unlisted = declaration_type("com.apple.configuration.keyboard.settings")
        assert unlisted is not None
        assert not unlisted.level.keys

    def test_what_a_source_does_not_know_is_of_any_type(self) -> None:
        settings = declaration_type("com.apple.configuration.intelligence.settings")
        assert settings is not None
        assert settings.level.keys["AllowVisualIntelligence"].kinds == {"any"}

    def test_the_schemas_own_words(self) -> None:
        assert profile_envelope().level.keys["PayloadContent"].unless == "EncryptedPayloadContent"
        assert not declaration_envelope().level.keys["ServerToken"].required
        services = payload("com.apple.TCC.configuration-profile-policy").level.keys["Services"]
        for service in _level(services).keys.values():
            assert inside(service, "[]", "Allowed").unless == "Authorization"

    def test_preference_domains(self) -> None:
        dock = payload("com.apple.dock").level.keys
        assert not dock["tilesize"].checked
        assert dock["PayloadVersion"].checked
        assert all(key.checked for key in payload("com.apple.mail.managed").level.keys.values())

    def test_every_row_has_a_source_and_a_file(self) -> None:
        newer = tomllib.loads(data("apple-newer.toml"))
        stored: dict[str, Any] = json.loads(data("apple.json"))
        for row in newer["key"]:
            assert set(row["source"].split(", ")) <= newer["sources"].keys()
            section, _, name = row["file"].partition("/")
            assert name in stored[section] or "type" in row["facts"] or row["path"]
        assert len(newer["sources"]) == len(set(newer["sources"].values()))


@pytest.mark.parametrize(
    ("enrollments", "supervised", "user", "hand"),
    [
        ("services.background-tasks", True, False, False),
        ("account.mail", False, True, True),
        ("legacy.interactive", False, True, False),
    ],
)
def test_declarations_list_who_may_have_them(
    enrollments: str, *, supervised: bool, user: bool, hand: bool
) -> None:
    kind = declaration_type(f"com.apple.configuration.{enrollments}")
    assert kind is not None
    facts = kind.on[System.MACOS]
    assert (facts.supervised, facts.in_user_enrollment, facts.by_hand) == (supervised, user, hand)


def test_forbidden_payloads() -> None:
    forbidden = forbidden_in_user_enrollment()
    assert {"com.apple.domains", "com.apple.vpn.managed"} <= forbidden
    assert forbidden.isdisjoint({RESTRICTIONS, "com.apple.mail.managed", "com.apple.dock"})
    assert len(forbidden) == 16


def test_owners_of_a_first_key() -> None:
    payloads = owners(Section.PAYLOADS)
    assert payloads["requireManagedPasteboard"] == (RESTRICTIONS,)
    assert set(payloads["PreventMove"]) == {"com.apple.mail.managed", "com.apple.eas.account"}
    assert payloads["PayloadScope"] == ("TopLevel",)
    assert owners(Section.DECLARATIONS)["ServerToken"] == ("any",)
    assert "ANY" not in payloads


def test_places_of_keys() -> None:
    found = key_places(Section.PAYLOADS, "com.apple.notificationsettings")
    assert found["PreviewType"] == "NotificationSettings[].PreviewType"
    assert found["PayloadUUID"] == "PayloadUUID"
    assert "NotificationSettingsItem" not in found
    preferences = key_places(Section.PAYLOADS, "com.apple.ManagedClient.preferences")
    assert preferences["Forced"] == "PayloadContent.*.Forced"
    assert "PayloadContent" not in key_places(Section.DECLARATIONS, "any")
    assert key_places(Section.DECLARATIONS, "org.example") == {}
