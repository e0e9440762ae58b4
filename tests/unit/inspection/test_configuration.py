"""The configuration file: what it sets, and every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.catalogue.rules import found
from profilegen.inspection.audit_table import unknown_rule
from profilegen.inspection.configuration import (
    NOTHING_SET,
    Configuration,
    ConfigurationError,
    read_configuration,
)

GOOD = """
[audit]
ignore = ["shared-uuid"]
fail-on = "warning"
enrollment = "supervised"
mode = "fully-managed"
os = "17.4"
warn-days = 60

[[audit.file]]
path = "old/**/*.mobileconfig"
ignore = ["unknown-key", "tls-off"]
because = "Replaced in spring."
"""


def read(text: str) -> Configuration:
    return read_configuration(Path("conf/profilegen.toml"), text.encode())


def reports(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert caught.value.exit_code == 3
    assert caught.value.message == caught.value.reports()[0][0]
    return [
        (said.removeprefix("conf/profilegen.toml: "), do) for said, do in caught.value.reports()
    ]


def test_everything_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    configuration = read(GOOD)
    assert configuration.options == {
        "fail-on": "warning",
        "enrollment": "supervised",
        "mode": "fully-managed",
        "os": "17.4",
        "warn-days": "60",
    }
    everywhere, old = configuration.silences
    assert (everywhere.rules, everywhere.files) == (frozenset({"shared-uuid"}), None)
    assert everywhere.by == "conf/profilegen.toml: audit.ignore"
    assert (old.by, old.because) == (
        "conf/profilegen.toml: audit.file[0]",
        "Replaced in spring.",
    )
    finding = found("tls-off", "", "Off.")
    assert old.covers(finding, "conf/old/a.mobileconfig")
    assert old.covers(finding, str(tmp_path / "conf/old/b/a.mobileconfig"))
    assert not old.covers(finding, "old/a.mobileconfig")
    assert not old.covers(found("wrong-type", "", "Wrong."), "conf/old/a.mobileconfig")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[audit]\n", "[audit]\nfile = []\n"])
def test_nothing_set(text: str) -> None:
    assert read(text) == NOTHING_SET


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("[audits]", "audits: unknown key", 'Did you mean "audit"?'),
        ("zzz = 1", "zzz: unknown key", "Known here: audit, signing."),
        ("audit = 1", "audit: not a table", "Write [audit] on a line of its own."),
        ("[audit]\nfailon = 1", "audit.failon: unknown key", 'Did you mean "fail-on"?'),
        (
            '[audit]\nfail-on = "errors"',
            'audit.fail-on: "errors" is no such value',
            "It is one of: error, warning, note, never.",
        ),
        (
            "[audit]\nmode = []",
            "audit.mode: [] is no such value",
            "It is one of: work-profile, company-owned, fully-managed.",
        ),
        ("[audit]\nos = 17.4", "audit.os: 17.4 is no version", 'Write it as a text: os = "17.4".'),
        (
            '[audit]\nos = "new"',
            'audit.os: "new" is no version',
            'Write it as a text: os = "17.4".',
        ),
        (
            "[audit]\nwarn-days = true",
            "audit.warn-days: true is no number of days",
            "Write a whole number from 0 to 36500.",
        ),
        (
            "[audit]\nwarn-days = -1",
            "audit.warn-days: -1 is no number of days",
            "Write a whole number from 0 to 36500.",
        ),
        (
            '[audit]\nignore = "unknown-key"',
            "audit.ignore: not a list of rule codes",
            'Write ["unknown-key"], for example.',
        ),
        (
            "[audit]\nignore = []",
            "audit.ignore: not a list of rule codes",
            'Write ["unknown-key"], for example.',
        ),
        (
            '[audit]\nignore = ["unknown-kay"]',
            'audit.ignore[0]: no rule has the code "unknown-kay"',
            'Did you mean "unknown-key"?',
        ),
        (
            "[audit.file]",
            "audit.file: not a list of tables",
            "Write [[audit.file]] on a line of its own.",
        ),
        (
            "[audit]\nfile = [1]",
            "audit.file[0]: not a table",
            "Write [[audit.file]] on a line of its own.",
        ),
    ],
)
def test_one_mistake(text: str, said: str, hint: str) -> None:
    assert reports(text) == [(said, hint)]


def test_a_long_value_is_cut() -> None:
    ((said, _),) = reports(f'[audit]\nos = "{"1" * 1000}"')
    assert len(said) < 100


def test_all_mistakes_in_one_run() -> None:
    text = """
[audit]
ignored = 1
ignore = ["unknown-key", 2, "unknown-kay"]
[[audit.file]]
paths = "x"
ignore = ["wrong-type"]
because = " "
[[audit.file]]
path = "x"
because = "y"
"""
    assert [said for said, _ in reports(text)] == [
        "audit.ignored: unknown key",
        "audit.ignore: not a list of rule codes",
        'audit.ignore[1]: no rule has the code "unknown-kay"',
        "audit.file[0].paths: unknown key",
        "audit.file[0].path: missing",
        "audit.file[0].because: empty or no text",
        "audit.file[1].ignore: not a list of rule codes",
    ]


def test_what_is_no_toml() -> None:
    (report,) = reports("[audit\n")
    assert report[0].startswith("not TOML: Expected ']'")
    with pytest.raises(ConfigurationError, match=r"not UTF-8 text"):
        read_configuration(Path("a.toml"), b"\xff")
    (report,) = reports(f"a = {'[' * 100_000}")
    assert report[0].startswith("not TOML: ")


def test_codes_of_rules() -> None:
    assert unknown_rule("unknown-key") is None
    assert unknown_rule("zzzzzz") == (
        'no rule has the code "zzzzzz"',
        "`profilegen audit --explain all` lists the rules.",
    )
