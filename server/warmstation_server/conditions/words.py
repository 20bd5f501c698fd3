"""What to do about a condition, in both languages: one concrete sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from warmstation_server.places import Text

NO_ADVICE = None

_ADVICE: Mapping[str, Text] = {
    "supplies.low": Text(
        "按平时的消耗，物资将在几个开放小时内用完：请在今天关门前补货。",
        "At its usual pace this item runs out within a few open hours: restock before closing.",
    ),
    "supplies.empty": Text(
        "物资已用完：请补货；如货架有货，检查液位或称重传感器。",
        "This item is used up: restock it. If there is some left, check its level sensor.",
    ),
    "supplies.sensor": Text(
        "余量读数不可信：检查传感器接线和安装位置。",
        "The level readings cannot be trusted: check the sensor's wiring and mounting.",
    ),
    "supplies.expiry": Text(
        "有批次临近或已过保质期：先发放临期的，过期的请下架并登记。",
        "A batch expires soon or has: hand out what is still good, discard and record the rest.",
    ),
    "supplies.sensor/restock": Text(
        "余量上升但没有补货记录：请确认并补登补货数量和捐赠方。",
        "The level rose but no restock is recorded: confirm it and enter amount and donor.",
    ),
    "chargers.dead": Text(
        "旁边插座都有人用，这个一直没人用：插入手机试充，检查保险丝和接线。",
        "Its neighbours are used and this socket never is: try it, then check fuse and wiring.",
    ),
    "chargers.inoperative": Text(
        "充电口长时间不可用：到现场查看指示灯，排除原因后再合闸。",
        "This charger has been out of use for long: look at it on site, then close it again.",
    ),
    "chargers.overcurrent": Text(
        "充电电流超限，接触器已要求断开：请拔下车辆充电器，检查线路后人工合闸。",
        "It drew too much current and was told to open: unplug the vehicle, check, close by hand.",
    ),
    "chargers.overheat": Text(
        "充电口温度过高：立即到现场断电，检查插头和触点是否烧蚀。",
        "The charging point is too hot: cut its power on site now; look for burnt contacts.",
    ),
    "chargers.welded": Text(
        "接触器不按指令动作，触点可能粘连：立即拉下充电回路的空气开关。",
        "The contactor does not follow its command and may be welded: open the breaker now.",
    ),
    "safety.smoke": Text(
        "烟雾报警：立即疏散人员并拨打119，确认充电回路已断电。",
        "Smoke: get everybody out and call 119; make sure that the charging circuit is off.",
    ),
    "station.offline": Text(
        "驿站没有数据：检查电源、路由器和网线；恢复前室温和开门情况未知。",
        "No data from the station: check its power, router and cable. Until then it is unknown.",
    ),
    "station.never_heard": Text(
        "已登记的驿站从未上报过数据：确认设备已安装通电、证书或密码正确，或在登记表中停用它。",
        "This registered station has never reported: check that it is installed, powered and has "
        "its credentials, or take it off the register.",
    ),
    "station.flapping_link": Text(
        "网络时断时续：检查路由器信号、网线接头和流量卡。",
        "The link keeps breaking: check the router's signal, the cable's plugs and the SIM.",
    ),
    "station.undervoltage": Text(
        "主机供电电压不足：更换5V/3A电源适配器和短粗的电源线。",
        "The computer gets too little voltage: use a 5 V 3 A supply and a short, thick cable.",
    ),
    "station.clock": Text(
        "驿站时钟不准：检查能否访问NTP服务器，或更换时钟电池。",
        "The station's clock is wrong: check that it reaches an NTP server, or its clock battery.",
    ),
    "station.outbox": Text(
        "待上传的数据不断积压：检查网络质量和服务器是否正常接收。",
        "Reports pile up at the station: check its link and whether the server takes them.",
    ),
    "station.agent_outdated": Text(
        "驿站程序版本较旧：请在空闲时升级。",
        "The station runs an old agent: upgrade it when it is quiet.",
    ),
    "station.not_opened": Text(
        "已过公布的开放时间，但门和人员传感器都没有动静：请联系开门人员。",
        "It should be open by now, but neither door nor people are seen: call who unlocks it.",
    ),
    "station.open_late": Text(
        "关门已久仍有人在内：请确认是否有人滞留或忘记锁门。",
        "Somebody is inside long after closing: see who stayed, or whether it was left unlocked.",
    ),
    "station.crowded": Text(
        "驿站持续满员：引导到附近驿站，或临时增加座位。",
        "It has been full for long: send visitors to stations nearby or add seats.",
    ),
}

_SENSOR: Mapping[str, Text] = {
    "absent": Text(
        "传感器没有应答：检查接线和插头，必要时更换。",
        "The sensor does not answer: check its wiring and plug, replace it if needed.",
    ),
    "crc": Text(
        "传感器数据校验出错：缩短或更换屏蔽线，检查接头。",
        "Its data arrive damaged: shorten or shield the cable, check the joints.",
    ),
    "range": Text(
        "读数超出量程：检查探头是否短路或断路。",
        "It reads out of range: check the probe for a short or a break.",
    ),
    "stuck": Text(
        "读数长时间不变：重启或更换传感器。",
        "It has stopped moving: restart or replace the sensor.",
    ),
    "blocked": Text(
        "门口红外被遮挡：移开遮挡物并擦净镜头。",
        "The door's beam is blocked: remove what stands in it and wipe the lenses.",
    ),
    "power_on": Text(
        "温度探头供电不稳（读数85 °C）：检查电源线和上拉电阻。",
        "The probe keeps losing power (it reads 85 °C): check its supply wire and pull-up.",
    ),
    "forgotten": Text(
        "主机启动时读不到存储卡，不知道该充电位断电前是否因过热等原因锁定：请到现场检查后再远程合闸，并更换存储卡。",
        "Its memory card could not be read at the start: nobody knows whether a danger had opened"
        " this point: look at it, then close it by command, and replace the card.",
    ),
    "stalled": Text(
        "存储卡读写卡顿数秒：卡已老化，请尽快更换。",
        "The memory card takes seconds to write: it is worn, replace it soon.",
    ),
    "corrupt": Text(
        "存储卡改动了已写入的数据：请更换存储卡，并检查电源。",
        "The memory card has changed what was written: replace it, and check the supply.",
    ),
    "readonly": Text(
        "存储卡变为只读：请更换存储卡。",
        "The memory card takes no more writes: replace it.",
    ),
    "io": Text(
        "存储卡读写出错：检查是否插紧，必要时更换。",
        "The memory card cannot be read or written: seat it firmly, replace it if needed.",
    ),
    "full": Text(
        "存储卡已满：清理空间或换更大的卡。",
        "The memory card is full: make room, or put in a larger one.",
    ),
}
_SENSOR_ELSE = Text(
    "传感器没有有效读数：检查接线，再重启主机。",
    "The sensor gives no valid value: check its wiring, then restart the computer.",
)


def advice_for(name: str) -> Text | None:
    """The advice for a condition's name."""
    return _ADVICE.get(name)


def sensor_advice(reason: str) -> Text:
    """The advice for a sensor that says why it has no value."""
    return _SENSOR.get(reason, _SENSOR_ELSE)
