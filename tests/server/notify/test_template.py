from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from tests.support.notices import SHANGHAI, TEMPLATES, notice
from tests.support.places import station
from tests.support.registered import NOON
from warmstation_server.notify import words
from warmstation_server.notify.evidence import facts
from warmstation_server.notify.markup import cut, safe
from warmstation_server.notify.notice import NoticeKind, Severity
from warmstation_server.notify.template import Style, Templates
from warmstation_server.places import Text

ZH = Style("plain", "zh-CN", 2_048)
EN = Style("markdown", "en", 2_048)


def full(style: Style, may_repeat: bool = False, **changes: Any) -> str:
    return TEMPLATES.full(notice(1, **changes), "0123456789abcdef", style, may_repeat=may_repeat)


def test_a_notice_in_chinese() -> None:
    assert full(ZH).splitlines() == [
        "【警告】淞南社区暖新驿站1号 有电但出风口不热",
        "建议：检查加热管和风机",
        "依据：室温 18.2 °C",
        "开始：11-21 11:48 · 已持续 12 分钟",
        "查看并确认: https://warm.example/manage/alerts/a1?do=acknowledge",
        "编号 01234567",
    ]


def test_a_notice_in_english_markdown_that_may_repeat() -> None:
    assert full(EN, may_repeat=True, kind="reminder").splitlines() == [
        "**(Warning, still open) Songnan station 1: Powered, but the outlet stays cold**"
        "(may repeat)",
        "To do: Check heating element and fan",
        "Measured: Room 18.2 °C",
        "Since 11-21 11:48 · for 12 min now",
        "[Open and acknowledge](https://warm.example/en/manage/alerts/a1?do=acknowledge)",
        "Ref 01234567",
    ]


@pytest.mark.parametrize("style", [ZH, EN])
def test_names_cannot_act_in_a_chat(style: Style) -> None:
    name = Text('<at user_id="all">x</at> <font color="red">', "@all [x](http://evil)\n**b**")
    said = full(style, station_name=name, title=name, alert_id="../evil?x=1")
    assert "<at" not in said
    assert "](http://evil" not in said
    assert "alerts/..%2Fevil%3Fx%3D1" in said


def test_the_advice_gives_way_and_the_link_stays() -> None:
    said = full(Style("plain", "zh-CN", 400), advice=Text("检查" * 500))
    assert len(said.encode()) <= 400
    assert "…" in said
    assert said.endswith("https://warm.example/manage/alerts/a1?do=acknowledge\n编号 01234567")
    assert "开始：11-21 11:48" in said


def test_a_simulated_station_is_called_so() -> None:
    known = {"ks-1": station("ks-1")}
    simulated = Templates("https://w", SHANGHAI, known.get)
    assert "【模拟】淞南" in simulated.full(notice(1), "k", ZH, may_repeat=False)
    assert "[simulated]" in simulated.line(notice(1), EN, linked=False)
    assert "模拟" not in simulated.title(notice(2), ZH)


def test_an_end_is_said_first_with_how_long_it_took_and_nothing_to_do() -> None:
    over: dict[str, Any] = {
        "kind": "resolved",
        "severity": "critical",
        "at": NOON + timedelta(hours=19),  # told at the next opening
        "evidence": {"lasted_min": 185.4},
    }
    assert full(ZH, **over).splitlines() == [
        "【已恢复】淞南社区暖新驿站1号 有电但出风口不热",
        "开始：11-21 11:48 · 历时 3 小时 5 分钟",
        "查看: https://warm.example/manage/alerts/a1",
        "编号 01234567",
    ]
    notices = [notice(1, **over), notice(2)]
    said = TEMPLATES.digest(notices, "k" * 32, ZH, linked=False, may_repeat=False)
    assert said.splitlines()[:3] == [
        "2 条告警",
        "- [已恢复] 淞南社区暖新驿站1号 有电但出风口不热 11-21 11:48",
        "- [警告] 淞南社区暖新驿站2号 有电但出风口不热 11:48",
    ]


def test_what_is_over_because_its_station_is_retired_is_not_called_mended() -> None:
    over: dict[str, Any] = {"kind": "withdrawn", "evidence": {"lasted_min": 12.0}}
    assert full(EN, **over).splitlines()[:2] == [
        "**(Station retired, alert over) Songnan station 1: Powered, but the outlet stays cold**",
        "Since 11-21 11:48 · lasted 12 min",
    ]


def test_who_may_not_know_the_station_is_told_where_it_is() -> None:
    known = {"ks-1": station("ks-1", address="淞南路 1 号 <后门>", contact_phone="0512-1")}
    somewhere = Templates("https://w", SHANGHAI, known.get)

    def said(**changes: Any) -> str:
        return somewhere.full(notice(1, **changes), "k", ZH, may_repeat=False)

    assert "\n地点：淞南路 1 号 ＜后门＞ · 电话 0512-1\n" in said(tier="community")
    assert "地点" not in said(tier="station")
    assert "地点" in said(tier="station", severity="critical")
    assert "地点" not in said(tier="community", kind="resolved")
    known["ks-1"] = station("ks-1", address="", contact_phone=None)
    assert "地点" not in said(tier="community")


@pytest.mark.parametrize(
    ("lasted", "zh", "en"),
    [
        (timedelta(seconds=59), "开始：11-21 12:00\n", "Since 11-21 12:00\n"),
        (timedelta(minutes=59), "已持续 59 分钟", "for 59 min now"),
        (timedelta(hours=23, minutes=59), "已持续 23 小时 59 分钟", "for 23 h 59 min now"),
        (timedelta(days=9, hours=2), "已持续 9 天 2 小时", "for 9 d 2 h now"),
    ],
)
def test_how_long_it_has_lasted_is_said_as_people_say_it(
    lasted: timedelta, zh: str, en: str
) -> None:
    for style, words_ in ((ZH, zh), (EN, en)):
        assert words_ in full(style, since=NOON, at=NOON + lasted)


def test_a_digest_says_how_many_and_lists_all_with_links() -> None:
    notices = [notice(1, severity="critical"), notice(2, kind="reminder")]
    said = TEMPLATES.digest(notices, "k" * 32, EN, linked=True, may_repeat=False)
    assert said.splitlines() == [
        "**2 alerts, 1 of them critical**",
        "- **Critical** [Songnan station 1](https://warm.example/en/manage/alerts/a1) "
        "Powered, but the outlet stays cold 11:48",
        "- **Warning, still open** [Songnan station 2](https://warm.example/en/manage/alerts/a2) "
        "Powered, but the outlet stays cold 11:48",
        "[All alerts](https://warm.example/en/manage/alerts)",
        "Ref kkkkkkkk",
    ]


def test_every_word_is_there_in_both_languages() -> None:
    assert set(words.KIND_WORDS) == set(get_args(NoticeKind))
    assert set(words.SEVERITY_WORDS) == set(get_args(Severity))
    for text in (*words.KIND_WORDS.values(), *words.SEVERITY_WORDS.values()):
        assert text.zh
        assert text.en


def test_cutting_never_breaks_a_character() -> None:
    for length in range(40):
        said = cut("驿站é🔥" * 5, length)
        assert len(said.encode()) <= length
        assert "\ufffd" not in said
    assert cut("short", 5) == "short"
    assert safe("a\x00b\u202e\n c", "plain") == "a b c"


def test_evidence_is_said_in_words_with_units_and_what_is_for_programs_is_not() -> None:
    evidence: dict[str, float | str] = {
        "severity": "urgent",
        "mode": "heat",
        "link": "outlet",
        "minutes": 182.0,
        "power_w": 1480.0,
        "level": 0.421,
        "room_says_heated_nats": 12.0,
        "own_word": 3.0,
    }
    assert facts(evidence, "zh-CN") == ("功率 1480 瓦", "余量 42%", "own word 3")
    assert facts(evidence, "en") == (
        "Power 1480 W",
        "Level 42%",
        "own word 3",
    )
    assert "功率 1480 瓦 · 余量" in full(ZH, evidence=evidence)
