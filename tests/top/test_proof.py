"""The proof counts what was lost and what is there twice, from the ledger and the history."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from warmstation.demo.proof import Measured, Proof, prove
from warmstation_server.history import Received
from warmstation_server.history.memory import MemoryHistory
from warmstation_wire import Report, rfc3339

NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)


def _report(seq: int) -> Report:
    return Report(
        station="ks-songnan",
        stream="9f3c",
        seq=seq,
        measured_at=NOON + timedelta(seconds=seq),
        clock="synced",
    )


def _ledger(measured: int, receipted: list[str], waiting: list[str]) -> Measured:
    lines: list[dict[str, object]] = [
        {
            "event": "measured",
            "station": "ks-songnan",
            "stream": "9f3c",
            "seq": seq,
            "measured_at": rfc3339(NOON + timedelta(seconds=seq)),
            "at": 100.0 + seq,
        }
        for seq in range(1, measured + 1)
    ]
    about = {"station": "ks-songnan", "stream": "9f3c"}
    if receipted:
        lines.append({"event": "receipted", "seqs": receipted, "at": 104.5, **about})
    if waiting:
        lines.append({"event": "waiting", "seqs": waiting, "at": 105.0, **about})
    return Measured.read(json.dumps(line) for line in lines)


class Doubled(MemoryHistory):
    """A history that is broken: it holds everything twice."""

    def reports(self, station: str, start: datetime, end: datetime) -> Iterator[Received]:
        for received in super().reports(station, start, end):
            yield received
            yield received


def _filled(history: MemoryHistory, seqs: list[int]) -> MemoryHistory:
    history.append([Received(_report(seq), "kunshan", NOON) for seq in seqs])
    return history


def test_all_there_once_is_said_so() -> None:
    proof = prove(_ledger(4, ["1-4"], []), _filled(MemoryHistory(), [1, 2, 3, 4]))
    assert proof == Proof(1, 4, 4, 4, 0, 0, 0, 2500.0, 3500.0)


def test_what_is_in_no_outbox_and_not_in_the_history_is_lost() -> None:
    proof = prove(_ledger(4, ["1"], ["3-4"]), _filled(MemoryHistory(), [1]))
    assert (proof.committed, proof.waiting, proof.lost) == (1, 2, 1)


def test_a_report_that_is_held_twice_is_duplicated() -> None:
    proof = prove(_ledger(3, [], []), _filled(Doubled(), [1, 2, 3]))
    assert (proof.duplicated, proof.lost, proof.p50_ms) == (3, 0, None)


def test_what_others_measured_does_not_count() -> None:
    proof = prove(_ledger(2, ["1-2"], []), _filled(MemoryHistory(), [1, 2, 3]))
    assert (proof.reports, proof.committed, proof.duplicated) == (2, 2, 0)
