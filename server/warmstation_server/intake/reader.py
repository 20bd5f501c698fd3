"""A process that only reads: it takes messages as they came, and gives them back read.

Started by `readers.py` as `python -m warmstation_server.intake.reader LINE`, a socket for both
ways. It ends when the other side has gone.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import suppress

from warmstation_server.intake.orders import GC_THRESHOLDS, MESSAGES
from warmstation_server.intake.parcels import framed, packed, unframed, unpacked


def main(line_fd: int) -> None:
    """Read until there is nobody to read for."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    gc.set_threshold(*GC_THRESHOLDS)
    line, stream = socket.socket(fileno=line_fd), os.fdopen(line_fd, "rb", 2**20, closefd=False)
    with line, stream, suppress(OSError):
        for came in unframed(stream):
            line.sendall(framed((MESSAGES, packed(unpacked(came, 0)))))


if __name__ == "__main__":
    main(int(sys.argv[1]))
