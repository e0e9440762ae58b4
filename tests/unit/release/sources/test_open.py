"""Sources by their names: formats, digests, options that do not fit, missing extras."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from profilegen.errors import UsageError
from profilegen.policy.model import FieldKind, UserField
from profilegen.release.manifest import InputFile
from profilegen.release.sources.bad_rows import KEPT, BadRowReport, FirstBadRowError
from profilegen.release.sources.directory import Access
from profilegen.release.sources.model import BadRow, UsersError
from profilegen.release.sources.open import OpenUsers, open_users
from profilegen.release.sources.source import Format, UserSource
from tests.unit.release.sources.lists import EMAIL

CSV = "id,email\na,a@example.com\n"
JSON = '{"id": "a", "email": "a@example.com"}\n'
ANNA = ("a", "a@example.com")


def opened(source: UserSource, stdin: str = "") -> OpenUsers:
    return open_users(source, (EMAIL,), standard_input=lambda: io.BytesIO(stdin.encode()))


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("users.csv", CSV, None),
        ("users.TSV", CSV.replace(",", "\t"), None),
        ("users", CSV, None),
        ("users.ndjson", JSON, None),
        ("users.jsonl", JSON, None),
        ("users.txt", JSON, Format.JSON_LINES),
    ],
)
def test_files(name: str, content: str, form: Format | None, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    found = opened(UserSource(str(path), form))
    assert list(found.rows) == [ANNA]
    assert found.input() == InputFile("users", name, hashlib.sha256(content.encode()).hexdigest())


def test_standard_input() -> None:
    for form, content in ((None, CSV), (Format.JSON_LINES, JSON)):
        found = opened(UserSource("-", form), content)
        assert list(found.rows) == [ANNA]
        digest = hashlib.sha256(content.encode()).hexdigest()
        assert found.input() == InputFile("users", "standard input", digest)


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    pq.write_table(pa.table({"id": ["a"], "email": ["a@example.com"]}), path)
    found = opened(UserSource(str(path)))
    assert list(found.rows) == [ANNA]
    assert found.input().sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_parquet_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    table = pa.table({"id": ["a", "b"], "email": ["a@example.com", "b@example.com"]})
    pq.write_table(table, path)
    found = opened(UserSource(str(path)))
    next(found.rows)
    pq.write_table(table.slice(1), tmp_path / "new")
    (tmp_path / "new").replace(path)
    with pytest.raises(UsersError) as caught:
        list(found.rows)
    assert caught.value.message == f"{path}: the file changed while it was read"


@pytest.mark.parametrize(
    ("source", "option"),
    [
        (UserSource("ldap://h/o=A", Format.CSV), "--users-format"),
        (UserSource("ldap://h/o=A", encoding="cp1252"), "--users-encoding"),
        (UserSource("users.jsonl", delimiter=";"), "--csv-delimiter"),
        (UserSource("users.parquet", encoding="cp1252"), "--users-encoding"),
        (UserSource("users.csv", attributes={"email": "mail"}), "--ldap-map"),
        (UserSource("users.csv", access=Access(bind_dn="cn=a")), "--ldap-bind-dn"),
        (UserSource("users.csv", access=Access(ca=Path("ca.pem"))), "--ldap-ca"),
        (UserSource("users.csv", access=Access(tls=False)), "--ldap-no-tls"),
    ],
)
def test_options_that_say_nothing_about_a_source(source: UserSource, option: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(source)
    assert caught.value.message == f"{option} says nothing about --users {source.name}"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            UserSource("-", Format.PARQUET),
            "--users -: Parquet is read from its end, and standard input is a stream",
        ),
        (
            UserSource("ldap://h/o=A", attributes={"id": "uid", "mail": "mail"}),
            "--ldap-map mail=mail: no such field",
        ),
        (
            UserSource("ldap://h/o=A?uid", attributes={"id": "uid", "email": "mail"}),
            "--users: the LDAP URL does not list the attribute mail",
        ),
    ],
)
def test_sources_that_cannot_work(source: UserSource, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        opened(source)
    assert caught.value.message == message


def test_a_directory_where_nothing_names_people() -> None:
    with pytest.raises(UsageError) as caught:
        open_users(UserSource("ldap://h/o=A"), (), standard_input=io.BytesIO)
    assert caught.value.message == "--users: nothing says which attribute names the person"
    assert caught.value.hint == "Add --ldap-map id=ATTRIBUTE, such as id=uid."


@pytest.mark.parametrize(
    ("name", "module", "message", "extra"),
    [
        ("users.parquet", "pyarrow", "Parquet as a list of users needs pyarrow", "parquet"),
        ("ldap://h/o=A", "ldap", "LDAP as a list of users needs python-ldap", "ldap"),
    ],
)
def test_an_extra_that_is_missing(  # noqa: PLR0913, PLR0917 - the case, and where it takes place
    name: str,
    module: str,
    message: str,
    extra: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError) as caught:
        opened(UserSource(name))
    assert caught.value.message == f"{message}, which is not installed"
    assert caught.value.hint == f"Run pip install 'profilegen[{extra}]'."


def test_bad_rows_are_all_counted_and_few_are_kept() -> None:
    rows = [BadRow(number, "no") for number in range(3 * KEPT)]
    written: list[BadRow] = []
    report = BadRowReport("users.csv", write=written.append)
    assert list(report.watch([*rows, ANNA])) == [*rows[:KEPT], ANNA]
    assert (report.count, written) == (3 * KEPT, rows)


def test_the_first_bad_row_may_stop_all() -> None:
    report = BadRowReport("users.csv", fail_fast=True)
    rows = report.watch([ANNA, BadRow(2, "no"), ANNA])
    assert next(rows) == ANNA
    with pytest.raises(FirstBadRowError) as caught:
        next(rows)
    assert (caught.value.message, caught.value.exit_code) == ("users.csv: row 2: no", 3)


PHONE = UserField("phone", FieldKind.TEXT, required=False, pattern="")
EXACT = "names are compared letter by letter, with case, spaces and hyphens"
LIST_OF: dict[str, Callable[[Iterable[str], Iterable[str]], str]] = {
    "csv": lambda names, values: ",".join(f'"{name}"' for name in names) + "\n" + ",".join(values),
    "jsonl": lambda names, values: json.dumps(dict(zip(names, values, strict=True))),
}


def write_list(folder: Path, form: str, row: Mapping[str, str]) -> UserSource:
    path = folder / f"users.{form}"
    if form == "parquet":
        pq.write_table(pa.table({name: [value] for name, value in row.items()}), path)
    else:
        path.write_text(LIST_OF[form](row.keys(), row.values()) + "\n", encoding="utf-8")
    return UserSource(str(path))


FORMS = ("csv", "jsonl", "parquet")
NO_ID = "no column id, which names the person"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("names", "fault", "renamed"),
    [
        (("Id", "Email"), NO_ID, "'Id' to 'id' and 'Email' to 'email'"),
        (("ID", "E-Mail"), NO_ID, "'ID' to 'id' and 'E-Mail' to 'email'"),
        (("user", "e mail"), NO_ID, "'e mail' to 'email'"),
        (("I D", "name"), NO_ID, "'I D' to 'id'"),
    ],
)
def test_a_column_that_is_likely_meant_is_named(
    form: str, names: tuple[str, str], fault: str, renamed: str, tmp_path: Path
) -> None:
    source = write_list(tmp_path, form, dict.fromkeys(names, "a@example.com"))
    with pytest.raises(UsersError) as caught:
        opened(source)
    assert caught.value.message == f"{source.name}: {fault}; it has {', '.join(names)}"
    assert caught.value.hint == f"Rename {renamed}: {EXACT}."


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_that_is_missing_may_be_there_by_another_name(form: str, tmp_path: Path) -> None:
    source = write_list(tmp_path, form, {"id": "a", "EMail": "a@example.com"})
    with pytest.raises(UsersError) as caught:
        opened(source)
    assert caught.value.message == f"{source.name}: no column for email; it has id, EMail"
    assert caught.value.hint == f"Rename 'EMail' to 'email': {EXACT}."


def test_no_column_is_named_that_is_hardly_meant(tmp_path: Path) -> None:
    source = write_list(tmp_path, "csv", {"id": "a", "mail": "a@example.com"})
    with pytest.raises(UsersError) as caught:
        opened(source)
    assert caught.value.hint == "Add the columns that the policy's user fields name."


@pytest.mark.parametrize("form", FORMS)
def test_columns_that_are_left_out_are_doubtful(form: str, tmp_path: Path) -> None:
    row = {"ID": "a", "email": "a@example.com", "Phone": "1", "Email": "b@example.com"}
    source = write_list(tmp_path, form, row)
    found = open_users(source, (EMAIL, PHONE), standard_input=io.BytesIO)
    assert list(found.rows) == [("a@example.com", "a@example.com", "")]
    assert found.doubts == (
        f"{source.name}: 'ID' is not taken for id, so email names people: {EXACT}",
        f"{source.name}: 'Phone' is not taken for phone: {EXACT}",
    )


@pytest.mark.parametrize("form", FORMS)
def test_columns_that_are_taken_are_not_doubtful(form: str, tmp_path: Path) -> None:
    row = {"id": "a", "email": "a@example.com", "phone": "1", "Phone": "2", "note": ""}
    found = open_users(write_list(tmp_path, form, row), (EMAIL, PHONE), standard_input=io.BytesIO)
    assert (list(found.rows), found.doubts) == ([("a", "a@example.com", "1")], ())


def test_objects_that_lack_a_field_are_doubtful(tmp_path: Path) -> None:
    source = write_list(tmp_path, "jsonl", {"id": "a", "Email": "a@example.com"})
    found = opened(source)
    assert list(found.rows) == [BadRow(1, "email: empty")]
    assert found.doubts == (f"{source.name}: 'Email' is not taken for email: {EXACT}",)
