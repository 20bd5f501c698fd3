"""The watch over all stations, kept in a file: after a stop it goes on where it was.

What it learned is written every few minutes and at the end; reports since then come from the
history again, and so does what it never learned (see `learning`). The pipeline's thread owns it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from warmstation_server.alerts.condition import Condition
from warmstation_server.conditions.errors import BadWatch
from warmstation_server.conditions.sensed import Sensed
from warmstation_server.conditions.watch import Watch
from warmstation_server.history import History, Received
from warmstation_server.history.errors import HistoryAway
from warmstation_server.learning import Learning
from warmstation_server.roster import Roster

log = logging.getLogger(__name__)

KEPT_EVERY = timedelta(minutes=5)
_BACK = timedelta(hours=1)
"""Reports that came late are looked for this far before the last writing."""
_UNDER_WAY = timedelta(minutes=1)
"""What came so shortly before a writing or a decision may have been stored after it. To tell the
desk twice is harmless: what it knows already changes nothing."""


class KeptWatch:
    """A Watch and its file. It starts anew where the file cannot be read: nothing depends on it."""

    def __init__(
        self,
        path: Path,
        roster: Roster,
        newest_agent: str | None = None,
        learning: Learning | None = None,
    ) -> None:
        self._path = path
        self._learning = learning
        self._orderly = path.with_suffix(".complete")
        """There while the file has all that was ever taken in: after an orderly end."""
        self._roster = roster
        self._kept_at: datetime | None = None
        self._watch = Watch(roster, newest_agent)
        try:
            said, _, state = path.read_bytes().partition(b"\n")
            self._watch = Watch.restore(roster, state, newest_agent)
            self._kept_at = datetime.fromisoformat(said.decode())
        except FileNotFoundError:
            pass
        except (OSError, BadWatch, ValueError) as error:
            log.warning("what was learned of the stations is lost: %s: %s", path, error)

    def catch_up(self, history: History, decided: datetime | None, now: datetime) -> None:
        """Take in what came since the last writing.

        What is known of reports until `decided` was decided upon before the stop: it is learned
        from again, and not told again. Where nothing was written yet, what came lately may not have
        been decided upon; of the rest it is only looked up who has been heard before: their silence
        is no news from a new station.
        """
        since = (self._kept_at or (decided or now) - _BACK) - _UNDER_WAY
        recent: list[str] = []
        try:
            for one in history.latest():
                self._watch.heard_before(one.report.station, one.received_at)
                if one.received_at > since and one.report.station in self._roster.stations:
                    recent.append(one.report.station)
        except HistoryAway as error:
            log.warning("who was heard before is not known: %s", error)
            return
        is_complete = self._orderly.exists()
        self._orderly.unlink(missing_ok=True)
        if is_complete:
            return
        try:
            missed = [
                one
                for station in recent
                for one in history.reports(station, since - _BACK, now + _BACK)
                if one.received_at > since and not self._watch.has_taken(one)
            ]
        except HistoryAway as error:
            log.warning("what came since %s is not learned from: %s", since, error)
            return
        missed.sort(key=lambda one: one.received_at)
        told = None if decided is None else decided - _UNDER_WAY
        known = [one for one in missed if told is not None and one.received_at <= told]
        self._watch.after_reports(known)
        for _ in self._watch.conditions({one.report.station for one in known}, since):
            pass
        self._watch.after_reports(missed[len(known) :])

    def after_reports(self, batch: Sequence[Received]) -> set[str]:
        """Take reports in; the stations whose news should not wait for the tick."""
        return self._watch.after_reports(batch)

    def conditions(self, touched: Iterable[str], now: datetime) -> Iterator[Condition]:
        """What is new about these stations, and what silence has made due."""
        if self._learning is not None:
            self._learn(self._learning)
        return self._watch.conditions(touched, now)

    def news(self, stations: Iterable[str]) -> Iterator[Condition]:
        """What is new about these alone."""
        return self._watch.news(stations)

    def restocked(self, station: str, item: str, at: datetime) -> None:
        """Somebody entered a restock."""
        self._watch.restocked(station, item, at)

    def sensed(self, station: str, now: datetime) -> Mapping[str, Sensed]:
        """What the station's level sensors say, by item."""
        return self._watch.sensed(station, now)

    def registry_changed(self) -> None:
        """Read the promises again."""
        self._watch.registry_changed()

    def keep(self, now: datetime) -> None:
        """Write what was learned, now and then."""
        if self._kept_at is None or now - self._kept_at >= KEPT_EVERY:
            self.write(now)

    def close(self, now: datetime) -> None:
        """The end, after the last report was decided upon: the next start has nothing to seek."""
        if self.write(now):
            self._orderly.touch()

    def write(self, now: datetime) -> bool:
        """Write what was learned, all that was told being committed; whether that was possible."""
        self._kept_at = now
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(now.isoformat().encode() + b"\n" + self._watch.state())
            new.replace(self._path)
        except OSError as error:
            log.warning("what was learned of the stations is not written: %s", error)
            return False
        return True

    def _learn(self, learning: Learning) -> None:
        """Wish for what the history may know, and take over what was learned of it."""
        for wish in self._watch.wishes():
            learning.want(wish)
        for lesson in learning.done():
            missing = self._watch.adopt(lesson)
            if missing is not None:
                learning.want(missing, lesson)
