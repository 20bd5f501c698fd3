"""`warmstation rules`: check, test, backtest."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tests.support.places import REGIONS, station
from warmstation_server.cli import add_to
from warmstation_server.cli.progress import Share
from warmstation_server.config import check
from warmstation_server.history import Received
from warmstation_server.history.sqlite import SqliteHistory
from warmstation_server.registry import Registry
from warmstation_wire import Report, Safety

app = typer.Typer()
add_to(app)
run = CliRunner().invoke

TESTS = """
hours: Mo-Su 09:00-18:00
tests:
  - name: no heat is told at once, and to the community after half an hour
    start: 2026-11-23T12:00:00+08:00
    input:
      - {at: 0m, condition: heating.no_heat, every: 5m, until: 1h}
      - {at: 1h, condition: heating.no_heat, holds: false}
    until: 2h
    transitions:
      - {at: 0m, alert: heating.no_heat, is: firing}
      - {at: 30m, alert: heating.no_heat, is: escalated}
      - {at: 1h10m, alert: heating.no_heat, is: resolved}
    notices:
      - {at: 0m, alert: heating.no_heat, is: firing, to: station}
      - {at: 30m, alert: heating.no_heat, is: escalated, to: community}
      - {at: 1h10m, alert: heating.no_heat, is: resolved, to: community}
  - name: at night nobody is woken
    start: 2026-11-23T22:00:00+08:00
    input:
      - {at: 0m, condition: heating.no_heat, every: 5m, until: 2h}
    until: 2h
    notices: []
"""


def test_good_and_bad_rules_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "heating.no_heat"\nfor = "5m"\n')
    assert run(app, ["rules", "check", str(path)]).exit_code == 0
    path.write_text('[[rule]]\nname = "heating.no_heat"\nfro = "5m"\npage = "now"\n[x]\n')
    found = run(app, ["rules", "check", str(path)])
    assert found.exit_code == 1
    assert f"{path}:5: x is not known here" in found.stderr
    assert f"{path}:3: rule heating.no_heat: fro is not known" in found.stderr
    assert f"{path}:4: rule heating.no_heat: page should be" in found.stderr


def test_a_name_that_nothing_ever_tells_is_allowed_and_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nname = "heating.no_heats"\ninhibited_by = ["a.b"]\n')
    found = run(app, ["rules", "check", str(path)])
    assert found.exit_code == 0
    assert (
        f"{path}:2: rule heating.no_heats: name: nothing tells of heating.no_heats, did you "
        in (found.stderr)
    )
    assert "inhibited_by: nothing tells of a.b (" in found.stderr


def test_a_mistake_deep_in_a_table_says_where_in_it(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rule]]\nname = "supplies.low"\nflapping = { changes = 1, within = "2h" }\n'
        'escalate = [{ after = "1h", to = "streets" }]\n'
    )
    found = run(app, ["rules", "check", str(path)])
    assert f"{path}:3: rule supplies.low: flapping changes should be greater" in found.stderr
    assert f"{path}:4: rule supplies.low: escalate entry 1: to should be 'station'" in found.stderr


def test_every_mistake_of_a_test_file_is_a_line(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(
        "tests:\n - name: x\n   until: 1h\n   input: [{at: 0m, conditon: heating.no_heats},"
        " {at: 0m, condition: heating.no_heats}]\n"
        "   notices: [{at: 0m, alert: heating.no_heat, is: fires, to: state}]\n"
    )
    found = run(app, ["rules", "test", str(path)])
    assert found.exit_code == 1
    for said in (
        "4: tests.0.input.0.condition: must be given",
        "4: tests.0.input.0.conditon: is not known here",
        "4: tests.0.input.1.condition: nothing tells of heating.no_heats, did you mean heating",
        "5: tests.0.notices.0.is: should be 'firing', 'severity_up'",
        "5: tests.0.notices.0.to: should be 'station'",
    ):
        assert f"{path}:{said}" in found.stderr, found.stderr


def test_rules_are_tested_against_what_must_follow(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(TESTS, encoding="utf-8")
    found = run(app, ["rules", "test", str(path)])
    assert found.exit_code == 0, found.output
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nname = "heating.no_heat"\nfor = "5m"\n')
    found = run(app, ["rules", "test", str(path), "--rules", str(rules), "--json"])
    assert found.exit_code == 1
    (first, *_) = json.loads(found.stdout)["failures"]
    assert "0:00:00 heating.no_heat firing" in first["missing"]
    assert "0:05:00 heating.no_heat firing" in first["unexpected"]


def test_a_broken_test_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text("tests: [{name: x, until: soon, input: []}]")
    found = run(app, ["rules", "test", str(path)])
    assert found.exit_code == 1
    assert "tests.0.until" in found.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tests: []", ":1: tests: must not be empty"),
        ("tests: [{name: x, until: 1h, input: [], start: 9999-12-31T23:00:00Z}]", "2000 and 2100"),
        ("tests: [{name: x, until: 99999999999d, input: []}]", "until: must be ten years (3650d)"),
        (
            "tests: [{name: x, until: 1h, input: [{at: 2h, condition: heating.cold}]}]",
            "until: must not end before heating.cold is heard",
        ),
        ("hours: dawn\ntests: [{name: x, until: 1h, input: []}]", "hours: not valid opening_hours"),
    ],
)
def test_a_test_that_could_not_fail_or_never_ends_is_refused(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(text)
    found = run(app, ["rules", "test", str(path)])
    assert found.exit_code == 1
    assert found.stderr.startswith(f"{path}:")
    assert said in found.stderr


def test_what_must_happen_twice_is_not_found_once(tmp_path: Path) -> None:
    path = tmp_path / "tests.yaml"
    path.write_text(
        "tests:\n - name: x\n   until: 10m\n   input: [{at: 0m, condition: heating.no_heat}]\n"
        "   transitions: [{at: 0m, alert: heating.no_heat, is: firing},"
        " {at: 0m, alert: heating.no_heat, is: firing}]\n"
    )
    found = run(app, ["rules", "test", str(path)])
    assert found.exit_code == 1
    assert "missing     0:00:00 heating.no_heat firing" in found.stdout


def test_two_sets_of_rules_are_tried_on_the_same_recording(tmp_path: Path) -> None:
    config = _recorded(tmp_path)
    loud, quiet = tmp_path / "loud.toml", tmp_path / "quiet.toml"
    loud.write_text("")
    quiet.write_text('[[rule]]\nname = "*"\npage = "never"\n')
    base = ["rules", "backtest", "--config", str(config), "--from", "2026-11-23", "--to"]
    found = run(app, [*base, "2026-11-25", "--rules", str(loud), "--against", str(quiet), "--json"])
    assert found.exit_code == 0, found.output
    said = json.loads(found.stdout)
    assert said["rules"]["reports"] == 576 - 12 * 8, "the first eight hours are of the day before"
    assert said["rules"]["by_trouble"]["Smoke"] >= 1
    assert list(said["against"]["by_trouble"]) == ["Smoke"], "danger is told whatever * says"
    assert {one["trouble"] for one in said["only_with_rules"]} == {"Station clock wrong"}
    assert said["only_with_against"] == []
    assert said["rules"]["pages_a_day"] == said["rules"]["pages"] / 2


def test_a_backtest_is_of_the_places_that_are_named(tmp_path: Path) -> None:
    config, rules = _recorded(tmp_path), tmp_path / "rules.toml"
    rules.write_text("")
    base = ["rules", "backtest", "--config", str(config), "--rules", str(rules), "--json"]
    days = ["--from", "2026-11-23", "--to", "2026-11-24"]
    for place in ("ks-songnan", "kunshan"):
        found = run(app, [*base, *days, "--at", place])
        assert json.loads(found.stdout)["rules"]["by_trouble"]["Smoke"] >= 1
        assert "reports of these days in" in found.stderr
    found = run(app, [*base, *days, "--at", "kunshan", "--at", "ks-nowhere"])
    assert found.exit_code == 1
    assert found.stderr == "neither a station nor a region: ks-nowhere\n"


def test_how_long_a_backtest_still_takes_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moments = iter([0.0, 5.0, 30.0, 40.0, 90.0])
    with Share("99 stations", lambda: next(moments)) as share:
        for done in (0.01, 0.1, 0.2, 0.9):
            share(done)
    told = ["99 stations: 10%, about 4 min 30 s left", "99 stations: 90%, about 10 s left"]
    assert capsys.readouterr().err.splitlines() == told


def test_a_backtest_of_nothing_says_so(tmp_path: Path) -> None:
    config, rules = _recorded(tmp_path), tmp_path / "rules.toml"
    rules.write_text("")
    base = ["rules", "backtest", "--config", str(config), "--rules", str(rules)]
    found = run(app, [*base, "--from", "2026-11-24", "--to", "2026-11-24"])
    assert found.exit_code == 1
    assert "must be later than --from" in found.stderr
    found = run(app, [*base, "--from", "2026-10-24", "--to", "2026-10-25"])
    assert found.exit_code == 1
    assert "no report came from 2026-10-24" in found.stderr


def _recorded(folder: Path) -> Path:
    """Two days of a report every five minutes: it smokes for ten, the clock is lost for hours."""
    config = folder / "server.toml"
    config.write_text('data_dir = "data"\n')
    found = check(config)
    found.data_dir.mkdir()
    with closing(Registry.open(found.registry_url)) as registry:
        registry.put(REGIONS, [station(hours="24/7")])
    start = datetime(2026, 11, 23, tzinfo=UTC)
    with closing(SqliteHistory(found.history_path, found.zone_info)) as history:
        history.append([_report(start, number) for number in range(2 * 24 * 12)])
    return config


def _report(start: datetime, number: int) -> Received:
    at = start + number * timedelta(minutes=5)
    report = Report(
        station="ks-songnan",
        stream="9f3c",
        seq=number + 1,
        measured_at=at,
        clock="unsynced" if 100 <= number < 160 else "synced",
        uptime_s=1000.0 + 300 * number,
        safety=Safety(smoke=number in (100, 101)),
    )
    return Received(report, "kunshan", at)
