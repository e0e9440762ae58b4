"""The list of users: what is read, what is a bad row, and what makes the whole list unusable."""

from __future__ import annotations

import pytest

from profilegen.policy.model import FieldKind, UserField
from profilegen.release.sources.model import BadRow, UsersError
from profilegen.render.user import UserRow
from tests.unit.release.sources.lists import EMAIL, NAME, read_csv


def read(text: str | bytes, *fields: UserField) -> list[UserRow | BadRow]:
    return list(read_csv(text, *fields))


def fault(value: str, field: UserField) -> str:
    """Return what is wrong with a value, "" when it is taken."""
    quoted = value.replace('"', '""')
    (row,) = read(f'id,{field.name}\na,"{quoted}"\n', field)
    return row.message if isinstance(row, BadRow) else ""


@pytest.mark.parametrize(
    "text",
    [
        "id,email\na,a@example.com\n",
        "id,email\r\na,a@example.com\r\n",
        "id,email\na,a@example.com",
        "\ufeffid,email\na,a@example.com\n",
        " id , email \n a , a@example.com \n",
        'id,email,note\na,a@example.com,"two\nlines, and a comma"\n',
        "email,id\na@example.com,a\n",
        "id,email\n\n\na,a@example.com\n\n",
        '"id","email"\n"a","a@example.com"\n',
    ],
)
def test_lists_that_say_the_same(text: str) -> None:
    assert read(text) == [("a", "a@example.com")]


def test_a_user_is_named_by_id_else_by_email() -> None:
    assert read("email\na@example.com\n") == [("a@example.com", "a@example.com")]
    with pytest.raises(UsersError) as caught:
        read("name\nAnna\n", NAME)
    assert caught.value.message == ("users.csv: no column id, which names the person; it has name")


def test_what_the_policy_says_of_filled_values_counts_too() -> None:
    def faults_of(user: UserRow) -> tuple[str, ...]:
        return ("no", "never") if user[1].startswith("b") else ()

    text = b"id,email\na,a@example.com\na,b@example.com\nb,b@example.com\nb,c@example.com\n"
    assert list(read_csv(text, EMAIL, faults_of=faults_of)) == [
        ("a", "a@example.com"),
        BadRow(2, "id: 'a' is the user of row 1 already"),
        BadRow(3, "no; never"),
        ("b", "c@example.com"),
    ]


def test_values_are_taken_as_they_are() -> None:
    strange = '{{ user.id }} <b>&amp;</b> "Ä" \U0001f600 ${x} %s'
    quoted = strange.replace('"', '""')
    assert read(f'id,name\na,"{quoted}"\n', NAME) == [("a", strange)]


def test_fields_that_may_be_missing() -> None:
    optional = UserField("name", FieldKind.TEXT, required=False, pattern="[A-Z].*")
    assert read("id,name\na,\n", optional) == [("a", "")]
    assert read("id\na\n", optional) == [("a", "")]


def test_bad_rows_stand_between_the_good_ones() -> None:
    text = (
        "id,email\na,a@example.com\nb,nobody\n,c@example.com\na,d@example.com\ne\nf,f@example.com\n"
    )
    assert read(text) == [
        ("a", "a@example.com"),
        BadRow(2, "email: not a valid email: 'nobody'"),
        BadRow(3, "id: empty, and it names the user"),
        BadRow(4, "id: 'a' is the user of row 1 already"),
        BadRow(5, "1 field instead of 2"),
        ("f", "f@example.com"),
    ]


def test_a_row_says_everything_that_is_wrong_with_it() -> None:
    assert read("id,email,name\n,,\n", EMAIL, NAME) == [
        BadRow(1, "email: empty; name: empty; id: empty, and it names the user")
    ]


def test_ids_that_differ_in_case_are_two_users() -> None:
    users = read("id,email\nAnna,a@example.com\nanna,b@example.com\n")
    assert [user[0] for user in users if isinstance(user, tuple)] == ["Anna", "anna"]


def test_an_id_of_a_bad_row_is_free() -> None:
    assert read("id,email\na,nobody\na,a@example.com\n")[1] == ("a", "a@example.com")


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("a\nb", "id: holds a control character or line break"),
        ("a\x00b", "id: holds a control character or line break"),
        ("a\x1b[31mb", "id: holds a control character or line break"),
        ("a\u2028b", "id: holds a control character or line break"),
        ("x" * 4097, "id: longer than 4096 characters"),
    ],
)
def test_ids_that_name_nobody(value: str, complaint: str) -> None:
    assert read(f'id,email\n"{value}",a@example.com\n') == [BadRow(1, complaint)]


def test_an_id_that_is_a_field_too_is_judged_once() -> None:
    text = UserField("id", FieldKind.TEXT, required=True, pattern="[a-z]+")
    assert read("id\na\n", text) == [("a", "a")]
    assert read("id\nA1\n", text) == [BadRow(1, "id: does not match [a-z]+: 'A1'")]
    assert read('id\n"a\nb"\n', text) == [BadRow(1, "id: holds a control character or line break")]


def test_long_values_are_cut_in_messages() -> None:
    (row,) = read("id,email\na," + "x" * 4000 + "\n")
    assert isinstance(row, BadRow)
    assert row.message == f"email: not a valid email: '{'x' * 79}…'"


def test_a_field_of_any_length_is_a_fault_of_its_row() -> None:
    rows = read("id,email\na," + "x" * 200_000 + "\nb,b@example.com\n")
    assert rows[0] == BadRow(1, "email: longer than 4096 characters")
    assert rows[1] == ("b", "b@example.com")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            FieldKind.EMAIL,
            ("a@example.com", "a.b+c@sub.example.com", "ä@example.com", "o'neil@example.com"),
            ("a", "a@b", "@example.com", "a b@example.com", "a@exa mple.com", "a@b@example.com"),
        ),
        (FieldKind.INTEGER, ("0", "-7", "0042"), ("1.5", "1e3", "", "+1", "٣", "9" * 19)),
        (
            FieldKind.UUID,
            ("6F9619FF-8B86-D011-B42D-00C04FC964FF", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
            ("6F9619FF8B86D011B42D00C04FC964FF", "{6F9619FF-8B86-D011-B42D-00C04FC964FF}", "x"),
        ),
        (FieldKind.TEXT, ("anything", "../../etc/passwd", "<&>"), ("a\tb", "\x7f", "\ufffe")),
    ],
)
def test_kinds(kind: FieldKind, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    field = UserField("field", kind, required=True, pattern="")
    assert {value: fault(value, field) for value in good} == dict.fromkeys(good, "")
    assert [value for value in bad if not fault(value, field)] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "users.csv: the list of users is empty"),
        (b"\n\n", "users.csv: the list of users is empty"),
        (b",,\n", "users.csv: the list of users is empty"),
        (b"id,email,email\n", "users.csv: the column 'email' occurs twice"),
        (b"id,mail\n", "users.csv: no column for email; it has id, mail"),
        (b"id;b\n", "users.csv: no column for email; it has id, b"),
        (b"ID,Email\n", "users.csv: no column id, which names the person; it has ID, Email"),
        (
            b"id,email\n\xe4,b\n",
            "users.csv: row 1: id: not UTF-8 (line 2, byte 9 of the list)",
        ),
        (
            "id,email\n".encode("utf-16") + b"x",
            "users.csv: row 1: id: not UTF-16 (line 2, byte 20 of the list)",
        ),
        (b"id,\xe4\n", "users.csv: the header: not UTF-8 (line 1, byte 3 of the list)"),
        (b"sep=;\n\xe4\n", "users.csv: the header: not UTF-8 (line 2, byte 6 of the list)"),
        (
            b"id,email,x\na,a@example.com,b\n\n'b','b',a\xe4\n",
            "users.csv: row 3: x: not UTF-8 (line 4, byte 39 of the list)",
        ),
        (
            b'id,email,x\na,"a\n\n",b\nb,"\r\n,,\xe4",c\n',
            "users.csv: row 2: email: not UTF-8 (line 6, byte 28 of the list)",
        ),
        (
            b"id,email\na,b,c\xe4\n",
            "users.csv: row 1: not UTF-8 (line 2, byte 14 of the list)",
        ),
        (
            b"id,,email\na,\xe4\n",
            "users.csv: row 1: not UTF-8 (line 2, byte 12 of the list)",
        ),
        (
            b"PK\x03\x04\x14\x00\x06\x00",
            "users.csv: the list of users is a workbook (.xlsx, .ods) or another zip file",
        ),
        ("id,email\n".encode("utf-32"), "users.csv: the list of users is UTF-32"),
        (b'"id"x,email\n', "users.csv: the header: not CSV: ',' expected after '\"'"),
    ],
)
def test_lists_that_cannot_be_read(content: bytes, message: str) -> None:
    with pytest.raises(UsersError) as caught:
        list(read_csv(content, EMAIL))
    assert caught.value.message == message
    assert caught.value.hint
    assert caught.value.exit_code == 3
