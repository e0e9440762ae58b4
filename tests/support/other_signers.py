"""Other programs that sign: each returns what it makes of a content, with the content inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from tests.support.command import Outcome, run
from tests.support.pki import Chain
from tests.support.tools import require_tool
from tests.support.verifiers import gnupg_home

Sign = Callable[[bytes, Chain, Path], bytes]
"""Signs a content with the leaf of a chain; leaves files in the folder."""

_WORD = "other signers"


def _openssl(command: str, *options: str) -> Sign:
    def sign(content: bytes, chain: Chain, folder: Path) -> bytes:
        _write(content, chain, folder)
        signer = ("-signer", "signer.pem", "-inkey", "key.pem", "-certfile", "ca.pem")
        files = ("-in", "content", "-out", "signed", *signer)
        tool = require_tool("openssl")
        _succeed(run(tool, command, "-sign", "-nodetach", *files, *options, folder=folder))
        return (folder / "signed").read_bytes()

    return sign


def _certtool(content: bytes, chain: Chain, folder: Path) -> bytes:
    """Sign with certtool, which puts the signer's certificate into the file and no other."""
    _write(content, chain, folder)
    signer = ("--load-privkey", "key.pem", "--load-certificate", "signer.pem")
    files = ("--infile", "content", "--outder", "--outfile", "signed")
    _succeed(run(require_tool("certtool"), "--p7-sign", *signer, *files, folder=folder))
    return (folder / "signed").read_bytes()


def _cmsutil(content: bytes, chain: Chain, folder: Path) -> bytes:
    _write(content, chain, folder)
    (folder / "nss").mkdir()
    database = ("-d", "sql:nss")
    certutil = require_tool("certutil")
    _succeed(run(certutil, "-N", *database, "--empty-password", folder=folder))
    root = ("-n", "root", "-t", "CT,C,C", "-i", "root.pem")
    _succeed(run(certutil, "-A", *database, *root, folder=folder))
    (folder / "word").write_text(_WORD, encoding="utf-8")
    bundle = ("-i", "signer.p12", "-w", "word")
    _succeed(run(require_tool("pk12util"), *database, *bundle, folder=folder))
    files = ("-i", "content", "-o", "signed")
    _succeed(run(require_tool("cmsutil"), "-S", "-N", "signer", *database, *files, folder=folder))
    return (folder / "signed").read_bytes()


def _gpgsm(content: bytes, chain: Chain, folder: Path) -> bytes:
    _write(content, chain, folder)
    with gnupg_home(folder / "root.pem") as home:
        # The passphrase is read from standard input; nobody is asked.
        how = ("--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0")
        offline = ("--disable-crl-checks", "--disable-dirmngr")
        tool = (require_tool("gpgsm"), "--homedir", home, *how, *offline)
        _succeed(run(*tool, "--import", "signer.p12", folder=folder, stdin=f"{_WORD}\n"))
        files = ("--output", "signed", "--sign", "content")
        _succeed(run(*tool, *files, folder=folder, stdin=f"{_WORD}\n"))
    return (folder / "signed").read_bytes()


def _write(content: bytes, chain: Chain, folder: Path) -> None:
    (folder / "content").write_bytes(content)
    (folder / "key.pem").write_bytes(chain.leaf.key_pem)
    (folder / "signer.pem").write_bytes(chain.leaf.pem)
    (folder / "ca.pem").write_bytes(chain.intermediate.pem)
    (folder / "root.pem").write_bytes(chain.root.pem)
    key = chain.leaf.key
    assert isinstance(key, rsa.RSAPrivateKey)
    # The only encryption of PKCS#12 that GnuPG 2.2 reads.
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - as it is there
        .build(_WORD.encode())
    )
    bundle = pkcs12.serialize_key_and_certificates(
        b"signer", key, chain.leaf.certificate, [chain.intermediate.certificate], encryption
    )
    (folder / "signer.p12").write_bytes(bundle)


def _succeed(done: Outcome) -> None:
    assert done.exit_code == 0, done.stderr


_BINARY = ("-binary", "-outform", "DER")

SIGNERS: Mapping[str, Sign] = {
    "openssl cms": _openssl("cms", *_BINARY),
    "openssl cms -noattr": _openssl("cms", "-noattr", *_BINARY),
    "openssl cms -keyid": _openssl("cms", "-keyid", *_BINARY),
    "openssl cms -stream": _openssl("cms", "-stream", *_BINARY),
    "openssl cms -outform PEM": _openssl("cms", "-binary", "-outform", "PEM"),
    "openssl cms -md sha512": _openssl("cms", "-md", "sha512", *_BINARY),
    "openssl smime": _openssl("smime", *_BINARY),
    "openssl smime, not binary": _openssl("smime", "-outform", "DER"),
    "certtool": _certtool,
    "cmsutil": _cmsutil,
    "gpgsm": _gpgsm,
}
