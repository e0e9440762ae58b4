"""Text that a tool replaces before a device sees the file: variables and blocks of templates.

Only the syntax is known here. Whether and when a placeholder is replaced, no file says.
"""

from __future__ import annotations

import re


class Placeholder(str):
    """The text that stands where a property list demands a number, date, boolean or data.

    `<integer>{{dav.port}}</integer>` is no property list; it becomes one when the template is
    filled. Rules leave such a value alone: its type is promised, its value is not known.
    """

    __slots__ = ()


# Each form begins with a sign of its own, which makes the search fast, and ends at the first
# character that it cannot hold, so that any text takes one pass for each form.
_ANYWHERE = tuple(
    re.compile(form)
    for form in (
        r"\{\{[^{}]++\}\}",  # Handlebars, Jinja; Intune, SimpleMDM
        r"\{%[-+~]?\s*+[A-Za-z][^{}%]*+(?:%(?!\})[^{}%]*+)*+%\}",  # blocks of Jinja and Liquid
        r"<%[^<>%]++(?:%(?!>)[^<>%]*+)*+%>",  # ERB, as Puppet and Chef have it
        r"<\?(?:php\b|=)[^?]*+(?:\?(?!>)[^?]*+)*+\?>",  # PHP
        r"\$FLEET_(?:VAR|SECRET)_[A-Z0-9_]+",  # Fleet: per device, and secrets
        r"\$\{FLEET_(?:VAR|SECRET)_[A-Z0-9_]+\}",
        r"%(?<![A-Za-z0-9]%)[A-Z][A-Z0-9_]{2,60}%(?![0-9A-Fa-f]{2})",  # jamf-upload's %KEY%
        r"\{(?<![${%]\{)(?:[A-Z][a-z0-9]++){2,}+\}",  # Workspace ONE: {EmailAddress}
        r"\{(?<![${%#]\{)[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)++\}",  # str.format: {PROFILE_UUID}
    )
)
_WHOLE = re.compile(
    r"""
      \$ [A-Z] [A-Z0-9_]{2,60}                          # Jamf: $USERNAME, $EXTENSIONATTRIBUTE_7
    | % (?!AD_|ComputerName%|HardwareUUID%|HostName%|LocalHostName%|MACAddress%|SerialNumber%)
      [A-Za-z] [A-Za-z0-9_]{2,60} %                     # Profile Manager, Jamf School: %FullName%
    | \{ [A-Z] [A-Z0-9_]{2,60} \}                       # str.format: {PASSWORD}
    | \$ (?=\w*(?i:email|host|identifier|password|secret|username|uuid)) [a-z_] \w{2,60}
                                                      # PHP, shell, Perl: $userPassword
    | op:// [^/\n]++ / [^/\n]++ / [^\n]++               # a secret reference of 1Password
    """,
    re.VERBOSE,
)
_LONGEST_WHOLE = 500
_BRACED = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_.:-]*+)\}")  # Terraform, envsubst
# Chrome and its kin replace these on the device (chromium, policy_path_parser_mac.mm); they are
# finished values, as are `%ComputerName%` and its like, which macOS replaces in 802.1X settings.
_OF_CHROME = frozenset({"documents", "machine_name", "user_home", "user_name", "users"})


def is_placeholder(value: object) -> bool:
    """Say whether `value` is, or is a text that contains, something that a template tool replaces.

    Known are `{{ x }}`, `{% x %}`, `<% x %>`, `<?php x ?>`, `${x}`, Fleet's `$FLEET_VAR_X`
    and `$FLEET_SECRET_X`, jamf-upload's `%KEY%`, Workspace ONE's `{EmailAddress}` and
    `{PROFILE_UUID}` anywhere in a text; and, only as the whole text, Jamf's `$USERNAME`, Profile
    Manager's `%short_name%`, `{PASSWORD}`, variables of scripts such as `$userPassword`, and
    1Password's `op://vault/item/field`. Prices, percent-encoded addresses, UUIDs in braces,
    scripts, and variables that macOS or Chrome replace on the device are ordinary text.
    Sources: the documentation of each tool.
    """
    if isinstance(value, Placeholder):
        return True
    if not isinstance(value, str):
        return False
    return (
        any(form.search(value) for form in _ANYWHERE)
        or (len(value) <= _LONGEST_WHOLE and _WHOLE.fullmatch(value.strip()) is not None)
        or _has_braced_variable(value)
    )


def _has_braced_variable(text: str) -> bool:
    # A script means its own variables.
    if text.lstrip().startswith("#!"):
        return False
    return any(match[1] not in _OF_CHROME for match in _BRACED.finditer(text))
