from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.stations import EXAMPLE, example_tables
from warmstation_edge.errors import BadProfile
from warmstation_edge.profile import parse, read
from warmstation_edge.wiring import pins, sensor_names
from warmstation_wire import Fault

PIN_TABLE = EXAMPLE.parents[1] / "README.md"


def refusal(tables: dict[str, Any]) -> str:
    with pytest.raises(BadProfile) as caught:
        parse(tables, Path("station.toml"))
    return str(caught.value)


def test_the_example_is_a_whole_station() -> None:
    profile = read(EXAMPLE)
    assert profile.station.id == "ks-songnan"
    assert [charger.id for charger in profile.chargers] == ["p1", "p2", "e1"]
    assert set(sensor_names(profile)) == {
        *("room", "outlet", "outdoor", "door", "presence", "heater", "smoke"),
        *("p1", "p2", "e1", "e1.probe", "water", "noodles"),
    }


def test_a_station_may_have_next_to_nothing() -> None:
    profile = parse({"station": {"id": "ks-songnan", "district": "qiandeng"}})
    assert profile.report.report_s == 60
    assert profile.door is None
    assert profile.chargers == ()


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadProfile, match=r"nowhere\.toml: file: cannot be read"):
        read(Path("/nowhere.toml"))


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("[station\n")
    with pytest.raises(BadProfile, match=r"station\.toml: file: is not TOML: .*line 1"):
        read(path)


def test_an_unknown_key_is_refused_with_those_that_are_allowed() -> None:
    tables = example_tables()
    tables["door"]["colour"] = 1
    assert refusal(tables) == (
        "station.toml: door: unknown key 'colour';"
        " allowed are outer_beam_pin, inner_beam_pin, apart_m, contact_pin"
    )


@pytest.mark.parametrize("pin", [1, 28, "17", 17.5, None])
def test_a_pin_is_a_bcm_number_of_the_header(pin: object) -> None:
    tables = example_tables()
    tables["presence"]["pin"] = pin
    assert refusal(tables).startswith("station.toml: presence.pin: Input should be")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"presence": {"pin": 17}}, "pin 17 is claimed by door.outer_beam_pin and by presence.pin"),
        ({"presence": {"pin": 4}}, "pin 4 is claimed by presence.pin and by one_wire.pin"),
        ({"presence": {"pin": 11}}, "pin 11 is claimed by"),
        ({"adc": []}, "channel 'a4' needs an [[adc]] 'a'; there are []"),
        ({"calibration": {"rom": {"offset": 1.0}}}, "calibration.rom is of no sensor; there are"),
        ({"one_wire": {"room": "28-0316a2791bff"}}, "probe '28-0316a2791bff' is used twice"),
        ({"supplies": [{"item": "tea"}]}, "tea needs one of channel, low_pin and scale_channel"),
        ({"supplies": [{"item": "p1", "low_pin": 16}]}, "the name 'p1' is used twice"),
        ({"supplies": [{"item": "tea", "channel": "a0"}]}, "channel 'a0' is used twice"),
        ({"outbox": {"max_mb": 3.9}}, "outbox.max_mb: Input should be greater than or equal to 4"),
    ],
)
def test_tables_that_cannot_be_are_refused(change: dict[str, Any], said: str) -> None:
    assert said in refusal(example_tables() | change)


def test_an_ebike_point_needs_the_probes_bus() -> None:
    tables = example_tables()
    del tables["one_wire"], tables["calibration"]
    assert "needs a [one_wire] table" in refusal(tables)


def test_the_pin_table_is_that_of_the_example() -> None:
    rows = re.findall(
        r"^\| GPIO(\d+) \| \d+ \| `([^`]+)` \|", PIN_TABLE.read_text("utf-8"), re.MULTILINE
    )
    assert {(int(pin), key) for pin, key in rows} == set(pins(read(EXAMPLE)))


@pytest.mark.parametrize("name", ["example", "complete"])
def test_the_profiles_that_are_shipped_can_be_used(name: str) -> None:
    path = Path(__file__).parents[2] / f"firmware-config/profiles/{name}.toml"
    profile = read(path)
    bill = (path.parents[1] / "hardware/BOM.md").read_text("utf-8")
    spare = {7, 18, 20, 21}  # of the bill: a second e-bike point takes two of them
    for pin, key in pins(profile):
        assert pin in spare or f" {pin} (" in bill, f"{key} = {pin} is not in the bill"


def test_a_point_whose_faults_could_not_be_named_is_refused() -> None:
    tables = example_tables()
    tables["chargers"][2]["id"] = "e" * 30
    longest = parse(tables).chargers[2].id
    assert Fault(sensor=f"{longest}.contactor", reason="welded").sensor
    tables["chargers"][2]["id"] = "e" * 31
    assert "has at most 30 characters" in refusal(tables)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("contact_pin = 22", "contact_pni = 22", "door: unknown key 'contact_pni'"),
        ("max_c = 60.0", "max_c = 600.0", "chargers.2.ebike.max_c: Input should be less"),
        ("feedback_pin = 6", "feedback_pim = 6", "chargers.2.ebike: unknown key 'feedback_pim'"),
        ('item = "noodles"', 'item = "Noodles"', "supplies.1.item: String should match"),
        ("[heater]", "[haeter]", "profile: unknown key 'haeter'"),
        ("offset = -0.3", 'offset = "low"', "calibration.room.offset: Input should be"),
        ("port = 8883", "port = 88830", "broker.port: Input should be less"),
        ('ca = "/etc/warmstation/ca.pem"', "ca = 5", "broker.tls.ca: Input is not a valid path"),
    ],
)
def test_a_mistyped_line_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text, path = EXAMPLE.read_text("utf-8"), tmp_path / "station.toml"
    assert text.count(f"\n{right}") == 1, right
    line = text[: text.index(f"\n{right}") + 1].count("\n") + 1
    path.write_text(text.replace(f"\n{right}", f"\n{wrong}"))
    with pytest.raises(BadProfile) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, line {line}: {said}")


def test_what_is_missing_is_named_with_the_line_of_its_table(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text('[station]\nid = "ks-a"\ndistrict = "kunshan"\n\n[door]\nouter_beam_pin = 17\n')
    with pytest.raises(BadProfile, match=r"station\.toml, line 5: door\.inner_beam_pin: Field"):
        read(path)


@pytest.mark.parametrize("text", ["a = 1", 'station = {id = "x"}', "[[door]]", "[station.x.y]", ""])
def test_what_has_no_line_is_told_all_the_same(tmp_path: Path, text: str) -> None:
    path = tmp_path / "station.toml"
    path.write_text(text)
    with pytest.raises(BadProfile):
        read(path)
