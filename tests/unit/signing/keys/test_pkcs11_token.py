"""Keys on a real SoftHSM2 token, and on one that fails as hardware does."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from profilegen.errors import SigningError
from profilegen.secrets import Secret
from profilegen.signing.algorithms import PublicKey, signature_is_valid
from profilegen.signing.identity import Identity, open_identity
from profilegen.signing.keys import pkcs11_token
from profilegen.signing.keys.pkcs11_turns import Turns
from tests.support import pki
from tests.support.faulty_pkcs11 import faulty_token
from tests.support.softhsm import PIN, SoftToken, TokenCertificate, TokenKey, soft_token

KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "p256", "p384")
_PLAIN = pki.chain("rsa-2048", "Plain")
_CURVE = pki.chain("p256", "Curve")


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    """Return a token with many keys: one chain for each kind, and keys that differ in one way."""
    made = soft_token(tmp_path_factory.mktemp("softhsm"))
    rsa_key, curve_key = _PLAIN.leaf.key, _CURVE.leaf.key
    chains = [pki.chain(kind, kind) for kind in KINDS]
    made.add(
        *(
            TokenKey(c.leaf.key, k, bytes([n]))
            for n, (k, c) in enumerate(zip(KINDS, chains, strict=True))
        ),
        *(
            TokenCertificate(c.leaf.certificate, k, bytes([n]))
            for n, (k, c) in enumerate(zip(KINDS, chains, strict=True))
        ),
        *(TokenCertificate(c.intermediate.certificate, "CA", b"CA") for c in chains),
        TokenCertificate(pki.root("Unrelated Root").certificate, "root", b"root"),
        TokenKey(rsa_key, "twin", b"\x20"),
        TokenKey(rsa_key, "twin", b"\x21"),
        TokenKey(rsa_key, "digest only", b"\x22", mechanisms=("RSA_PKCS",)),
        TokenKey(rsa_key, "hash only", b"\x23", mechanisms=("SHA256_RSA_PKCS",)),
        TokenKey(rsa_key, "pss only", b"\x24", mechanisms=("SHA256_RSA_PKCS_PSS",)),
        TokenKey(rsa_key, "decrypt only", b"\x25", sign=False),
        TokenKey(rsa_key, "each time", b"\x26", always_authenticate=True),
        TokenKey(curve_key, "public", b"\x27", public=True),
        TokenKey(curve_key, "alone", b"\x28"),
        TokenKey(pki.key("p521", "wide"), "wide", b"\x29", public=True),
    )
    return made


@pytest.fixture
def loaded(token: SoftToken) -> Iterator[SoftToken]:
    with token.loaded():
        yield token


def _open(uri: str, *, certificates: Path | None = None, pin: str = PIN) -> Identity:
    return open_identity(uri, passphrase=lambda: Secret(pin), certificates=certificates, at=pki.NOW)


def _file(folder: Path, chain: pki.Chain) -> Path:
    path = folder / "chain.pem"
    path.write_bytes(chain.leaf.pem + chain.intermediate.pem)
    return path


def _verifies(identity: Identity, data: bytes = b"some data") -> bool:
    key = identity.leaf.public_key()
    assert isinstance(key, PublicKey)
    return signature_is_valid(key, identity.sign(data), data, digest=identity.scheme.digest)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_signs_with_what_the_token_holds(kind: str, loaded: SoftToken) -> None:
    chain, number = pki.chain(kind, kind), KINDS.index(kind)
    by_label = _open(loaded.uri(object=kind))
    by_id = _open(loaded.uri(id=bytes([number])))
    by_both = _open(loaded.uri(object=kind, id=bytes([number]), type="private"))
    for identity in (by_label, by_id, by_both):
        assert identity.leaf == chain.leaf.certificate
        assert identity.intermediates == (chain.intermediate.certificate,)
        assert _verifies(identity)


def test_rsa_signatures_are_the_same_each_time_and_as_from_a_file(
    loaded: SoftToken, tmp_path: Path
) -> None:
    identity = _open(loaded.uri(object="rsa-2048"))
    from_file = _open(pki.chain("rsa-2048", "rsa-2048").write(tmp_path))
    assert identity.sign(b"x") == identity.sign(b"x") == from_file.sign(b"x")


@pytest.mark.parametrize(
    ("label", "chain"),
    [
        ("digest only", _PLAIN),
        ("hash only", _PLAIN),
        ("each time", _PLAIN),
        ("public", _CURVE),
    ],
)
def test_certificates_from_a_file(
    label: str, chain: pki.Chain, loaded: SoftToken, tmp_path: Path
) -> None:
    identity = _open(loaded.uri(object=label), certificates=_file(tmp_path, chain))
    assert identity.leaf == chain.leaf.certificate
    assert _verifies(identity)
    assert _verifies(identity), "also the second time"


def test_the_pin_may_come_from_a_file_that_the_uri_names(loaded: SoftToken) -> None:
    uri = f"{loaded.uri(object='p256')}?pin-source=file:{loaded.pin_file}"
    identity = open_identity(uri, passphrase=None, certificates=None, at=pki.NOW)
    assert _verifies(identity)


def test_the_uri_may_name_the_module(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with token.loaded():
        monkeypatch.delenv("PKCS11_MODULE_PATH", raising=False)
        monkeypatch.chdir(tmp_path)
        by_path = f"{token.uri(object='p256')}?module-path={token.module}"
        by_name = f"{token.uri(object='p256')}?module-name=softhsm2"
        assert _verifies(_open(by_path))
        assert _verifies(_open(by_name))


def test_every_attribute_of_the_token_narrows(loaded: SoftToken) -> None:
    whole = loaded.uri(object="p256", manufacturer="SoftHSM project", model="SoftHSM v2")
    whole += ";library-manufacturer=SoftHSM;library-version=2.6;slot-manufacturer=SoftHSM%20project"
    assert _verifies(_open(whole))
    for wrong in ("manufacturer=x", "serial=0", "slot-id=0", "library-version=9", "model=x"):
        with pytest.raises(SigningError, match="no token has token 'Release keys'"):
            _open(f"{loaded.uri(object='p256')};{wrong}")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"token": "Other"},
            "pkcs11: no token has token 'Other'; there is 'Release keys' (serial ",
        ),
        ({"object": "none"}, "token 'Release keys': no private key has object 'none'; there is '"),
        (
            {"object": "p256", "id": b"\xff"},
            "token 'Release keys': no private key has object 'p256' and id %FF; there is '",
        ),
        ({"object": "twin"}, "token 'Release keys': 2 private keys match: 'twin' (id %2"),
        ({}, "token 'Release keys': 15 private keys match: '"),
        (
            {"object": "pss only"},
            "'pss only' (id %24) signs neither with CKM_RSA_PKCS nor CKM_SHA256_RSA_PKCS",
        ),
        (
            {"object": "decrypt only"},
            "token 'Release keys': 'decrypt only' (id %25) may not sign (CKA_SIGN)",
        ),
        (
            {"object": "alone"},
            "token 'Release keys': holds neither public key nor certificate of 'alone' (id %28)",
        ),
        ({"object": "wide"}, "token 'Release keys': the curve secp521r1 is not supported"),
        ({"object": "public"}, "no certificate"),
    ],
)
def test_a_key_that_is_not_there_or_does_not_fit(
    attributes: dict[str, str | bytes], message: str, loaded: SoftToken
) -> None:
    with pytest.raises(SigningError) as refused:
        _open(loaded.uri(**attributes))
    assert message in refused.value.message
    assert refused.value.hint


def test_a_token_without_keys(tmp_path: Path) -> None:
    empty = soft_token(tmp_path, label="Empty")
    with empty.loaded(), pytest.raises(SigningError, match="token 'Empty': holds no private key"):
        _open(empty.uri())


def test_several_tokens_match(tmp_path: Path) -> None:
    one = soft_token(tmp_path, label="One")
    soft_token(tmp_path, label="Two")
    with one.loaded():
        with pytest.raises(SigningError, match=r"2 tokens match: '(One|Two)' \(serial ") as refused:
            _open("pkcs11:object=a")
        assert refused.value.hint == "Add token=LABEL or serial=NUMBER to the URI."


def test_no_token_at_all(tmp_path: Path, token: SoftToken) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\n", "utf-8")
    bare = SoftToken(token.module, tmp_path, "none", PIN)
    with bare.loaded(), pytest.raises(SigningError, match="the module finds no token"):
        _open("pkcs11:object=a")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("?module-path={d}/none.so", "{d}/none.so: no such PKCS#11 module"),
        ("?module-path={d}", "{d}: is a folder, not a PKCS#11 module"),
        ("?module-path={d}/text.so", "{d}/text.so: is no PKCS#11 module that can be loaded"),
        ("?module-name=acme", "pkcs11: there is no module 'acme' where modules are installed"),
    ],
)
def test_a_module_that_cannot_be_used(place: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no library", "utf-8")
    with pytest.raises(SigningError) as refused:
        _open(f"pkcs11:object=a{place.replace('{d}', str(tmp_path))}")
    assert refused.value.message == message.replace("{d}", str(tmp_path))


def test_a_module_that_does_not_start(token: SoftToken, tmp_path: Path) -> None:
    nowhere = SoftToken(token.module, tmp_path / "none", "none", PIN)
    with nowhere.loaded(), pytest.raises(SigningError, match="does not start: CKR_GENERAL_ERROR"):
        _open("pkcs11:object=a")


def test_no_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PKCS11_MODULE_PATH", raising=False)
    monkeypatch.setattr("profilegen.signing.keys.pkcs11_module._FOLDERS", ())
    with pytest.raises(SigningError, match="no PKCS#11 module is named") as refused:
        _open("pkcs11:object=a")
    assert "PKCS11_MODULE_PATH" in refused.value.hint


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(SigningError, match="identities need python-pkcs11") as refused:
        _open("pkcs11:object=a")
    assert refused.value.hint == "Run pip install 'profilegen[pkcs11]'."


def test_a_pin_is_needed_and_nobody_can_give_it(loaded: SoftToken) -> None:
    with pytest.raises(SigningError, match="needs a PIN and none was given"):
        open_identity(loaded.uri(object="p256"), passphrase=None, certificates=None, at=pki.NOW)


@pytest.mark.parametrize("pin", ["4712", "1", "x" * 256, "é" * 20, "47\udcff12"])
def test_a_wrong_pin(pin: str, loaded: SoftToken) -> None:
    with pytest.raises(SigningError, match=r"PIN is (wrong|too long|not UTF-8)") as refused:
        _open(loaded.uri(object="p256"), pin=pin)
    assert len(pin) == 1 or pin not in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"login": "0xA0"}, "the PIN is wrong"),
        ({"login": "0xA0", "flags": "0x20000"}, "one try is left before the token locks"),
        ({"login": "0xA4"}, "its PIN is locked (CKR_PIN_LOCKED while logging in)"),
        ({"login": "0xA3"}, "its PIN has expired (CKR_PIN_EXPIRED while logging in)"),
        ({"login": "0x102"}, "it has no PIN yet (CKR_USER_PIN_NOT_INITIALIZED while logging in)"),
        ({"login": "0x80000001"}, "the token failed (error 0x80000001 while logging in)"),
    ],
)
def test_a_login_that_fails_is_tried_once(
    settings: dict[str, str], message: str, token: SoftToken, tmp_path: Path
) -> None:
    faulty = faulty_token(token, tmp_path, **settings)
    with faulty.loaded(), pytest.raises(SigningError) as refused:
        _open(token.uri(object="p256"))
    assert message in refused.value.message
    assert faulty.calls("C_Login") == 1


def test_a_locked_token_is_not_even_tried(token: SoftToken, tmp_path: Path) -> None:
    faulty = faulty_token(token, tmp_path, flags="0x40000")
    with faulty.loaded(), pytest.raises(SigningError, match="its PIN is locked"):
        _open(token.uri(object="p256"))
    assert faulty.calls("C_Login") == 0


def test_a_token_with_a_keypad_asks_there(token: SoftToken, tmp_path: Path) -> None:
    """SoftHSM2 has no keypad: it refuses the login without a PIN that was handed on to it."""
    faulty = faulty_token(token, tmp_path, flags="0x100")
    asked = []

    def passphrase() -> Secret:
        asked.append(True)
        return Secret(PIN)

    with faulty.loaded(), pytest.raises(SigningError, match="CKR_ARGUMENTS_BAD while logging in"):
        open_identity(
            token.uri(object="p256"), passphrase=passphrase, certificates=None, at=pki.NOW
        )
    assert not asked
    assert faulty.calls("C_Login") == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("0x30", "the token was removed or no longer answers (CKR_DEVICE_ERROR while signing)"),
        ("0x32", "the token was removed or no longer answers (CKR_DEVICE_REMOVED while signing)"),
        ("0xE0", "(CKR_TOKEN_NOT_PRESENT while signing)"),
        ("0xB0", "(CKR_SESSION_CLOSED while signing)"),
        ("0xB3", "(CKR_SESSION_HANDLE_INVALID while signing)"),
        ("0x70", "the token refuses to sign this way with this key (CKR_MECHANISM_INVALID"),
        ("0x05", "the token failed (CKR_GENERAL_ERROR while signing)"),
    ],
)
def test_a_token_that_fails_while_signing(
    fault: str, message: str, token: SoftToken, tmp_path: Path
) -> None:
    faulty = faulty_token(token, tmp_path, sign=fault, sign_after="2")
    with faulty.loaded():
        identity = _open(token.uri(object="p256"))
        identity.sign(b"x")
        with pytest.raises(SigningError) as refused:
            identity.sign(b"x")
    assert message in refused.value.message


def test_a_signature_is_one_operation_and_an_identity_one_login(
    token: SoftToken, tmp_path: Path
) -> None:
    faulty = faulty_token(token, tmp_path)
    with faulty.loaded():
        identity = _open(token.uri(object="rsa-2048"))
        assert faulty.calls("C_Sign") == 1, "the key is tried out"
        for _ in range(10):
            identity.sign(b"x")
    assert faulty.calls("C_Sign") == 11
    assert faulty.calls("C_Login") == 1


@pytest.mark.parametrize(
    ("kind", "only", "message"),
    [
        ("rsa-2048", "40", ""),
        ("rsa-2048", "1", ""),
        ("rsa-2048", "43", "signs neither with CKM_RSA_PKCS nor CKM_SHA256_RSA_PKCS"),
        ("p384", "1041", ""),
        ("p384", "1044", "signs neither with CKM_ECDSA nor CKM_ECDSA_SHA384"),
    ],
)
def test_the_mechanism_is_one_that_the_token_has(
    kind: str, only: str, message: str, token: SoftToken, tmp_path: Path
) -> None:
    with faulty_token(token, tmp_path, mechanisms=only).loaded():
        if not message:
            assert _verifies(_open(token.uri(object=kind)))
            return
        with pytest.raises(SigningError) as refused:
            _open(token.uri(object=kind))
    assert message in refused.value.message


def test_threads_take_turns(loaded: SoftToken) -> None:
    identity = _open(loaded.uri(object="p256"))
    good: list[bool] = []

    def work() -> None:
        good.extend(_verifies(identity) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert good == [True] * 200


def test_a_child_process_is_refused(loaded: SoftToken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs11_token, "ONE_AT_A_TIME", Turns())
    identity = _open(loaded.uri(object="p256"))
    own = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: own + 1)
    for use in (lambda: identity.sign(b"x"), lambda: _open(loaded.uri(object="p256"))):
        with pytest.raises(SigningError, match="this one was forked from") as refused:
            use()
        assert refused.value.hint


def test_nothing_secret_is_in_a_repr(loaded: SoftToken) -> None:
    identity = _open(loaded.uri(object="each time"), certificates=_file(loaded.folder, _PLAIN))
    material = pkcs11_token.open_token_key(
        loaded.uri(object="each time").removeprefix("pkcs11:"), lambda: Secret(PIN)
    )
    assert PIN not in repr(identity)
    assert PIN not in repr(material)
    assert PIN not in repr(material.sign)


def test_the_certificate_of_the_key_is_found_by_key_where_ids_differ(tmp_path: Path) -> None:
    made, chain = soft_token(tmp_path), pki.chain("rsa-2048", "Plain")
    made.add(
        TokenKey(chain.leaf.key, "signer", b"\x01"),
        TokenCertificate(chain.leaf.certificate, "other label", b"\x02"),
        TokenCertificate(chain.intermediate.certificate, "CA"),
    )
    with made.loaded():
        assert _open(made.uri()).leaf == chain.leaf.certificate
