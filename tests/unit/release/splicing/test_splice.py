"""Users are served from cut files exactly as full rendering serves them, or in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from profilegen.errors import ProfilegenError
from profilegen.release.splicing.splice import SplicedFilesError
from profilegen.render.user import User
from tests.support.releases import PERSONAL, rich_policy, write_files
from tests.support.splicing import (
    FIELDS,
    PROFILE,
    Fleet,
    fleet,
    fleets,
    outcome_of,
    person,
)

WORDING = '{% extends "builtin/ios/profile.mobileconfig.j2" %}{% block wording %}'
SECOND = """\
  - id: archive
    service: exchange
    address: archive@example.com
    server: {host: mail.example.com}
    sharing: contained
    client: {ios: mail, android: outlook}
targets:"""


def own(tmp_path: Path, files: Mapping[str, str]) -> Path:
    folder = tmp_path / "own"
    write_files(folder, {name: text.encode() for name, text in files.items()})
    return folder


def served_alike(item: Fleet, *users: User) -> None:
    for user in users:
        assert outcome_of(item.spliced.files, user) == outcome_of(item.in_full, user)


POLICIES: Mapping[str, str | Path] = {
    "fields": FIELDS,
    "personal": PERSONAL,
    "rich": rich_policy("{{ user.email }}"),
    "example": Path("examples/northwind.yaml"),
    "everything": Path("tests/policies/good/everything.yaml"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_every_personal_target_is_cut_and_equals_full_rendering(name: str, checkout: Path) -> None:
    policy = POLICIES[name]
    text = policy if isinstance(policy, str) else (checkout / policy).read_text("utf-8")
    found = list(fleets(text))
    assert found
    for item in found:
        users = [user_of(item, number) for number in range(5)]
        served_alike(item, *users)
        item.spliced.finish()
        assert item.learned(), item.warnings
        assert item.warnings == []


def user_of(item: Fleet, number: int) -> User:
    """Return an ordinary user who has a value of the right kind for every field."""
    special = {
        "email": f"p{number}@example.com",
        "integer": str(number),
        "uuid": f"1c6e8b2a-5d0f-4c38-9a4e-0b7d5b1f2e3{number}",
    }
    kinds = {field.name: field.kind for field in item.learner.fields}
    values = {name: special.get(kind, f"v{number}") for name, kind in kinds.items()}
    if "email" in values:
        values["email"] = special["email"]
    return User(f"Person {number}", values)


def test_hostile_values_are_served_as_full_rendering_serves_them() -> None:
    values = [
        *("\"<&>'\\", "]]>&amp;", "{{ user.email }}{% raw %}", "\u05d3\u05e0\u05d4", "Zoe\u0308"),
        *(" x ", "\u00a0", "x" * 4096, "7", "%s%b", "\x00", "a\nb", "\u2028", "\ufffe"),
        *("m0123456789abcdef", "</string>", "x\u202ey"),
    ]
    for item in fleets(FIELDS):
        marker = item.learner.marked(item.learner.shapes.of(("x", "a@b.c", "x", "x")))
        for value in (*values, *marker.user.values.values()):
            served_alike(item, person(value, name=value, note=value), person(name=value))
        served_alike(item, person(name="\ud800"))
        assert item.learned()


def test_names_that_speak_of_settings_are_refused_as_ever() -> None:
    phone = fleet(FIELDS.replace("Mail of {{ user.name }}", "{{ user.name }}"), "phone")
    served_alike(phone, person(), person("bo"))
    assert phone.learned()
    for user in (
        person(name="Allow Mail Drop"),
        person("allow-mail-drop"),
        person("Allow Mail Drop"),
    ):
        refusal = outcome_of(phone.spliced.files, user)
        assert refusal == outcome_of(phone.in_full, user)
        assert "name-contradicts-setting" in refusal
    served_alike(phone, person(name="Don't allow mail drop"), person(name="Noah Blocker"))


def test_among_others_a_name_that_speaks_of_settings_is_found() -> None:
    phone = fleet(FIELDS.replace("Mail of {{ user.name }}", "{{ user.name }}"), "phone")
    served_alike(phone, person(), person("bo"))
    names = (
        "Zo\u00eb",
        "O'Neil",
        "miaRossi",
        "Noah Block",
        "Nina",
        "No Name",
        "block",
        "Mia2Rossi",
    )
    users = [person(f"u{number}", name=name) for number, name in enumerate(names)]
    rows = [(user.id, *[user.values[name] for name in phone.spliced.fields]) for user in users]
    assert phone.spliced.files_of(rows) == [phone.in_full(user) for user in users]
    for name in ("Allow Mail Drop", "allowMailDrop"):
        user = person("eve", name=name)
        row = ("eve", *[user.values[each] for each in phone.spliced.fields])
        refusal = outcome_of(phone.in_full, user)
        assert "name-contradicts-setting" in refusal
        with pytest.raises(ProfilegenError, match=re.escape(str(refusal).partition(": ")[2])):
            phone.spliced.files_of([*rows, row])


def test_the_first_users_of_a_shape_are_rendered_in_full() -> None:
    work = fleet(FIELDS, "work", after=3)
    for number in range(3):
        work.spliced.files(person(f"u{number}"))
        work.spliced.files(person(f"u{number}", note="x" if number else ""))
    assert work.learned()
    assert len(work.spliced._learned) == 1  # noqa: SLF001


@pytest.mark.parametrize(
    ("wording", "what"),
    [
        ("{{ user.name|upper|plist }}", "uses `upper` on user.name"),
        ("{{ user.name[:3]|plist }}", "takes apart user.name"),
        ("{% if user.name == 'Boss' %}{{ 'B'|plist }}{% else %}{{ 'A'|plist }}{% endif %}", "comp"),
        ("{{ {'Boss': 'B'}.get(user.name, 'A')|plist }}", "compares user.name"),
        ("{{ ('B' if user.name in ['Boss'] else 'A')|plist }}", "compares user.name"),
        ("{{ ('B' if user.name|length > 5 else 'A')|plist }}", "measures user.name"),
        ("{{ ('B' if payloads[0].name|length > 5 else 'A')|plist }}", "measures user.name"),
        ("{{ user.name|trim|plist }}", "uses `strip` on user.name"),
        ("{{ (user.name ~ ' x')|title|plist }}", "does more with a user's value"),
        ("{{ ('%.3s'|format(user.name))|plist }}", "does more with a user's value"),
        ("{{ (user.name ~ ' ')|trim|plist }}", "does more with a user's value"),
        ("<string>No {{ user.name }}</string>", "a name that speaks of settings"),
        ("<string>A{{ user.name }}</string>", "without a space or mark"),
    ],
)
def test_templates_that_judge_or_change_a_value_are_rendered_in_full(
    tmp_path: Path, wording: str, what: str
) -> None:
    text = f"{WORDING}<key>PayloadDisplayName</key>\n{wording}{{% endblock %}}"
    phone = fleet(FIELDS, "phone", templates=own(tmp_path, {PROFILE: text}))
    served_alike(phone, person(), person("bo", name="Boss"), person("cy", name="boss of all"))
    assert not phone.learned()
    (warning,) = phone.warnings
    assert warning.startswith("target phone: each user's files are rendered and audited in full")
    assert what in warning


def test_a_warning_names_the_template_and_the_line(tmp_path: Path) -> None:
    text = (
        f"{WORDING}\n<key>PayloadDisplayName</key>{{{{ user.name|upper|plist }}}}{{% endblock %}}"
    )
    folder = own(tmp_path, {PROFILE: text})
    phone = fleet(FIELDS, "phone", templates=folder)
    phone.spliced.files(person())
    assert phone.warnings[0].endswith(
        f"template {folder}/{PROFILE}, line 2, uses `upper` on user.name"
    )


@pytest.mark.parametrize(
    "wording",
    [
        "{{ user.name|plist }}",
        "{{ ('Mail of ' ~ user.name ~ '.')|plist }}",
        "<string>{{ user.name }} &amp; {{ user.id }}</string>",
        "<string>{{ user.name|e }} {{ [user.name, user.email]|join(', ') }}</string>",
        "<string>{% if user.note %}{{ user.note }}{% else %}none{% endif %}</string>",
        "{{ (user.note or 'none')|plist }}",
        "{{ user.note|default('none', true)|plist }}",
        "{{ '%s: %s'|format(user.name, names.uuid('x', 'y'))|plist }}",
        "<string>{{ names.identifier('own', 'x') }} {{ names.user_file() }}</string>",
    ],
)
def test_templates_that_write_a_value_are_cut(tmp_path: Path, wording: str) -> None:
    text = f"{WORDING}<key>PayloadDisplayName</key>{wording}{{% endblock %}}"
    phone = fleet(FIELDS, "phone", templates=own(tmp_path, {PROFILE: text}))
    served_alike(
        phone,
        *(
            person(),
            person("B & B <b>", name="'\"<&>", note="x"),
            person("\u00fc" * 300, note="]]>"),
        ),
    )
    assert phone.learned(), phone.warnings
    assert phone.warnings == []


def test_what_is_no_text_is_not_cut(tmp_path: Path) -> None:
    extra = "{% block extra_keys %}<key>X</key><integer>{{ user.note }}</integer>{% endblock %}"
    text = FIELDS.replace("note: {required: false}", "note: {kind: integer}")
    templates = own(tmp_path, {PROFILE: WORDING.split("{% block", maxsplit=1)[0] + extra})
    phone = fleet(text, "phone", templates=templates)
    served_alike(phone, person(note="7"), person(note="007"), person(note="-0"))
    assert "is no text in the profile" in phone.warnings[0]


def test_empty_values_have_files_of_their_own() -> None:
    for item in fleets(FIELDS):
        served_alike(
            item, person(), person(note="x"), person("bo", note=""), person("cy", note="y")
        )


def test_equal_texts_of_two_accounts_are_told_apart() -> None:
    text = FIELDS.replace("targets:", SECOND, 1).replace("[staff]", "[staff, archive]")
    text = text.replace(
        'address: "{{ user.email }}"',
        'address: "{{ user.email }}"\n    username: "{{ user.name }}"',
    )
    work = fleet(text, "work")
    same, archive = person(name="anna@example.com"), person(email="archive@example.com")
    served_alike(
        work, person(name="a@b.example"), same, archive, person(name="archive@example.com")
    )
    served_alike(work, replace(same, id="bo"), replace(archive, id="bo"))
    assert work.learned()


def test_a_difference_in_the_sample_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    work = fleet(FIELDS, "work", every=1)
    work.spliced.files(person())
    monkeypatch.setattr(
        "profilegen.release.splicing.filling.json_text", lambda text: text.replace("a", "b")
    )
    broken = fleet(FIELDS, "work", every=1)
    with pytest.raises(SplicedFilesError, match=r"full rendering: work/users/anna\.json at byte"):
        serve_unproven(broken)
    assert SplicedFilesError.exit_code == 70


def serve_unproven(item: Fleet) -> None:
    """Serve from files that were cut wrongly and, against all proof, taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("profilegen.release.splicing.learning._refuse_unlike", lambda *_, **__: None)
        item.spliced.files(person())


def test_the_last_user_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "profilegen.release.splicing.filling.json_text", lambda text: text.replace("a", "b")
    )
    work = fleet(FIELDS, "work")
    serve_unproven(work)
    with pytest.raises(SplicedFilesError, match="the files of user 'anna'"):
        work.spliced.finish()


def test_the_end_of_a_part_is_compared_unless_a_user_was_not_long_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("profilegen.release.splicing.splice.Spliced._gap", lambda _: 100)
    work = fleet(FIELDS, "work", every=4)
    asked: list[object] = []

    def rendered_for(*what: object) -> tuple[()]:
        asked.append(what[-1])
        return ()

    monkeypatch.setattr("profilegen.release.splicing.splice.rendered", rendered_for)
    monkeypatch.setattr("profilegen.release.splicing.splice.difference", lambda *_: "")
    work.spliced.finish()
    users = [person(f"u{number}") for number in range(10)]
    for user in users:
        work.spliced.files(user)
        work.spliced.finish()
    assert asked == [users[0], users[4], users[8]]


def test_start_up_finds_a_wrong_escape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profilegen.release.splicing.filling.json_text", str)
    work = fleet(FIELDS, "work")
    served_alike(work, person(), person(email="o\\'x@example.com"))
    assert not work.learned()


def test_secrets_that_stand_readable_are_said_of_the_first_user_that_has_one(
    tmp_path: Path,
) -> None:
    exchange = (
        '{% from "ios/macros.plist.j2" import envelope, pairs %}<dict>'
        "{{ envelope(payload, organization, payload.name, 'Mail.') }}{{ pairs(payload.keys) }}"
        "{{ pairs(payload.settings) }}<key>Password</key>{{ user.note|plist }}</dict>"
    )
    templates = own(tmp_path, {"ios/payloads/exchange.plist.j2": exchange})
    phone = fleet(FIELDS, "phone", templates=templates)
    phone.spliced.files(person(note="changeme"))
    assert phone.spliced.readable == ()
    phone.spliced.files(person("bo", note="swordfish"))
    assert "bo.mobileconfig" in " ".join(phone.spliced.readable)
    refused = fleet(FIELDS, "phone", templates=templates, clear=False)
    assert "ClearSecretsError" in outcome_of(refused.spliced.files, person(note="swordfish"))


def test_a_missing_field_is_said_by_rendering() -> None:
    work = fleet(FIELDS, "work")
    work.spliced.files(person())
    refusal = outcome_of(work.spliced.files, User("bo", {"name": "Bo"}))
    assert "needs a value for user.email" in refusal
