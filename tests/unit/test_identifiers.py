"""File names of users: safe on every file system, and no two ids share one."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from profilegen.identifiers import file_name

DEVICES = ("con", "prn", "aux", "nul", "com0", "com1", "com9", "lpt1", "conin$", "conout$")
FORBIDDEN = set('<>:"/\\|?*') | {chr(number) for number in range(32)}
HAND_MADE = (
    *("../../etc/passwd", "/etc/passwd", "..", ".", "...", "~", "-", "-rf", "--", ""),
    *("C:\\Windows", "c:", "a:b", "a/b", "a\\b", "\\\\server\\share", "file:///etc", "a\0b"),
    *(
        "Anna",
        "anna",
        "ANNA",
        "aNNA",
        "ànna",
        "a\u0300nna",
        "\u017f",
        "s",
        "ß",
        "ss",
        "SS",
        "İ",
        "i",
    ),
    *("张三", "אבג", "\u202egpj.exe", "a\u200bb", "\ufeffanna", "😀", "\ud800", "\uffff"),
    *("anna.", "anna..", "anna ", " anna", "anna\t", "anna\n", "anna.mobileconfig", ".anna"),
    *("a" * 80, "a" * 81, "a" * 300, "a" * 301, "b" * 4096, "ä" * 4096, "x" * 1_000_000),
    *DEVICES,
    *(f"{name}.txt" for name in DEVICES),
    *(name.upper() for name in DEVICES),
    *("com¹", "clock$", "$mft", "desktop.ini", "thumbs.db", ".git", "index.csv", "index", "users"),
    *("unsigned", "declarations", "app-configuration", "release.json", "sha256sums", "00000.tar"),
    *("%00", "%2e%2e", "&amp;", "{{ user.id }}", "$(id)", "`id`", "a;b", "a|b", "a*", "a?", 'a"b'),
    *("+49 171 2345678", "=1+1", "@sum", "a,b", "a'b", "0", "00", "1e5", "true", "null", "none"),
)


def adversarial_ids() -> list[str]:
    """Return 300 ids: those made by hand, names that look like made ones, and random ones."""
    ids = list(dict.fromkeys(HAND_MADE))
    ids += [file_name(user) for user in ids if file_name(user) not in ids]
    draw = random.Random(5)  # noqa: S311  (the same ids in each run)
    while len(ids) < 300:
        user = "".join(
            chr(draw.choice((draw.randrange(128), draw.randrange(0x3000)))) for _ in range(9)
        )
        if user not in ids:
            ids.append(user)
    return ids


def test_300_adversarial_ids_get_300_safe_names() -> None:
    ids = adversarial_ids()
    names = [file_name(user) for user in ids]
    assert len(ids) >= 300
    assert len({unicodedata.normalize("NFKC", name.casefold()) for name in names}) == len(ids)
    for name in names:
        assert is_safe(name), name


@given(st.text(st.characters()))
def test_any_text_gets_a_safe_name(user: str) -> None:
    assert is_safe(file_name(user))


@given(st.text(st.characters()))
def test_no_id_has_the_name_that_is_made_for_another(user: str) -> None:
    name = file_name(user)
    assert name == user or file_name(name) != name


def test_ordinary_ids_keep_their_spelling() -> None:
    for user in ("anna", "anna.lee@example.com", "e-4711", "a_b", "a+b@example.com", "0", "a" * 80):
        assert file_name(user) == user


def test_a_made_name_begins_as_the_id_does() -> None:
    assert file_name("Anna Lee").startswith("anna-lee-")
    assert file_name("con").startswith("con-")


def is_safe(name: str) -> bool:
    """Whether a name is one on Linux, macOS and Windows, and stays itself on all of them."""
    stem = name.split(".", maxsplit=1)[0]
    return (
        0 < len(name) <= 80
        and name.isascii()
        and name == name.lower()
        and not FORBIDDEN.intersection(name)
        and name[0].isalnum()
        and name[-1] not in ". "
        and stem not in DEVICES
    )
