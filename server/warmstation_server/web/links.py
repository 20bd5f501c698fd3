"""One-tap navigation to a station in the map programs that riders have.

Coordinates are WGS-84 and said to be; each vendor shifts them onto its own map itself.
Parameters as in the vendors' public URI API pages (lbs.amap.com/api/uri-api,
lbs.qq.com/webApi/uriV1, lbsyun.baidu.com: Web URI).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urlencode

SOURCE = "warmstation"


class MapLink(NamedTuple):
    """A link and the catalogue key of the program it opens."""

    word: str
    url: str


def map_links(lat: float, lon: float, name: str, address: str) -> tuple[MapLink, ...]:
    """Navigation links, the most used program first, `geo:` (RFC 5870) last."""
    return (
        MapLink("map.amap", amap(lat, lon, name)),
        MapLink("map.tencent", tencent(lat, lon, name)),
        MapLink("map.baidu", baidu(lat, lon, name, address)),
        MapLink("map.other", f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}({quote(name)})"),
    )


def amap(lat: float, lon: float, name: str) -> str:
    """Amap: by e-bike or bicycle from where the rider is."""
    # a comma would end the name: Amap takes `lon,lat,name`
    to = f"{lon:.6f},{lat:.6f},{name.replace(',', ' ')}"
    return "https://uri.amap.com/navigation?" + _query(
        to=to, mode="ride", src=SOURCE, coordinate="wgs84", callnative="1"
    )


def tencent(lat: float, lon: float, name: str) -> str:
    """Tencent: its web route planner knows no bicycles; coord_type 1 is WGS-84."""
    return "https://apis.map.qq.com/uri/v1/routeplan?" + _query(
        type="drive", to=name, tocoord=f"{lat:.6f},{lon:.6f}", coord_type="1", referer=SOURCE
    )


def baidu(lat: float, lon: float, name: str, address: str) -> str:
    """Baidu: the marker, whose page offers the way there; its web route needs an origin."""
    return "https://api.map.baidu.com/marker?" + _query(
        location=f"{lat:.6f},{lon:.6f}",
        title=name,
        content=address or name,
        output="html",
        coord_type="wgs84",
        src=f"webapp.{SOURCE}.{SOURCE}",
    )


def _query(**parameters: str) -> str:
    return urlencode(parameters, quote_via=quote, safe=",")
