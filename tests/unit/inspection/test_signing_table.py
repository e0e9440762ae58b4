"""The table [signing] of the configuration file: what it sets, and every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.inspection.configuration import (
    Configuration,
    ConfigurationError,
    read_configuration,
)
from profilegen.signing.identity_rules import NO_RULES, IdentityRules

PIN = "ab" * 32
GOOD = f"""
[signing]
digests = ["sha256", "sha384"]
keys = ["rsa-3072", "p384"]
extended-key-usage = ["codeSigning", "1.3.6.1.4.1.311.10.3.12"]
min-days = 14
warn-days = 60
development = false

[signing.pins]
"com.northwindtraders.mail" = "{PIN}"
"com.northwindtraders.kiosk" = "{":".join(["AB"] * 32)}"
"""


def read(text: str) -> Configuration:
    return read_configuration(Path("conf/profilegen.toml"), text.encode())


def reports(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    assert caught.value.exit_code == 3
    return [
        (said.removeprefix("conf/profilegen.toml: "), do) for said, do in caught.value.reports()
    ]


def test_everything_set() -> None:
    configuration = read(GOOD)
    assert configuration.identity_rules == IdentityRules(
        source="conf/profilegen.toml",
        digests=("sha256", "sha384"),
        keys=("rsa-3072", "p384"),
        uses=("1.3.6.1.5.5.7.3.3", "1.3.6.1.4.1.311.10.3.12"),
        min_days=14,
        warn_days=60,
        development=False,
    )
    assert configuration.pins == {
        "com.northwindtraders.mail": PIN,
        "com.northwindtraders.kiosk": PIN,
    }


def test_nothing_set_is_no_rule() -> None:
    assert read("").identity_rules == NO_RULES
    assert read("[signing]").identity_rules == IdentityRules(source="conf/profilegen.toml")
    assert read("[signing]\n[signing.pins]\n").pins == {}


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("signing = 1", "signing: not a table", "Write [signing] on a line of its own."),
        ("[signing]\nkey = []", "signing.key: unknown key", 'Did you mean "keys"?'),
        (
            '[signing]\ndigests = "sha256"',
            "signing.digests: not a list of digests",
            'Write ["sha256"], for example.',
        ),
        (
            "[signing]\nkeys = []",
            "signing.keys: not a list of kinds of keys",
            'Write ["rsa-2048"], for example.',
        ),
        (
            '[signing]\ndigests = ["sha1"]',
            'signing.digests[0]: "sha1" is none of the digests',
            "Known here: sha256, sha384, sha512.",
        ),
        (
            '[signing]\nkeys = ["p256", "rsa-2047"]',
            'signing.keys[1]: "rsa-2047" is none of the kinds of keys',
            "Known here: rsa-2048, rsa-3072, rsa-4096, rsa-8192, p256, p384, p521.",
        ),
        (
            '[signing]\nextended-key-usage = ["codesigning"]',
            'signing.extended-key-usage[0]: "codesigning" is no extended key usage',
            'Did you mean "codeSigning"?',
        ),
        (
            '[signing]\nextended-key-usage = ["1.99"]',
            'signing.extended-key-usage[0]: "1.99" is no extended key usage',
            (
                "Write its dotted number, or one of: codeSigning, emailProtection, clientAuth,"
                " serverAuth, documentSigning."
            ),
        ),
        (
            "[signing]\nmin-days = -1",
            "signing.min-days: -1 is no number of days",
            "Write a whole number from 0 to 36500.",
        ),
        (
            '[signing]\nwarn-days = "30"',
            'signing.warn-days: "30" is no number of days',
            "Write a whole number from 0 to 36500.",
        ),
        (
            '[signing]\ndevelopment = "no"',
            'signing.development: "no" is neither true nor false',
            "Write development = false to refuse that identity.",
        ),
        (
            "[signing]\npins = []",
            "signing.pins: not a table",
            "Write [signing.pins] on a line of its own.",
        ),
        (
            '[signing.pins]\n"com.example" = "abcd"',
            'signing.pins["com.example"]: "abcd" is no SHA-256 fingerprint',
            "`profilegen certs show` prints it: 64 hexadecimal digits.",
        ),
        (
            f'[signing.pins]\ncom.example = "{PIN}"',
            "signing.pins.com: a table, and not a fingerprint",
            'Write the whole identifier in quotes: "com.example.mail" = "FINGERPRINT".',
        ),
    ],
)
def test_one_mistake(text: str, said: str, hint: str) -> None:
    assert reports(text) == [(said, hint)]


def test_all_mistakes_of_both_tables_in_one_run() -> None:
    text = '[signing]\ndigests = ["md5", 3]\nwarn-days = 1.5\n[audit]\nos = 3\n[delivery]\n'
    assert [said for said, _ in reports(text)] == [
        "delivery: unknown key",
        "audit.os: 3 is no version",
        "signing.digests: not a list of digests",
        'signing.digests[0]: "md5" is none of the digests',
        "signing.warn-days: 1.5 is no number of days",
    ]
