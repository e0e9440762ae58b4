"""The development identity: private, complete or absent, and renewed in time."""

from __future__ import annotations

import multiprocessing
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from profilegen.errors import SigningError
from profilegen.signing import development
from profilegen.signing.algorithms import KeyKind
from profilegen.signing.cms import sign_embedded
from profilegen.signing.development import (
    create_development_identity,
    ensure_development_identity,
    has_development_identity,
    open_development_identity,
    replace_development_identity,
)
from profilegen.signing.trust import trust_in
from profilegen.signing.verify import verify
from tests.support.pki import NOW

P256 = KeyKind.P256
NAMES = {
    "root.pem",
    "root.key",
    "intermediate.pem",
    "intermediate.key",
    "signer.pem",
    "signer.key",
    ".gitignore",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "certs"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", [KeyKind.RSA_2048, KeyKind.P256, KeyKind.P384])
def test_it_signs_what_its_root_verifies(kind: KeyKind, folder: Path) -> None:
    made = create_development_identity(folder, now=NOW, key=kind)
    assert {p.name for p in made} | {".gitignore"} == NAMES == {p.name for p in folder.iterdir()}
    identity = open_development_identity(folder, at=NOW)
    data = sign_embedded(b"content", identity, signed_at=NOW)
    verified = verify(data, trust=trust_in(folder / "root.pem"), at=NOW)
    assert [c.subject.rfc4514_string() for c in verified.chain] == [
        f"CN=profilegen development {role},O=profilegen development"
        for role in ("signer", "intermediate", "root")
    ]


def test_keys_are_private_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        create_development_identity(folder, now=NOW, key=P256)
    finally:
        os.umask(before)
    assert _mode(folder) == 0o700
    for path in folder.glob("*.key"):
        assert _mode(path) == 0o600
    for path in folder.glob("*.pem"):
        assert _mode(path) & 0o022 == 0


def test_an_open_folder_is_closed(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    create_development_identity(folder, now=NOW, key=P256)
    assert _mode(folder) == 0o700


def test_git_is_told_to_leave_it_alone(folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_gitignore_of_ones_own_is_kept(folder: Path) -> None:
    folder.mkdir()
    (folder / ".gitignore").write_text("*.key\n")
    create_development_identity(folder, now=NOW, key=P256)
    assert (folder / ".gitignore").read_text() == "*.key\n"


def test_the_certificates_are_what_their_roles_need(folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    identity = open_development_identity(folder, at=NOW)
    assert identity.root is not None
    chain = (identity.root, *identity.intermediates, identity.leaf)
    lifetimes = [c.not_valid_after_utc - NOW for c in chain]
    assert lifetimes == [timedelta(days=days) for days in (3650, 1825, 397)]
    assert {c.not_valid_before_utc for c in chain} == {datetime(1970, 1, 1, tzinfo=UTC)}
    constraints = [c.extensions.get_extension_for_class(x509.BasicConstraints).value for c in chain]
    assert [(c.ca, c.path_length) for c in constraints] == [(True, 1), (True, 0), (False, None)]
    usages = [c.extensions.get_extension_for_class(x509.KeyUsage).value for c in chain]
    assert [(u.digital_signature, u.key_cert_sign) for u in usages] == [
        (False, True),
        (False, True),
        (True, False),
    ]
    purposes = identity.leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.EMAIL_PROTECTION]


def test_a_build_may_reproduce_an_older_one(folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    for at in (datetime(1970, 1, 1, tzinfo=UTC), datetime(2023, 11, 14, tzinfo=UTC)):
        identity = open_development_identity(folder, at=at)
        data = sign_embedded(b"content", identity, signed_at=at)
        trust = trust_in(folder / "root.pem")
        assert verify(data, trust=trust, at=NOW).signed_at == at


def test_an_identity_is_not_overwritten(folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert ensure_development_identity(folder, now=NOW, key=P256) == ()
    with pytest.raises(SigningError) as refused:
        create_development_identity(folder, now=NOW, key=P256)
    assert refused.value.message == f"{folder}: there is a development identity already"
    assert refused.value.hint == (
        f"Replace it with `profilegen certs init --replace --folder {folder}`."
    )
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


def test_files_of_others_are_not_overwritten(folder: Path) -> None:
    folder.mkdir()
    (folder / "root.pem").write_text("mine")
    with pytest.raises(SigningError) as refused:
        create_development_identity(folder, now=NOW, key=P256)
    assert refused.value.message == f"{folder / 'root.pem'}: exists already"
    assert (folder / "root.pem").read_text() == "mine"


def test_replacing_changes_every_key_and_certificate(folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    replace_development_identity(folder, now=NOW, key=P256)
    after = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert {n for n in NAMES if before[n] == after[n]} == {".gitignore"}
    assert open_development_identity(folder, at=NOW).sign(b"data")


@pytest.mark.parametrize("place", [".", ".."])
def test_the_current_folder_is_no_folder_of_its_own(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    with pytest.raises(SigningError, match="the identity needs a folder of its own"):
        create_development_identity(Path(place), now=NOW, key=P256)
    assert not list((tmp_path / "inner").iterdir())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SigningError, match="cannot keep an identity: Not a directory") as refused:
        create_development_identity(tmp_path / "file" / "certs", now=NOW, key=P256)
    assert refused.value.exit_code == 4


def test_without_an_identity_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SigningError) as refused:
        open_development_identity(Path("certs"), at=NOW)
    assert refused.value.message == "certs: there is no development identity"
    assert refused.value.hint == (
        "Make one with `profilegen certs init`, or name another with --identity."
    )


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (391, "the development signer expires on 2027-07-03 12:00:00 UTC"),
        (398, "the development signer expired on 2027-07-03 12:00:00 UTC"),
    ],
)
def test_an_old_identity_is_to_be_renewed(days: int, text: str, folder: Path) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    with pytest.raises(SigningError) as refused:
        open_development_identity(folder, at=NOW + timedelta(days=days))
    assert refused.value.message == f"{folder / 'signer.pem'}: {text}"
    assert "certs init --replace" in refused.value.hint


class _KilledError(BaseException):
    """Stands for the end of the process: nothing of ours catches it."""


@pytest.fixture
def killed_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list: once it holds a number N, N steps on files happen and none after them."""
    left: list[int] = []

    def counted(step: Callable[..., object]) -> Callable[..., object]:
        def take(*arguments: object, **options: object) -> object:
            if left:
                left[0] -= 1
                if left[0] < 0:
                    raise _KilledError
            return step(*arguments, **options)

        return take

    for owner, name in ((Path, "rename"), (Path, "unlink"), (development, "write_new_file")):
        monkeypatch.setattr(owner, name, counted(getattr(owner, name)))
    return left


@pytest.mark.parametrize("steps", range(15))
def test_an_interrupted_creation_leaves_nothing_half_made(
    steps: int, folder: Path, killed_at: list[int]
) -> None:
    killed_at.append(steps)
    try:
        create_development_identity(folder, now=NOW, key=P256)
    except _KilledError:
        assert not has_development_identity(folder)
    killed_at.clear()
    ensure_development_identity(folder, now=NOW, key=P256)
    assert {p.name for p in folder.iterdir()} == NAMES
    assert open_development_identity(folder, at=NOW).sign(b"data")


@pytest.mark.parametrize("steps", range(17))
def test_an_interrupted_replacement_leaves_one_of_the_two_or_none(
    steps: int, folder: Path, killed_at: list[int]
) -> None:
    create_development_identity(folder, now=NOW, key=P256)
    killed_at.append(steps)
    try:
        replace_development_identity(folder, now=NOW, key=P256)
    except _KilledError:
        if has_development_identity(folder):
            assert open_development_identity(folder, at=NOW).sign(b"data")
    killed_at.clear()
    ensure_development_identity(folder, now=NOW, key=P256)
    assert open_development_identity(folder, at=NOW).sign(b"data")
    replace_development_identity(folder, now=NOW, key=P256)
    assert {p.name for p in folder.iterdir()} == NAMES


def _ensure(folder: Path) -> int:
    return len(ensure_development_identity(folder, now=NOW, key=P256))


def test_processes_that_start_together_share_one_identity(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        made = pool.map(_ensure, [folder] * 8)
    assert sorted(made) == [0] * 7 + [6]
    assert open_development_identity(folder, at=NOW).sign(b"data")
