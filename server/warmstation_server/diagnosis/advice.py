"""What to do about a cause, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

_HEAT: Mapping[str, tuple[str, str]] = {
    "no_heat": (
        "已要求供暖，但没有热量。先看开关、插座和空气开关，再联系维修。",
        "Heat is called for but none comes. Check switch, socket and breaker, then call repair.",
    ),
    "no_heat/power": (
        "已要求供暖，但取暖设备不耗电：检查插头、空气开关和温控器接线。",
        "Heat is called for but the heater draws no power: check plug, breaker and relay wiring.",
    ),
    "no_heat/outlet": (
        "有电但出风口不热：加热管、压缩机或风机可能损坏，请报修。",
        "Powered, but the outlet stays cold: element, compressor or fan may be broken.",
    ),
    "weak_heat": (
        "供热不足：部分加热管损坏、滤网堵塞或缺制冷剂，请清洁滤网并报修。",
        "Too little heat: broken element, clogged filter or lost refrigerant. Clean, then repair.",
    ),
    "stuck_on": (
        "没有要求供暖却仍在加热：继电器可能粘连，请断电检查。",
        "It heats although no heat is called for: a relay may be welded. Switch off and inspect.",
    ),
    "overheat": (
        "出风口温度异常偏高：立即断电，检查风机和出风口是否被遮挡。",
        "The outlet is far too hot: switch off now; check the fan and what covers the outlet.",
    ),
    "setpoint": (
        "室温已偏离平时的启停温度，取暖设备却没有相应动作：检查温控器设定和时段。",
        "The room has left its usual switching range unanswered: check set point and schedule.",
    ),
    "door_open": (
        "热量流失突然增大：门可能一直开着，请关门并检查闭门器。",
        "Heat escapes suddenly: the door seems to stand open. Close it and check the door closer.",
    ),
    "closed": (
        "应开放却长时间无人进出：确认驿站是否未开门。",
        "It should be open but nobody has passed the door for long: check whether it was opened.",
    ),
    "power_lost": (
        "整站断电或供电中断：检查总开关和电表。",
        "The station has lost power: check the main switch and the meter.",
    ),
    "power_lost/call": (
        "室温远低于平时的启动温度，取暖设备却一直没有动作：多半是断电，检查空气开关和插头。",
        "Far below its usual switch-on level no heat is called for: probably without power. "
        "Check breaker and plug.",
    ),
    "sensor_stuck": (
        "温度读数长时间不变：传感器可能死机，请重启或更换。",
        "The reading has stopped moving: the sensor may hang. Restart or replace it.",
    ),
    "sensor_fault": (
        "温度传感器没有有效读数或频繁跳变：检查接线和插头。",
        "The sensor gives no valid values or keeps spiking: check its wiring and plug.",
    ),
    "sensor_moved": (
        "室温读数整体偏移：传感器可能被移动或遮挡，请放回原位。",
        "The reading has shifted as a whole: the sensor may have been moved or covered.",
    ),
    "outlet_detached": (
        "房间照常升温但出风口读数不热：出风口探头可能脱落，请重新固定。",
        "The room warms as usual but the outlet reads cold: its probe may have come off.",
    ),
    "cold": (
        "开放时间内室温过低：检查供暖，必要时引导到其他驿站。",
        "Too cold during opening hours: check the heating; send visitors elsewhere if needed.",
    ),
    "hot": (
        "室温过高：检查是否持续加热，及时通风断电。",
        "Too hot: check whether heating is stuck on; ventilate and switch off.",
    ),
    "frost": (
        "有冻裂风险：放空水管或立即恢复供暖。",
        "Pipes may freeze: drain them or restore the heat now.",
    ),
}

_COOL: Mapping[str, tuple[str, str]] = {
    "no_heat": (
        "已要求制冷，但没有冷风：检查电源、室外机和滤网，再联系维修。",
        "Cooling is called for but none comes: check power, outdoor unit and filter, then repair.",
    ),
    "weak_heat": (
        "制冷不足：清洁滤网，检查室外机散热和制冷剂。",
        "Too little cooling: clean the filter; check the outdoor unit and the refrigerant.",
    ),
    "stuck_on": (
        "没有要求制冷却仍在运行：检查控制器和继电器。",
        "It cools although no cooling is called for: check the controller and its relay.",
    ),
    "door_open": (
        "冷气流失突然增大：门可能一直开着，请关门。",
        "Cold air escapes suddenly: the door seems to stand open. Close it.",
    ),
    "outlet_detached": (
        "房间照常降温但出风口读数不冷：出风口探头可能脱落，请重新固定。",
        "The room cools as usual but the outlet does not read cold: its probe may have come off.",
    ),
    "hot": (
        "开放时间内室温过高：检查制冷，必要时引导到其他驿站。",
        "Too hot: check the cooling; send visitors to another station if needed.",
    ),
}


def advice(cause: str, mode: str, evidence: Mapping[str, float | str]) -> dict[str, str]:
    """The advice for a cause, `{"zh": ..., "en": ...}`, fitted to the link that broke."""
    texts = _COOL if mode == "cool" and cause in _COOL else _HEAT
    zh, en = texts.get(f"{cause}/{evidence.get('link', '')}", texts[cause])
    return {"zh": zh, "en": en}
