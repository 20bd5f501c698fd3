"""What people do with alerts, and its line of the audit log: both hold, or neither does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.alerting import OneScene, at, condition
from tests.support.migrated import migrated
from warmstation_server.accounts.audit import Entry
from warmstation_server.alerts.action import Acknowledge, Action, Assign, Comment, Resolve, Silence
from warmstation_server.alerts.context import Window
from warmstation_server.alerts.desk import Desk
from warmstation_server.alerts.errors import UnknownAlert
from warmstation_server.alerts.rule import Rule
from warmstation_server.alerts.state import AlertState
from warmstation_server.registry import Registry, RegistryAway
from warmstation_server.registry.engine import url_of

REFUSE = "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END"
WORK = Window("w", "ks-songnan", at(5), at(60), by="li")


class Kept:
    """A desk over a registry that can refuse lines of the audit log, with one firing alert."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.registry = registry
        self._url = url_of(folder / "registry.db")
        self.desk = Desk(registry.alerts, OneScene((Rule("heating.no_heat", page="always"),)))
        self.desk.turn([condition(0)], at(0))
        self.desk.turn([], at(1))
        (self.alert,) = self.desk.states()

    def run(self, command: str) -> None:
        """A command of SQL, by another connection."""
        engine = create_engine(self._url)
        with engine.begin() as connection:
            connection.execute(text(command))
        engine.dispose()

    @property
    def lines(self) -> list[tuple[str, object, object]]:
        """What the log says."""
        return [(one.action, one.before, one.after) for one in self.registry.audit.newest()]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with closing(Registry.open(migrated(tmp_path / "registry.db"))) as registry:
        yield Kept(tmp_path, registry)


def told(before: AlertState, after: AlertState) -> Entry:
    return Entry(at(2), "li", "alert.did", before.id, before.entries, after.entries)


@pytest.mark.parametrize(
    "action",
    [
        Acknowledge("li"),
        Assign("li", "wang"),
        Comment("li", "on my way"),
        Silence("li", at(60), "known"),
        Resolve("li", "repaired"),
    ],
)
def test_an_action_whose_line_cannot_be_kept_does_not_hold(kept: Kept, action: Action) -> None:
    kept.run(REFUSE)
    asked = kept.desk.ask(kept.alert.id, action, told)
    with pytest.raises(RegistryAway, match="no room"):
        kept.desk.turn([], at(2))
    assert not asked.done()
    assert kept.desk.states() == [kept.alert]
    assert kept.registry.alerts.find(kept.alert.id) == kept.alert
    before = kept.registry.alerts.history(kept.alert.id)
    kept.run("DROP TRIGGER full")
    kept.desk.turn([], at(3))
    after = asked.result(0)
    assert len(kept.registry.alerts.history(kept.alert.id)) == len(before) + 1
    assert kept.lines == [("alert.did", kept.alert.entries, after.entries)]


def test_what_could_not_be_done_has_no_line(kept: Kept) -> None:
    done = kept.desk.ask(kept.alert.id, Resolve("li", "repaired"), told)
    again = kept.desk.ask(kept.alert.id, Acknowledge("li"), told)
    kept.desk.turn([], at(2))
    assert done.result(0).phase == "resolved"
    with pytest.raises(UnknownAlert):
        again.result(0)
    assert len(kept.lines) == 1


def test_planned_work_and_its_line_hold_together(kept: Kept) -> None:
    kept.run(REFUSE)
    planned = kept.desk.plan(WORK, Entry(at(2), "li", "work.planned", "ks-songnan"))
    with pytest.raises(RegistryAway):
        kept.desk.turn([], at(2))
    assert (planned.done(), kept.registry.alerts.windows(), kept.lines) == (False, (), [])
    kept.run("DROP TRIGGER full")
    kept.desk.turn([], at(3))
    assert kept.registry.alerts.windows() == (WORK,)
    assert kept.lines == [("work.planned", None, None)]


def test_work_that_is_not_there_cannot_be_cancelled_in_the_log(kept: Kept) -> None:
    line = Entry(at(2), "li", "work.cancelled", "ks-songnan")
    kept.desk.plan(WORK)
    kept.desk.turn([], at(2))
    for _ in range(2):
        kept.desk.cancel("w", line)
        kept.desk.turn([], at(3))
    assert kept.registry.alerts.windows() == ()
    assert kept.lines == [("work.cancelled", None, None)]
