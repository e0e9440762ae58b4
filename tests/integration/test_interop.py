"""What profilegen signs, all verifiers accept, whatever the key is and wherever it is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import RunProfilegen, run
from tests.support.identities import KINDS, PLACES, current_chain
from tests.support.releases import SMALL
from tests.support.verifiers import VERIFIERS, Verdict, Verifier

SECRET = "interoperable"  # noqa: S105 - of keys that live as long as the test
# Line ends of both kinds, none at the end, and umlauts: what a converting signer would change.
PROFILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>\r
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>com.example.mail</string>
<key>PayloadUUID</key><string>6f0d1c1e-8f0e-4c53-9c3c-5a0a4a9c2b11</string>
<key>PayloadDisplayName</key><string>Müller &amp; Söhne</string>
<key>PayloadContent</key><array/>
</dict></plist>""".encode()
NAME = b"com.example.mail"
OTHER_NAME = b"com.example.nail"

Ask = Callable[[Verifier, bytes, bytes], Verdict]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Return a function that has a verifier verify bytes, up to a root in PEM."""
    asked = 0

    def call(verifier: Verifier, data: bytes, root: bytes) -> Verdict:
        nonlocal asked
        asked += 1
        folder = tmp_path / f"asked-{asked}"
        folder.mkdir()
        (folder / "signed").write_bytes(data)
        (folder / "trusted.pem").write_bytes(root)
        return verifier.ask(folder / "signed", folder / "trusted.pem", folder)

    return call


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_verifier_accepts_it_and_refuses_it_changed_or_under_another_root(
    kind: str, place: str, tmp_path: Path, run_profilegen: RunProfilegen, ask: Ask
) -> None:
    chain = current_chain(kind)
    data = _signed(kind, place, tmp_path, run_profilegen)
    assert data.count(NAME) == 1
    namesake = current_chain("p384" if kind == "p256" else "p256").root
    foreign = current_chain("p256", "Foreign").root
    for verifier in VERIFIERS:
        verdict = ask(verifier, data, chain.root.pem)
        assert verdict.accepted, f"{verifier.name}: {verdict.output}"
        assert verdict.content == PROFILE, verifier.name
        changed = ask(verifier, data.replace(NAME, OTHER_NAME), chain.root.pem)
        assert verifier.refuses(changed, words=verifier.changed), f"{verifier.name}: {changed}"
        for root in (foreign, namesake):
            refused = ask(verifier, data, root.pem)
            assert verifier.refuses(refused, words=verifier.untrusted), (
                f"{verifier.name}: {refused}"
            )


@pytest.mark.parametrize("kind", ["rsa-2048", "p384"])
def test_a_release_signed_by_a_token(
    kind: str, tmp_path: Path, run_profilegen: RunProfilegen, require_tool: Callable[[str], Path]
) -> None:
    """Everything in it verifies with openssl: profiles, other files and the manifest."""
    chain = current_chain(kind)
    token = PLACES["token"](tmp_path, chain, SECRET)
    (tmp_path / "policy.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "root.pem").write_bytes(chain.root.pem)
    named = ("--identity", token.uri, "--passphrase-env", "WORD")
    environment = token.environment | {"WORD": SECRET}
    done = run_profilegen("build", "policy.yaml", *named, environment=environment)
    assert done.exit_code == 0, done.stderr
    release = tmp_path / "dist"
    signed = {path: path for path in release.glob("*/*.mobileconfig")}
    signed |= {path: path.with_name(path.stem) for path in release.rglob("*.p7s")}
    assert {path.suffix for path in signed.values()} == {".mobileconfig", ".json"}
    assert release / "release.json" in signed.values()
    openssl = require_tool("openssl")
    for path, content in signed.items():
        how = ("cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any")
        files = ("-in", path, "-CAfile", "root.pem", "-out", "plain")
        given = () if path == content else ("-content", content)
        verified = run(openssl, *how, *files, *given, folder=tmp_path)
        assert verified.exit_code == 0, f"{path}: {verified.stderr}"
        unsigned = path.parent / "unsigned" / path.name if path == content else content
        assert (tmp_path / "plain").read_bytes() == unsigned.read_bytes()
    assert run_profilegen("verify", "dist", "--trust", "root.pem").exit_code == 0


def _signed(kind: str, place: str, folder: Path, run_profilegen: RunProfilegen) -> bytes:
    """Return PROFILE as `profilegen sign` signs it."""
    identity = PLACES[place](folder, current_chain(kind), SECRET)
    (folder / "mail.mobileconfig").write_bytes(PROFILE)
    files = ("mail.mobileconfig", "-o", "signed.mobileconfig")
    done = run_profilegen(
        *("sign", *files, "--identity", identity.uri, "--passphrase-env", "WORD"),
        environment=identity.environment | {"WORD": SECRET},
    )
    assert done.exit_code == 0, done.stderr
    return (folder / "signed.mobileconfig").read_bytes()
