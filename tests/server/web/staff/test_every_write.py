"""Every write of the staff pages: its audit line is kept with it or it does not hold, and is read.

A form that is not tried here fails the last test.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute

from tests.support.snapshots import city
from tests.support.staff import PASSWORD, Staff, StaffClient, staff_web, visible
from warmstation_server.history.memory import MemoryHistory
from warmstation_server.hours import Hours
from warmstation_server.places import Region, Retired, Text
from warmstation_server.web.staff.reading import _HIDDEN
from warmstation_server.web.staff.rooms import PAGES
from warmstation_server.web.words import Words

HERE = "ks-000"
AT = f"/manage/stations/{HERE}"
SHELF = f"/manage/supplies/{HERE}/water"
REFUSE = "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END"
NOT_DATA = {"audit_log", "sessions", "login_failures", "deployment"}
"""Tables that may change where nothing was done: when somebody was last seen."""

DESKS = ("alert.", "work.")
"""What the desk of alerts does in its own time."""


EMPTY = Region("ks-empty", Text("空"), "street", "ks")
"""What only a mistake was."""


class Write(NamedTuple):
    """A form, and what the log says of it. `{alert}` and `{report}` are filled in."""

    path: str
    fields: Mapping[str, str]
    action: str


WRITES = (
    Write("/people/new", {"login": "new", "name": "新人", "role": "manager", "language": "zh-CN",
                          "scope": f"station:{HERE}"}, "person.added"),
    Write("/people/guest", {"known": "1", "name": "客人", "role": "viewer", "language": "en",
                            "scope": "*", "active": "1"}, "person.changed"),
    Write("/people/guest/password", {}, "person.password"),
    Write("/me/tokens", {"name": "panel", "right": "alerts.read", "days": "30"}, "token.made"),
    Write("/me/tokens/revoke", {"token": "1"}, "token.revoked"),
    Write("/me/sessions", {}, "sessions.ended"),
    Write("/me/password", {"old": PASSWORD, "new": "another long one", "again": "another long one"},
          "person.password"),
    Write("/manage/alerts/{alert}/acknowledge", {"lasts": "4h", "note": "在路上"},
          "alert.acknowledged"),
    Write("/manage/alerts/{alert}/assign", {"to": "wang"}, "alert.assigned"),
    Write("/manage/alerts/{alert}/comment", {"text": "看过了"}, "alert.commented"),
    Write("/manage/alerts/{alert}/silence", {"lasts": "8h", "reason": "等零件"}, "alert.silenced"),
    Write("/manage/alerts/{alert}/unsilence", {}, "alert.ended"),
    Write(AT + "/reports/{report}", {"do": "merge", "alert": "{alert}"}, "report.merged"),
    Write(AT + "/reports/{report}", {"do": "answer", "answer": "修好了"}, "report.answered"),
    Write(AT + "/reports/{report}", {"do": "dismiss"}, "report.dismissed"),
    Write("/manage/alerts/{alert}/resolve", {"cause": "repaired", "note": "换保险丝"},
          "alert.resolved"),
    Write(AT + "/hand", {"word": "closed", "reason": "停电", "lasts": "3h"}, "station.closed"),
    Write(AT + "/hand", {"word": "open", "reason": "来电", "lasts": "3h"}, "station.opened"),
    Write(AT + "/hand", {"word": "end"}, "station.as_posted"),
    Write(AT + "/work", {"kind": "heating", "lasts": "3h", "note": "换加热管"}, "work.planned"),
    Write(AT + "/work/cancel", {"window": "{window}"}, "work.cancelled"),
    Write(AT + "/visits", {"day": "{today}", "visits": "36"}, "visits.counted"),
    Write(SHELF, {"do": "par", "quantity": "48"}, "supply.par"),
    Write(SHELF, {"do": "restock", "quantity": "24", "donor": "红十字会",
                  "expires_on": "2027-06-01"}, "supply.restock"),
    Write(SHELF, {"do": "handout", "quantity": "2"}, "supply.handout"),
    Write(SHELF, {"do": "count", "quantity": "20"}, "supply.count"),
    Write(SHELF, {"do": "discard", "quantity": "1"}, "supply.discard"),
    Write("/manage/alerts/{shut}/hours", {"was": "{hours}"}, "station.changed"),
    Write(AT + "/register", {"name_en": "New"}, "station.changed"),
    Write("/manage/stations/ks-099/retire", {"reason": "租约到期"}, "station.retired"),
    Write("/manage/retired/ks-099", {}, "station.returned"),
    Write("/manage/stations/ks-098/remove", {}, "station.removed"),
    Write("/manage/regions/ks-empty", {"name_en": "Nothing"}, "region.changed"),
    Write("/manage/regions/ks-empty/remove", {}, "region.removed"),
    Write("/district/exports", {"form": "csv", "period": "7d"}, "export.asked"),
    Write("/district/exports/{job}/cancel", {}, "export.cancelled"),
)  # fmt: skip


class Town:
    """Staff pages with an alert, a report of a rider, planned work, a token and an export."""

    def __init__(self, staff: Staff, folder: Path) -> None:
        self.staff, self.registry = staff, staff.parts.registry
        self._file = folder / "registry.db"
        for login, role in (("chief", "admin"), ("wang", "manager"), ("guest", "viewer")):
            staff.add(login, role, "*", name={"wang": "王站长"}.get(login, login))
        self.known = {"alert": staff.trouble(HERE), **self._shut()}
        now = staff.clock.now()
        said = self.registry.add_rider_report(
            HERE, "cold", "很冷", language="zh-CN", client_address="::1", now=now
        )
        self.known |= {"report": str(said.id), "window": "", "job": "", "today": f"{now:%Y-%m-%d}"}
        staff.client("chief").get("/me")  # a second session to end

    def _shut(self) -> dict[str, str]:
        """An alert that the station was not opened at its posted hour, and these hours."""
        place = next(one for one in self.registry.stations() if one.id == HERE)
        opened = Hours(place.hours, place.zone).opened_at(self.staff.clock.now())
        shut = self.staff.trouble(HERE, "station.not_opened", since=opened)
        return {"shut": shut, "hours": place.hours}

    def send(self, client: StaffClient, write: Write) -> int:
        """The status of its answer."""
        self._look()
        fields = {name: text.format_map(self.known) for name, text in write.fields.items()}
        answer = client.send(write.path.format_map(self.known), fields)
        return int(answer.status_code)

    def _look(self) -> None:
        windows, exports = self.registry.alerts.windows(), self.staff.parts.exports
        assert exports is not None
        jobs = exports.of("chief")
        self.known["window"] = windows[0].id if windows else "none"
        self.known["job"] = jobs[0].id if jobs else "none"

    def run(self, command: str) -> None:
        """SQL, past the registry."""
        with closing(sqlite3.connect(self._file)) as file:
            file.execute(command)
            file.commit()

    def data(self) -> dict[str, Any]:
        """Everything that is kept."""
        with closing(sqlite3.connect(self._file)) as file:
            named = file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            tables = sorted({name for (name,) in named} - NOT_DATA)
            found: dict[str, Any] = {
                name: file.execute(f"SELECT * FROM {name}").fetchall() for name in tables
            }
            found["open sessions"] = file.execute("SELECT count(*) FROM sessions").fetchone()
        exports = self.staff.parts.exports
        assert exports is not None
        found["exports"] = [(one.id, one.state) for one in exports.of("chief")]
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("writes")
    snapshot = city()
    shelf = replace(snapshot.stations[HERE], supplies=("water",))
    snapshot = replace(
        snapshot,
        stations={**snapshot.stations, HERE: shelf},
        regions={**snapshot.regions, "ks-empty": EMPTY},
        retired={"ks-099": Retired(snapshot.stations["ks-099"], snapshot.at, "租约到期")},
    )
    with staff_web(folder, snapshot, history=MemoryHistory()) as staff:
        yield Town(staff, folder)


@pytest.fixture(scope="module")
def wrong(town: Town) -> list[tuple[str, str, int, list[str]]]:
    """Every write is tried, first without room for its line; what went otherwise than it should."""
    client = town.staff.client("chief")
    wrong: list[tuple[str, str, int, list[str]]] = []
    for write in WRITES:
        newest = next(town.registry.audit.newest()).number or 0
        before = town.data()
        town.run(REFUSE)
        refused, after = town.send(client, write), town.data()
        town.run("DROP TRIGGER full")
        changed = [name for name in before if before[name] != after[name]]
        if refused < 500 or changed:
            wrong.append((write.action, "without a line", refused, changed))
        if write.action.startswith(DESKS):
            status = 303
            town.staff.desk.hear()  # it stayed asked for
        else:
            status = town.send(client, write)
        lines = [one for one in town.registry.audit.newest() if (one.number or 0) > newest]
        found = [one.action for one in lines if one.action != "alert.commented" or len(lines) == 1]
        if status >= 400 or found != [write.action]:
            wrong.append((write.action, "with a line", status, found))
    return wrong


def test_a_write_without_its_line_does_not_hold_and_with_it_has_exactly_one(
    wrong: list[tuple[str, str, int, list[str]]],
) -> None:
    assert wrong == []


@pytest.mark.usefixtures("wrong")
def test_every_line_is_read_in_words(town: Town) -> None:
    words = [Words("zh-CN"), Words("en")]
    missing = set()
    for entry in town.registry.audit.newest():
        keys = {f"action.{entry.action}"} - {"action.step"}
        for told in (entry.before, entry.after):
            keys |= {f"field.{key}" for key in (told or {}) if key not in _HIDDEN}
        missing |= {key for key in keys for t in words if key not in t.starting((key,))}
    assert missing == set()


@pytest.mark.usefixtures("wrong")
def test_a_reader_sees_names_and_not_identifiers(town: Town) -> None:
    shown, before = "", ""
    while True:
        html = town.staff.client("chief").get(f"/audit{before}").text
        shown += visible(html)
        older = re.search(r'href="/audit(\?before=\d+)"', html)
        if older is None or "开通账号 · 王站长 (wang)" in shown:
            break
        before = older[1]
    assert "指派告警 · 不供暖" in shown
    assert "处理人 王站长 (wang)" in shown
    assert "已修好：换保险丝" in shown
    assert "涉及 供暖制冷" in shown
    assert "反映并入告警 · 骑手反映 1" in shown
    assert "权限 查看告警" in shown
    assert "2026年11月21日" in shown
    assert town.known["alert"] not in shown
    for raw in ("heating.", "T04:", "+00:00", "station:", "alerts.read", "supply.", "ks-000 water"):
        assert raw not in shown


def test_every_form_of_staff_is_tried_here(town: Town) -> None:
    tried = {re.sub(r"\{\w+\}|ks-[0e]\w+|water|guest", "*", write.path) for write in WRITES}
    forms = {
        re.sub(r"\{\w+\}", "*", route.path)
        for room in PAGES
        for route in room(town.staff.parts).routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert forms - tried == {"/logout"}
