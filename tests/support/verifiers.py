"""Verifiers that share no code with profilegen, each of them asked the way its users ask it.

Every one gets a signed file with its content inside, in DER, and one root in PEM; it trusts that
root and nothing else, and follows the chain with the certificates that the file brings. They
verify at the time of the clock.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.support import tools
from tests.support.command import Outcome, run
from tests.support.tools import require_tool

_GO_PACKAGES = Path("/usr/share/gocode")
GO_PKCS7 = _GO_PACKAGES / "src" / "github.com" / "fullsailor" / "pkcs7"
"""Where Debian's golang-github-fullsailor-pkcs7-dev puts the library; `.ci/run` installs it."""

_GO_PROGRAM = Path(__file__).parent / "go" / "pkcs7verify" / "main.go"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verifier made of a file; `content` is what it says was signed, if it accepted."""

    accepted: bool
    content: bytes | None
    output: str


@dataclass(frozen=True, slots=True)
class Verifier:
    """A program that verifies: `ask(signed, root, folder)` may leave files in `folder`.

    `changed` and `untrusted` are found in what it prints about changed content and about a chain
    that does not lead to the root: a refusal for another reason is a fault of the test.
    """

    name: str
    ask: Callable[[Path, Path, Path], Verdict]
    changed: str
    untrusted: str

    def refuses(self, verdict: Verdict, *, words: str) -> bool:
        """Say whether `verdict` is a refusal for the reason that `words` describe."""
        return not verdict.accepted and re.search(words, verdict.output) is not None


def _verdict(done: Outcome, content: Path, *, accepted: bool) -> Verdict:
    output = done.stdout + done.stderr
    return Verdict(accepted, content.read_bytes() if accepted else None, output)


def _openssl(command: str, signed: Path, root: Path, folder: Path) -> Verdict:
    # Without a purpose OpenSSL wants a certificate for mail.
    how = (command, "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-no-CApath")
    files = ("-in", signed, "-CAfile", root, "-out", folder / "content")
    done = run(require_tool("openssl"), *how, *files, folder=folder)
    return _verdict(done, folder / "content", accepted=done.exit_code == 0)


def _openssl_cms(signed: Path, root: Path, folder: Path) -> Verdict:
    return _openssl("cms", signed, root, folder)


def _openssl_smime(signed: Path, root: Path, folder: Path) -> Verdict:
    return _openssl("smime", signed, root, folder)


def _gnutls(signed: Path, root: Path, folder: Path) -> Verdict:
    asked = ("--p7-verify", "--p7-show-data", "--inder", "--infile", signed)
    files = ("--load-ca-certificate", root, "--outfile", folder / "content")
    done = run(require_tool("certtool"), *asked, *files, folder=folder)
    return _verdict(done, folder / "content", accepted=done.exit_code == 0)


def _nss(signed: Path, root: Path, folder: Path) -> Verdict:
    certutil, cmsutil = require_tool("certutil"), require_tool("cmsutil")
    store = folder / "nss"
    store.mkdir()
    database = f"sql:{store}"
    run(certutil, "-N", "-d", database, "--empty-password", folder=folder)
    # "C" in the second place: an authority for mail, which is what cmsutil verifies.
    added = run(
        certutil, "-A", "-d", database, "-n", "root", "-t", "CT,C,C", "-i", root, folder=folder
    )
    assert added.exit_code == 0, added.stderr
    # With -h it would exit with 0 whatever it finds; -u 4 is a signer of mail.
    asked = ("-d", database, "-i", signed, "-o", folder / "content", "-u", "4")
    done = run(cmsutil, "-D", *asked, folder=folder)
    return _verdict(done, folder / "content", accepted=done.exit_code == 0)


def _gpgsm(signed: Path, root: Path, folder: Path) -> Verdict:
    gpgsm = require_tool("gpgsm")
    with gnupg_home(root) as home:
        # No prompts, and nothing asked of the network.
        how = ("--homedir", home, "--batch", "--disable-crl-checks", "--disable-dirmngr")
        output = ("--status-fd", "1", "--output", folder / "content")
        done = run(gpgsm, *how, *output, "--verify", signed, folder=folder)
    # Of a good signature by an unknown signer it says GOODSIG too.
    trusted = "[GNUPG:] TRUST_FULLY" in done.stdout
    return _verdict(done, folder / "content", accepted=trusted and done.exit_code == 0)


@contextmanager
def gnupg_home(root: Path) -> Iterator[Path]:
    """Make a GnuPG home that trusts `root`; its agent is stopped at the end."""
    gpgsm, gpgconf = require_tool("gpgsm"), require_tool("gpgconf")
    require_tool("gpg-agent")
    # The path of the agent's socket, which is in there, may have 107 characters.
    home = Path(tempfile.mkdtemp(prefix="gpg", dir="/tmp"))
    try:
        certificate = x509.load_pem_x509_certificate(root.read_bytes())
        name = certificate.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - GnuPG's name for it
        (home / "trustlist.txt").write_text(f"{name} S\n", encoding="ascii")
        (home / "gpg-agent.conf").write_text("no-allow-mark-trusted\n", encoding="ascii")
        offline = ("--batch", "--disable-dirmngr")
        run(gpgsm, "--homedir", home, *offline, "--import", root, folder=home)
        yield home
    finally:
        run(gpgconf, "--homedir", home, "--kill", "all", folder=home)
        shutil.rmtree(home, ignore_errors=True)


def _go(signed: Path, root: Path, folder: Path) -> Verdict:
    done = run(_go_program(), root, signed, folder / "content", folder=folder)
    return _verdict(done, folder / "content", accepted=done.exit_code == 0)


@cache
def _go_program() -> Path:
    """Build the verifier in Go, from Debian's packages only; return its path."""
    go = require_tool("go")
    if not GO_PKCS7.is_dir():
        tools.missing("golang-github-fullsailor-pkcs7-dev")
    folder = Path(tempfile.mkdtemp(prefix="pkcs7verify"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = {
        "GO111MODULE": "off",
        "GOPATH": str(_GO_PACKAGES),
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "GOPROXY": "off",
    }
    program = folder / "pkcs7verify"
    built = run(go, "build", "-o", program, _GO_PROGRAM, folder=folder, environment=settings)
    assert built.exit_code == 0, built.stderr
    return program


VERIFIERS = (
    Verifier("openssl cms", _openssl_cms, "content verify error", "certificate verify error"),
    Verifier("openssl smime", _openssl_smime, "digest failure", "certificate verify error"),
    # One sentence for both.
    Verifier("certtool", _gnutls, *["Signature status: verification failed"] * 2),
    Verifier("cmsutil", _nss, "DigestMismatch", "SigningCertNotTrusted|UNTRUSTED"),
    Verifier("gpgsm", _gpgsm, "BADSIG", "TRUST_UNDEFINED|TRUST_NEVER"),
    Verifier("go pkcs7", _go, "Message digest mismatch", "unknown authority"),
)
