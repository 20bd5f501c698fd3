"""Compares what the agents measured with what the history holds, report by report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.flow_city import FAST_S, START_S, Books, City, Key, power_cuts, urgent
from warmstation.demo.proof import Measured, Proof, prove
from warmstation_edge.profile import OutboxLimits
from warmstation_server.history import History, Received, Usage
from warmstation_server.history.memory import MemoryHistory
from warmstation_wire import Report

LIMITS = OutboxLimits()
START = datetime.fromtimestamp(START_S, UTC) - timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The demo's own proof; what power cuts took by design; how many reports were urgent."""

    proof: Proof
    taken_by_power_cuts: int
    urgent: int


def judge(city: City, books: Books, history: History) -> Verdict:
    """AssertionError where anything is lost beyond the design, twice, changed or made up."""
    held = {station: list(_held(city, station, history)) for station in _names(city)}
    counts = Counter(_key(report) for reports in held.values() for report in reports)
    assert max(counts.values()) == 1, "a report is in the history twice"
    for reports in held.values():
        for report in reports:
            assert report == books.measured[_key(report)], "what is held is what was measured"
    missing = books.measured.keys() - counts.keys()
    assert not missing & books.receipted, "a receipt was given for what is not committed"
    for station in _names(city):
        _check_power_cuts(city, books.of(station), missing)
    _check_totals(city, held, history)
    proof = prove(_ledger(books), history)
    assert (proof.reports, proof.lost) == (len(books.measured), len(missing))
    assert proof.duplicated == 0
    alarms = sum(len(urgent(books.of(station))) for station in _names(city))
    return Verdict(proof, len(missing), alarms)


def _names(city: City) -> list[str]:
    return [plan.id for plan in city.fleet.stations]


def _held(city: City, station: str, history: History) -> Iterator[Report]:
    end = datetime.fromtimestamp(city.at_s, UTC) + timedelta(minutes=5)
    return (received.report for received in history.reports(station, START, end))


def _key(report: Report) -> Key:
    return report.station, report.stream, report.seq


def _check_power_cuts(city: City, reports: list[Report], missing: set[Key]) -> None:
    """Each lost report fell to a cut: not urgent, younger than a batch, and few together."""
    lost = [report for report in reports if _key(report) in missing]
    assert not urgent(reports) & {_key(report) for report in lost}, "an urgent report is lost"
    cuts = power_cuts(city, reports[0].station)
    by_cut = Counter(_cut_after(report, cuts) for report in lost)
    assert all(count < LIMITS.batch_reports for count in by_cut.values()), by_cut


def _cut_after(report: Report, cuts: list[float]) -> float:
    at_s = report.measured_at.timestamp()
    found = min((cut for cut in cuts if cut >= at_s), default=None)
    assert found is not None, f"{_key(report)} is lost, and there was no power cut"
    assert found - at_s <= LIMITS.batch_s + FAST_S, f"{_key(report)} was lost {found - at_s} s old"
    return found


def _check_totals(city: City, held: dict[str, list[Report]], history: History) -> None:
    """Kills, retries and late data leave the totals of a history that had it all in order."""
    start, end = START - timedelta(days=1), START + timedelta(days=4)
    plain = MemoryHistory(ZoneInfo("Asia/Shanghai"))
    plain.append([Received(r, "kunshan", r.measured_at) for rs in held.values() for r in rs])
    found = history.total(_names(city), start, end, "day")
    expected = plain.total(_names(city), start, end, "day")
    assert [_sums(one) for one in found] == [_sums(one) for one in expected]
    assert sum(one.reports for one in found) == sum(len(reports) for reports in held.values())


def _sums(usage: Usage) -> tuple[object, ...]:
    """What does not depend on hours and targets, which the plain history does not know."""
    energy = (usage.heater_wh, usage.charger_wh, usage.people_s, usage.measured_s)
    counts = (usage.start, usage.reports, usage.visits, usage.exits, usage.people_max)
    return *counts, *(pytest.approx(value, rel=1e-6, abs=1e-3) for value in energy)


def _ledger(books: Books) -> Measured:
    ledger = Measured()
    for key, report in books.measured.items():
        ledger.measured[key] = report.measured_at, report.measured_at.timestamp()
    ledger.receipted = dict.fromkeys(books.receipted, 0.0)
    return ledger
