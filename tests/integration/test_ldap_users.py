"""`build --users ldap://...` against OpenLDAP: people found, TLS verified, passwords kept."""

from __future__ import annotations

import math
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from profilegen.release.sources import directory as module
from tests.support.command import Outcome, RunProfilegen
from tests.support.directory import (
    BASE,
    HOST,
    PASSWORD,
    READER,
    Directory,
    Entry,
    directory,
    person,
)
from tests.support.releases import PERSONAL, SMALL, write_identity
from tests.support.stalling import Relay, agree_to_tls, drip, hold, listening
from tests.support.tools import missing

GUID = uuid.UUID("8be1786e-aee2-4ec4-ae88-f6b14bad04f4")
MANY = 1_200
MAP = ("--ldap-map", "id=uid", "--ldap-map", "email=mail")
PEOPLE: tuple[Entry, ...] = (
    person("anna", mail="anna@example.com", objectGUID=GUID.bytes_le),
    person("bo", mail=["bo@example.com", "bo@example.org"]),
    person("cem", description="no mail"),
    person("dora", mail="Dora@Example.COM", sn="Müller & <Söhne>"),
    person("eve", mail="eve@example.com", jpegPhoto=b"\xff\xd8\xff"),
    {
        "dn": f"uid=secret,ou=secret,{BASE}",
        "objectClass": "inetOrgPerson",
        "uid": "secret",
        "cn": "secret",
        "sn": "secret",
        "mail": "secret@example.com",
    },
    {
        "dn": f"ou=elsewhere,{BASE}",
        "objectClass": ["referral", "extensibleObject"],
        "ou": "elsewhere",
        "ref": "ldap://192.0.2.1/dc=example,dc=org",
    },
)


@pytest.fixture(scope="module", autouse=True)
def _python_ldap() -> None:
    try:
        import ldap  # noqa: F401, PLC0415 - looked for here only
    except ImportError:
        missing("python-ldap (Debian: libldap-dev, libsasl2-dev)")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    with directory(tmp_path_factory.mktemp("directory") / "slapd", PEOPLE, limit="200") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_identity(tmp_path / "certs")
    (tmp_path / "policy.yaml").write_text(PERSONAL, encoding="utf-8")
    return tmp_path


def build(call: RunProfilegen, url: str, *options: str | Path) -> Outcome:
    """Build for the people at `url` without a signature, which is not what is tested here."""
    return call("build", "policy.yaml", "--unsigned", "--users", url, *options)


def built_for(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "dist" / "phone" / "users").rglob("*.mobileconfig")}


@pytest.mark.parametrize("way", ["url", "tls_url", "socket_url"])
def test_people_of_a_directory(
    way: str, folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    url = getattr(server, way)()
    options = () if way == "socket_url" else ("--ldap-ca", server.ca)
    done = build(call_profilegen, url, *MAP, *options)
    assert done.exit_code == 1
    assert done.stdout == "dist: 3 profiles, 3 Android policies for 3 users, not signed\n"
    assert done.stderr == (
        "References to other servers that were not followed: 1.\n"
        f"error: {url}: row 2: uid=bo,ou=people,{BASE}: email: mail has 2 values\n"
        f"error: {url}: row 3: uid=cem,ou=people,{BASE}: email: empty\n"
        f"error: {url}: 2 rows were left out\n"
        "hint: Correct what is wrong and build again; the release holds all other users.\n"
    )
    assert built_for(folder) == {"anna", "dora", "eve"}


def test_a_user_with_a_password_sees_more(
    folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    url = server.url(f"ou=secret,{BASE}??one?(uid=*)")
    login = ("--ldap-ca", server.ca, "--ldap-bind-dn", READER)
    done = build(call_profilegen, url, *MAP, *login, "--ldap-password-file", server.password_file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert built_for(folder) == {"secret"}
    done = call_profilegen(
        *("build", "policy.yaml", "--unsigned", "--users", url, *MAP, *login),
        *("--ldap-password-env", "DIRECTORY"),
        environment={"DIRECTORY": PASSWORD},
    )
    assert (done.exit_code, done.stderr) == (0, "")


def test_active_directory_s_ids(
    folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    declared = PERSONAL + "users:\n  id: {kind: uuid}\n  email: {kind: email}\n"
    (folder / "policy.yaml").write_text(declared, encoding="utf-8")
    attributes = ("--ldap-map", "id=OBJECTguid", "--ldap-map", "email=MAIL")
    url = server.tls_url(f"ou=people,{BASE}??sub?(uid=anna)")
    done = build(call_profilegen, url, *attributes, "--ldap-ca", server.ca)
    assert (done.exit_code, done.stderr) == (0, "")
    assert built_for(folder) == {str(GUID)}


def test_bytes_that_are_no_text(
    folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    assert folder.is_dir()
    url = server.tls_url(f"{BASE}??sub?(uid=eve)")
    attributes = ("--ldap-map", "id=jpegPhoto", "--ldap-map", "email=mail")
    done = build(call_profilegen, url, *attributes, "--ldap-ca", server.ca)
    assert done.exit_code == 3
    assert f"row 1: uid=eve,ou=people,{BASE}: id: jpegPhoto is no UTF-8 text\n" in done.stderr


def test_a_long_list_comes_in_pages(
    tmp_path_factory: pytest.TempPathFactory, folder: Path, call_profilegen: RunProfilegen
) -> None:
    declared = SMALL + "users: {email: {kind: email}}\n"
    (folder / "policy.yaml").write_text(declared, encoding="utf-8")
    people = [person(f"u{number}", mail=f"u{number}@example.com") for number in range(MANY)]
    people.append(person("bad"))
    # Without pages, such a server gives 200 entries and no more.
    limit = "size.soft=200 size.prtotal=unlimited"
    with directory(tmp_path_factory.mktemp("many") / "slapd", people, limit=limit) as server:
        done = build(call_profilegen, server.tls_url(), *MAP, "--ldap-ca", server.ca)
    assert done.exit_code == 1
    assert f"row {MANY + 1}: uid=bad,ou=people,{BASE}: email: empty\n" in done.stderr


def test_a_list_that_the_server_cuts_is_none(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, call_profilegen: RunProfilegen
) -> None:
    people = [person(f"u{number}", mail=f"u{number}@example.com") for number in range(600)]
    limit = "size.prtotal=550"
    with directory(tmp_path_factory.mktemp("cut") / "slapd", people, limit=limit) as server:
        done = build(call_profilegen, server.tls_url(), *MAP, "--ldap-ca", server.ca)
    assert (done.exit_code, done.stdout) == (6, "")
    assert "the server's limit of entries ended the search" in done.stderr
    assert not (folder / "dist").exists()


@pytest.mark.parametrize(
    ("rest", "message", "hint"),
    [
        ("dc=nowhere,dc=com", "there is no such base", "Correct the base of the URL."),
        ("no%20name", "a name is not valid", "Correct the base of the URL or --ldap-bind-dn."),
        (
            f"{BASE}??sub?(uid=a",
            "the filter is not valid",
            "Correct the filter of the URL (RFC 4515).",
        ),
    ],
)
def test_searches_that_cannot_work(  # noqa: PLR0913, PLR0917 - the case, and where it takes place
    rest: str,
    message: str,
    hint: str,
    folder: Path,
    server: Directory,
    call_profilegen: RunProfilegen,
) -> None:
    done = build(call_profilegen, server.tls_url(rest), *MAP, "--ldap-ca", server.ca)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: ldaps://{HOST}:{server.tls_port}: {message}")
    assert done.stderr.endswith(f"\nhint: {hint}\n")
    assert not (folder / "dist").exists()


def test_a_wrong_password(folder: Path, server: Directory, call_profilegen: RunProfilegen) -> None:
    wrong = folder / "wrong"
    wrong.write_text("canary\n", encoding="utf-8")
    login = ("--ldap-ca", server.ca, "--ldap-bind-dn", READER, "--ldap-password-file", wrong)
    done = build(call_profilegen, server.url(), *MAP, *login)
    assert (done.exit_code, done.stderr) == (
        2,
        (
            f"error: ldap://{HOST}:{server.port}: the server refuses the name or the password\n"
            "hint: Check --ldap-bind-dn and the password.\n"
        ),
    )


@pytest.mark.parametrize("way", ["url", "tls_url"])
@pytest.mark.parametrize("wrong", ["CA", "name"])
def test_a_server_whose_certificate_does_not_hold(
    way: str, wrong: str, folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    url = getattr(server, way)()
    options: tuple[str | Path, ...] = ("--ldap-ca", folder / "certs" / "root.pem")
    if wrong == "name":
        url, options = url.replace(HOST, "localhost"), ("--ldap-ca", server.ca)
    login = ("--ldap-bind-dn", READER, "--ldap-password-file", server.password_file)
    done = build(call_profilegen, url, *MAP, *options, *login)
    assert (done.exit_code, done.stdout) == (6, "")
    assert ": no verified TLS with the server" in done.stderr
    assert "hint: Name the host that its certificate is for, and its CA with --ldap-ca." in (
        done.stderr
    )


def test_without_tls_where_it_is_asked_for(
    folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    url = server.url(f"ou=people,{BASE}??one?(uid=anna)")
    done = build(call_profilegen, url, *MAP, "--ldap-no-tls")
    assert (done.exit_code, done.stderr) == (0, "")
    assert built_for(folder) == {"anna"}


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_nobody_is_there(scheme: str, folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    with socket.socket() as taken:  # bound and not listening, so that nobody else can be there
        taken.bind((HOST, 0))
        url = f"{scheme}://{HOST}:{taken.getsockname()[1]}"
        done = build(call_profilegen, f"{url}/{BASE}", *MAP)
    assert (done.exit_code, done.stderr) == (
        6,
        (
            f"error: {url}: the server cannot be reached\n"
            "hint: Check host and port, and try again later.\n"
        ),
    )


def test_somebody_who_is_no_directory(folder: Path, call_profilegen: RunProfilegen) -> None:
    assert folder.is_dir()
    with socket.create_server((HOST, 0)) as listening:

        def hang_up() -> None:
            connection, _ = listening.accept()
            connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"ldap://{HOST}:{listening.getsockname()[1]}/{BASE}"
        done = build(call_profilegen, url, *MAP)
        thread.join(10)
    assert (done.exit_code, done.stdout) == (6, "")
    assert done.stderr.startswith(f"error: ldap://{HOST}:")


def test_a_ca_file_that_is_none(
    folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    for name, reason in (("policy.yaml", "no certificate in it"), ("none", "No such file")):
        done = build(call_profilegen, server.url(), *MAP, "--ldap-ca", folder / name)
        assert done.exit_code == 2
        assert f"error: --ldap-ca {folder / name}: cannot read certificates: {reason}" in (
            done.stderr
        )


STALLS: dict[str, tuple[str, Callable[[socket.socket], None]]] = {
    "at once": ("ldap", hold),
    "when it is asked for TLS": ("ldaps", hold),
    "after it agreed to TLS": ("ldap", agree_to_tls(hold)),
    "slowly in the handshake": ("ldaps", drip),
    "slowly after it agreed to TLS": ("ldap", agree_to_tls(drip)),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give servers a second for each thing, and expect an end in good time."""
    monkeypatch.setattr(module, "_CONNECT_SECONDS", 1)
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 1)
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 30


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("case", STALLS)
def test_a_server_that_stops_talking(
    case: str, folder: Path, call_profilegen: RunProfilegen
) -> None:
    scheme, serve = STALLS[case]
    with listening(serve) as port:
        done = build(call_profilegen, f"{scheme}://{HOST}:{port}/{BASE}", *MAP)
    assert (done.exit_code, done.stdout, done.stderr) == (
        6,
        "",
        (
            f"error: {scheme}://{HOST}:{port}: the server does not answer\n"
            "hint: Check host and port, and try again later.\n"
        ),
    )
    assert not (folder / "dist").exists()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", ["url", "tls_url"])
def test_a_directory_that_stops_talking_in_the_middle(
    way: str, folder: Path, server: Directory, call_profilegen: RunProfilegen
) -> None:
    url = getattr(server, way)(f"ou=people,{BASE}??one?(uid=*a*)")
    port = server.port if way == "url" else server.tls_port

    def ask(limit: float) -> tuple[int, Outcome]:
        relay = Relay(port, limit)
        with listening(relay) as place:
            relayed = url.replace(f":{port}/", f":{place}/")
            done = build(call_profilegen, relayed, *MAP, "--ldap-ca", server.ca)
        return relay.passed, done

    all_of_it, done = ask(math.inf)
    assert (done.exit_code, built_for(folder)) == (0, {"anna", "dora"})
    shutil.rmtree(folder / "dist")
    # In the handshake, in the record of an answer that the library reads, and before it.
    for limit in (100, all_of_it // 2, all_of_it - 150, all_of_it - 100):
        passed, done = ask(limit)
        assert passed == limit
        assert (done.exit_code, done.stdout) == (6, "")
        assert ": the server does not answer\n" in done.stderr
        assert not (folder / "dist").exists()
