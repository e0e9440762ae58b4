from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from profilegen.catalogue.load import decided_channels, oldest_version
from profilegen.catalogue.terms import Enrollment, Mode, Platform
from profilegen.policy.accounts import Authentication, Intent, Service, Sharing
from profilegen.policy.certificates import CertificateKind
from profilegen.policy.load import load_policy
from profilegen.policy.model import FieldKind
from profilegen.policy.problems import PolicyError
from profilegen.policy.schema import channel_ids, schema
from tests.strategies import as_file

PAGE = Path(__file__).resolve().parents[3] / "docs" / "policy.md"


def subschemas(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from subschemas(member)
    elif isinstance(value, list):
        for item in value:
            yield from subschemas(item)


def enums() -> set[tuple[str, ...]]:
    return {
        tuple(map(str, item["enum"]))
        for item in subschemas(schema())
        if isinstance(item.get("enum"), list)
    }


@pytest.mark.parametrize(
    "words",
    [Service, Sharing, Intent, Authentication, CertificateKind, FieldKind, Enrollment, Mode],
    ids=lambda words: words.__name__,
)
def test_the_schema_has_the_words_of_the_model(words: type[Service]) -> None:
    assert tuple(words) in enums()


def test_the_catalogue_fills_in_channels_and_mail_apps() -> None:
    definitions = schema()["$defs"]
    assert definitions["channelId"]["enum"] == list(channel_ids())
    assert set(channel_ids()) == set().union(*(decided_channels(p) for p in Platform))
    assert definitions["iosClient"]["enum"] == ["mail", "outlook", "gmail"]
    assert definitions["androidClient"]["enum"] == ["outlook", "gmail", "samsung-email", "nine"]


def test_callers_own_their_schema() -> None:
    schema()["$defs"].clear()
    assert schema()["$defs"]


def test_every_mapping_is_closed() -> None:
    for item in subschemas(schema()):
        if item.get("type") == "object" and item.get("title") != "Certificate":
            assert "additionalProperties" in item, item


def test_every_pattern_ends_before_a_last_newline() -> None:
    patterns = {
        item["pattern"] for item in subschemas(schema()) if isinstance(item.get("pattern"), str)
    }
    one_line = {pattern for pattern in patterns if not pattern.startswith("^(?=\\s*\\S)")}
    assert len(patterns - one_line) == 1
    assert [pattern for pattern in one_line if not pattern.endswith("(?!\\n)$")] == []


@pytest.mark.parametrize(
    ("platform", "way", "older"),
    [("ios", {"enrollment": "device"}, 14), ("android", {"mode": "work-profile"}, 8)],
)
def test_the_oldest_version_is_the_catalogue_s(
    minimal_table: dict[str, Any], platform: str, way: dict[str, str], older: int
) -> None:
    oldest = oldest_version(Platform(platform))
    assert oldest.major == older + 1
    target = {"id": "a", "platform": platform, "accounts": ["staff"]} | way
    minimal_table["targets"] = [target | {"minimum_os": str(oldest)}]
    assert load_policy("x", as_file(minimal_table)).targets[0].minimum_os == oldest
    minimal_table["targets"] = [target | {"minimum_os": str(older)}]
    with pytest.raises(PolicyError, match=f"version from {oldest} on"):
        load_policy("x", as_file(minimal_table))


def test_the_page_names_every_key_and_word() -> None:
    written = set(re.findall(r"[a-z0-9_-]+", PAGE.read_text(encoding="utf-8")))
    keys = {key for item in subschemas(schema()) for key in item.get("properties", {})}
    words = {word for enum in enums() if len(enum) < 20 for word in enum}
    assert (keys | words) - written == set()
