"""What messages say around a notice, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from warmstation_server.notify.notice import NoticeKind, Severity
from warmstation_server.places import Text

SEVERITY_WORDS: Mapping[Severity, Text] = {
    "notice": Text("提示", "Notice"),
    "warning": Text("警告", "Warning"),
    "urgent": Text("紧急", "Urgent"),
    "critical": Text("危急", "Critical"),
}
KIND_WORDS: Mapping[NoticeKind, Text] = {
    "firing": Text("新告警", "New"),
    "severity_up": Text("级别升高", "Graver now"),
    "severity_down": Text("级别降低", "Less grave now"),
    "escalated": Text("无人处理，已上报", "Nobody took it on"),
    "reminder": Text("仍未处理", "Still open"),
    "flapping": Text("时好时坏", "Comes and goes"),
    "steady": Text("不再反复，仍未恢复", "No longer on and off, still wrong"),
    "stale": Text("数据中断，情况不明", "No data, state unknown"),
    "resolved": Text("已恢复", "Resolved"),
    "still_firing": Text("静默已结束，仍未恢复", "Quiet time over, still wrong"),
    "acknowledged": Text("已有人处理", "Taken on"),
    "withdrawn": Text("站点已停用，告警结束", "Station retired, alert over"),
}
SINCE = Text("开始：", "Since ")
LASTS = Text("已持续 {time}", "for {time} now")
LASTED = Text("历时 {time}", "lasted {time}")
PLACE = Text("地点：", "Where: ")
PHONE = Text("电话", "phone")
MINUTES = Text("{m} 分钟", "{m} min")
HOURS = Text("{h} 小时 {m} 分钟", "{h} h {m} min")
DAYS = Text("{d} 天 {h} 小时", "{d} d {h} h")
ADVICE = Text("建议：", "To do: ")
EVIDENCE = Text("依据：", "Measured: ")
OPEN = Text("查看并确认", "Open and acknowledge")
LOOK = Text("查看", "Open")
ALL = Text("全部告警", "All alerts")
NUMBER = Text("编号", "Ref")
MAY_REPEAT = Text("（可能重复）", "(may repeat)")
SIMULATED = Text("【模拟】", "[simulated] ")
DIGEST = Text("{n} 条告警", "{n} alerts")
DIGEST_CRITICAL = Text(
    "{n} 条告警，其中危急 {critical} 条", "{n} alerts, {critical} of them critical"
)
CUT = "…"
KEY = "Idempotency-Key:"
"""Before the whole key, where a channel has no other place for it."""

DELIVERY = Text("消息投递", "Message delivery")
DEAD_LETTER = Text(
    "通道 {channel} 有消息未能送达：{code}",
    "Messages over channel {channel} were given up: {code}",
)
DEAD_ADVICE = Text(
    "检查 notify.toml 中该通道的地址、密钥和配额；未送达的告警在告警页可见。",
    "Check the channel's address, secret and quota in notify.toml; the alerts are on their page.",
)
NOBODY_TOLD = Text(
    "区域 {region} 没有{tier}一级或更高的接收人，有告警无人收到",
    "Nobody is there to be told in region {region}, at the tier of the {tier} or above",
)
TIERS: Mapping[str, Text] = {
    "station": Text("站点", "station"),
    "community": Text("社区", "community"),
    "street": Text("街道", "street"),
    "district": Text("区", "district"),
    "city": Text("市", "city"),
}
"""As the pages call them."""
NOBODY_ADVICE = Text(
    "在 notify.toml 中为该区域添加一条 [[routes]]。",
    "Add a [[routes]] for this region to notify.toml.",
)
TRIAL = Text("Warmstation 测试消息", "Test message of Warmstation")
TRIAL_TEXT = Text(
    "能看到这条消息，说明该通道可用，无需处理。",
    "If you can read this the channel works; nothing has to be done.",
)
