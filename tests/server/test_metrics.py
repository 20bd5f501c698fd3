from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta

from tests.support.snapshots import NOW, city
from warmstation_server.machine_code import is_compiled
from warmstation_server.metrics import Metrics, district_ages_s


def filled() -> Metrics:
    """Every figure has been touched once."""
    metrics = Metrics()
    metrics.count("stored", 3)
    metrics.receipts(1, 1)
    metrics.notifications("delivered", 1)
    metrics.alerts({"firing": 1})
    metrics.commit_s.observe(0.01)
    metrics.tick_s.observe(0.01)
    metrics.stations(["live"])
    metrics.watch("queue_messages", "Messages taken in that wait.", lambda: 4)
    metrics.watch_each("board_age_seconds", "Age by district.", "district", lambda: {"ks": 3.0})
    return metrics


def test_the_age_of_a_district_is_that_of_its_newest_report() -> None:
    found = district_ages_s(city(), NOW + timedelta(seconds=10))
    assert set(found) == {"kunshan"}
    assert 10 < found["kunshan"] < 60


def test_a_district_that_was_never_heard_has_no_age() -> None:
    silent = city(4)
    unheard = {
        id_: status.model_copy(update={"last_reported": None})
        for id_, status in silent.statuses.items()
    }
    assert district_ages_s(replace(silent, statuses=unheard), NOW) == {}


def test_labels_come_and_go() -> None:
    metrics, ages = Metrics(), {"ks": 3.0}
    metrics.watch_each("board_age_seconds", "Age by district.", "district", lambda: ages)
    assert b'warmstation_board_age_seconds{district="ks"} 3.0' in metrics.render()
    ages.clear()
    assert b"district=" not in metrics.render()


def test_names_follow_the_conventions_of_prometheus() -> None:
    """Counters end in _total, units are base units, every figure has a help text."""
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not installed: apt-get install prometheus"
    done = subprocess.run(
        [promtool, "check", "metrics"], check=False, input=filled().render(), capture_output=True
    )
    assert (done.stdout + done.stderr).decode() == ""


def test_the_process_and_its_version_are_among_the_figures() -> None:
    said = filled().render()
    for name in (b"process_resident_memory_bytes ", b"process_start_time_seconds "):
        assert b"\n" + name in said
    assert b'warmstation_build_info{version="' in said
    assert b"\nwarmstation_compiled %.1f\n" % is_compiled() in said
