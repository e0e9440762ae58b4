"""Kinds of identities that other packages add, good and broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from profilegen.errors import ServiceError, SigningError
from profilegen.secrets import Secret
from profilegen.signing.identity import Identity, open_identity
from tests.support import pki
from tests.support.plugins import install_plugin

_MAKES = """\
from profilegen.signing.keys.interface import KeyMaterial
def open_key(place, passphrase):
    return KeyMaterial(KEY, lambda data: {signature}, CHAIN)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder from which packages are imported, and what they left is forgotten."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    for name in ("acme_signer", "other_signer"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


def _open(uri: str) -> Identity:
    return open_identity(uri, passphrase=lambda: Secret("4711"), certificates=None, at=pki.NOW)


def test_the_example_of_the_documentation_adds_a_scheme(site: Path, tmp_path: Path) -> None:
    install_plugin(site)
    chain = pki.chain("rsa-2048")
    assert isinstance(chain.leaf.key, pki.IssuingKey)
    (tmp_path / "key.pem").write_bytes(chain.leaf.encrypted_key_pem)
    (tmp_path / "chain.pem").write_bytes(chain.leaf.pem + chain.intermediate.pem)
    identity = open_identity(
        f"acme:{tmp_path}", passphrase=pki.passphrase, certificates=None, at=pki.NOW
    )
    from_file = _open(chain.write(tmp_path))
    assert identity.leaf == chain.leaf.certificate
    assert identity.sign(b"x") == from_file.sign(b"x")


def test_a_built_in_scheme_cannot_be_replaced(site: Path, tmp_path: Path) -> None:
    install_plugin(site, "def open_key(*_):\n    raise SystemExit(99)\n", scheme="pem")
    assert _open(pki.chain().write(tmp_path)).leaf == pki.chain().leaf.certificate


def test_the_schemes_of_plugins_are_named(site: Path) -> None:
    install_plugin(site)
    with pytest.raises(SigningError, match="unknown kind of identity 'usb:'") as refused:
        _open("usb:1")
    assert refused.value.hint.endswith("pem:, p12:, pkcs11:, awskms:, acme:")


@pytest.mark.parametrize(
    ("uri", "what", "hint"),
    [
        ("acme:", "key", "Write acme:KEY."),
        ("pem:", "file", "Write pem:FILE."),
        ("pkcs11:", "key", "Write pkcs11:token=LABEL;object=LABEL."),
        ("awskms:", "key", "Write awskms:ARN."),
    ],
)
def test_a_scheme_alone_names_no_key(uri: str, what: str, hint: str, site: Path) -> None:
    install_plugin(site)
    with pytest.raises(SigningError, match=f"'{uri}' names no {what}") as refused:
        _open(uri)
    assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import no_such_module_xyz", "cannot be loaded (ModuleNotFoundError)"),
        ("def open_key(", "cannot be loaded (SyntaxError)"),
        ("other = 1", "cannot be loaded (AttributeError)"),
        ("open_key = 1", "is not a function: acme_signer:open_key"),
        ("def open_key(): ...", "failed to open the key (TypeError)"),
        (
            "def open_key(place, passphrase):\n    raise ValueError(passphrase().reveal())",
            "failed to open the key (ValueError)",
        ),
        ("def open_key(place, passphrase):\n    return 1", "gave int and not KeyMaterial"),
        (
            _MAKES.format(signature="'x'"),
            "gave str as a signature, and not bytes",
        ),
        (
            _MAKES.format(signature="1 / 0"),
            "failed to sign (ZeroDivisionError)",
        ),
    ],
)
def test_a_broken_package_is_named(source: str, what: str, site: Path, tmp_path: Path) -> None:
    pem = tmp_path / "leaf.pem"
    chain = pki.chain("rsa-2048")
    pem.write_bytes(chain.leaf.pem + chain.intermediate.pem)
    load = (
        "from pathlib import Path\nfrom cryptography.x509 import load_pem_x509_certificates\n"
        f"CHAIN = tuple(load_pem_x509_certificates(Path({str(pem)!r}).read_bytes()))\n"
        "KEY = CHAIN[0].public_key()\n"
    )
    install_plugin(site, load + source)
    with pytest.raises(SigningError) as refused:
        _open("acme:1")
    assert refused.value.message == f"acme: the plugin of acme-signer 1.2 {what}"
    assert "4711" not in refused.value.message + refused.value.hint


def test_errors_of_profilegen_pass_as_they_are(site: Path) -> None:
    source = (
        "from profilegen.errors import ServiceError\n"
        "def open_key(place, passphrase):\n    raise ServiceError('acme: no answer', hint='Later.')"
    )
    install_plugin(site, source)
    with pytest.raises(ServiceError, match="acme: no answer"):
        _open("acme:1")


def test_two_packages_with_one_scheme(site: Path) -> None:
    install_plugin(site)
    install_plugin(site, name="other_signer")
    with pytest.raises(SigningError, match="2 packages open such identities") as refused:
        _open("acme:1")
    assert "acme-signer 1.2 and other-signer 1.2" in refused.value.message
