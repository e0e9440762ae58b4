from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profilegen.audit.placeholders import Placeholder, is_placeholder
from profilegen.audit.templates import template_problems


@pytest.mark.parametrize(
    "text",
    [
        "{{dav.port}}",
        "mail of {{ user.email }}",
        "{{#if organization}}",
        "{% if imap.host %}",
        "a {%- for x in y % 2 -%} b",
        "<%= @port %>",
        "<% if a % b %>",
        "${port}",
        "https://${host.name}/x",
        "$FLEET_VAR_HOST_END_USER_EMAIL_IDP",
        "key=$FLEET_SECRET_WIFI!",
        "${FLEET_SECRET_WIFI}",
        "$USERNAME",
        " $EXTENSIONATTRIBUTE_7 ",
        "%ORG_NAME%",
        "https://%SERVER%/path",
        "%short_name%",
        "{EmailAddress}",
        "{EmailUserName}@example.org",
        "op://Mail/staff imap/password",
        "<?php echo $address; ?>",
        "imap.<?= $domain ?>",
        "{PASSWORD}",
        "org.example.{PROFILE_ID}.mail",
        "$userPassword",
        "$payload_uuid",
    ],
)
def test_forms_of_templates(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "{}",
        "{{}}",
        "{{",
        "100 % of {%}",
        "a <% b",
        "$",
        "$9.99",
        "costs $USD or more",
        "US$",
        "$5",
        "${1}",
        "${",
        "$${escaped}",
        "${user_home}/Library",
        "#!/bin/sh\necho ${HOME}\n",
        "%20abc%20",
        "caf%C3%A9",
        "%C3ABC%20",
        "50%OFF%",
        "https://santa.example.org/%file_sha%",
        "{7B2DDA62-5B8E-4F6F-9B0B-0A8C7B1F9B11}",
        "%ComputerName%",
        "%AD_ComputerID%",
        "{Name}",
        "{name}",
        "{NO}",
        "AB{CD}",
        "$ecret99",
        "$password of mine",
        "<?xml version='1.0'?>",
        "op://",
        "shop://a/b/c",
        "^[A-Z]{2,3}$",
    ],
)
def test_ordinary_text(text: str) -> None:
    assert not is_placeholder(text)


def test_a_placeholder_is_one_whatever_it_says() -> None:
    assert is_placeholder(Placeholder("forty"))
    assert Placeholder("forty") == "forty"


@given(st.none() | st.integers() | st.binary() | st.lists(st.just("{{x}}")))
def test_what_is_no_text_is_no_placeholder(value: object) -> None:
    assert not is_placeholder(value)


@given(st.text(alphabet="{}%<>${A a_/:#!-", max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    assert is_placeholder(text) in {True, False}


@pytest.mark.parametrize(
    "piece", ["{{", "{%", "{% a", "<%", "<% a%", "${", "${a", "%A", "%AAA", "{Aa", "$A", "op://a/"]
)
def test_hostile_text_takes_one_pass(piece: str) -> None:
    def seconds(count: int) -> float:
        start = time.perf_counter()
        is_placeholder(piece * count)
        return time.perf_counter() - start

    short = max(min(seconds(20_000) for _ in range(3)), 1e-4)
    # Ten times the text takes about ten times as long, not a hundred times.
    assert min(seconds(200_000) for _ in range(3)) < 40 * short


@pytest.mark.parametrize(
    ("content", "blocks", "where", "message"),
    [
        ({"a": "{{x}}"}, 0, "a", "1 value holds a placeholder (a)."),
        (
            {"a": ["$FLEET_VAR_X"] * 2, "b": {"c d": Placeholder("x"), "{{k}}": "y"}},
            0,
            "a[0]",
            '4 values hold placeholders (a[0], a[1], b["c d"], ...).',
        ),
        ({"{{k}}": 1}, 0, "", "1 value holds a placeholder (the whole file)."),
        ({"a": 1}, 1, "", "A part of a template stands between settings."),
        (
            {"a": "${x}"},
            2,
            "a",
            "1 value holds a placeholder (a), and 2 parts of a template stand between settings.",
        ),
    ],
)
def test_one_finding_names_the_first_placeholders(
    content: object, blocks: int, where: str, message: str
) -> None:
    (found,) = template_problems(content, blocks=blocks)
    assert (found.rule, found.where, found.message) == ("template-placeholder", where, message)


def test_a_file_without_placeholders_has_no_finding() -> None:
    assert template_problems({"a": ["b", 1, b"{{c}}", None]}) == ()


def test_the_message_stays_short() -> None:
    (found,) = template_problems({"k" * 500: "{{x}}"})
    assert len(found.message) < 200
