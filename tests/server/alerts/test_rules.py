"""Rule files: inheritance down the region tree, and mistakes with their line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from warmstation_server.alerts.errors import BadRules
from warmstation_server.alerts.rule_file import parse
from warmstation_server.alerts.rules import Rules, load, over_shipped
from warmstation_server.alerts.words import TITLES

PATH = ("songnan", "qiandeng", "kunshan")


def rules(text: str) -> Rules:
    return over_shipped(parse(text, "rules.toml"))


def test_a_region_inherits_key_by_key_and_the_narrower_one_wins() -> None:
    found = rules(
        """
        [[rule]]
        name = "heating.no_heat"
        for = "3m"
        [[rule]]
        name = "heating.no_heat"
        region = "kunshan"
        for = "5m"
        owner = "community"
        escalate = [{ after = "1h", to = "street" }]
        [[rule]]
        name = "heating.*"
        region = "songnan"
        for = "7m"
        """
    )
    assert found.rule("heating.no_heat").pending_for == timedelta(minutes=3)
    assert found.rule("heating.no_heat", ("x", "kunshan")).pending_for == timedelta(minutes=5)
    here = found.rule("heating.no_heat", PATH)
    assert here.pending_for == timedelta(minutes=7)
    assert here.owner == "community"
    assert here.severity == "urgent"


def test_every_condition_has_a_rule_and_every_shipped_one_has_words() -> None:
    found = load()
    assert found.rule("something.new").severity == "warning"
    assert set(found.names) <= set(TITLES)


@pytest.mark.parametrize("name", ["safety.smoke", "chargers.welded", "chargers.overheat"])
def test_danger_is_told_at_once_at_any_hour_behind_nothing(name: str) -> None:
    rule = load().rule(name)
    assert rule.severity == "critical"
    assert rule.page == "always"
    assert rule.at_once
    assert rule.pending_for == timedelta(0)
    assert rule.inhibited_by == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rule]]\nname = "a.b"\n\nfro = "1m"', "rules.toml:4: rule a.b: fro is not known here"),
        ('[[rule]]\nname = "a.b"\nfor = "ten"', "rules.toml:3: rule a.b: for must be a duration"),
        ('[[rule]]\nname = "a.b"\nfor = 5', "rules.toml:3: rule a.b: for must be a duration in"),
        ('[[rule]]\nfor = "1m"', "rules.toml:1: rule: name must be given"),
        ('[[rule]]\nname = "a.b"\n[[rule]]\nname = "A"', "rules.toml:4: rule A: name must be a"),
        ('[[rule]]\nname = "a.b"\nowner = "me"', "rules.toml:3: rule a.b: owner should be"),
        ('[[rule]]\nname = "a.b"\n[[rule]]\nname = "a.b"', "rules.toml:4: rule a.b: name stands"),
        (
            '[[rule]]\nname = "a.b"\nraise_above = 3\nclear_below = 4',
            "rules.toml:4: rule a.b: clear_below must be at most raise_above (3)",
        ),
        (
            '[[rule]]\nname = "a.b"\nescalate = [\n {after="2h", to="street"},\n '
            '{after="1h", to="city"}]',
            "rules.toml:3: rule a.b: escalate each step must come later",
        ),
        (
            'rule = [{ name = "a.b", raise_above = 3, clear_below = 4 }]',
            "rules.toml:1: rule a.b: clear_below must be at most raise_above (3)",
        ),
        (
            '[[rule]]\nname = "a.b"\ninhibited_by = ["station.*"]',
            "rules.toml:3: rule a.b: inhibited_by must name conditions one by one",
        ),
        ('[[rule]]\nname = "a.b"\nfor = ', "rules.toml:3: is not TOML"),
        ("limit = 3", "rules.toml:1: limit is not known here"),
        ('[[rule]]\nname = "a.b"\nfor = "99999999999d"', "rules.toml:3: rule a.b: for must be ten"),
        (
            '[[rule]]\nname = "a.b"\nremind = "0s"',
            "rules.toml:3: rule a.b: remind must be at least",
        ),
        ('[[rule]]\nname = "a.b"\nregion = ""', "rules.toml:3: rule a.b: region must not be empty"),
        (
            '[[rule]]\nname = "safety.smoke"\nfor = "5m"',
            "rules.toml:3: rule safety.smoke: for must not be there: safety.smoke is danger",
        ),
        (
            '[[rule]]\nname = "safety.*"\npage = "open hours"',
            'rules.toml:3: rule safety.*: page must be "always": safety.* is danger',
        ),
        (
            '[[rule]]\nname = "chargers.welded"\nregion = "x"\nat_once = false',
            "rules.toml:4: rule chargers.welded: at_once must be true",
        ),
        (
            '[[rule]]\nname = "station.offline"\ninhibited_by = ["heating.cold"]',
            "rules.toml:3: rule station.offline: inhibited_by makes heating.cold and "
            "station.offline hide each other: none would be told",
        ),
    ],
)
def test_a_mistake_names_file_line_and_key(text: str, said: str) -> None:
    with pytest.raises(BadRules) as error:
        rules(text)
    assert str(error.value).startswith(said)


def test_a_table_for_many_neither_delays_danger_nor_hides_a_trouble_behind_itself() -> None:
    text = """
[[rule]]
name = "*"
for = "30m"
page = "open hours"
severity = "notice"
min_confidence = 0.9
remind = "6h"

[[rule]]
name = "heating.*"
inhibited_by = ["station.offline", "heating.power_lost"]
"""
    found = rules(text)
    smoke, other = found.rule("safety.smoke"), found.rule("station.clock")
    assert (smoke.pending_for, smoke.min_confidence) == (timedelta(0), 0.0)
    assert (smoke.page, smoke.severity, smoke.at_once) == ("always", "critical", True)
    assert smoke.remind == other.remind == timedelta(hours=6)
    assert (other.pending_for, other.severity) == (timedelta(minutes=30), "notice")
    assert found.rule("heating.power_lost").inhibited_by == ("station.offline",)


def test_a_file_may_begin_with_the_mark_of_some_editors(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_bytes(b'\xef\xbb\xbf[[rule]]\r\nname = "a.b"\r\nfor = "5m"\r\n')
    assert load(file).rule("a.b").pending_for == timedelta(minutes=5)


def test_a_region_that_is_not_registered_is_a_mistake() -> None:
    found = parse('[[rule]]\nname = "a.b"\nregion = "atlantis"', "rules.toml", {"kunshan"})
    assert found.mistakes == ("rules.toml:3: rule a.b: region 'atlantis' is not registered",)


def test_mistakes_of_a_key_of_a_table_and_across_tables_are_told_together() -> None:
    text = """
[[rule]]
name = "a.b"
fro = "5m"
raise_above = 3
clear_below = 4
escalate = [{ after = "2h", to = "street" }, { after = "1h", to = "city" }]
[[rule]]
name = "a.b"
for = "ten"
[[rule]]
name = "heating.*"
at_once = true
"""
    with pytest.raises(BadRules) as error:
        rules(text)
    assert [line.split()[0] for line in str(error.value).splitlines()] == [
        "rules.toml:4:",
        "rules.toml:6:",
        "rules.toml:7:",
        "rules.toml:9:",
        "rules.toml:10:",
        "rules.toml:11:",
    ]
    assert "heating.*: inhibited_by must be empty where at_once is true" in str(error.value)


def test_nothing_is_said_of_what_depends_on_a_key_that_could_not_be_read() -> None:
    with pytest.raises(BadRules) as error:
        rules('[[rule]]\nname = "a.b"\nraise_above = "high"\nclear_below = 4')
    assert len(str(error.value).splitlines()) == 1
    with pytest.raises(BadRules) as error:
        rules('[[rule]]\nname = "A"\nraise_above = 3\n[[rule]]\nname = "a.b"\nclear_below = 4')
    assert len(str(error.value).splitlines()) == 1


def test_a_table_for_a_family_may_leave_the_other_half_to_its_members() -> None:
    found = rules(
        '[[rule]]\nname = "supplies.*"\nclear_below = 4\n'
        '[[rule]]\nname = "supplies.low"\nraise_above = 5\n'
    )
    assert found.rule("supplies.low").clear_below == 4
