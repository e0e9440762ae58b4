"""OpenSSL agrees: what is signed here verifies there, and what it signs is read here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from profilegen.signing.algorithms import KeyKind
from profilegen.signing.cms import sign_detached, sign_embedded
from profilegen.signing.development import create_development_identity, open_development_identity
from profilegen.signing.failures import WeakAlgorithmError
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.trust import trust_in
from profilegen.signing.verify import verify
from tests.support import pki
from tests.support.command import Outcome, run

WARNED = frozenset({"-keyid", "-noattr", "-keyopt", "PEM"})
"""Options of openssl whose signatures hold, and that devices or servers may not take."""

CONTENT = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist>\r\n\xc3\xa4</plist>\n'
KINDS = ["rsa-2048", "rsa-3072", "rsa-4096", "p256", "p384"]


@pytest.fixture
def openssl(require_tool: Callable[[str], Path], tmp_path: Path) -> Callable[..., Outcome]:
    """Return a function that runs `openssl ARGUMENTS` in the folder of the test."""
    tool = require_tool("openssl")
    # At the time of the test's certificates, not at that of the clock.
    at = str(int(pki.NOW.timestamp()))

    def call(*arguments: str, now: bool = False) -> Outcome:
        time = () if now else ("-attime", at)
        return run(tool, *arguments, *time, folder=tmp_path)

    return call


@pytest.fixture(params=KINDS)
def identity(request: pytest.FixtureRequest, tmp_path: Path) -> Identity:
    uri = pki.chain(request.param).write(tmp_path)
    return open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)


def _verify(
    openssl: Callable[..., Outcome], tool: str, *more: str, root: str = "root.pem"
) -> Outcome:
    return openssl(
        tool,
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-purpose",
        "any",
        "-CAfile",
        root,
        "-in",
        "signed",
        "-out",
        "content",
        *more,
    )


@pytest.mark.parametrize("tool", ["cms", "smime"])
def test_embedded_signatures_verify(
    openssl: Callable[..., Outcome], identity: Identity, tool: str, tmp_path: Path
) -> None:
    signed = sign_embedded(CONTENT, identity, signed_at=pki.NOW)
    (tmp_path / "signed").write_bytes(signed)
    outcome = _verify(openssl, tool)
    assert outcome.exit_code == 0, outcome.stderr
    assert (tmp_path / "content").read_bytes() == CONTENT


def test_detached_signatures_verify_with_their_content_only(
    openssl: Callable[..., Outcome], identity: Identity, tmp_path: Path
) -> None:
    (tmp_path / "signed").write_bytes(sign_detached(CONTENT, identity, signed_at=pki.NOW))
    (tmp_path / "given").write_bytes(CONTENT)
    assert _verify(openssl, "cms", "-content", "given").exit_code == 0
    assert (tmp_path / "content").read_bytes() == CONTENT
    (tmp_path / "given").write_bytes(CONTENT + b"\n")
    assert _verify(openssl, "cms", "-content", "given").exit_code != 0


def test_changed_content_is_refused_by_both(
    openssl: Callable[..., Outcome], identity: Identity, tmp_path: Path
) -> None:
    signed = sign_embedded(CONTENT, identity, signed_at=pki.NOW)
    (tmp_path / "signed").write_bytes(signed.replace(b"UTF-8", b"UTF-9"))
    outcome = _verify(openssl, "cms")
    assert outcome.exit_code != 0
    assert "digest" in outcome.stderr or "verification failure" in outcome.stderr.lower()


def test_another_root_is_refused_by_both(
    openssl: Callable[..., Outcome], identity: Identity, tmp_path: Path
) -> None:
    (tmp_path / "signed").write_bytes(sign_embedded(CONTENT, identity, signed_at=pki.NOW))
    (tmp_path / "other.pem").write_bytes(pki.chain(name="Other").root.pem)
    assert _verify(openssl, "cms", root="other.pem").exit_code != 0


def test_the_development_identity_has_the_purpose_of_mail(
    openssl: Callable[..., Outcome], tmp_path: Path
) -> None:
    create_development_identity(tmp_path / "certs", now=pki.NOW, key=KeyKind.P256)
    development = open_development_identity(tmp_path / "certs", at=pki.NOW)
    signed = sign_embedded(CONTENT, development, signed_at=pki.NOW)
    (tmp_path / "signed").write_bytes(signed)
    outcome = openssl(
        "cms", "-verify", "-binary", "-inform", "DER", "-x509_strict",
        "-CAfile", "certs/root.pem", "-in", "signed", "-out", "content",
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.stderr


_SIGN = ("cms", "-sign", "-binary", "-nodetach", "-in", "given", "-out", "signed")
_WITH = ("-signer", "leaf.pem", "-inkey", "leaf.key", "-certfile", "ca.pem")


@pytest.fixture
def foreign(openssl: Callable[..., Outcome], tmp_path: Path) -> Callable[..., bytes]:
    """Return a function that signs with openssl and gives the signed file."""
    chain = pki.chain("rsa-2048")
    (tmp_path / "given").write_bytes(CONTENT)
    (tmp_path / "leaf.pem").write_bytes(chain.leaf.pem)
    (tmp_path / "leaf.key").write_bytes(chain.leaf.key_pem)
    (tmp_path / "ca.pem").write_bytes(chain.intermediate.pem)
    (tmp_path / "root.pem").write_bytes(chain.root.pem)

    def sign(*options: str) -> bytes:
        form = () if "-outform" in options else ("-outform", "DER")
        outcome = openssl(*_SIGN, *_WITH, *form, *options, now=True)
        assert outcome.exit_code == 0, outcome.stderr
        return (tmp_path / "signed").read_bytes()

    return sign


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="DER"),
        pytest.param(("-stream",), id="BER of indefinite length"),
        pytest.param(("-outform", "PEM"), id="PEM"),
        pytest.param(("-md", "sha512"), id="SHA-512"),
        pytest.param(("-noattr",), id="without attributes"),
        pytest.param(("-keyid",), id="by key identifier"),
        pytest.param(("-keyopt", "rsa_padding_mode:pss"), id="RSASSA-PSS"),
    ],
)
def test_signatures_of_openssl_are_read(
    foreign: Callable[..., bytes], options: tuple[str, ...], tmp_path: Path
) -> None:
    chain = pki.chain("rsa-2048")
    if "-keyid" in options:
        (tmp_path / "leaf.pem").write_bytes(pki.with_key_identifier(chain).pem)
    verified = verify(foreign(*options), trust=trust_in(tmp_path / "root.pem"), at=pki.NOW)
    assert verified.content == CONTENT
    assert bool(verified.warnings) == bool(WARNED & set(options))


def test_what_devices_refuse_is_refused(foreign: Callable[..., bytes], tmp_path: Path) -> None:
    trust = trust_in(tmp_path / "root.pem")
    with pytest.raises(WeakAlgorithmError, match="SHA-1"):
        verify(foreign("-md", "sha1"), trust=trust, at=pki.NOW)


def test_a_detached_signature_of_openssl_is_read(
    openssl: Callable[..., Outcome], foreign: Callable[..., bytes], tmp_path: Path
) -> None:
    foreign()
    options = (o for o in _SIGN if o != "-nodetach")
    outcome = openssl(*options, *_WITH, "-outform", "DER", now=True)
    assert outcome.exit_code == 0, outcome.stderr
    signed = (tmp_path / "signed").read_bytes()
    trust = trust_in(tmp_path / "root.pem")
    assert verify(signed, trust=trust, content=CONTENT, at=pki.NOW).content == CONTENT


@pytest.mark.parametrize("options", [("-aes256",), ("-traditional", "-aes128"), ()])
def test_keys_that_openssl_encrypts_are_opened(
    openssl: Callable[..., Outcome], options: tuple[str, ...], tmp_path: Path
) -> None:
    chain = pki.chain("rsa-2048")
    (tmp_path / "plain.key").write_bytes(chain.leaf.key_pem)
    bundle = chain.leaf.pem + chain.intermediate.pem
    (tmp_path / "chain.pem").write_bytes(bundle)
    (tmp_path / "word").write_text(pki.PASSPHRASE)
    command = ("rsa", "-in", "plain.key", "-out", "id.key", "-passout", "file:word")
    outcome = openssl(*command, *options, now=True)
    assert outcome.exit_code == 0, outcome.stderr
    uri = f"pem:{tmp_path / 'id.key'},{tmp_path / 'chain.pem'}"
    opened = open_identity(uri, passphrase=pki.passphrase, certificates=None, at=pki.NOW)
    assert opened.leaf == chain.leaf.certificate


@pytest.mark.parametrize("password", [pki.PASSPHRASE, ""])
def test_pkcs12_of_openssl_is_opened(
    openssl: Callable[..., Outcome], password: str, tmp_path: Path
) -> None:
    chain = pki.chain("rsa-2048")
    (tmp_path / "all.pem").write_bytes(chain.leaf.key_pem + chain.leaf.pem + chain.intermediate.pem)
    outcome = openssl(
        "pkcs12", "-export", "-in", "all.pem", "-out", "id.p12",
        "-passout", f"pass:{password}", now=True,
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.stderr
    uri = f"p12:{tmp_path / 'id.p12'}"
    opened = open_identity(uri, passphrase=pki.passphrase, certificates=None, at=pki.NOW)
    assert opened.intermediates == (chain.intermediate.certificate,)
