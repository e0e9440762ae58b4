"""Who may call PKCS#11 modules when: one thread at a time, of the process that started them."""

from __future__ import annotations

import os
import threading

from profilegen.errors import SigningError


class Turns:
    """Serialises calls, and refuses them in a child process.

    python-pkcs11 starts modules without locking of their own, and SoftHSM2 crashes with two threads
    in it. What a module knows does not survive fork() (PKCS#11 v2.20, section 6.6.1), and to start
    it again in the child would need one that python-pkcs11 has not loaded already.
    """

    def __init__(self) -> None:
        """Belong to the process that takes the first turn."""
        self._lock = threading.Lock()
        self._process: int | None = None

    def __enter__(self) -> None:
        """Wait until no other thread has its turn. Raises SigningError in a child process."""
        # Before the lock, which another thread may have held when the process was forked.
        if self._process not in {None, os.getpid()}:
            message = "pkcs11: the token was opened in the process that this one was forked from"
            hint = "Open the identity in a process that was started afresh (spawn, not fork)."
            raise SigningError(message, hint=hint)
        self._lock.acquire()
        self._process = os.getpid()

    def __exit__(self, *_: object) -> None:
        """Let the next thread have its turn."""
        self._lock.release()


ONE_AT_A_TIME = Turns()
"""For all modules and tokens: which of them share a library beneath, nobody knows."""
