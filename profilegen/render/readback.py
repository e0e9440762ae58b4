"""The comparison of what a template gave with what the plan decided: it may add, never weaken.

Compares values that must be there. Whether what was added opens anything is found by the audit
of the whole file, which the build runs afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from profilegen.plan.model import TargetPlan
from profilegen.plist import PlistDict, PlistValue
from profilegen.render.failures import TemplateRefused
from profilegen.render.paths import plain, same, values_at
from profilegen.render.settings import PlacedSetting, purpose

_HINT = (
    "Templates may add payloads, fields and wording; a decision is changed in the policy, "
    "not in a template."
)
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Check:
    """Whose output is compared: the target's plan, and where the templates came from."""

    plan: TargetPlan
    source: str

    def refuse(self, what: str) -> NoReturn:
        """Raise TemplateRefused, saying `what` is wrong in the template's output."""
        target = self.plan.target.id
        message = f"target {target}: {what}; the templates come from {self.source}"
        raise TemplateRefused(message, hint=_HINT)


@dataclass(frozen=True, slots=True)
class Fault:
    """A setting that the output does not hold: what it is for, and what is wrong, as sentences."""

    purpose: str
    text: str


def setting_fault(
    placed: PlacedSetting, container: PlistDict, where: str, check: Check
) -> Fault | None:
    """Return what is wrong unless the setting stands in `container`, which `where` names.

    It must stand there once, with the plan's value and its type.
    """
    expected = plain(placed.setting.value)
    found = list(values_at(container, placed.path, entry=placed.entry))
    if placed.path.endswith("[]"):
        held = any(same(expected, item) for item in found)
    else:
        held = len(found) == 1 and same(expected, found[0])
    if held:
        return None
    entry = "" if placed.entry is None else f" of {placed.entry.name}"
    for_what = purpose(placed.setting, check.plan) or "the plan"
    text = (
        f"{for_what} needs {placed.path}{entry} = {shown(expected)} in {where}, "
        f"but the template gives {_listed(found)}"
    )
    return Fault(for_what, text)


def refuse_faults(faults: Iterable[Fault | None], check: Check) -> None:
    """Raise TemplateRefused for the first fault, naming what all the others are for."""
    found = [fault for fault in faults if fault is not None]
    if not found:
        return
    others = dict.fromkeys(fault.purpose for fault in found if fault.purpose != found[0].purpose)
    also = f"; the same goes for {', '.join(others)}" if others else ""
    check.refuse(f"{found[0].text}{also}")


def require_keys(
    expected: Mapping[str, PlistValue], container: PlistDict, where: str, check: Check
) -> None:
    """Raise TemplateRefused unless each key of `expected` has its value in `container`.

    Values are not shown: there may be a passphrase among them.
    """
    for key, value in expected.items():
        if key not in container:
            check.refuse(f"the template leaves {key} out of {where}")
        if not same(value, container[key]):
            check.refuse(f"the template gives {key} in {where} another value")


def require_distinct(names: Iterable[PlistValue], what: str, check: Check) -> None:
    """Raise TemplateRefused when a name occurs twice; `what` says what the names are."""
    seen: list[PlistValue] = []
    for name in names:
        if name in seen:
            check.refuse(f"the template gives the {what} {shown(name)} twice")
        seen.append(name)


def entries(value: PlistValue | None) -> tuple[PlistDict, ...]:
    """Return the dictionaries in a list, none for anything that is no list."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return ()
    return tuple(item for item in value if isinstance(item, Mapping))


def shown(value: PlistValue) -> str:
    """Return a value for a message: short, on one line, true and false as files write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ascii(value)
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return text[: _SHOWN_CHARACTERS - 3] + "..."


def _listed(found: list[PlistValue]) -> str:
    return " and ".join(map(shown, found)) if found else "nothing"
