"""Whether a fleet has the stations, and a station the part, that a fault names."""

from __future__ import annotations

from collections.abc import Iterable

from warmstation_edge.simulator.errors import BadFault
from warmstation_edge.simulator.faults import Fault, FaultName, FaultOrder, parse
from warmstation_edge.simulator.plan import Fleet, StationPlan

_PROBES = ("room", "outlet", "outdoor")


def ordered(fleet: Fleet, texts: Iterable[str]) -> list[FaultOrder]:
    """The faults that these texts order; BadFault where one cannot be shown in this fleet."""
    orders = [parse(text) for text in texts]
    for order in orders:
        meant = [plan for plan in fleet.stations if order.is_for(plan.id)]
        if not meant:
            raise BadFault(f"fault for {order.stations!r}: no station of this fleet is called so")
        if "*" not in order.stations:
            check_part(meant[0], order.fault)
    return orders


def check_part(plan: StationPlan, fault: Fault) -> None:
    """BadFault where the fault cannot be shown at this station."""
    allowed = _allowed(plan, fault.name)
    if allowed is None:
        if fault.part is not None:
            raise BadFault(f"{plan.id}: {fault.name} takes no part, but {fault.part!r} is given")
    elif not allowed:
        raise BadFault(f"{plan.id}: {fault.name} needs equipment that this station lacks")
    elif fault.part is not None and fault.part not in allowed:
        has = ", ".join(allowed)
        raise BadFault(f"{plan.id}: {fault.name} of {fault.part!r}: there are {has}")


def _allowed(plan: StationPlan, name: FaultName) -> list[str] | None:
    """Parts that the fault may name, None where it has none."""
    probes = [probe for probe in _PROBES if probe in plan.sensors]
    ebikes = [f"e{number}" for number in range(1, plan.ebike_chargers + 1)]
    if name is FaultName.SENSOR_DISCONNECTED:
        pins = ("door", "presence", "smoke", "heater")
        cabinets = [f"{point}.probe" for point in ebikes]
        meters = [f"{point}.meter" for point in ebikes]
        on_buses = ["humidity", *meters] if plan.equipment == "full" else []
        return probes + [pin for pin in pins if pin in plan.sensors] + cabinets + on_buses
    if name in (FaultName.SENSOR_STUCK, FaultName.SENSOR_85):
        return probes + [f"{point}.probe" for point in ebikes]
    if name is FaultName.BEAM_BLOCKED:
        return ["outer", "inner"] if "door" in plan.sensors else []
    if name is FaultName.SOCKET_DEAD:
        return [f"p{number}" for number in range(1, plan.phone_chargers + 1)]
    if name is FaultName.EBIKE_OVERHEAT:
        return ebikes
    if name is FaultName.WATER_EMPTY:
        return None if "water" in plan.supplies else []
    return None
