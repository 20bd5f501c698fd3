"""Runs inside the virtual machine: an outbox that is filled until the power is cut.

Not imported by tests. Lines on the serial console: `waits SEQ ...` what the file held at the start,
`kept SEQ` a safety event whose `add` has returned, `flushed SEQ` a batch that is on the card.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, "/app")

from warmstation_edge.clock import SystemClock
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits

DATA = Path("/data")


def main() -> None:
    """Say that everything is loaded, wait for the word, and fill."""
    say("ready")
    sys.stdin.readline()
    subprocess.run(["/bin/busybox", "mount", "-t", "ext4", "/dev/vdb", str(DATA)], check=True)
    outbox = Outbox("ks-a", OutboxLimits(path=DATA / "outbox.db"), SystemClock())
    say("trouble", *(fault.reason for fault in outbox.faults()))
    say("waits", *sorted(outbox.backlog()))
    while True:
        fill(outbox)


def fill(outbox: Outbox) -> None:
    """A few reports in a batch, then a safety event, which is on the card when `add` returns."""
    for _ in range(3):
        seq = outbox.add(measured()).seq
    outbox.flush()
    say("flushed", seq)
    say("kept", outbox.add(measured(), urgent=True).seq)


def measured() -> Measurement:
    """A report of nothing in particular."""
    return Measurement(datetime.now(UTC), "unsynced", 1.0)


def say(*words: object) -> None:
    """One line, at once."""
    print(*words, flush=True)


if __name__ == "__main__":
    main()
