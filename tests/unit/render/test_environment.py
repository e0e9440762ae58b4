"""Where templates come from, and what they can and cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from profilegen.render import environment
from profilegen.render.environment import builtin_folder, open_templates, render_text
from profilegen.render.failures import TemplateError


def render_own(folder: Path, source: str, name: str = "own.json.j2", /, **context: object) -> str:
    (folder / name).write_text(source, encoding="utf-8")
    return render_text(open_templates(folder), name, context)


def failure(folder: Path, source: str, /, **context: object) -> str:
    with pytest.raises(TemplateError) as caught:
        render_own(folder, source, "own.json.j2", **context)
    assert (caught.value.exit_code, caught.value.slug) == (3, "template")
    assert caught.value.hint
    return caught.value.message.replace(str(folder), "DIR")


def test_built_in_templates_are_in_the_checkout_or_the_package() -> None:
    assert (builtin_folder() / "ios" / "profile.mobileconfig.j2").is_file()
    assert open_templates().source == "the built-in templates"


def test_the_package_comes_before_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package" / "__init__.py"
    monkeypatch.setattr("profilegen.__file__", str(package))
    assert builtin_folder() == tmp_path / "templates"
    (tmp_path / "package" / "templates").mkdir(parents=True)
    assert builtin_folder() == tmp_path / "package" / "templates"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nowhere: there is no such folder of templates"):
        open_templates(tmp_path / "nowhere")


def test_an_own_template_comes_first_and_the_built_in_stays_within_reach(tmp_path: Path) -> None:
    (tmp_path / "declarations").mkdir()
    (tmp_path / "declarations" / "activation.json.j2").write_text("own")
    own = '{% include "declarations/activation.json.j2" %}'
    built_in = '{% include "builtin/declarations/activation.json.j2" %}'
    assert render_own(tmp_path, own) == "own"
    assert "'declaration' is undefined" in failure(tmp_path, built_in)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n{% if %}", "template DIR/own.json.j2, line 2: Expected an expression"),
        ("one\n\n{{ nothing }}", "template DIR/own.json.j2, line 3: 'nothing' is undefined"),
        ("{{ text.nothing }}", "template DIR/own.json.j2, line 1: 'str object' has no attribute"),
        ("{{ 1 / 0 }}", "template DIR/own.json.j2, line 1: ZeroDivisionError"),
        ("{{ [] + 1 }}", "template DIR/own.json.j2, line 1: TypeError"),
        (
            "{{ text.__class__ }}",
            "line 1: access to attribute '__class__' of 'str' object is unsafe",
        ),
        ("{{ ''.__class__.__mro__ }}", "is unsafe"),
        ("{{ items.append(1) }}", "line 1: access to attribute 'append'"),
        (
            '{% include "gone.j2" %}',
            "template DIR/own.json.j2, line 1: there is no template gone.j2",
        ),
        ('{% include "own.json.j2" %}', "RecursionError"),
        ("{% for i in range(999999) %}{% endfor %}", "OverflowError"),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{{ items|random }}", "No filter named 'random'"),
        ("{{ thing|plist }}", "line 1: TypeError: object has no place in a property list"),
        ("{{ nothing|plist }}", "'nothing' is undefined"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert message in failure(tmp_path, text, text="x", items=[1], thing=object())


@pytest.mark.parametrize(
    "name",
    ["../secret.j2", "/secret.j2", "link.j2", "a\\b.j2", "builtin/../secret.j2", "", "loop.j2"],
)
def test_nothing_outside_of_the_folders_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (tmp_path / "secret.j2").write_text("secret")
    (folder / "link.j2").symlink_to(tmp_path / "secret.j2")
    (folder / "loop.j2").symlink_to(folder / "loop.j2")
    assert "there is no template" in failure(
        folder, f'{{% include "{name}" %}}'.replace("\\", "\\\\")
    )


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "OUTPUT_SIZE_LIMIT", 100)
    assert render_own(tmp_path, "{{ 'x' * 100 }}") == "x" * 100
    assert "gives more than 100 characters" in failure(tmp_path, "{{ 'x' * 101 }}")
    monkeypatch.setattr(environment, "TEMPLATE_SIZE_LIMIT", 10)
    assert "DIR/own.json.j2: is larger than 10 bytes" in failure(tmp_path, "x" * 11)


def test_a_template_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "own.json.j2").write_text("")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(TemplateError, match=r"own\.json\.j2: cannot be read: Permission denied"):
        render_text(open_templates(tmp_path), "own.json.j2", {})


def test_a_template_is_utf_8(tmp_path: Path) -> None:
    (tmp_path / "own.json.j2").write_bytes(b"ab\xff")
    with pytest.raises(TemplateError, match=r"own\.json\.j2: is not UTF-8 \(byte 3\)"):
        render_text(open_templates(tmp_path), "own.json.j2", {})


def test_text_is_escaped_in_property_lists_only(tmp_path: Path) -> None:
    assert render_own(tmp_path, "{{ text }}", "own.plist.j2", text="<&") == "&lt;&amp;"
    assert render_own(tmp_path, "{{ text }}", "own.mobileconfig.j2", text="<&") == "&lt;&amp;"
    assert render_own(tmp_path, "{{ text }}", text="<&") == "<&"
