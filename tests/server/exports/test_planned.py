"""Once a month, into a folder and by mail."""

from __future__ import annotations

import email
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.support.figures import district_of
from tests.support.smtp import post_office
from tests.support.web import SetClock
from warmstation_server.exports.planned import Plan, Planner
from warmstation_server.exports.wanted import Wanted
from warmstation_server.notify.post import mail_files
from warmstation_server.usage.rollup import Rollup

ZONE = ZoneInfo("Asia/Shanghai")
DUE = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
"""06:30 of 2 December in Shanghai."""


class Copies:
    """Writes what was asked for."""

    def write(
        self, wanted: Wanted, path: Path, now: datetime, progress: Callable[[str, float], None]
    ) -> None:
        """The period."""
        path.write_text(f"{wanted.period.first} {wanted.period.last} {wanted.stations}")


def planner(folder: Path, notify: str = "") -> Planner:
    rollup, clock = Rollup(folder / "usage.db", ZONE.key), SetClock()
    clock.moment = DUE
    district = district_of(rollup, ZONE)
    district.counting.counted_at = DUE
    mail = None
    if notify:
        (folder / "notify.toml").write_text(notify)
        mail = mail_files(folder / "notify.toml", "office", ["boss@example.org"], clock)
    plan = Plan(forms=("csv",), folder=folder / "out")
    return Planner(plan, district, Copies(), lambda _, __: ("aa",), folder, clock, mail)


def test_last_month_is_made_once_when_it_is_due(tmp_path: Path) -> None:
    found = planner(tmp_path)
    assert not found.turn(DUE - timedelta(hours=1))
    assert found.turn(DUE)
    assert not found.turn(DUE + timedelta(hours=1))
    (made,) = (tmp_path / "out").iterdir()
    assert made.name == "warmstation-2026-11-01-2026-11-30.csv"
    assert made.read_text() == "2026-11-01 2026-11-30 ('aa',)"
    found.district.rollup.close()


def test_it_waits_until_the_month_is_counted(tmp_path: Path) -> None:
    found = planner(tmp_path)
    found.district.counting.counted_at = datetime(2026, 11, 30, 4, tzinfo=UTC)
    assert not found.turn(DUE)
    found.district.rollup.close()


def test_it_is_mailed_with_its_file_and_tried_again_where_that_fails(tmp_path: Path) -> None:
    with post_office() as post:
        notify = f"""
[channels.office]
type = "smtp"
host = "127.0.0.1"
port = {post.port}
security = "none"
sender = "stations@example.org"
to = ["nobody@example.org"]
[[routes]]
tier = "district"
recipient = "office"
channels = ["office"]
"""
        found = planner(tmp_path, notify)
        post.say["DATA"] = "451 later"
        assert not found.turn(DUE)
        post.say.pop("DATA")
        assert found.turn(DUE)
    (mail,) = map(email.message_from_bytes, post.mails)
    assert mail["To"] == "boss@example.org"
    attached = [part for part in mail.walk() if part.get_filename()]
    assert [part.get_filename() for part in attached] == ["warmstation-2026-11-01-2026-11-30.csv"]
    found.district.rollup.close()


class Pauses(threading.Event):
    """Notes how long somebody would have waited; tells them to stop the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.noted.append(timeout)
        if len(self.noted) == 2:
            self.set()
        return self.is_set()


def test_it_looks_every_minute_and_again_in_an_hour_where_it_failed(tmp_path: Path) -> None:
    found, pauses = planner(tmp_path), Pauses()
    found.run(pauses)
    assert pauses.noted == [60, 60]
    (tmp_path / "monthly.txt").unlink()
    failing, pauses = replace(found, plan=replace(found.plan, folder=Path("/dev/null/x"))), Pauses()
    failing.run(pauses)
    assert pauses.noted == [3600, 3600]
    found.district.rollup.close()
