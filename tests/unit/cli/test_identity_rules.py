"""Rules for identities in profilegen.toml: `build`, `sign` and `certs show` keep them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support import pki
from tests.support.command import RunProfilegen
from tests.support.releases import SMALL

AT = {"SOURCE_DATE_EPOCH": str(int(pki.NOW.timestamp()))}
LARGE_KEYS = '[signing]\nkeys = ["rsa-3072", "rsa-4096"]\n'
BROKEN = [
    f"error: {{file}}: signing.keys: the certificate '{name}' has the key p256;"
    " accepted: rsa-3072, rsa-4096"
    for name in ("Test Signer", "Test CA")
]
NO_DEVELOPMENT = "[signing]\ndevelopment = false\n"
REFUSED = [
    "error: profilegen.toml: signing.development: the development identity is not accepted",
    "hint: Name another one with --identity.",
]


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """Return an identity that breaks LARGE_KEYS, in a folder with a policy."""
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    chain = pki.chain()
    return chain.write(tmp_path)


def configure(folder: Path, text: str, name: str = "profilegen.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def errors(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.startswith("error: ")]


@pytest.mark.parametrize("config", ["profilegen.toml", "other.toml"])
@pytest.mark.parametrize(
    "command", [("build", "policy.yaml"), ("sign", "policy.yaml"), ("certs", "show")]
)
def test_an_identity_that_breaks_rules_is_refused(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str, command: tuple[str, ...], config: str
) -> None:
    configure(tmp_path, LARGE_KEYS, config)
    named = () if config == "profilegen.toml" else ("--config", config)
    done = call_profilegen(*command, "--identity", uri, *named, environment=AT)
    assert done.exit_code == 4
    assert errors(done.stderr) == [line.format(file=config) for line in BROKEN]
    assert not (tmp_path / "dist").exists()
    assert not (tmp_path / "policy.yaml.p7s").exists()


@pytest.mark.parametrize("command", ["build", "sign"])
def test_an_identity_that_keeps_the_rules_signs(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str, command: str
) -> None:
    configure(tmp_path, '[signing]\nkeys = ["p256"]\ndigests = ["sha256"]\nmin-days = 30\n')
    done = call_profilegen(command, "policy.yaml", "--identity", uri, environment=AT)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("command", ["build", "sign"])
def test_no_development_identity_is_made_that_may_not_sign(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str, command: str
) -> None:
    del uri
    configure(tmp_path, NO_DEVELOPMENT)
    done = call_profilegen(command, "policy.yaml")
    assert done.exit_code == 4
    assert done.stderr.splitlines() == REFUSED
    assert not (tmp_path / "certs").exists()


def test_the_development_identity_is_known_by_any_uri(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str
) -> None:
    del uri
    assert call_profilegen("certs", "init", "--key", "p256").exit_code == 0
    configure(tmp_path, NO_DEVELOPMENT)
    files = ("signer.key", "signer.pem", "intermediate.pem")
    identity = "pem:" + ",".join(f"certs/{name}" for name in files)
    done = call_profilegen("sign", "policy.yaml", "--identity", identity)
    assert done.exit_code == 4
    assert done.stderr.splitlines() == REFUSED


def test_an_unsigned_build_asks_for_no_identity(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str
) -> None:
    del uri
    configure(tmp_path, NO_DEVELOPMENT)
    assert call_profilegen("build", "policy.yaml", "--unsigned").exit_code == 0


@pytest.mark.parametrize(
    "command", [("build", "policy.yaml"), ("sign", "policy.yaml"), ("certs", "show")]
)
def test_mistakes_in_the_file_end_the_command(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str, command: tuple[str, ...]
) -> None:
    configure(tmp_path, '[signing]\nkey = ["p256"]\nmin-days = -1\n')
    done = call_profilegen(*command, "--identity", uri, environment=AT)
    assert done.exit_code == 3
    assert errors(done.stderr) == [
        "error: profilegen.toml: signing.key: unknown key",
        "error: profilegen.toml: signing.min-days: -1 is no number of days",
    ]
    assert done.stdout == ""
    missing = call_profilegen(*command, "--config", "missing.toml")
    assert (missing.exit_code, errors(missing.stderr)) == (
        3,
        ["error: missing.toml: cannot read the file: No such file or directory"],
    )


@pytest.mark.parametrize("command", [("build", "policy.yaml"), ("sign", "policy.yaml")])
def test_the_end_is_told_before_it_comes(
    call_profilegen: RunProfilegen, tmp_path: Path, uri: str, command: tuple[str, ...]
) -> None:
    for days, told in ((578, False), (579, True)):
        configure(tmp_path, f"[signing]\nwarn-days = {days}\n")
        done = call_profilegen(*command, "--identity", uri, environment=AT)
        assert done.exit_code == 0
        said = "'Test CA' expires on 2028-01-01 00:00:00 UTC (days left: 578)" in done.stderr
        assert said is told


class TestCertsShow:
    def test_broken_rules_come_behind_the_description(
        self, call_profilegen: RunProfilegen, tmp_path: Path, uri: str
    ) -> None:
        configure(tmp_path, LARGE_KEYS)
        done = call_profilegen("certs", "show", "--identity", uri, environment=AT)
        assert done.exit_code == 4
        assert done.stdout.startswith("Signer       CN=Test Signer\n")
        done = call_profilegen(
            "certs", "show", "--identity", uri, "--format", "json", environment=AT
        )
        assert done.exit_code == 4
        assert [f"error: {line}" for line in json.loads(done.stdout)["broken_rules"]] == [
            line.format(file="profilegen.toml") for line in BROKEN
        ]

    @pytest.mark.parametrize(
        ("table", "option", "told"),
        [
            ("", (), 0),
            ("[signing]\nwarn-days = 579", (), 2),
            ("", ("--warn-days", "579"), 2),
            ("[signing]\nwarn-days = 579", ("--warn-days", "578"), 0),
        ],
    )
    def test_warn_days(
        self,
        call_profilegen: RunProfilegen,
        uri: str,
        table: str,
        option: tuple[str, ...],
        told: int,
    ) -> None:
        configure(Path(), table)
        done = call_profilegen(
            *("certs", "show", "--identity", uri, "--format", "json", *option), environment=AT
        )
        assert done.exit_code == 0
        document = json.loads(done.stdout)
        assert sum("expires on" in warning for warning in document["warnings"]) == told
        assert document["days_left"] == 578
        assert document["broken_rules"] == []

    def test_warn_days_is_a_number_of_days(self, call_profilegen: RunProfilegen) -> None:
        assert call_profilegen("certs", "show", "--warn-days", "-1").exit_code == 2

    def test_it_says_for_what_the_identity_is_pinned(
        self, call_profilegen: RunProfilegen, tmp_path: Path, uri: str
    ) -> None:
        own = pki.chain().leaf.certificate.fingerprint(pki.SHA256).hex()
        pins = {"com.example.b": own, "com.example.a": own.upper(), "com.example.c": "0" * 64}
        table = "".join(f'"{line}" = "{pin}"\n' for line, pin in pins.items())
        configure(tmp_path, f"[signing.pins]\n{table}")
        command = ("certs", "show", "--identity", uri)
        text = call_profilegen(*command, environment=AT).stdout
        assert f"Fingerprint  {own}\n" in text
        assert "Pinned for   com.example.a\nPinned for   com.example.b\nChain\n" in text
        document = json.loads(call_profilegen(*command, "--format", "json", environment=AT).stdout)
        assert document["pinned_for"] == ["com.example.a", "com.example.b"]

    def test_the_identity_ends_with_the_first_of_its_chain(
        self, call_profilegen: RunProfilegen, tmp_path: Path
    ) -> None:
        middle = pki.issue(
            "Brief CA",
            pki.chain().root,
            end=pki.NOW + timedelta(days=90),
            extensions=[pki.ca(0), pki.usage(key_cert_sign=True)],
        )
        signer = pki.leaf(middle)
        (tmp_path / "id.pem").write_bytes(signer.key_pem + signer.pem + middle.pem)
        shown = call_profilegen("certs", "show", "--identity", "pem:id.pem", environment=AT).stdout
        assert "Valid until  2026-08-30 12:00:00 UTC, 90 days left\n" in shown
