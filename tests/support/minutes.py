"""Minutes of a station, all alike but for what is said of one."""

from __future__ import annotations

from warmstation_server.diagnosis.sample import Minute


def a_minute(number: int, **values: float | bool | None) -> Minute:
    """An open minute without a call, at 20 degrees with 0 outside; `values` as the Minute's."""
    facts: dict[str, float | bool | None] = {
        "length_min": 1.0,
        "room": 20.0,
        "excess_k": None,
        "outdoor": 0.0,
        "call": 0.0,
        "watts": None,
        "doors": None,
        "is_open": True,
        "is_gap": False,
    }
    return Minute(at_s=60.0 * number, **{**facts, **values})  # type: ignore[arg-type]
