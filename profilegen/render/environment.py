"""Templates: where they are found, and the sandbox they run in.

Knows nothing of policies. A template sees the values it is given and other templates of its
folders, nothing else: no file, no clock, no random number, no Python internals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

import profilegen
from profilegen.render.failures import TemplateError
from profilegen.render.filters import plist_xml

BUILTIN_PREFIX = "builtin/"
TEMPLATE_SIZE_LIMIT = 1 << 20
OUTPUT_SIZE_LIMIT = 16 << 20
_SUFFIX = ".j2"
_ESCAPED = (".mobileconfig.j2", ".plist.j2")
_Found = tuple[str, str, None]
# What template code can raise by itself, beside jinja2's own errors: `{{ 1 / 0 }}`, `{{ [] + 1 }}`,
# a template that includes itself, a string repeated beyond memory.
_RAISED_BY_TEMPLATES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """Compiled templates, to be opened once and used for every target and user.

    `folder` is the engineer's own folder as it was given, "" for the built-in templates alone.
    `shown` makes what templates see of the values that they are given; as a rule, these values.
    """

    environment: jinja2.Environment
    folder: str
    shown: Callable[[Mapping[str, object]], Mapping[str, object]] = dict

    @property
    def source(self) -> str:
        """Where the templates come from, for messages."""
        return self.folder or "the built-in templates"


def open_templates(folder: Path | None = None) -> TemplateSet:
    """Return the templates of `folder`, and behind them the built-in ones.

    A template of the own folder takes the place of the built-in one of the same name, which
    stays within reach as `builtin/NAME`. Raises TemplateError when `folder` is none.
    """
    if folder is not None and not folder.is_dir():
        message = f"{folder}: there is no such folder of templates"
        raise TemplateError(message, hint="Name an existing folder with --templates.")
    own = [] if folder is None else [jinja2.FunctionLoader(_finder(folder, f"{folder}/"))]
    builtin = _finder(builtin_folder(), BUILTIN_PREFIX)

    def behind_prefix(name: str) -> _Found | None:
        if not name.startswith(BUILTIN_PREFIX):
            return None
        return builtin(name.removeprefix(BUILTIN_PREFIX))

    loaders = [*own, jinja2.FunctionLoader(builtin), jinja2.FunctionLoader(behind_prefix)]
    return TemplateSet(_environment(jinja2.ChoiceLoader(loaders)), "" if not own else str(folder))


def builtin_folder() -> Path:
    """Return the folder of the built-in templates: in the wheel, or else in the checkout."""
    package = Path(profilegen.__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


def refuse_unused(folder: Path) -> None:
    """Raise TemplateError when no file of `folder` has the name of a template it could replace."""
    names = _builtin_names()
    if any((folder / name).is_file() for name in names):
        return
    message = f"{folder}: none of its files has the name of a template, so none would be used"
    raise TemplateError(message, hint=f"The names are: {', '.join(names)}.")


def _builtin_names() -> tuple[str, ...]:
    folder = builtin_folder()
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob(f"*{_SUFFIX}"))
    return tuple(sorted(paths))


def own_templates(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file in `folder` that can be a template, in order.

    Left out are hidden files, and what is too large or no text, which no template can use either.
    """
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        inside = _inside(root, name.as_posix())
        if inside is None or any(part.startswith(".") for part in name.parts):
            continue
        with suppress(TemplateError):
            yield name.as_posix(), _read(inside, str(path)).encode()


def render_text(templates: TemplateSet, name: str, context: Mapping[str, object]) -> str:
    """Return what the template `name` gives.

    Raises TemplateError, with template and line, for anything that goes wrong inside.
    """
    try:
        template = templates.environment.get_template(name)
        pieces: list[str] = []
        size = 0
        for piece in template.generate(templates.shown(context)):
            size += len(piece)
            if size > OUTPUT_SIZE_LIMIT:
                raise _error(name, f"gives more than {OUTPUT_SIZE_LIMIT} characters")
            pieces.append(piece)
    except jinja2.TemplateSyntaxError as error:
        place = f"{error.filename or error.name}, line {error.lineno}"
        raise _error(place, error.message or "syntax error") from error
    except jinja2.TemplateNotFound as error:
        raise _error(_place(name, error.__traceback__), _not_found(error)) from error
    except jinja2.TemplateError as error:
        raise _error(_place(name, error.__traceback__), error.message or "failed") from error
    except _RAISED_BY_TEMPLATES as error:
        fault = f"{type(error).__name__}: {error}"
        raise _error(_place(name, error.__traceback__), fault) from error
    return "".join(pieces)


def _environment(loader: jinja2.BaseLoader) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=_escaped,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    # Chance would end reproducible releases.
    del environment.globals["lipsum"]
    del environment.filters["random"]
    environment.filters["plist"] = plist_xml
    return environment


def _escaped(name: str | None) -> bool:
    return name is not None and name.endswith(_ESCAPED)


def _finder(folder: Path, label: str) -> Callable[[str], _Found | None]:
    root = folder.resolve()

    def find(name: str) -> _Found | None:
        path = _inside(root, name)
        # Nothing is read again while a build runs.
        return None if path is None else (_read(path, label + name), label + name, None)

    return find


def _inside(root: Path, name: str) -> Path | None:
    """Return the file `name` below `root`, None for a name or a link that leads out of it."""
    try:
        path = root.joinpath(*PurePosixPath(name).parts).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long, a loop of links, a NUL
        return None


def _read(path: Path, label: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(TEMPLATE_SIZE_LIMIT + 1)
    except OSError as error:
        raise _error(label, f"cannot be read: {error.strerror}") from error
    if len(data) > TEMPLATE_SIZE_LIMIT:
        raise _error(label, f"is larger than {TEMPLATE_SIZE_LIMIT} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _error(label, f"is not UTF-8 (byte {error.start + 1})") from error


def _not_found(error: jinja2.TemplateNotFound) -> str:
    return f"there is no template {error.name}"


def _place(name: str, traceback: TracebackType | None) -> str:
    """Return the template and line that the innermost template frame of `traceback` is at."""
    place = name
    while traceback is not None:
        source = traceback.tb_frame.f_code.co_filename
        if source.endswith(".j2"):
            place = f"{source}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _error(place: str, fault: str) -> TemplateError:
    hint = "Mend the template; docs/templates.md lists what templates are given."
    return TemplateError(f"template {place}: {fault}", hint=hint)
