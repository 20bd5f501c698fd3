"""What a trouble is called in both languages. Pure; notices, the feed and pages use it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from warmstation_server.places import Text

TITLES: Mapping[str, Text] = {
    "heating.no_heat": Text("不供暖", "No heat"),
    "heating.weak_heat": Text("供暖不足", "Weak heat"),
    "heating.stuck_on": Text("供暖关不掉", "Heater stuck on"),
    "heating.overheat": Text("取暖设备过热", "Heater overheating"),
    "heating.setpoint": Text("设定温度或时段不对", "Wrong set point or schedule"),
    "heating.door_open": Text("门长时间敞开", "Door held open"),
    "heating.closed": Text("应开放时段无人开门", "Closed in its posted hours"),
    "heating.power_lost": Text("供暖断电", "Heater without power"),
    "heating.sensor_stuck": Text("温度传感器读数不变", "Temperature sensor stuck"),
    "heating.sensor_fault": Text("温度传感器故障", "Temperature sensor fault"),
    "heating.sensor_moved": Text("温度传感器被移动", "Temperature sensor moved"),
    "heating.outlet_detached": Text("出风口探头脱落", "Outlet probe detached"),
    "heating.degraded": Text("供暖能力缓慢下降", "Heating slowly getting weaker"),
    "heating.cold": Text("室温过低", "Room too cold"),
    "heating.hot": Text("室温过高", "Room too hot"),
    "heating.frost": Text("室内接近冰点", "Room near freezing"),
    "heating.pipes": Text("水管有冻裂风险", "Pipes may freeze"),
    "supplies.low": Text("物资不足", "Supplies low"),
    "supplies.empty": Text("物资已用完", "Supplies used up"),
    "supplies.sensor": Text("物资余量读数可疑", "Level readings in doubt"),
    "supplies.expiry": Text("物资临近或已过保质期", "Supplies expire soon or have expired"),
    "chargers.dead": Text("充电口疑似失效", "Charger seems dead"),
    "chargers.inoperative": Text("充电口停用", "Charger out of order"),
    "chargers.overcurrent": Text("充电过流", "Charger overcurrent"),
    "chargers.overheat": Text("充电过热", "Charger too hot"),
    "chargers.welded": Text("接触器粘连，无法断电", "Contactor welded, cannot switch off"),
    "safety.smoke": Text("烟雾报警", "Smoke"),
    "safety.contactor": Text("接触器异常", "Contactor fault"),
    "station.offline": Text("站点离线", "Station offline"),
    "station.never_heard": Text("站点从未上报数据", "Station never heard"),
    "station.flapping_link": Text("网络时断时续", "Connection unsteady"),
    "station.undervoltage": Text("供电电压不足", "Supply voltage too low"),
    "station.clock": Text("站点时钟不准", "Station clock wrong"),
    "station.outbox": Text("站点待发数据积压", "Station outbox filling"),
    "station.sensor": Text("传感器故障", "Sensor fault"),
    "station.agent_outdated": Text("站点程序版本过旧", "Station software outdated"),
    "station.not_opened": Text("未按时开放", "Not opened at the posted hour"),
    "station.open_late": Text("超时未关门", "Open past its posted hours"),
    "station.crowded": Text("站内拥挤", "Crowded"),
}

ITEMS: Mapping[str, Text] = {
    "water": Text("热水", "Hot water"),
    "tea": Text("茶", "Tea"),
    "noodles": Text("泡面", "Noodles"),
    "biscuits": Text("饼干", "Biscuits"),
    "bread": Text("面包", "Bread"),
    "meal": Text("简餐", "Simple meal"),
    "first-aid-kits": Text("急救包", "First-aid kits"),
    "first_aid": Text("急救包", "First-aid kits"),
    "masks": Text("口罩", "Masks"),
    "tissues": Text("纸巾", "Tissues"),
    "raincoats": Text("雨衣", "Raincoats"),
}
"""What a supply is called; the pages' catalogues say the same."""

PARTS: Mapping[str, Text] = {
    "room": Text("室温传感器", "Room thermometer"),
    "outlet": Text("出风口温度传感器", "Heater outlet thermometer"),
    "outdoor": Text("室外温度传感器", "Outdoor thermometer"),
    "door": Text("门口计数器", "Door counter"),
    "contact": Text("门磁", "Door contact"),
    "presence": Text("人体传感器", "Presence sensor"),
    "heater": Text("取暖器监测", "Heater monitor"),
    "heating": Text("供暖", "Heating"),
    "smoke": Text("烟雾传感器", "Smoke sensor"),
    "outbox": Text("数据上传", "Data upload"),
    "contactor": Text("充电总开关", "Charging switch"),
    "phone": Text("手机充电口 {id}", "Phone socket {id}"),
    "ebike": Text("电动车充电位 {id}", "E-bike point {id}"),
    "other": Text("设备 {id}", "Device {id}"),
}
"""What a sensor or a charger is called, as the pages' catalogues have it."""
_KINDS = {"p": "phone", "e": "ebike"}

_FAMILIES = frozenset(f"{name.partition('.')[0]}." for name in TITLES)


def unheard_of(name: str) -> str | None:
    """What to say of a condition that nothing ever tells; None where something does."""
    if name in TITLES or name == "*" or name.removesuffix("*") in _FAMILIES:
        return None
    near = get_close_matches(name, TITLES, 1)
    hint = f", did you mean {near[0]}?" if near else ""
    return f"nothing tells of {name}{hint}"


def taken_on(by: str) -> Text:
    """What is said to all who were told, once somebody is at it."""
    return Text(f"{by} 已接手，其他人无需再去。", f"{by} is at it: nobody else need go.")


def graver_than_silenced(by: str) -> Text:
    """What is said beside the advice where a silence is broken."""
    return Text(
        f"{by} 曾静默此告警；现在比静默时更严重，故通知一次。",
        f"{by} silenced it; it is graver than it was then, so it is told once.",
    )


def title(name: str, subject: str = "") -> Text:
    """What to call it; a name that nobody has given words to is shown as it is."""
    known = TITLES.get(name, Text(name, name))
    if not subject:
        return known
    about = _item(subject) if name.startswith("supplies.") else _part(subject)
    return Text(f"{known.zh}（{about.zh}）", f"{known.en} ({about.en})")


def _item(subject: str) -> Text:
    named = subject.replace("_", " ")
    return ITEMS.get(subject, Text(named, named))


def _part(subject: str) -> Text:
    """A sensor by its name, a charger (`p1`, `e1`) by its kind and id."""
    if subject in PARTS:
        return PARTS[subject]
    kind = PARTS[_KINDS.get(subject[0], "other") if subject[1:].isdigit() else "other"]
    return Text(kind.zh.format(id=subject), (kind.en or kind.zh).format(id=subject))
