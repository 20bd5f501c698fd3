"""Keeps the snapshot that everyone reads: recomputes what changed, swaps it in whole."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime

from warmstation_server.roster import Roster
from warmstation_server.snapshot import Current, PublicAlert, Snapshot
from warmstation_server.status.board import Board
from warmstation_server.status.station import next_turn, station_status
from warmstation_wire import StationStatus

Busy = Mapping[str, tuple[float | None, ...]]


class Picture:
    """The writer of Current: one thread, once a tick.

    A station is looked at when it reported, and when its status is due to change by itself.
    """

    def __init__(self, roster: Roster, current: Current) -> None:
        self._roster = roster
        self._current = current
        self._due: dict[str, datetime | None] = {}

    def turn(
        self,
        board: Board,
        touched: Set[str],
        busy: Busy,
        now: datetime,
        alerts: tuple[PublicAlert, ...] = (),
    ) -> Snapshot:
        """Bring the snapshot up to `now`."""
        before = self._current.get()
        is_new_roster = self._roster.refresh() or before.stations is not self._roster.stations
        if is_new_roster:
            # Everybody is looked at again, and who is gone is left out.
            self._due = dict.fromkeys(self._roster.stations, now)
            before = replace(before, statuses={}, next_change={})
        statuses, changes = self._new_statuses(board, touched, now)
        news = {id_: one for id_, one in statuses.items() if before.statuses.get(id_) != one}
        is_told_anew = busy != before.busy or alerts != before.alerts
        is_news = is_new_roster or bool(news) or is_told_anew
        snapshot = Snapshot(
            at=now,
            version=before.version + is_news,
            regions=self._roster.regions,
            stations=self._roster.stations,
            statuses={**before.statuses, **news} if news else before.statuses,
            next_change={**before.next_change, **changes},
            busy=busy,
            alerts=alerts,
            overrides=self._roster.overrides,
            answers=self._roster.answers,
        )
        self._current.swap(snapshot)
        return snapshot

    def _new_statuses(
        self, board: Board, touched: Set[str], now: datetime
    ) -> tuple[dict[str, StationStatus], dict[str, datetime | None]]:
        statuses: dict[str, StationStatus] = {}
        changes: dict[str, datetime | None] = {}
        stations = self._roster.stations
        due = {id_ for id_, at in self._due.items() if at is not None and at <= now}
        for id_ in due | (touched & stations.keys()):
            state, posted = board.state(id_), self._roster.posted(stations[id_], now)
            statuses[id_] = station_status(stations[id_], state, posted, now)
            changes[id_] = posted.next_change
            self._due[id_] = next_turn(state, posted, now)
        return statuses, changes
