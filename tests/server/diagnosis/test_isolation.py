"""Which link broke, and what it is called: by what all of them say."""

from __future__ import annotations

from typing import Any

import pytest

from warmstation_server.diagnosis.isolation import Links, Named, corrects, named


def test_a_reading_that_sank_as_a_room_does_was_not_moved() -> None:
    sank = Links(thermostat="lowered", step_k=-1.0, step_min=30.0, off_k=3.0)
    jumped = Links(thermostat="lowered", step_k=-1.0, step_min=30.0, off_k=1.2)

    assert [cause.cause for cause in (named(sank), named(jumped)) if cause] == [
        "setpoint",
        "sensor_moved",
    ]


_DRAWS: dict[str, Any] = {"power_share": 1.0, "kind": "electric"}


@pytest.mark.parametrize(
    ("links", "cause"),
    [
        (Links(power="none", outlet="none"), "no_heat"),
        (Links(thermostat="shifted", shifted_k=-5.0, silence=9.0, door_is_known=True), "closed"),
        (Links(thermostat="shifted", shifted_k=-5.0, silence=0.5, door_is_known=True), "setpoint"),
        (Links(thermostat="shifted", shifted_k=5.0, silence=9.0, door_is_known=True), "setpoint"),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0), "no_heat"),
        (Links(outlet="none", heated=5.0, heated_bins=3.0), "outlet_detached"),
        (Links(outlet="none", heated=0.5, heated_bins=1.0, waited_min=5.0), None),
        (Links(outlet="weak"), "weak_heat"),
        (Links(outlet="weak", rose_min=30.0), None),
        (Links(outlet="weak", rose_min=300.0), "weak_heat"),
        (Links(outlet="weak", kind="electric"), "weak_heat"),
        (Links(outlet="weak", waited_min=10.0, **_DRAWS), None),
        (Links(outlet="weak", waited_min=30.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="weak", heated=4.0, heated_bins=2.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="weak", heated=-4.0, heated_bins=2.0, **_DRAWS), "weak_heat"),
        (Links(outlet="none", heated=3.0, heated_bins=1.0, **_DRAWS), None),
        (Links(outlet="none", heated=-1.0, waited_min=15.0, **_DRAWS), None),
        (Links(outlet="none", heated=-1.0, waited_min=25.0, **_DRAWS), "outlet_detached"),
        (Links(outlet="none", heated=-6.0, heated_bins=2.0, **_DRAWS), "no_heat"),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0, kind="heatpump"), None),
        (Links(outlet="none", heated=-9.0, heated_bins=3.0, kind="heatpump"), "no_heat"),
        (Links(outlet="stuck"), "stuck_on"),
        (Links(outlet="over", power="weak"), "overheat"),
        (Links(room="door"), "door_open"),
        (Links(room="door", thermostat_content=True), None),
        (Links(thermostat="missing"), None),
        (Links(thermostat="lowered"), "setpoint"),
        (Links(thermostat="lowered", door_is_known=True, door_is_silent=True), "closed"),
        (Links(thermostat="lowered", door_is_known=True, silence=3.0, is_open=True), None),
        (Links(thermostat="lowered", door_is_known=True, silence=3.0), "setpoint"),
        (Links(thermostat="lowered", door_is_known=True, silence=7.0), "closed"),
        (Links(thermostat="excess", step_k=1.5, step_min=120.0), "sensor_moved"),
        (Links(thermostat="excess", step_k=1.5, step_min=60.0), None),
        (Links(thermostat="missing", step_k=-1.5, step_min=30.0), "sensor_moved"),
        (Links(thermostat="lowered", step_k=1.5, step_min=100.0), "setpoint"),
        (Links(thermostat="lowered", step_k=-1.5, step_min=600.0), "setpoint"),
        (Links(room="door", outlet_is_hot=True), None),
        (Links(room="door", contact_shut=True), None),
        (Links(room="door", door_is_known=True, silence=4.0), None),
        (Links(room="door", silence=4.0), "door_open"),
        (Links(room="door", fell_alone=True), None),
        (Links(outlet="none", heated=-5.0, heated_bins=3.0, probe_fell=True), "outlet_detached"),
        (Links(outlet="none", heated=-15.0, heated_bins=5.0, probe_fell=True), "no_heat"),
        (Links(contact_open=True, outlet="weak"), "door_open"),
        (Links(stands_apart=True, room="door"), "sensor_moved"),
        (Links(stands_apart=True, outlet="stuck"), "stuck_on"),
        (Links(thermostat="excess", off_k=5.5), "stuck_on"),
        (Links(thermostat="excess", off_k=4.5), "setpoint"),
        (Links(thermostat="shifted", shifted_k=1.0, step_k=-1.5), "setpoint"),
        (Links(thermostat="shifted", shifted_k=-4.0, step_k=-0.8, step_min=30.0), "setpoint"),
        (Links(thermostat="shifted", shifted_k=-1.5, step_k=-0.6, step_min=30.0), "sensor_moved"),
        (Links(thermostat="missing", step_k=-1.2, step_min=30.0, turned_k=1.8), "sensor_moved"),
        (Links(thermostat="missing", step_k=-1.2, step_min=30.0, turned_k=3.4), None),
        (Links(), None),
    ],
)
def test_the_link_that_broke_names_the_cause(links: Links, cause: str | None) -> None:
    found = named(links)

    assert (found.cause if found else None) == cause


def test_a_room_that_gets_no_heat_corrects_a_blamed_probe_and_nothing_else() -> None:
    sure = named(Links(outlet="none", heated=-20.0, heated_bins=6.0, **_DRAWS))
    unsure = Named("no_heat", "outlet", 0.6)

    assert sure is not None
    assert corrects("outlet_detached", sure)
    assert not corrects("outlet_detached", unsure)
    assert not corrects("overheat", sure)
    assert not corrects("no_heat", Named("outlet_detached", "outlet", 0.85))
