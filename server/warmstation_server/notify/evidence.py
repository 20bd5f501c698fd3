"""The evidence of a finding in words: what was measured, in both languages, with units. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warmstation_server.places import Text

MOST = 4
"""Facts in a message; the alert's page has all of them."""

_INNER = frozenset({"mode", "severity", "replaces", "parts", "pace", "state"})
"""What steers the rules and says nothing to people."""

_FACTS: Mapping[str, tuple[str, str, str]] = {
    "link": ("断点", "broken link", ""),
    "room_c": ("室温", "room", "°C"),
    "outlet_c": ("出风口", "outlet", "°C"),
    "outdoor_c": ("室外", "outdoors", "°C"),
    "value_c": ("读数", "reading", "°C"),
    "limit_c": ("限值", "limit", "°C"),
    "setpoint_c": ("设定", "set point", "°C"),
    "target_c": ("目标", "target", "°C"),
    "usual_switch_on_c": ("平时开机", "usually on at", "°C"),
    "usual_switch_off_c": ("平时停机", "usually off at", "°C"),
    "residual_k": ("与预期相差", "off expectation by", "K"),
    "usual_residual_k": ("平时相差", "usually off by", "K"),
    "outlet_excess_k": ("出风口高出", "outlet above room by", "K"),
    "fell_k": ("下降", "fell by", "K"),
    "power_w": ("功率", "power", "W"),
    "usual_power_w": ("平时功率", "usual power", "W"),
    "minutes": ("已持续", "for", "min"),
    "silent_min": ("无数据", "silent for", "min"),
    "watched_min": ("已观察", "watched for", "min"),
    "grace_min": ("容许", "grace", "min"),
    "late_h": ("晚", "late by", "h"),
    "level": ("余量", "level", "share"),
    "from": ("原余量", "level before", "share"),
    "hours": ("预计可用", "lasts", "h"),
    "open_early_h": ("开放时间内最早", "open hours at least", "h"),
    "pieces": ("件数", "pieces", ""),
    "expired": ("过期", "expired", ""),
    "last_day": ("保质期至", "good until", ""),
    "batch": ("批次", "batch", ""),
    "by": ("依据", "according to", ""),
    "days": ("剩余", "left", "d"),
    "jumps": ("跳变", "jumps", ""),
    "fell_at_once": ("突降", "fell at once", ""),
    "sessions_elsewhere": ("旁边使用次数", "sessions next to it", ""),
    "sockets": ("插座", "sockets", ""),
    "own_before": ("此前使用次数", "sessions before", ""),
    "contactor": ("接触器", "contactor", ""),
    "breaks": ("断线次数", "breaks", ""),
    "interval_s": ("上报间隔", "interval", "s"),
    "lag_s": ("时钟偏差", "clock off by", "s"),
    "clock": ("时钟", "clock", ""),
    "queued": ("待发", "queued", ""),
    "dropped": ("已丢弃", "dropped", ""),
    "reason": ("原因", "reason", ""),
    "sensor": ("传感器", "sensor", ""),
    "version": ("版本", "version", ""),
    "newest": ("最新版本", "newest version", ""),
    "inside": ("在站人数", "people inside", ""),
    "seats": ("座位", "seats", ""),
    "passages_expected": ("平时进出", "usual passages", ""),
    "detail": ("说明", "detail", ""),
}
_VALUES: Mapping[str, tuple[str, str]] = {
    "outlet": ("出风口", "outlet"),
    "room": ("室温", "room"),
    "power": ("供电", "power"),
    "door": ("门", "door"),
    "sensor": ("传感器", "sensor"),
    "setpoint": ("设定", "set point"),
    "heater": ("加热器", "heater"),
    "outlet to room": ("出风口到室内", "outlet to room"),
    "power to outlet": ("供电到出风口", "power to outlet"),
    "command to power": ("指令到供电", "command to power"),
    "restock": ("未登记的补货", "restock not entered"),
    "jumps": ("读数跳变", "jumps"),
    "gap": ("数据中断", "gap in the data"),
    "limit": ("超过限值", "beyond its limit"),
    "missing": ("没有读数", "no reading"),
    "repeats": ("读数重复", "reading repeats"),
    "silence": ("没有数据", "no data"),
    "spikes": ("读数尖峰", "spikes"),
    "book": ("账面", "the ledger"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "open": ("断开", "open"),
    "closed": ("闭合", "closed"),
    "unsynced": ("未对时", "not synchronised"),
    "synced": ("已对时", "synchronised"),
    "crc": ("校验错", "damaged data"),
    "absent": ("无应答", "no answer"),
    "range": ("超量程", "out of range"),
    "stuck": ("读数不变", "stuck"),
    "overcurrent": ("过流", "overcurrent"),
    "overheat": ("过热", "too hot"),
    "contactor_welded": ("接触器粘连", "contactor welded"),
}


def facts(evidence: Mapping[str, float | str], language: str) -> tuple[str, ...]:
    """The first facts, each as `室温 12.3 °C`; a name that nobody has given words to is shown."""
    told = (_fact(key, value, language) for key, value in _told(evidence))
    return tuple(one for _, one in zip(range(MOST), told, strict=False))


def _told(evidence: Mapping[str, float | str]) -> Iterator[tuple[str, float | str]]:
    for key, value in evidence.items():
        if key not in _INNER and value not in ("", "none") and not key.endswith("_nats"):
            yield key, value


def _fact(key: str, value: float | str, language: str) -> str:
    zh, en, unit = _FACTS.get(key, (key, key, ""))
    name = Text(zh, en).in_language(language)
    if isinstance(value, str):
        return f"{name} {Text(*_VALUES.get(value, (value, value))).in_language(language)}"
    if unit == "share":
        return f"{name} {value:.0%}"
    return f"{name} {value:.4g} {unit}".rstrip()
