"""The reasons of faults as sentences: what an installer looks at first. Pure."""

from __future__ import annotations

from warmstation_edge.doctor.step import Words
from warmstation_edge.measurement import Measurement

_CAUSES = {
    "absent": Words(
        "没有应答：检查接线、供电，以及配置文件中的引脚、通道或编号",
        "no answer: check wire, supply, and pin, channel or id in the profile",
    ),
    "crc": Words(
        "数据受干扰：1-Wire 线过长、缺 4.7 kΩ 上拉，或与电源线并行",
        "disturbed data: cable too long, no 4.7 kΩ pull-up, or beside a power cable",
    ),
    "power_on": Words(
        "探头反复断电（85 °C）：检查其供电线", "the probe loses its supply (85 °C): check its VDD"
    ),
    "range": Words(
        "数值超出可能范围：通道接错或量程系数不对",
        "a value that cannot be: wrong channel, or wrong factor in the profile",
    ),
    "stuck": Words(
        "数值不变化：继电器、触点或探头不跟随", "it does not follow: relay, contact or probe"
    ),
    "welded": Words("接触器不断开：触点熔焊", "the contactor does not open: welded"),
    "blocked": Words(
        "光束一直被挡：未对准、被遮挡或断线", "the beam is blocked: aim, an obstacle, a cut wire"
    ),
    "stale": Words("读取没有返回：总线卡住", "a reading never came back: the bus hangs"),
    "overheat": Words("柜内过热", "the cabinet is too hot"),
    "overcurrent": Words("电流过大", "too much current"),
    "too_long": Words("充电超过时限", "it has charged for too long"),
    "blind": Words(
        "功率、温度或烟感失联：检查电表、柜内探头和烟感",
        "its power, temperature or smoke is unknown: check meter, cabinet probe and detector",
    ),
    "forgotten": Words(
        "存储卡读不到断电前的状态：检查后远程合闸",
        "the card does not tell why it was open: look at it, then close it by command",
    ),
    "no_library": Words("缺少驱动库", "the driver's library is not installed"),
    "foreign": Words("应答的是另一种芯片", "another chip answers at this address"),
}
SILENT = Words("一直没有读数：检查接线", "never a value: check the wire")


def fault_of(measured: Measurement, name: str) -> Words | None:
    """Why this sensor gives no value now, or None."""
    for fault in measured.faults or ():
        if fault.sensor == name or fault.sensor.startswith(f"{name}."):
            return _CAUSES.get(fault.reason, Words(fault.reason, fault.reason))
    return None


def or_fault(measured: Measurement, name: str, otherwise: Words) -> Words:
    """The fault of this sensor, else what else it may be."""
    return fault_of(measured, name) or otherwise
