"""The commands by name, and the help that lists them; imports nothing, so that help is instant."""

from __future__ import annotations

# Name -> the module of `profilegen.cli` that holds it, and what it does in one line.
COMMANDS = {
    "init": ("policy", "Write a commented starter policy."),
    "check": ("policy", "Validate a policy and print every error in it."),
    "plan": ("plan", "Show what each target will and will not enforce."),
    "build": ("build", "Build a signed release from a policy."),
    "sign": ("sign", "Sign profiles and other files."),
    "verify": ("verify", "Verify signed files or a whole release."),
    "show": ("show", "Show what a file holds and who signed it."),
    "audit": ("audit", "Say what is wrong and what is open in anyone's files."),
    "diff": ("diff", "Say what changes on a device between two releases or files."),
    "certs": ("certs", "Make and describe signing identities."),
    "channels": ("channels", "Explain the channels and what closes them."),
    "schema": ("policy", "Print the JSON Schema of the policy file."),
    "completion": ("completion", "Print the shell completion script."),
}

_HELP = """\
Usage: profilegen [OPTIONS] COMMAND [ARGS]...

  Decide, render, prove and sign which managed mail accounts share data with
  unmanaged apps.

Options:
  --version    Show the version and exit.
  --traceback  Show the Python traceback of an error.
  -h, --help   Show this message and exit.

Commands:
{commands}

Exit codes:
  0 fine, 1 a check found something, 2 wrong usage, 3 invalid policy or input,
  4 key or certificate, 5 signature does not verify, 6 network or MDM service,
  70 a bug in profilegen
"""


def root_help() -> str:
    """Return the help of `profilegen` itself, for a terminal of 80 columns."""
    width = max(map(len, COMMANDS))
    lines = (f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return _HELP.format(commands="\n".join(lines))
