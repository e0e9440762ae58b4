"""No core file: what a crash leaves of the memory would hold keys, PINs and passphrases."""

from __future__ import annotations

import sys

_PR_SET_DUMPABLE = 4  # prctl(2), linux/prctl.h


def forbid_core_files() -> None:
    """Let this process leave no core file, however it ends; where the system cannot, do nothing.

    On Linux other processes of the same user cannot read its memory or its environment either, or
    attach a debugger to it, as with ssh-agent and gpg-agent.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  (not on Windows)

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        try:
            import ctypes  # noqa: PLC0415  (start-up)
        except ImportError:  # a Python that was built without libffi
            return
        # The limit does not hold where the kernel hands core files to a program: core(5).
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
