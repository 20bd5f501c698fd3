"""What a report costs a station: bytes written to the card in a day, CPU by stage.

    python -m tests.bench.edge_path

One JSON object on stdout. The card's bytes are what the kernel hands to the block device
(/proc/self/io, write_bytes), so the directory must not be a tmpfs.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.support.clocks import FakeClock
from tests.support.links import FakeLink
from tests.support.stations import StationOnBoard
from warmstation_edge.due import Intervals, Reported, report_due
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits
from warmstation_edge.uplink import Online, Uplink

DAY = 24 * 60
STATION, DISTRICT = "ks-songnan", "kunshan"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        root = Path(folder)
        moment = StationOnBoard(root / "board").run(10)
        figures = {
            "report_bytes": len(moment.as_report(STATION, "9f3c", 1).to_json()),
            "card_bytes_day_receipted": card_bytes(root / "a", moment, receipt_s=1),
            "card_bytes_day_receipt_late": card_bytes(root / "b", moment, receipt_s=90),
            "card_bytes_day_offline": card_bytes(root / "c", moment, receipt_s=None),
            **cpu(root / "d", moment),
        }
    print(json.dumps(figures, indent=1))


def card_bytes(folder: Path, moment: Measurement, receipt_s: float | None) -> int:
    """A day of one report a minute; its receipt comes after so long, or never."""
    clock, link, outbox, uplink = _station(folder)
    if receipt_s is not None:
        link.happen(Online())
    before = _written()
    due: list[tuple[float, int]] = []
    for second in range(DAY * 60):
        clock.advance(seconds=1)
        if second % 60 == 0:
            outbox.add(replace(moment, measured_at=clock.now()))
        outbox.tick()
        uplink.turn()
        due += [(second + (receipt_s or 0), seq) for seq in link.reports()]
        while due and due[0][0] <= second:
            link.receipt(outbox.stream, due.pop(0)[1])
    outbox.flush()
    written = _written() - before
    outbox.abandon()
    return written


def cpu(folder: Path, moment: Measurement) -> dict[str, float]:
    """CPU microseconds a report, all in one thread, receipts in time."""
    _, link, outbox, uplink = _station(folder)
    link.happen(Online())
    uplink.turn()
    last = Reported(replace(moment, uptime_s=0.0, faults=None), 0.0)
    count = 5000
    return {
        "due_cpu_us": _each(count, lambda: report_due(last, moment, 1.0, Intervals())),
        "outbox_add_cpu_us": _each(count, lambda: outbox.add(moment))
        + _drain(outbox, link, uplink),
        "add_send_receipt_cpu_us": _each(count, lambda: _one(outbox, link, uplink, moment)),
        "idle_turn_cpu_us": _each(count, lambda: _idle(outbox, uplink)),
    }


def _idle(outbox: Outbox, uplink: Uplink) -> None:
    outbox.tick()
    uplink.turn()


def _one(outbox: Outbox, link: FakeLink, uplink: Uplink, moment: Measurement) -> None:
    report = outbox.add(moment)
    outbox.tick()
    uplink.turn()
    link.sent.clear()
    link.receipt(outbox.stream, report.seq)
    uplink.turn()


def _drain(outbox: Outbox, link: FakeLink, uplink: Uplink) -> float:
    link.receipt(outbox.stream, *outbox.backlog())
    uplink.turn()
    link.sent.clear()
    return 0.0


def _station(folder: Path) -> tuple[FakeClock, FakeLink, Outbox, Uplink]:
    clock, link = FakeClock(), FakeLink(DISTRICT, STATION)
    outbox = Outbox(STATION, OutboxLimits(path=folder / "outbox.db"), clock)
    return clock, link, outbox, Uplink(DISTRICT, STATION, outbox, link, clock, Random(1))


def _each(count: int, task: Callable[[], object]) -> float:
    start = time.process_time()
    for _ in range(count):
        task()
    return round((time.process_time() - start) / count * 1e6, 1)


def _written() -> int:
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


if __name__ == "__main__":
    main()
