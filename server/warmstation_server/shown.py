"""What riders may know of alerts, and which of a station's values open alerts speak against."""

from __future__ import annotations

from collections.abc import Iterable

from warmstation_server.alerts.scene import RosterScene
from warmstation_server.alerts.state import AlertState
from warmstation_server.alerts.store import Decided
from warmstation_server.alerts.words import title
from warmstation_server.snapshot import PublicAlert, Told
from warmstation_server.status.against import Against, Word, word


class Shown:
    """Follows the alerts as they are decided; `told`: what they say now, anew when it changes.

    One that was acknowledged or silenced is as true as before: only who is told of it differs.
    One that comes and goes is there while it is there; of a hidden one its reason is told.
    """

    def __init__(self, scene: RosterScene) -> None:
        self._scene = scene
        self._public: dict[str, PublicAlert] = {}
        self._against: dict[str, tuple[str, Word]] = {}
        """Alert -> its station, and what it speaks against."""
        self.told = Told()

    def see_all(self, states: Iterable[AlertState]) -> None:
        """Every alert that there is."""
        self._public, self._against = {}, {}
        for state in states:
            self._see_one(state)
        self._tell()

    def see(self, decided: Decided) -> None:
        """The same, after a turn that changed a few of them."""
        is_news = False
        for gone in decided.gone:
            was_public = self._public.pop(gone.id, None) is not None
            is_news |= (self._against.pop(gone.id, None) is not None) or was_public
        for state in decided.states:
            is_news |= self._see_one(state)
        if is_news:
            self._tell()

    def _see_one(self, state: AlertState) -> bool:
        """Take in what an alert is now; whether riders see something else than before."""
        before = self._public.pop(state.id, None), self._against.pop(state.id, None)
        is_public = self._scene.rules(state.station)(state.name).is_public
        is_true = state.phase == "firing" and state.is_up
        if is_true and is_public and state.inhibited_by is None:
            words = title(state.name, state.subject)
            self._public[state.id] = PublicAlert(
                state.id, state.station, state.name, state.since, words
            )
        against = word(state.name, state.subject, state.evidence) if is_true else None
        if against is not None:
            self._against[state.id] = state.station, against
        return (self._public.get(state.id), self._against.get(state.id)) != before

    def _tell(self) -> None:
        words: dict[str, list[Word]] = {}
        for station, one in self._against.values():
            words.setdefault(station, []).append(one)
        against = {station: Against.of(those) for station, those in words.items()}
        alerts = sorted(self._public.values(), key=lambda one: (one.station_id, one.alert_id))
        self.told = Told(tuple(alerts), against)
