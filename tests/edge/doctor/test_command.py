"""The profile's text, the machine's checks, the record, the screen, and the whole command."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.enrolled import Deployment, deployment
from tests.support.mosquitto import Mosquitto
from tests.support.stations import EXAMPLE
from warmstation_edge.__main__ import main
from warmstation_edge.charging import TOLD
from warmstation_edge.clock import SystemClock
from warmstation_edge.doctor import reach
from warmstation_edge.doctor.causes import fault_of
from warmstation_edge.doctor.command import is_in_use, write_changes
from warmstation_edge.doctor.errors import DoctorFailed
from warmstation_edge.doctor.page import page
from warmstation_edge.doctor.profile_text import changed
from warmstation_edge.doctor.step import Change, Language
from warmstation_edge.doctor.surroundings import Surroundings
from warmstation_edge.doctor.terminal import WIDTH, Terminal, wrapped
from warmstation_edge.errors import BadProfile
from warmstation_edge.measurement import Measurement
from warmstation_edge.outbox import Outbox
from warmstation_edge.profile import OutboxLimits, parse
from warmstation_edge.reading import Missing
from warmstation_wire import Fault
from warmstation_wire.commissioning import Check, Record
from warmstation_wire.enrolment import Commissioning

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TEXT = EXAMPLE.read_text("utf-8")
SWAP = (Change("door", "outer_beam_pin", 27), Change("door", "inner_beam_pin", 17))


def test_a_change_leaves_every_other_line_and_comment_alone() -> None:
    after = changed(TEXT, SWAP)
    told, before = tomllib.loads(after), tomllib.loads(TEXT)
    assert (told["door"]["outer_beam_pin"], told["door"]["inner_beam_pin"]) == (27, 17)
    before["door"] |= {"outer_beam_pin": 27, "inner_beam_pin": 17}
    assert told == before
    assert "# the beam nearer the street" in after
    different = [a for a, b in zip(after.splitlines(), TEXT.splitlines(), strict=True) if a != b]
    assert len(different) == 2


def test_a_calibration_is_added_where_there_is_none_and_changed_where_there_is() -> None:
    after = changed(TEXT, [Change("calibration.p1", "offset", -1.2)])
    after = changed(after, [Change("calibration.room", "offset", 0.5)])
    after = changed(after, [Change("calibration.p1", "offset", -1.4)])
    told = tomllib.loads(after)["calibration"]
    assert told["p1"] == {"offset": -1.4}
    assert told["room"]["offset"] == 0.5
    assert parse(tomllib.loads(after)).calibration["p1"].offset == -1.4


def test_one_of_several_shelves_is_found_by_its_item() -> None:
    after = changed(TEXT, [Change("supplies:water", "full_v", 2.5)])
    shelves = {one["item"]: one for one in tomllib.loads(after)["supplies"]}
    assert shelves["water"]["full_v"] == 2.5
    assert "full_v" not in shelves["noodles"]
    with pytest.raises(DoctorFailed, match="no table"):
        changed(TEXT, [Change("supplies:rice", "full_v", 2.5)])


def test_a_shelf_is_found_however_its_name_is_quoted() -> None:
    text = "[[supplies]]\nitem = 'water'\nfull_v = 3.0\n"
    assert "full_v = 2.5" in changed(text, [Change("supplies:water", "full_v", 2.5)])


def test_the_profile_is_written_whole_and_the_one_before_stays(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(TEXT, "utf-8")
    write_changes(path, SWAP)
    assert tomllib.loads(path.read_text("utf-8"))["door"]["outer_beam_pin"] == 27
    assert (tmp_path / "station.toml.before").read_text("utf-8") == TEXT
    kept = path.read_text("utf-8")
    with pytest.raises(BadProfile):
        write_changes(path, [Change("door", "outer_beam_pin", 4)])  # 1-Wire has that one
    assert path.read_text("utf-8") == kept


def test_an_agent_at_work_is_noticed_before_its_pins_are_touched(tmp_path: Path) -> None:
    limits = OutboxLimits(path=tmp_path / "outbox.db")
    assert not is_in_use(limits.path)
    outbox = Outbox("ks-a", limits, SystemClock())
    assert is_in_use(limits.path)
    outbox.close({})
    assert not is_in_use(limits.path)
    limits.path.write_bytes(b"no database at all" * 100)
    assert not is_in_use(limits.path)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def machine(tmp_path: Path) -> Surroundings:
    return Surroundings(Language.ENGLISH, tmp_path / "sys", tmp_path / "proc")


def _wireless(tmp_path: Path, dbm: int) -> None:
    _write(
        tmp_path / "proc/net/wireless",
        "Inter-| sta-|   Quality        |\n face | tus | link level noise |\n"
        f" wlan0: 0000   58.  {dbm}.  -256        0      0\n",
    )


@pytest.mark.parametrize(("dbm", "verdict"), [(-52, "pass"), (-75, "pass"), (-82, "fail")])
def test_the_radio_is_judged_by_its_level(
    machine: Surroundings, tmp_path: Path, dbm: int, verdict: str
) -> None:
    _wireless(tmp_path, dbm)
    check = machine.network()
    assert (check.verdict, check.live) == (verdict, f"Wi-Fi {dbm} dBm")


def test_a_cable_is_better_than_any_radio(machine: Surroundings, tmp_path: Path) -> None:
    _wireless(tmp_path, -90)
    _write(tmp_path / "sys/class/net/eth0/carrier", "1\n")
    assert machine.network().live == "cable"
    _write(tmp_path / "sys/class/net/eth0/carrier", "0\n")
    assert machine.network().verdict == "fail"


@pytest.mark.parametrize(
    ("life", "verdict", "live"),
    [
        ("0x01 0x02", "pass", "20 % worn"),
        ("0x0a 0x01", "fail", "100 % worn"),
        ("0x00 0x00", "pass", "ms"),
        ("what?", "pass", "ms"),
    ],
)
def test_the_card_tells_its_wear_where_it_can(
    machine: Surroundings, tmp_path: Path, life: str, verdict: str, live: str
) -> None:
    _write(tmp_path / "sys/block/mmcblk0/device/life_time", life)
    check = machine.card(tmp_path)
    assert check.verdict == verdict
    assert (check.live or "").endswith(live)
    assert not (tmp_path / ".doctor").exists()


def test_a_card_that_cannot_be_written_fails(machine: Surroundings, tmp_path: Path) -> None:
    assert machine.card(tmp_path / "nowhere").verdict == "fail"


def test_clock_supply_and_certificate(machine: Surroundings) -> None:
    assert machine.clock(True, NOW).verdict == "pass"
    assert machine.clock(False, NOW).verdict == "fail"
    assert machine.power(True, 61.0).cause == "undervoltage: take another supply or cable"
    assert machine.power(False, 61.0).verdict == "pass"
    assert machine.power(None, None).verdict == "skipped", "a machine that does not tell"
    ends = {61: "pass", 59: "fail"}
    for days, verdict in ends.items():
        assert machine.certificate(NOW + timedelta(days=days), NOW).verdict == verdict
    assert machine.certificate(None, NOW).verdict == "fail"


def test_every_reason_has_its_likely_cause_in_both_languages() -> None:
    reasons = {missing.value for missing in Missing} - {"waiting"} | {trip.value for trip in TOLD}
    for reason in reasons:
        fault = Fault(sensor="p1", reason=reason)
        told = fault_of(Measurement(NOW, "synced", 1.0, faults=(fault,)), "p1")
        assert told is not None
        assert told.en != reason, f"{reason} is told as it is"
        assert told.zh != told.en


CHECKS = (
    Check(name="door.beams", verdict="pass", live="+1 -1"),
    Check(name="p1.load", verdict="fail", live="0.0 W", cause="<b>no power</b>"),
    Check(name="e1.load", verdict="skipped"),
)
RECORD = Record(station="ks-a", made_at=NOW, agent="0.1.0", installer="Wang", checks=CHECKS)


def test_the_record_passes_only_where_nothing_failed_and_prints() -> None:
    assert not RECORD.passed
    assert RECORD.model_copy(update={"checks": (CHECKS[0], CHECKS[2])}).passed
    for language, title in (
        (Language.CHINESE, "驿站安装验收记录"),
        (Language.ENGLISH, "Commissioning"),
    ):
        told = page(RECORD, language)
        assert title in told
        assert "&lt;b&gt;no power" in told
        assert "Wang" in told
        assert "src=" not in told, "it needs nothing else"


def test_nothing_on_the_screen_is_wider_than_a_terminal() -> None:
    out = io.StringIO()
    screen = Terminal(out, Language.CHINESE)
    long = Check(name="x" * 60, verdict="fail", live="y" * 60, cause="很长的原因" * 40)
    screen.tell(long)
    assert max(map(_columns, out.getvalue().splitlines())) <= WIDTH
    assert "".join(line.strip() for line in wrapped("很长的原因" * 40, 40)) == "很长的原因" * 40
    words = "check the wire, its supply and the pin " * 9 + "w" * 90
    lines = wrapped(words, WIDTH)
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(line.strip() for line in lines[:5]).split() == words.split()[:-1]


def _columns(line: str) -> int:
    return sum(2 if ord(character) > 0x2E80 else 1 for character in line)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as found:
        yield found


def test_the_server_keeps_the_record_and_shows_it(here: Deployment) -> None:
    here.enrolled("ks-a")
    here.station().commission(Commissioning(record=RECORD.model_dump(mode="json")))
    kept = here.registry.enrolments.commissionings("ks-a")[0]
    assert Record.model_validate(kept.record, strict=False) == RECORD
    assert kept.passed is False


@pytest.mark.broker
def test_the_broker_is_reached_or_its_refusal_is_told(tmp_path: Path) -> None:
    ids = {"station": {"id": "ks-a", "district": "kunshan"}}
    with Mosquitto(tmp_path) as broker:
        given = ids | {"broker": {"host": "127.0.0.1", "port": broker.port}}
        assert reach.refusal_of(parse(given), SystemClock(), lambda _: None) is None
    with Mosquitto(tmp_path, users={"ks-b": "secret"}) as broker:
        given = ids | {"broker": {"host": "127.0.0.1", "port": broker.port}}
        assert "uthor" in (reach.refusal_of(parse(given), SystemClock(), lambda _: None) or "")


def test_without_pins_the_command_says_so_in_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text(TEXT.replace("/var/lib/warmstation", str(tmp_path)))
    words = ("-m", "warmstation_edge", "doctor", "--alone", "--json", "--config", str(config))
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "gpiozero finds no GPIO here" in done.stderr.strip().splitlines()[-1]


def test_where_no_record_could_be_kept_nothing_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(TEXT.replace("/var/lib/warmstation", f"{tmp_path}/nowhere"))
    assert main(["doctor", "--config", str(config)]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/nowhere: no record can be written there: use sudo\n"
    )


@pytest.mark.slow
def test_with_mock_pins_the_command_prints_the_record_as_json(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    profile = '[station]\nid = "ks-a"\ndistrict = "kunshan"\n[presence]\npin = 23\n'
    config.write_text(f'{profile}[broker]\nport = 1\n[outbox]\npath = "{tmp_path}/outbox.db"\n')
    words = ("-m", "warmstation_edge", "doctor", "--alone", "--json", "--config", str(config))
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        env={"GPIOZERO_PIN_FACTORY": "mock", "PATH": "/usr/bin:/bin"},
    )
    record = Record.model_validate(json.loads(done.stdout), strict=False)
    verdicts = {check.name: check.verdict for check in record.checks}
    assert verdicts["presence.answers"] == "pass"
    assert verdicts["presence"] == "skipped"
    assert verdicts["broker"] == "fail"
    assert done.returncode == 1
    kept = sorted(path.suffix for path in tmp_path.glob("commissioning-*"))
    assert kept == [".html", ".json"]
