from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.snapshots import NOW
from warmstation_server.web.detail import fault_in_words
from warmstation_server.web.hours_words import hours_in_words
from warmstation_server.web.links import amap, baidu, map_links, tencent
from warmstation_server.web.words import Words

ZH, EN = Words("zh-CN"), Words("en")
SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("age", "zh", "en"),
    [
        (timedelta(0), "刚刚", "just now"),
        (timedelta(seconds=-40), "刚刚", "just now"),
        (timedelta(seconds=59), "59 秒前", "59 s ago"),
        (timedelta(seconds=60), "1 分钟前", "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 分钟前", "59 min ago"),
        (timedelta(hours=1), "1 小时前", "1 h ago"),
        (timedelta(days=1), "1 天前", "1 day ago"),
        (timedelta(days=9), "9 天前", "9 days ago"),
    ],
)
def test_ages_in_words(age: timedelta, zh: str, en: str) -> None:
    assert (ZH.ago(NOW - age, NOW), EN.ago(NOW - age, NOW)) == (zh, en)


@pytest.mark.parametrize(
    ("ahead", "zh", "en"),
    [
        (timedelta(hours=9, minutes=30), "22:00", "22:00"),
        (timedelta(hours=11, minutes=30), "明天 00:00", "tomorrow 00:00"),
        (timedelta(days=2), "周一 12:30", "Mon 12:30"),
        (timedelta(days=7), "11月28日 12:30", "28 Nov 12:30"),
    ],
)
def test_coming_times_are_of_the_deployments_day(ahead: timedelta, zh: str, en: str) -> None:
    found = (
        ZH.day_and_time(NOW + ahead, NOW, SHANGHAI),
        EN.day_and_time(NOW + ahead, NOW, SHANGHAI),
    )
    assert found == (zh, en)


def test_days_are_written_as_each_language_does() -> None:
    day = NOW.date()
    both = [(t.day(day), t.weekday_and_day(day), t.full_date(day), t.month(day)) for t in (ZH, EN)]
    assert both == [
        ("11月21日", "11月21日 周六", "2026年11月21日", "2026年11月"),
        ("21 Nov", "Sat 21 Nov", "21 Nov 2026", "Nov 2026"),
    ]


def test_a_moment_is_told_in_the_deployments_zone() -> None:
    late = NOW.replace(hour=17)  # one o'clock of the next day in Shanghai
    assert (ZH.minute(late, SHANGHAI), EN.minute(late, SHANGHAI)) == (
        "11月22日 01:30",
        "22 Nov 01:30",
    )
    assert ZH.full_date_there(late, SHANGHAI) == "2026年11月22日"
    assert EN.clock(late, SHANGHAI) == "22 Nov 01:30:00"


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        ("24/7", "全天开放", "open 24 hours"),
        ("Mo-Su 07:00-22:00", "每天 07:00–22:00", "daily 07:00–22:00"),
        ("07:00-22:00", "每天 07:00–22:00", "daily 07:00–22:00"),
        ("12:00-06:00", "每天 12:00–次日 06:00", "daily 12:00–06:00 (next day)"),
        (
            "Mo-Fr 08:00-12:00,13:00-20:00; Sa,Su 09:00-18:00; PH off",
            "周一至周五 08:00–12:00、13:00–20:00；周六、周日 09:00–18:00；法定节假日 不开放",
            "Mon–Fri 08:00–12:00, 13:00–20:00; Sat, Sun 09:00–18:00; public holidays closed",
        ),
        ("Apr-Oct: dawn-dusk", "Apr-Oct: dawn-dusk", "Apr-Oct: dawn-dusk"),
    ],
)
def test_posted_hours_are_read_aloud(hours: str, zh: str, en: str) -> None:
    assert (hours_in_words(hours, ZH), hours_in_words(hours, EN)) == (zh, en)


@pytest.mark.parametrize(
    ("name", "zh"),
    [
        ("outlet", "出风口温度传感器"),
        ("p3", "手机充电口 p3"),
        ("e1", "电动车充电位 e1"),
        ("co2", "设备 co2"),
    ],
)
def test_what_does_not_work_has_a_name(name: str, zh: str) -> None:
    assert fault_in_words(name, ZH) == zh


def test_an_item_without_a_word_is_shown_as_it_is() -> None:
    assert EN.name_of("item", "hand_warmers") == "hand warmers"


def test_map_links_say_that_they_are_wgs84() -> None:
    assert amap(31.385, 120.98, "淞南,站") == (
        "https://uri.amap.com/navigation?to=120.980000,31.385000,%E6%B7%9E%E5%8D%97%20%E7%AB%99"
        "&mode=ride&src=warmstation&coordinate=wgs84&callnative=1"
    )
    assert "tocoord=31.385000,120.980000&coord_type=1&" in tencent(31.385, 120.98, "a&b")
    assert "to=a%26b&" in tencent(31.385, 120.98, "a&b")
    assert "location=31.385000,120.980000&" in baidu(31.385, 120.98, "站", "")
    assert "coord_type=wgs84" in baidu(31.385, 120.98, "站", "")
    assert map_links(31.385, 120.98, "站", "")[-1].url.startswith("geo:31.385000,120.980000")
