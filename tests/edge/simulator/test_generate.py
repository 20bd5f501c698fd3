from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.support.simulated import plan
from warmstation_edge.simulator.faults import of_station
from warmstation_edge.simulator.fleet import load
from warmstation_edge.simulator.generate import STEP_S, Span, histories, history
from warmstation_edge.simulator.plan import StationPlan
from warmstation_edge.simulator.world import World
from warmstation_wire import Report
from warmstation_wire.plain import Plain

END = datetime(2026, 11, 21, 4, tzinfo=UTC)
TWO_DAYS = Span(END, 2)


def count(plan: StationPlan, reports: Iterable[Plain]) -> int:
    return sum(1 for _ in reports)


def test_reports_are_five_minutes_apart_and_end_at_the_end() -> None:
    moments = [report.measured_at for report in history(plan(), TWO_DAYS)]
    assert len(moments) == 576
    assert moments[-1] == END
    gaps = {after - before for before, after in pairwise(moments)}
    assert gaps == {timedelta(seconds=STEP_S)}


def test_every_report_is_one_that_the_contract_accepts() -> None:
    orders = ("sensor_85=outlet@-1h", "beam_blocked@-2h", "smoke@-30m", "ebike_overheat@-20m")
    faulty = plan(faults=tuple(of_station(order) for order in orders))
    for station in (faulty, *load("all").stations[::9]):
        for report in history(station, Span(END, 1)):
            assert Report.model_validate_json(report.to_json()) == report


def test_counters_only_rise_and_numbers_follow_each_other() -> None:
    entered, wh = 0, 0.0
    for seq, report in enumerate(history(plan(), TWO_DAYS), 1):
        assert report.seq == seq
        assert report.people is not None
        assert report.people.entered is not None
        assert report.people.left is not None
        assert report.people.inside == report.people.entered - report.people.left
        assert report.people.entered >= entered
        energy_wh = sum(charger.energy_wh or 0.0 for charger in report.chargers or ())
        assert energy_wh >= wh - 0.5
        entered, wh = report.people.entered, energy_wh
    assert entered > 40


def test_a_station_without_power_is_silent() -> None:
    never = plan(faults=(of_station("power_cut@-400d"),))
    assert list(history(never, TWO_DAYS)) == []
    lately = plan(faults=(of_station("power_cut@-9h"),))
    *_, last = history(lately, TWO_DAYS)
    assert END - timedelta(hours=9, minutes=6) < last.measured_at < END - timedelta(hours=9)


def test_faults_show_as_the_agent_would_tell_them() -> None:
    orders = ("sensor_85=outlet@-3h", "beam_blocked=inner@-3h", "heater_dead@-26h")
    faulty = plan(faults=tuple(of_station(order) for order in orders))
    *_, last = history(faulty, TWO_DAYS)
    reasons = {fault.sensor: fault.reason for fault in last.faults or ()}
    assert reasons == {"outlet": "power_on", "door": "blocked"}
    assert last.climate is not None
    assert last.climate.outlet_c is None
    assert (last.climate.heating, last.climate.heater_w) == ("on", 0.0)
    assert last.climate.room_c is not None
    assert last.climate.room_c < 17
    assert last.people is not None
    assert last.people.inside is None


def test_missing_sensors_give_no_values() -> None:
    bare = plan(sensors=plan().sensors - {"outlet", "door", "contact", "heater", "smoke"})
    *_, last = history(bare, Span(END, 1))
    assert last.door is None
    assert last.people is not None
    assert last.people.inside is None
    assert last.climate is not None
    assert last.climate.outlet_c is None
    assert last.climate.heating is None


def test_a_live_world_goes_on_where_history_ended() -> None:
    fleet = load("kunshan").first(1)
    (made,) = histories(fleet, TWO_DAYS, count, processes=1)
    station = fleet.stations[0]
    *_, last = history(station, TWO_DAYS)
    live = World(station, END.timestamp(), "1", state=made.state)
    live.step(1)
    assert last.climate is not None
    assert live.room.air_c == pytest.approx(last.climate.room_c, abs=0.2)
    assert live.outdoor_c == pytest.approx(last.climate.outdoor_c, abs=0.1)
    assert last.people is not None
    assert abs(live.crowd.inside - (last.people.inside or 0)) <= 1
    assert [supply.level for supply in last.supplies or ()] == pytest.approx(
        list(live.shelf.levels.values()), abs=0.02
    )


def test_workers_make_what_one_process_makes() -> None:
    fleet = load("xifeng").first(3)
    span = Span(END, 1)
    alone = {made.station: (made.kept, made.state) for made in histories(fleet, span, count, 1)}
    together = {made.station: (made.kept, made.state) for made in histories(fleet, span, count, 2)}
    assert alone == together
