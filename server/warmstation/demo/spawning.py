"""Processes that never outlive the one that started them; only the standard library is loaded."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Sequence
from functools import partial
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawned(
    command: Sequence[str], stdin: int, output: IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """A process in a session of its own that ends with this one. `output`: None = ours."""
    return subprocess.Popen(  # noqa: S603  (our own commands, no shell)
        command,
        stdin=stdin,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509  (no thread runs yet)
    )


def die_with(parent: int) -> None:
    """Bind a child to its parent: killed with -9, even a demo takes its children along (prctl(2)).

    To be called between fork and exec. A demo's own handler would only note SIGTERM, and what it
    noted ends with the exec: the signal's default comes first. A parent that died before the
    binding sends nothing any more: it is looked for last.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
