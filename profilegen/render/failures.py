"""What can be wrong with templates; both kinds end with exit code 3."""

from __future__ import annotations

from profilegen.errors import InputError


class TemplateError(InputError):
    """A template cannot be found, read or run, or what it gives is not a file of its kind."""

    slug = "template"


class TemplateRefused(InputError):  # noqa: N818  (nothing failed: what came out is turned down)
    """A template runs, but its output does not hold what the plan decided."""

    slug = "template"
