"""Write docs/rules.md from the rules of the catalogue.

python docs/generate_rules.py            write it
python docs/generate_rules.py --check    exit 1 when it is not current
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from profilegen.catalogue.rules import Rule, rules

_PAGE = Path(__file__).with_name("rules.md")
_INTRODUCTION = """\
<!-- Made by docs/generate_rules.py: edit profilegen/catalogue/data/rules instead. -->

# Rules

What `profilegen audit` finds, by the code that it prints. `profilegen audit --explain CODE` prints
the same as this page; how a rule is switched off stands in [Audit](audit.md).

**error**: a device or server refuses it, or it certainly does something else than it says.
**warning**: it works, but less than its author will think, or not everywhere. **note**: worth
knowing."""
_FAMILIES = {
    "android": "Android policies",
    "containment": "What keeps mail inside",
    "identity": "Identifiers and names",
    "reading": "Files that are not as they should be",
    "schema": "Apple's schema",
    "signature": "Signatures",
}
_MARKUP = re.compile(r"([\\*_<>\[\]|#])")


def main() -> int:
    """Write the page, or say whether the one that is there is current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args()
    page = "\n\n".join(_blocks()) + "\n"
    if not options.check:
        _PAGE.write_text(page, encoding="utf-8")
        return 0
    if _PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/rules.md is not current: run python docs/generate_rules.py", file=sys.stderr)
    return 1


def _blocks() -> Iterator[str]:
    yield _INTRODUCTION
    by_family = [
        (family, list(group))
        for family, group in groupby(rules().values(), key=lambda rule: rule.family)
    ]
    yield "\n".join(_table(by_family))
    for family, group in by_family:
        yield f"## {_FAMILIES[family]}"
        for rule in group:
            yield from _section(rule)


def _table(by_family: list[tuple[str, list[Rule]]]) -> Iterator[str]:
    yield "| about | rule | severity | what is wrong |"
    yield "| --- | --- | --- | --- |"
    for family, group in by_family:
        for rule in group:
            link = f"[`{rule.code}`](#{rule.code})"
            title = _plain(rule.title)
            yield f"| {_FAMILIES[family]} | {link} | {rule.severity} | {title} |"


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.code}"
    yield f"**{_plain(rule.title)}** ({rule.severity})"
    yield _plain(rule.about)
    yield f"Fix: {_plain(rule.fix)}"
    yield "\n".join(f"- {_plain(source)}" for source in rule.sources)


def _plain(text: str) -> str:
    """Return `text` with nothing in it that Markdown reads as markup, except `code`."""
    parts = text.split("`")
    return "`".join(
        _MARKUP.sub(r"\\\1", part) if i % 2 == 0 else part for i, part in enumerate(parts)
    )


if __name__ == "__main__":
    sys.exit(main())
