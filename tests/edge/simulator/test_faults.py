from __future__ import annotations

import math

import pytest

from tests.support.simulated import plan
from warmstation_edge.simulator.errors import BadFault
from warmstation_edge.simulator.faults import FaultName, FaultPlan, parse
from warmstation_edge.simulator.parts import check_part


def test_an_order_says_station_fault_part_start_and_duration() -> None:
    order = parse("ks-songnan:sensor_stuck=outlet@+120s/10m")
    assert order.is_for("ks-songnan")
    assert not order.is_for("ks-shipu")
    assert order.fault.name is FaultName.SENSOR_STUCK
    assert order.fault.part == "outlet"
    assert (order.fault.start_s, order.fault.end_s) == (120, 720)


def test_without_times_a_fault_lasts_from_the_start_for_good() -> None:
    fault = parse("xf-*:network_cut").fault
    assert (fault.start_s, fault.end_s) == (0, math.inf)
    assert parse("xf-*:network_cut").is_for("xf-beidajie")


def test_a_fault_may_have_begun_before_the_start() -> None:
    assert parse("ks-shipu:power_cut@-2d/3h").fault.start_s == -172_800


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("heater_dead", "not of the form"),
        ("ks-songnan:heater_broken", "heater_broken.*none of heater_dead"),
        ("ks-songnan:smoke@soon", "'soon' is no time"),
        ("ks-songnan:smoke/forever", "'forever' is no time"),
        ("ks-songnan:smoke/0s", "more than nothing"),
    ],
)
def test_an_order_that_cannot_be_read_says_why(text: str, said: str) -> None:
    with pytest.raises(BadFault, match=said):
        parse(text)


def test_a_plan_knows_what_is_active_at_each_moment() -> None:
    faults = [parse("s1:smoke@10s/10s").fault, parse("s1:beam_blocked=inner@15s/10s").fault]
    active = FaultPlan(faults).active
    moments = (0, 10, 15, 19.9, 20, 25, 12)
    assert [set(active(at_s)) for at_s in moments] == [
        set(),
        {FaultName.SMOKE},
        {FaultName.SMOKE, FaultName.BEAM_BLOCKED},
        {FaultName.SMOKE, FaultName.BEAM_BLOCKED},
        {FaultName.BEAM_BLOCKED},
        set(),
        {FaultName.SMOKE},
    ]
    assert active(16)[FaultName.BEAM_BLOCKED] == "inner"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("socket_dead=p9", "there are p1, p2"),
        ("sensor_85=door", "there are room, outlet, outdoor"),
        ("smoke=room", "takes no part"),
    ],
)
def test_a_fault_of_a_part_that_is_not_there_is_refused(order: str, said: str) -> None:
    with pytest.raises(BadFault, match=said):
        check_part(plan(), parse(f"s1:{order}").fault)


def test_a_fault_of_equipment_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadFault, match="lacks"):
        check_part(plan(ebike_chargers=0), parse("s1:ebike_overheat").fault)
