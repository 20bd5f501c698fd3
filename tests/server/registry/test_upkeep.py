"""Supplies, opening by hand, counted visits and answers to riders, as the registry keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.places import station
from tests.support.registered import NOON
from warmstation_server.accounts.audit import COMMAND_LINE
from warmstation_server.accounts.audit import Entry as AuditEntry
from warmstation_server.registry import Registry, RegistryAway
from warmstation_server.status.override import Override
from warmstation_server.supplies.entry import Entry
from warmstation_server.usage.period import Period
from warmstation_server.usage.supplies_sums import SuppliesSums
from warmstation_server.visits import VisitCount

HOUR = timedelta(hours=1)
AUDIT = AuditEntry(NOON, "li", "supply.restock", "ks-songnan water")


@pytest.fixture(autouse=True)
def places(registry: Registry) -> None:
    registry.put([], [station(), station("ks-two")])


def entry(quantity: int = 24, place: str = "ks-songnan", item: str = "water") -> Entry:
    return Entry(place, item, "restock", quantity, NOON, "li", donor="红十字会", note="上午")


def test_the_ledger_gives_back_what_was_written_in_order(registry: Registry) -> None:
    dated = replace(entry(6, item="noodles"), expires_on=date(2027, 1, 1), batch=3)
    numbers = registry.supplies.add([entry(), dated], AUDIT)
    other = registry.supplies.add([entry(1, "ks-two")])
    assert list(numbers) == sorted(numbers)
    assert registry.supplies.entries(["ks-songnan"]) == (
        replace(entry(), number=numbers[0]),
        replace(dated, number=numbers[1]),
    )
    assert [one.item for one in registry.supplies.entries(["ks-songnan"], "noodles")] == ["noodles"]
    assert [one.number for one in registry.supplies.after(numbers[0])] == [numbers[1], *other]
    assert registry.supplies.entries([]) == ()
    assert registry.supplies.newest() == other[0]
    assert [registry.supplies.lines(one) for one in (0, numbers[1], other[0])] == [0, 2, 3]
    assert sorted(registry.supplies.stations()) == ["ks-songnan", "ks-two"]
    assert next(registry.audit.newest()).action == "supply.restock"


def test_what_supplies_add_up_to_follows_the_ledger(registry: Registry, tmp_path: Path) -> None:
    month = Period(NOON.date().replace(day=1), NOON.date())
    sums = SuppliesSums(tmp_path / "sums.db", ZoneInfo("Asia/Shanghai"), registry.supplies)
    stations = ("ks-songnan", "ks-two")
    assert sums.during(stations, [month])[month].items == []
    registry.supplies.add([entry(30), replace(entry(12), kind="handout")])
    registry.supplies.add([entry(7, "ks-two")])
    (water,) = sums.during(stations, [month])[month].items
    assert (water.restocked, water.used, water.closing, water.stations) == (37, 12, 25, 2)
    (mine,) = sums.during(stations[:1], [month])[month].items
    assert (mine.closing, mine.stations) == (18, 1)
    sums.close()


def test_what_cannot_be_kept_leaves_no_line_in_the_audit_log(registry: Registry) -> None:
    with pytest.raises(RegistryAway):
        registry.supplies.add([entry(), entry(place="ks-nowhere")], AUDIT)
    assert registry.supplies.entries(["ks-songnan"]) == ()
    assert {line.by for line in registry.audit.newest()} == {COMMAND_LINE}


def test_the_last_par_holds(registry: Registry) -> None:
    registry.supplies.set_par("ks-songnan", "water", 20)
    registry.supplies.set_par("ks-songnan", "water", 24, AUDIT)
    assert registry.supplies.pars() == {("ks-songnan", "water"): 24}


def test_one_word_by_hand_holds_at_a_time_and_raises_the_revision(registry: Registry) -> None:
    before = registry.revision()
    first = Override("ks-songnan", False, "停水", NOON, NOON + 3 * HOUR, "li")
    kept = registry.overrides.put(first, AUDIT)
    assert registry.revision() == before + 1
    assert registry.overrides.standing(NOON) == (kept,)
    second = replace(first, is_open=True, since=NOON + HOUR, reason="提前恢复")
    registry.overrides.put(second)
    assert [one.reason for one in registry.overrides.standing(NOON + HOUR)] == ["提前恢复"]
    assert registry.overrides.end("ks-songnan", NOON + 2 * HOUR) is True
    assert registry.overrides.end("ks-songnan", NOON + 2 * HOUR) is False
    assert registry.overrides.standing(NOON + 2 * HOUR) == ()
    told = registry.overrides.between("ks-songnan", NOON, NOON + 9 * HOUR)
    assert [(one.is_open, one.ends_at - NOON) for one in told] == [
        (False, HOUR),
        (True, 2 * HOUR),
    ]


def test_a_word_by_hand_ends_by_itself(registry: Registry) -> None:
    registry.overrides.put(Override("ks-songnan", False, "停水", NOON, NOON + HOUR, "li"))
    assert registry.overrides.standing(NOON + HOUR) == ()


def test_visits_keep_their_method(registry: Registry) -> None:
    day = VisitCount("ks-songnan", "manual", 36, NOON - 8 * HOUR, NOON, "li", "太极课")
    tap = VisitCount("ks-songnan", "qr", 1, NOON, NOON)
    registry.visits.add(day, AUDIT)
    registry.visits.add(tap)
    found = registry.visits.between(["ks-songnan", "ks-two"], NOON - 24 * HOUR, NOON + HOUR)
    assert [(one.method, one.visits, one.note) for one in found] == [
        ("manual", 36, "太极课"),
        ("qr", 1, ""),
    ]
    assert registry.visits.between(["ks-two"], NOON - 24 * HOUR, NOON + HOUR) == ()


def test_the_code_at_the_wall_is_the_stations_own(registry: Registry) -> None:
    code = registry.visits.code("ks-songnan")
    assert code == registry.visits.code("ks-songnan")
    assert code != registry.visits.code("ks-two")


def test_a_rider_is_answered_and_everybody_may_read_it(registry: Registry) -> None:
    said = registry.add_rider_report(
        "ks-songnan", "cold", "冷", language="zh-CN", client_address="10.0.0.1", now=NOON
    )
    assert registry.report_desk.waiting(["ks-songnan", "ks-two"]) == {"ks-songnan": 1}
    before = registry.revision()
    later = NOON + HOUR
    registry.report_desk.settle(
        said.id, "answered", by="li", now=later, answer="修好了\x00", audit=AUDIT
    )
    assert registry.revision() == before + 1
    assert registry.report_desk.waiting(["ks-songnan"]) == {}
    (found,) = registry.report_desk.answers(NOON)
    assert (found.answer, found.settled_by, found.state) == ("修好了", "li", "answered")
    assert registry.report_desk.answers(later + HOUR) == ()
    assert registry.report_desk.get(said.id) == found
    assert registry.report_desk.get(999) is None


def test_a_report_is_merged_or_dismissed_without_a_public_word(registry: Registry) -> None:
    said = registry.add_rider_report(
        "ks-songnan", "empty", "", language="en", client_address="10.0.0.1", now=NOON
    )
    registry.report_desk.settle(said.id, "merged", by="li", now=NOON, alert_id="abc")
    (found,) = registry.rider_reports("ks-songnan")
    assert (found.state, found.alert_id, found.answer) == ("merged", "abc", "")
    assert registry.report_desk.answers(NOON - HOUR) == ()
