"""What the agents measured and which receipts they got, independent of the server: JSON lines.

    {"event": "measured", "station": ..., "stream": ..., "seq": 7, "measured_at": ..., "at": ...}
    {"event": "receipted", "station": ..., "stream": ..., "seqs": ["1-7"], "at": ...}
    {"event": "waiting", "station": ..., "seqs": ["8-9"], "at": ...}

`at` is the machine's wall clock in POSIX seconds. `waiting` is written at the end: kept, not lost.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from warmstation_wire import Receipt, Report, rfc3339
from warmstation_wire.receipt import ranges


class Ledger:
    """Writes the lines; without a path it only counts."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("w", encoding="utf-8") if path else None
        self.measured = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def on_report(self, report: Report) -> None:
        """A report was measured and is in the outbox."""
        self.measured += 1
        self._write(
            event="measured",
            station=report.station,
            stream=report.stream,
            seq=report.seq,
            measured_at=rfc3339(report.measured_at),
        )

    def on_receipt(self, station: str, receipt: Receipt) -> None:
        """The server says that these are committed."""
        self._write(
            event="receipted", station=station, stream=receipt.stream, seqs=list(receipt.seqs)
        )

    def waiting(self, station: str, seqs: list[int]) -> None:
        """These are still in the outbox at the end."""
        if seqs:
            texts = [str(a) if a == b else f"{a}-{b}" for a, b in ranges(seqs)]
            self._write(event="waiting", station=station, seqs=texts)

    def _write(self, **line: object) -> None:
        if self._file:
            self._file.write(json.dumps(line | {"at": round(time.time(), 4)}) + "\n")
