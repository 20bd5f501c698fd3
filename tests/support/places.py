"""Regions and stations for tests of the registry."""

from __future__ import annotations

from typing import Any

from warmstation_server.places import ChargerPlan, Region, Station, Text

REGIONS = (
    Region("kunshan", Text("昆山市", "Kunshan"), "city"),
    Region("qiandeng", Text("千灯镇", "Qiandeng"), "street", "kunshan"),
    Region("songnan", Text("淞南社区"), "community", "qiandeng"),
)


def station(key: str = "ks-songnan", **changes: Any) -> Station:
    """A station in Songnan with everything filled in."""
    values: dict[str, Any] = {
        "district": "kunshan",
        "name": Text("淞南暖新驿站", "Songnan Warm Station"),
        "lat": 31.2601,
        "lon": 121.0032,
        "region_id": "songnan",
        "hours": "Mo-Fr 09:00-18:00; PH off",
        "capacity": 12,
        "host_type": "community",
        "address": '千灯镇 "淞南" 路 1 号\\后门',
        "target_c": 21.5,
        "facilities": ("wifi", "book_corner"),
        "chargers": (ChargerPlan("phone", 6), ChargerPlan("ebike", 2)),
        "supplies": ("water", "noodles"),
        "donors": (("water", "红十字会"), ("noodles", "A = B Co.")),
        "contact_phone": "0512-00000001",
        "access_methods": ("walk_in", "qr"),
        "is_simulated": True,
    }
    return Station(key, **(values | changes))
