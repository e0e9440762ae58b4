"""No bit of a signed file can be changed unseen: all of them are tried, one at a time.

Where the signed attributes, the signature, the signer's certificate and the content stand is found
by a reader of the tests' own. What a bit there breaks must be told as a signature that does not
verify (exit code 5); elsewhere a changed bit may also make the file unreadable (3).
"""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from profilegen.errors import ProfilegenError
from profilegen.signing.trust import Trust
from profilegen.signing.verify import verify
from tests.support import adversarial_pki as bad_pki
from tests.support import der, pki
from tests.support.adversarial_pki import CA, ROOT
from tests.support.command import RunProfilegen, run_profilegen_in
from tests.support.der import Span
from tests.support.releases import SMALL

# A hundred thousand checks of the same lines; other tests count them.
pytestmark = pytest.mark.no_cover

PROFILE = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>PayloadType</key><string>Configuration</string></dict></plist>
"""
POLICY = b'{"minimumApiLevel":33,"cameraAccess":"CAMERA_ACCESS_DISABLED"}'
KINDS = ("rsa-2048", "p256")
FORMS = ("profile", "policy", "manifest")
COMMANDS = 200
NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """A signed file, what it signs if that is not in it, and where its parts are."""

    data: bytes
    content: bytes | None
    parts: der.Parts

    def spans(self) -> tuple[Span, ...]:
        """Return the parts in the order of the file."""
        return tuple(sorted(self.parts.named().values(), key=lambda span: span.start))


@cache
def sample(form: str, kind: str) -> Sample:
    """Return what `profilegen` signs: a profile, a policy, or the manifest of a release."""
    make = {"profile": _signed_profile, "policy": _signed_policy, "manifest": _signed_manifest}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        signer = bad_pki.signer(CA, kind=kind)
        (folder / "identity.pem").write_bytes(signer.key_pem + signer.pem + CA.pem)
        data, content = make[form](folder)
    return Sample(data, content, der.parts(data))


def _signed_profile(folder: Path) -> tuple[bytes, None]:
    (folder / "plain").write_bytes(PROFILE)
    _run(folder, "sign", "plain", "-o", "signed.mobileconfig")
    return (folder / "signed.mobileconfig").read_bytes(), None


def _signed_policy(folder: Path) -> tuple[bytes, bytes]:
    (folder / "policy.json").write_bytes(POLICY)
    _run(folder, "sign", "policy.json")
    return (folder / "policy.json.p7s").read_bytes(), POLICY


def _signed_manifest(folder: Path) -> tuple[bytes, bytes]:
    (folder / "policy.yaml").write_text(SMALL, encoding="utf-8")
    _run(folder, "build", "policy.yaml")
    dist = folder / "dist"
    return (dist / "release.json.p7s").read_bytes(), (dist / "release.json").read_bytes()


def _run(folder: Path, *arguments: str) -> None:
    done = run_profilegen_in(folder, *arguments, "--identity", f"pem:{folder}/identity.pem")
    assert done.exit_code == 0, done.stderr


def refusal(data: bytes, content: bytes | None) -> ProfilegenError | None:
    """Return why the file is refused, or None if every check holds."""
    try:
        verify(data, trust=Trust((ROOT.certificate,), "root.pem"), content=content, at=NOW)
    except ProfilegenError as error:
        return error
    return None


def flipped(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit changed; bits are counted from the first byte's lowest."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def bits(*spans: Span) -> Iterator[int]:
    for span in spans:
        yield from range(8 * span.start, 8 * span.end)


def rest(one: Sample) -> tuple[Span, ...]:
    """Return what is between the parts: headers, the signer's identifier, the intermediate."""
    edges = [0, *(edge for span in one.spans() for edge in (span.start, span.end)), len(one.data)]
    return tuple(map(Span, edges[::2], edges[1::2]))


def exit_codes(data: bytes, content: bytes | None, changed: Iterable[int]) -> Counter[int]:
    """Return how many of the bits `changed`, one at a time, led to which exit code; 0 is none."""
    found: Counter[int] = Counter()
    for bit in changed:
        try:
            error = refusal(flipped(data, bit), content)
        except Exception as crash:
            crash.add_note(f"bit {bit % 8} of byte {bit // 8} was changed")
            raise
        found[0 if error is None else error.exit_code] += 1
    return found


SAMPLES = pytest.mark.parametrize(
    ("form", "kind"),
    [("profile", "rsa-2048"), ("profile", "p256"), ("policy", "p256"), ("manifest", "p256")],
)


@SAMPLES
def test_the_parts_are_what_they_are_said_to_be(form: str, kind: str) -> None:
    one = sample(form, kind)
    assert refusal(one.data, one.content) is None
    spans = one.spans()
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans)), "they overlap"
    assert sum(map(len, (*spans, *rest(one)))) == len(one.data), "they leave bytes out"

    certificate = x509.load_der_x509_certificate(one.parts.certificate.of(one.data))
    assert certificate.subject == pki.name_of("Signer")
    attributes = b"\x31" + one.parts.attributes.of(one.data)[1:]
    value = der.read(one.data, one.parts.signature.start).body.of(one.data)
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            key.verify(value, attributes, padding.PKCS1v15(), hashes.SHA256())
        case ec.EllipticCurvePublicKey() as key:
            key.verify(value, attributes, ec.ECDSA(hashes.SHA256()))
        case key:
            raise AssertionError(key)
    content = one.content
    if content is None:
        assert one.parts.content is not None
        wrapper = der.read(one.data, one.parts.content.start)
        (held,) = der.children(one.data, wrapper)
        content = held.body.of(one.data)
        assert content == PROFILE
    assert hashlib.sha256(content).digest() in attributes


@pytest.mark.parametrize("part", ["attributes", "signature", "certificate"])
@SAMPLES
def test_every_bit_of_a_part(form: str, kind: str, part: str) -> None:
    one = sample(form, kind)
    span = one.parts.named()[part]
    assert exit_codes(one.data, one.content, bits(span)) == {5: 8 * len(span)}


@SAMPLES
def test_every_bit_of_the_content(form: str, kind: str) -> None:
    one = sample(form, kind)
    if one.content is None:
        assert one.parts.content is not None
        span = one.parts.content
        assert exit_codes(one.data, None, bits(span)) == {5: 8 * len(span)}
        return
    tried = list(range(8 * len(one.content)))
    if form == "manifest":  # it is long: one bit of each byte, in turn
        tried = [8 * byte + byte % 8 for byte in range(len(one.content))]
    codes = Counter(
        getattr(refusal(one.data, flipped(one.content, bit)), "exit_code", 0) for bit in tried
    )
    assert codes == {5: len(tried)}


@pytest.mark.parametrize(
    ("form", "kind"), [("profile", "rsa-2048"), ("profile", "p256"), ("policy", "p256")]
)
def test_every_bit_of_all_the_rest(form: str, kind: str) -> None:
    """Nothing survives: what no signature covers is read strictly, or breaks the chain."""
    one = sample(form, kind)
    spans = rest(one)
    found = exit_codes(one.data, one.content, bits(*spans))
    assert set(found) <= {3, 5}
    assert found.total() == 8 * sum(map(len, spans))


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_refuses_them_too(
    kind: str, call_profilegen: RunProfilegen, tmp_path: Path
) -> None:
    """A sample of the bits, evenly over the four parts, through the command."""
    one = sample("profile", kind)
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    every = list(bits(*one.spans()))
    tried = every[:: len(every) // COMMANDS]
    assert len(tried) >= COMMANDS
    for bit in tried:
        (tmp_path / "a.mobileconfig").write_bytes(flipped(one.data, bit))
        done = call_profilegen("verify", "a.mobileconfig", "--trust", "root.pem")
        assert done.exit_code == 5, bit
        assert done.stdout.startswith("a.mobileconfig: NOT VALID\n"), bit
        assert done.stderr.startswith("error: a.mobileconfig: "), bit


@pytest.mark.parametrize("form", FORMS)
def test_every_beginning(form: str) -> None:
    """A file that was cut off, anywhere, is refused."""
    one = sample(form, "p256")
    for length in range(len(one.data)):
        error = refusal(one.data[:length], one.content)
        assert error is not None, length
        assert error.exit_code in {3, 5}, length
